//! The local page over a real socket: routes, statuses, headers, and the command line's very bytes. What a browser makes of it is tested
//! in `tests/page`.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{run, samples};

/// The program, serving.
struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    port: u16,
    key: String,
}

/// An answer.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn line(out: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// The port and the path of an entry link.
fn link(line: &str) -> (u16, String) {
    let rest = line
        .strip_prefix("csp-bridge serve ready: http://127.0.0.1:")
        .unwrap_or_else(|| panic!("{line}"));
    let (port, path) = rest.split_once('/').unwrap();
    (port.parse().unwrap(), format!("/{path}"))
}

impl Served {
    fn start(args: &[&str]) -> Self {
        Self::failing_at("", args)
    }

    /// The same, falling over at a stage.
    fn failing_at(stage: &str, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .env("CSP_BRIDGE_FAIL_AT", stage)
            .args(["serve", "--no-open"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (port, path) = link(&line(&mut out));
        let mut served = Self {
            child,
            out,
            port,
            key: String::new(),
        };
        let entered = served.ask("GET", &path, &[], b"");
        assert_eq!(entered.status, 303);
        let location = entered.header("location").unwrap();
        location.trim_matches('/').clone_into(&mut served.key);
        served
    }

    /// A request with the right host and what is given.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n",
            self.port
        );
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if method == "POST" {
            let _ = write!(head, "Content-Length: {}\r\n", body.len());
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }

    fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request).unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let end = all
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(all.len());
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or_default(),
            head,
            body: all.get(end + 4..).unwrap_or_default().to_vec(),
        }
    }

    fn get(&self, page: &str) -> Answer {
        self.ask("GET", &format!("/{}/{page}", self.key), &[], b"")
    }

    fn post(&self, page: &str, form: &str) -> Answer {
        let origin = format!("http://127.0.0.1:{}", self.port);
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.ask(
            "POST",
            &format!("/{}/{page}", self.key),
            &headers,
            form.as_bytes(),
        )
    }

    fn upload(&self, role: &str, files: &[(&str, Vec<u8>)]) -> Answer {
        let mut body =
            format!("--xx\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\n{role}\r\n")
                .into_bytes();
        for (name, bytes) in files {
            body.extend(
                format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
                )
                .bytes(),
            );
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--xx--\r\n");
        let origin = format!("http://127.0.0.1:{}", self.port);
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "multipart/form-data; boundary=xx"),
        ];
        self.ask("POST", &format!("/{}/files", self.key), &headers, &body)
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&self.get("state").body).unwrap()
    }

    fn done(&self) -> String {
        let asked = self.post("run", "quarter=2022-23-Q2&as_of=20%2F10%2F2022");
        assert_eq!(asked.status, 303, "{}", asked.text());
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            let state = self.state()["run"]["state"].as_str().unwrap().to_owned();
            if state != "running" {
                return state;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the run goes on and on")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn file(path: &Path) -> (String, Vec<u8>) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    (name, fs::read(path).unwrap())
}

fn returns() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(samples().join("returns"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    all
}

fn with_samples() -> Served {
    add_samples(Served::start(&[]))
}

fn add_samples(served: Served) -> Served {
    let (_, plan) = file(&samples().join("action-plan.xlsx"));
    assert_eq!(
        served.upload("plan", &[("action-plan.xlsx", plan)]).status,
        303
    );
    let files: Vec<(String, Vec<u8>)> = returns().iter().map(|path| file(path)).collect();
    let files: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    assert_eq!(served.upload("return", &files).status, 303);
    served
}

/// What is between an attribute's quotation marks, wherever it stands.
fn attributes<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    text.split(&format!("{name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn an_entry_link_works_once_and_the_key_is_never_printed() {
    let mut served = Served::start(&[]);
    served
        .child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"\n")
        .unwrap();
    let said = line(&mut served.out);
    let (_, path) = link(&said);
    assert!(!said.contains(&served.key));
    let ahead = served.ask("GET", &path, &[("Sec-Purpose", "prefetch")], b"");
    assert_eq!(ahead.status, 404);
    assert_eq!(served.ask("HEAD", &path, &[], b"").status, 303);
    assert_eq!(served.ask("GET", &path, &[], b"").status, 303);
    let again = served.ask("GET", &path, &[], b"");
    assert_eq!(again.status, 410);
    assert!(again.text().contains("press Enter"));
}

#[test]
fn every_answer_has_its_headers_and_none_that_it_must_not_have() {
    let served = Served::start(&[]);
    let answers = [
        (200, served.get("")),
        (200, served.ask("GET", "/static/app.css", &[], b"")),
        (303, served.post("clear", "")),
        (
            403,
            served.ask("POST", &format!("/{}/clear", served.key), &[], b""),
        ),
        (404, served.get("nothing")),
        (405, served.get("stop")),
        (413, served.post("run", &"x".repeat(300 << 10))),
        (
            415,
            served.ask(
                "POST",
                &format!("/{}/files", served.key),
                &[
                    ("Sec-Fetch-Site", "same-origin"),
                    ("Content-Type", "text/plain"),
                ],
                b"x",
            ),
        ),
        (
            421,
            served.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
        ),
        (422, served.post("run", "quarter=2022-23-Q2")),
    ];
    for (status, answer) in answers {
        assert_eq!(answer.status, status, "{}", answer.head);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{status}");
        }
        let head = answer.head.to_lowercase();
        assert!(
            !head.contains("set-cookie") && !head.contains("access-control"),
            "{head}"
        );
    }
    assert_eq!(served.get("stop").header("allow"), Some("POST"));
}

#[test]
fn too_much_is_refused() {
    let served = Served::start(&[]);
    let host = format!("Host: 127.0.0.1:{}\r\n", served.port);
    let long = format!(
        "GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n",
        "x".repeat(20 << 10)
    );
    assert_eq!(served.raw(long.as_bytes()).status, 431);
    let line = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(20 << 10));
    assert!([414, 431].contains(&served.raw(line.as_bytes()).status));
}

