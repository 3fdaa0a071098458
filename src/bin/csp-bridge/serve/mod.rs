//! The local page: the library's work in a browser, on this computer only.
//!
//! The way of a request: the accept loop here → [`guard`] says what it asks for, or why not → its body is read ([`upload`]) → [`answer`]
//! draws the page from the [`session`], apart from the sockets, and lets the one worker ([`work`]) read and run.
//!
//! hyper with our own loop, and not a framework over it: its router would be forty lines of ours that the guard needs anyway, in the order
//! that the contract gives, and its own loop sets no timer, so that half a header would hold a connection for good.

mod answer;
mod asks;
mod downloads;
mod guard;
mod made;
mod public;
mod session;
mod state;
mod upload;
mod work;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::io::{self, BufRead as _, Write as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use csp_bridge::page::plain;
use csp_bridge::schema::Schema;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use super::args::Serve;
use super::{Failure, load, plain as plainly, today};
use answer::{Answer, Brought};
use guard::{Door, Refusal, Route, hash};
use session::Session;
use upload::Fault;
use work::Worker;

/// How many connections are served at once.
const CONNECTIONS: usize = 64;

/// The request line and headers together, and how long they may take.
const HEAD_BYTES: usize = 16 << 10;
const HEAD_TIME: Duration = Duration::from_secs(10);

/// The most that a form brings.
const FORM_BYTES: usize = 256 << 10;

/// How much of a refused request's body is read and thrown away, so that its sender sees the answer.
const REFUSED_BYTES: u64 = 1 << 20;

/// How long what still comes is read once a connection has had its last answer.
const LINGER: Duration = Duration::from_millis(500);

/// A gap between two ticks that says that the machine slept.
const SLEPT: Duration = Duration::from_secs(60);

const STYLE: &str = include_str!("assets/app.css");
const SCRIPT: &str = include_str!("assets/app.js");
const ICON: &str = include_str!("assets/icon.svg");

/// What everything here works with.
#[derive(Debug)]
pub(super) struct App {
    key: String,
    door: Door,
    schema: Arc<Schema>,
    session: Mutex<Session>,
    entries: Mutex<Entries>,
    worker: Worker,
    /// A run has ended.
    ended: Condvar,
    /// The program is to end.
    ending: Notify,
    asked: Mutex<Instant>,
}

/// Entry links by the SHA-256 of their secret: those that can still be used, and those that were.
#[derive(Debug, Default)]
struct Entries {
    fresh: BTreeSet<[u8; 32]>,
    used: BTreeSet<[u8; 32]>,
}

/// A lock that a panic elsewhere does not take away: what is behind it is never left half-set.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 192 bits from the system's random source, in letters that stand in an address as they are.
fn secret() -> Result<String, Failure> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure {
        code: 5,
        message: format!("the system gave no random numbers: {error}"),
    })?;
    let letters = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 64)));
    Ok(letters.map(|letter| char::from(*letter)).collect())
}

impl App {
    /// A fresh link into the session.
    fn entry(&self) -> Result<String, Failure> {
        let entry = secret()?;
        lock(&self.entries).fresh.insert(hash(&entry));
        Ok(format!("http://127.0.0.1:{}/enter/{entry}", self.door.port))
    }
}