#[test]
fn the_downloads_are_the_command_lines_bytes() {
    let served = with_samples();
    assert_eq!(served.done(), "done");
    let results = served.get("results").text();
    assert!(
        results.contains("14 errors, 0 warnings, 1 note."),
        "{results}"
    );
    assert!(results.contains("<h2>Kent Police: 3 findings</h2>"));

    // A conflict is settled, a held row let in, a partner asked; then the run is made again.
    let agenda = served.get("decisions").text();
    let (ids, abouts) = (
        attributes(&agenda, "data-decision"),
        attributes(&agenda, "data-about"),
    );
    let of = |about: &str| ids[abouts.iter().position(|own| *own == about).unwrap()];
    let lacking = served.post(
        &format!("decisions/{}", of("Held row")),
        "decision=Accept&role=Chair",
    );
    assert_eq!(lacking.status, 422);
    assert!(lacking.text().contains("Accept needs a reason"));
    for (about, form) in [
        (
            "Conflict",
            "decision=Accept&read_as=Sevenoaks+District+Council&reason=The+lead%27s&role=Chair",
        ),
        (
            "Held row",
            "decision=Accept&reason=Agreed&role=Chair&until=31%2F03%2F2099",
        ),
        ("Unknown word", "decision=Ask+the+partner"),
    ] {
        let id = of(about);
        let kept = served.post(&format!("decisions/{id}"), form);
        assert_eq!(kept.status, 303, "{about}: {}", kept.text());
        let to = format!("/{}/decisions#d-{id}", served.key);
        assert_eq!(kept.header("location"), Some(to.as_str()));
    }
    let state = served.state();
    assert_eq!(
        state["decisions"],
        serde_json::json!({"taken": 3, "pending": 3})
    );
    assert_eq!(state["changed"], true);
    assert_eq!(served.done(), "done");
    assert_eq!(served.state()["decisions"]["pending"], 0);

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("returns")).unwrap();
    fs::copy(
        samples().join("action-plan.xlsx"),
        folder.path().join("action-plan.xlsx"),
    )
    .unwrap();
    for path in returns() {
        let to = folder
            .path()
            .join("returns")
            .join(path.file_name().unwrap());
        fs::copy(path, to).unwrap();
    }
    fs::write(
        folder.path().join("decisions.toml"),
        served.get("download/decisions.toml").body,
    )
    .unwrap();
    let saved = "Consolidated Q2 2022-23.xlsx";
    let mut args = vec![
        "merge",
        "action-plan.xlsx",
        "returns",
        "--quarter",
        "2022-23-Q2",
    ];
    args.extend([
        "--as-of",
        "2022-10-20",
        "-o",
        saved,
        "--decisions",
        "decisions.toml",
    ]);
    let reports = [
        "report.json",
        "findings.html",
        "findings.csv",
        "findings.md",
    ];
    for report in reports {
        args.extend(["--report", report]);
    }
    assert_eq!(run(folder.path(), &args).code, Some(1));
    let shown = served.get("downloads").text().replace("&quot;", "\"");
    let quoted: Vec<String> = args
        .iter()
        .map(|arg| {
            if arg.contains(' ') {
                format!("\"{arg}\"")
            } else {
                (*arg).to_owned()
            }
        })
        .collect();
    assert!(
        shown.contains(&format!("csp-bridge {}", quoted.join(" "))),
        "{shown}"
    );
    for (name, file) in [("consolidated.xlsx", saved)]
        .into_iter()
        .chain(reports.map(|name| (name, name)))
    {
        let answer = served.get(&format!("download/{name}"));
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment; "),
            "{name}"
        );
        assert!(
            answer.body == fs::read(folder.path().join(file)).unwrap(),
            "{name} differs from the command line's"
        );
    }
}