/// Serves the page until it is stopped.
pub(super) fn serve(args: &Serve) -> Result<u8, Failure> {
    let schema = Arc::new(load(args.schema.as_deref())?);
    let taken = |error: io::Error| Failure {
        code: 5,
        message: format!(
            "port {} of this computer cannot be used: {}. Leave --port out, and a free one is taken.",
            args.port,
            plainly(&error)
        ),
    };
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).map_err(taken)?;
    let port = listener.local_addr().map_err(taken)?.port();
    listener.set_nonblocking(true).map_err(taken)?;
    let key = secret()?;
    let app = Arc::new(App {
        door: Door {
            port,
            key: hash(&key),
        },
        key,
        session: Mutex::new(Session::new(answer::last_ended(&schema, today()))),
        schema,
        entries: Mutex::default(),
        worker: Worker::start().map_err(taken)?,
        ended: Condvar::new(),
        ending: Notify::new(),
        asked: Mutex::new(Instant::now()),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(taken)?;
    let served = runtime.block_on(async {
        let listener = TcpListener::from_std(listener).map_err(taken)?;
        tokio::spawn(accept(listener, Arc::clone(&app)));
        tokio::spawn(watch_idle(Arc::clone(&app), args.idle_exit.0));
        tokio::spawn(watch_interrupt(Arc::clone(&app)));
        greet(&app, args.no_open)?;
        app.ending.notified().await;
        // The goodbye is on its way.
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(0)
    });
    lock(&app.session)
        .progress
        .stop
        .store(true, std::sync::atomic::Ordering::Relaxed);
    // What still waits for the worker is not waited for.
    runtime.shutdown_background();
    served
}

/// Says where the page is, and gives a fresh link for each line that is typed.
fn greet(app: &Arc<App>, is_quiet: bool) -> Result<(), Failure> {
    let link = app.entry()?;
    if is_quiet {
        say(&format!("csp-bridge serve ready: {link}\n"));
    } else {
        say(&format!(
            "csp-bridge is running on this computer only. Nothing is sent anywhere.\n\
             If your browser has not opened, open this link in it: {link}\n\
             Press Enter for a fresh link. Close this window to stop; what you have not downloaded is then gone.\n"
        ));
        open(&link);
    }
    let app = Arc::clone(app);
    let _ = std::thread::Builder::new()
        .name("links".to_owned())
        .spawn(move || {
            for _ in io::stdin().lock().lines().map_while(Result::ok) {
                let Ok(link) = app.entry() else { return };
                if is_quiet {
                    say(&format!("csp-bridge serve ready: {link}\n"));
                } else {
                    say(&format!("A fresh link: {link}\n"));
                    open(&link);
                }
            }
        });
    Ok(())
}

fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Opens the browser; where that cannot be, the link is there.
fn open(link: &str) {
    let link = link.to_owned();
    let _ = std::thread::Builder::new()
        .name("browser".to_owned())
        .spawn(move || opener::open_browser(link));
}

/// Ends the program once nobody has asked for anything so long. Time that the machine slept is not counted.
async fn watch_idle(app: Arc<App>, most: Option<Duration>) {
    let Some(most) = most else { return };
    let pause = (most / 4).clamp(Duration::from_millis(50), Duration::from_secs(5));
    let mut before = Instant::now();
    loop {
        tokio::time::sleep(pause).await;
        let now = Instant::now();
        let gap = now.saturating_duration_since(before);
        before = now;
        let mut asked = lock(&app.asked);
        if gap > SLEPT {
            *asked += gap;
        }
        if now.saturating_duration_since(*asked) >= most {
            drop(asked);
            app.ending.notify_one();
            return;
        }
    }
}

async fn watch_interrupt(app: Arc<App>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        app.ending.notify_one();
    }
}

async fn accept(listener: TcpListener, app: Arc<App>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files open, or a connection that was gone again: the next one may be better.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            connection(stream, app).await;
            drop(seat);
        });
    }
}

async fn connection(stream: TcpStream, app: Arc<App>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        Box::pin(async move { Ok::<_, Infallible>(respond(request, app).await) })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // A fault of one connection is that connection's end and nobody else's business.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    // What still comes is read a while: closing on it would take the answer away from who sent it.
    let _ = stream.shutdown().await;
    let mut thrown = vec![0; HEAD_BYTES];
    let rest = async { while stream.read(&mut thrown).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(LINGER, rest).await;
}

async fn respond(request: Request<Incoming>, app: Arc<App>) -> Response<Full<Bytes>> {
    let (head, mut body) = request.into_parts();
    let is_post = head.method == Method::POST;
    let is_head = head.method == Method::HEAD;
    let route = match app.door.check(&head) {
        Ok(route) => route,
        Err(refusal) => {
            if is_post {
                upload::drain(&mut body, REFUSED_BYTES, Duration::from_secs(2)).await;
            }
            return refused(&app, &refusal);
        }
    };
    *lock(&app.asked) = Instant::now();
    match &route {
        Route::Enter(entry) => {
            let is_ahead = head.headers.contains_key("sec-purpose");
            return enter(&app, entry, is_ahead, is_head);
        }
        Route::Static(name) => return file(name),
        _ => {}
    }
    let mut brought = Brought {
        is_head,
        query: form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        ..Brought::default()
    };
    if is_post {
        let is_form = head.headers.get(CONTENT_TYPE).is_some_and(|kind| {
            let kind = kind.as_bytes().trim_ascii_start();
            kind.get(..19)
                .is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/form-data"))
        });
        let read = if is_form {
            let kind = head
                .headers
                .get(CONTENT_TYPE)
                .map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned())
                .unwrap_or_default();
            upload::files(&kind, body)
                .await
                .map(|sent| brought.sent = sent)
        } else {
            upload::form(body, FORM_BYTES)
                .await
                .map(|form| brought.form = form)
        };
        if let Err(fault) = read {
            return faulty(&app, fault);
        }
    }
    let own = Arc::clone(&app);
    let answer = tokio::task::spawn_blocking(move || answer::to(&own, route, brought)).await;
    let response = finished(&app, answer);
    *lock(&app.asked) = Instant::now();
    response
}

/// The first use of an entry link leads into the session.
fn enter(app: &App, entry: &str, is_ahead: bool, is_head: bool) -> Response<Full<Bytes>> {
    let marking = app.schema.publishing.marking.as_str();
    let entry = hash(entry);
    let mut entries = lock(&app.entries);
    let (is_fresh, is_used) = (
        entries.fresh.contains(&entry),
        entries.used.contains(&entry),
    );
    if is_ahead || !is_fresh && !is_used {
        drop(entries);
        return finished(app, Ok(answer::nothing_here(app)));
    }
    if is_used {
        return page(
            StatusCode::GONE,
            plain::problem(
                marking,
                "This link has been used",
                &[
                    "A link into csp-bridge works once.",
                    "For a fresh one go to the csp-bridge window and press Enter. A page that is open already goes on working.",
                ],
            ),
        );
    }
    if !is_head {
        entries.fresh.remove(&entry);
        entries.used.insert(entry);
    }
    drop(entries);
    finished(app, Ok(Answer::See(String::new())))
}

fn file(name: &str) -> Response<Full<Bytes>> {
    let (kind, text) = match name {
        "app.css" => ("text/css; charset=utf-8", STYLE),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        _ => ("image/svg+xml", ICON),
    };
    guarded(StatusCode::OK, kind, text.to_owned().into())
}

/// Why a request is refused, and what to do.
fn refused(app: &App, refusal: &Refusal) -> Response<Full<Bytes>> {
    let (port, marking) = (app.door.port, app.schema.publishing.marking.as_str());
    let text = match refusal.status {
        StatusCode::MISDIRECTED_REQUEST => {
            let said = format!(
                "This is csp-bridge on 127.0.0.1:{port}. Open it by the link in its window.\n"
            );
            return guarded(refusal.status, "text/plain; charset=utf-8", said.into());
        }
        StatusCode::METHOD_NOT_ALLOWED => plain::problem(
            marking,
            "That cannot be done here",
            &[
                "This address does not take that kind of request. Nothing was changed.",
                "Go back to the page you came from and use its buttons and links.",
            ],
        ),
        StatusCode::FORBIDDEN => plain::problem(
            marking,
            "That came from somewhere else",
            &[
                "csp-bridge answers its own pages only, and this request came from another page or program. Nothing was changed.",
                "Use the window that csp-bridge opened, or its link.",
            ],
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => plain::problem(
            marking,
            "That could not be understood",
            &[
                "What was sent is not of the kind that this page takes. Nothing was changed.",
                "Go back to the page you came from and use its buttons.",
            ],
        ),
        _ => return finished_page(answer::nothing_here(app)),
    };
    let mut response = page(refusal.status, text);
    if let Some(allow) = refusal.allow {
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
    }
    response
}

/// What is wrong with what was sent.
fn faulty(app: &App, fault: Fault) -> Response<Full<Bytes>> {
    let marking = app.schema.publishing.marking.as_str();
    match fault {
        Fault::TooLarge => page(
            StatusCode::PAYLOAD_TOO_LARGE,
            plain::problem(
                marking,
                "That is too much at once",
                &[
                    "An upload may be 256 MB, and a form 256 KB. Nothing was added.",
                    "Go back and add the files in smaller groups.",
                ],
            ),
        ),
        Fault::Stalled => page(
            StatusCode::REQUEST_TIMEOUT,
            plain::problem(
                marking,
                "It took too long",
                &["Nothing more came for a minute. Nothing was added. Go back and try again."],
            ),
        ),
        Fault::Form => page(
            StatusCode::BAD_REQUEST,
            plain::problem(
                marking,
                "That could not be understood",
                &[
                    "What was sent broke off or is not a form. Nothing was changed. Go back and try again.",
                ],
            ),
        ),
    }
}

fn finished(app: &App, answer: Result<Answer, tokio::task::JoinError>) -> Response<Full<Bytes>> {
    let marking = app.schema.publishing.marking.as_str();
    match answer {
        Ok(Answer::See(to)) => {
            let mut response = guarded(
                StatusCode::SEE_OTHER,
                "text/plain; charset=utf-8",
                Bytes::new(),
            );
            if let Ok(to) = HeaderValue::from_str(&format!("/{}/{to}", app.key)) {
                response.headers_mut().insert(LOCATION, to);
            }
            response
        }
        Ok(Answer::Stopped(text)) => {
            app.ending.notify_one();
            page(StatusCode::OK, text)
        }
        Ok(answer) => finished_page(answer),
        Err(_) => page(
            StatusCode::INTERNAL_SERVER_ERROR,
            plain::problem(
                marking,
                "Something went wrong in the program itself",
                &[
                    "Your files and decisions are still here. Go back and try again, and tell who looks after the program.",
                ],
            ),
        ),
    }
}

fn finished_page(answer: Answer) -> Response<Full<Bytes>> {
    match answer {
        Answer::Page(status, text) => page(status, text),
        Answer::Json(bytes) => guarded(StatusCode::OK, "application/json", bytes.into()),
        Answer::Download { name, kind, bytes } => {
            let mut response = guarded(StatusCode::OK, kind, bytes);
            let headers = response.headers_mut();
            headers.insert(
                "content-security-policy",
                HeaderValue::from_static("default-src 'none'; sandbox"),
            );
            if let Ok(value) = HeaderValue::from_str(&disposition(&name)) {
                headers.insert("content-disposition", value);
            }
            response
        }
        Answer::See(_) | Answer::Stopped(_) => page(StatusCode::OK, String::new()),
    }
}

/// A file's name as it is to be saved: in ASCII, and as it is.
fn disposition(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn page(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    guarded(status, "text/html; charset=utf-8", text.into())
}

/// An answer with the headers that every one has.
fn guarded(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    const HEADERS: [(&str, &str); 7] = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}