#[test]
fn files_are_told_apart_named_and_refused() {
    let served = with_samples();
    let state = served.state();
    let files = state["files"].as_array().unwrap();
    assert_eq!(files.len(), 11);
    assert_eq!(files[0]["role"], "plan");
    assert!(files[1..].iter().all(|file| file["role"] == "return"));
    for name in ["../../x.csv", "..\\..\\x.csv", "C:\\w\\x.csv"] {
        served.upload("return", &[(name, b"nothing".to_vec())]);
    }
    let (_, locked) =
        file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/encrypted-rc4.xls"));
    served.upload(
        "return",
        &[("locked.xls", locked), ("~$x.xlsx", b"x".to_vec())],
    );
    let shown = served.get("files").text();
    assert!(
        shown.contains(
            "It cannot be read: it is protected with a password. Ask for a copy without one."
        ),
        "{shown}"
    );
    assert!(shown.contains("~$x.xlsx was left out: it is Excel's lock file"));
    let state = served.state();
    let names: Vec<&str> = state["files"]
        .as_array()
        .unwrap()
        .iter()
        .skip(11)
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["x.csv", "locked.xls"]);
    let second = state["files"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        served.post(&format!("files/{second}/remove"), "").status,
        303
    );
    assert_eq!(
        served.post(&format!("files/{second}/remove"), "").status,
        404
    );
    // A file that cannot be read is that file's finding, and the others are merged.
    assert_eq!(served.done(), "done");
    let body = served.get("download/report.json").body;
    let report: Value = serde_json::from_slice(&body).unwrap();
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"S002"), "{codes:?}");
}

#[test]
fn before_a_run_there_is_nothing_and_afterwards_it_ends_as_asked() {
    let mut served = Served::start(&[]);
    for page in ["results", "decisions", "money", "downloads"] {
        let answer = served.get(page);
        assert!(answer.status == 200 && answer.text().contains("Nothing has been run yet."));
    }
    assert_eq!(served.get("run").status, 303);
    assert_eq!(served.get("download/report.json").status, 404);
    assert_eq!(served.get("download/decisions.toml").status, 200);
    assert_eq!(served.get("rules/C202").status, 200);
    assert_eq!(served.get("rules/X999").status, 404);
    let lacking = served.post("run", "quarter=2022-23-Q2&as_of=soon");
    assert_eq!(lacking.status, 422);
    let text = lacking.text();
    assert!(text.contains("<title>Error: Files – csp-bridge</title>"));
    assert_eq!(
        attributes(&text, "href")
            .iter()
            .filter(|to| **to == "#plan-file" || **to == "#as-of")
            .count(),
        3
    );
    assert!(
        served
            .post("stop", "")
            .text()
            .contains("csp-bridge has stopped")
    );
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_by_itself_when_nobody_asks() {
    let mut served = Served::start(&["--idle-exit", "1s"]);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_it_cannot_start_with_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        run(folder.path(), &["serve", "--idle-exit", "soon"]).code,
        Some(2)
    );
    let busy = Served::start(&[]);
    let taken = run(
        folder.path(),
        &["serve", "--no-open", "--port", &busy.port.to_string()],
    );
    assert_eq!(taken.code, Some(5), "{}", taken.err);
    let wrong = run(
        folder.path(),
        &["serve", "--no-open", "--schema", "nowhere"],
    );
    assert_eq!(wrong.code, Some(3), "{}", wrong.err);
}

#[test]
fn a_fault_of_the_program_is_told_and_leaves_everything_there() {
    for (stage, words) in [
        ("read", "itself while it read "),
        ("judge", "itself while it compared the files with the plan"),
        ("make", "itself while it wrote the workbook"),
    ] {
        let served = add_samples(Served::failing_at(stage, &[]));
        assert_eq!(served.done(), "failed", "{stage}");
        let shown = served.get("run");
        assert_eq!(shown.status, 200);
        let text = shown.text();
        assert!(
            text.contains("It could not be done") && text.contains(words),
            "{text}"
        );
        assert!(text.contains("Your files and decisions are still here."));
        assert_eq!(served.state()["files"].as_array().unwrap().len(), 11);
        // It goes on answering, and takes more files.
        let again = served.upload("return", &[("more.csv", b"Partner,Kent Police\n".to_vec())]);
        assert_eq!(again.status, 303);
    }
}

#[test]
fn dropped_files_find_their_place() {
    let served = Served::start(&[]);
    let (plan, plan_bytes) = file(&samples().join("action-plan.xlsx"));
    let mut files: Vec<(String, Vec<u8>)> = returns().iter().map(|path| file(path)).collect();
    files.push((plan, plan_bytes.clone()));
    let all: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    served.upload("auto", &all);
    let roles = |state: &Value| {
        let files = state["files"].as_array().unwrap();
        let mut roles: Vec<String> = files
            .iter()
            .map(|file| {
                format!(
                    "{} {}",
                    file["role"].as_str().unwrap(),
                    file["state"].as_str().unwrap()
                )
            })
            .collect();
        roles.dedup_by(|a, b| a == b && a.starts_with("return"));
        roles
    };
    assert_eq!(roles(&served.state())[0], "plan ready");
    assert_eq!(served.state()["files"].as_array().unwrap().len(), 11);
    served.upload("auto", &[("second plan.xlsx", plan_bytes)]);
    assert_eq!(
        roles(&served.state())[..2],
        ["plan attention", "plan attention"]
    );
    let refused = served.post("run", "quarter=2022-23-Q2");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("There are 2 plans"));
}
