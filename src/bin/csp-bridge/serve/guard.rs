//! Who may ask, and for what: the checks of a request in their order, before anything of its body is read.
//!
//! Host, method, `Sec-Fetch-Site`, `Origin`, one of the two at a post, path, method of the path, content type. What a request asks for is
//! known only once all of them hold.

use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Enter(String),
    Static(&'static str),
    Start,
    Files,
    AddFiles,
    FileRole(String),
    FileRemove(String),
    Run,
    StartRun,
    Cancel,
    Results,
    Finding(String),
    Decisions,
    Decide(String),
    Money,
    Downloads,
    Publish,
    MakePublic,
    Received,
    Rules,
    Rule(String),
    Download(String),
    State,
    Clear,
    Stop,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// What may be asked of this address instead, where it is the method that is wrong.
    pub(super) allow: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode) -> Self {
        Self {
            status,
            allow: None,
        }
    }

    fn method(allow: &'static str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            allow: Some(allow),
        }
    }
}

/// Where the program answers, and to whom.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) port: u16,
    /// The SHA-256 of the key: two keys are compared by theirs, so that the time that it takes tells nothing.
    pub(super) key: [u8; 32],
}

/// The SHA-256 of a secret.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    hash_bytes(secret.as_bytes())
}

/// The SHA-256 of some bytes.
pub(super) fn hash_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Door {
    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Checks a request's head.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub(super) fn check(&self, head: &Parts) -> Result<Route, Refusal> {
        let authority = self.authority();
        if one(&head.headers, HOST) != Some(authority.as_str())
            || head
                .uri
                .authority()
                .is_some_and(|other| other.as_str() != authority)
        {
            return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST));
        }
        if ![Method::GET, Method::HEAD, Method::POST].contains(&head.method) {
            return Err(Refusal::method("GET, HEAD, POST"));
        }
        let forbidden = Refusal::new(StatusCode::FORBIDDEN);
        let fetched = head.headers.contains_key("sec-fetch-site");
        if fetched
            && !matches!(
                one(&head.headers, "sec-fetch-site"),
                Some("same-origin" | "none")
            )
        {
            return Err(forbidden);
        }
        let has_origin = head.headers.contains_key(ORIGIN);
        if has_origin && one(&head.headers, ORIGIN) != Some(format!("http://{authority}").as_str())
        {
            return Err(forbidden);
        }
        let is_post = head.method == Method::POST;
        if is_post && !fetched && !has_origin {
            return Err(forbidden);
        }
        let (read, write) = self
            .paths(head.uri.path())
            .ok_or(Refusal::new(StatusCode::NOT_FOUND))?;
        let allow = match (&read, &write) {
            (Some(_), Some(_)) => "GET, HEAD, POST",
            (Some(_), None) => "GET, HEAD",
            (None, _) => "POST",
        };
        let route = if is_post { write } else { read };
        let route = route.ok_or(Refusal::method(allow))?;
        if is_post && !takes(&route, &head.headers) {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(route)
    }

    /// What can be read and what can be done at a path.
    fn paths(&self, path: &str) -> Option<(Option<Route>, Option<Route>)> {
        let parts: Vec<String> = path
            .strip_prefix('/')?
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let read = |route| Some((Some(route), None));
        let write = |route| Some((None, Some(route)));
        match parts.as_slice() {
            ["enter", entry] => return read(Route::Enter((*entry).to_owned())),
            ["static", name] => {
                let known = ["app.css", "app.js", "icon.svg"];
                let name = known.into_iter().find(|known| known == name)?;
                return read(Route::Static(name));
            }
            _ => {}
        }
        let (key, rest) = parts.split_first()?;
        if hash(key) != self.key {
            return None;
        }
        match rest {
            [""] => read(Route::Start),
            ["files"] => Some((Some(Route::Files), Some(Route::AddFiles))),
            ["files", id, "role"] => write(Route::FileRole((*id).to_owned())),
            ["files", id, "remove"] => write(Route::FileRemove((*id).to_owned())),
            ["run"] => Some((Some(Route::Run), Some(Route::StartRun))),
            ["run", "cancel"] => write(Route::Cancel),
            ["results"] => read(Route::Results),
            ["results", id] => read(Route::Finding((*id).to_owned())),
            ["decisions"] => read(Route::Decisions),
            ["decisions", id] => write(Route::Decide((*id).to_owned())),
            ["money"] => read(Route::Money),
            ["downloads"] => read(Route::Downloads),
            ["publish"] => Some((Some(Route::Publish), Some(Route::MakePublic))),
            ["received"] => write(Route::Received),
            ["rules"] => read(Route::Rules),
            ["rules", code] => read(Route::Rule((*code).to_owned())),
            ["download", name @ ..] if !name.is_empty() => {
                // A slash that was written out is no part of the way.
                let is_plain = name.iter().all(|part| !part.contains(['/', '\\', '\0']));
                is_plain
                    .then(|| Route::Download(name.join("/")))
                    .and_then(read)
            }
            ["state"] => read(Route::State),
            ["clear"] => write(Route::Clear),
            ["stop"] => write(Route::Stop),
            _ => None,
        }
    }
}

/// A header that is there once, as text.
fn one(headers: &HeaderMap, name: impl hyper::header::AsHeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() {
        return None;
    }
    first.to_str().ok()
}

/// Whether a post brings what its route takes: files as parts, else a form; where there is no body, none need be said.
fn takes(route: &Route, headers: &HeaderMap) -> bool {
    const FILES: &str = "multipart/form-data";
    const FORM: &str = "application/x-www-form-urlencoded";
    let wanted: &[&str] = match route {
        Route::AddFiles => &[FILES],
        Route::MakePublic => &[FILES, FORM],
        _ => &[FORM],
    };
    let has_body = headers.contains_key(TRANSFER_ENCODING)
        || one(headers, CONTENT_LENGTH).is_some_and(|length| length != "0");
    match one(headers, CONTENT_TYPE) {
        Some(said) => said.split(';').next().is_some_and(|kind| {
            wanted
                .iter()
                .any(|own| kind.trim().eq_ignore_ascii_case(own))
        }),
        None => !has_body && *route != Route::AddFiles && !headers.contains_key(CONTENT_TYPE),
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::http::request::Parts;

    use super::{Door, Route, hash};

    fn head(text: &str) -> Parts {
        let mut lines = text.split(" | ");
        let (method, path) = lines
            .next()
            .and_then(|l| l.split_once(' '))
            .unwrap_or_default();
        let mut request = Request::builder().method(method).uri(path);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            request = request.header(name, value);
        }
        let request = request.body(()).unwrap_or_default();
        request.into_parts().0
    }

    /// Requests in short, each with the status of its refusal, or 200.
    #[test]
    fn requests_are_checked_in_order() {
        let door = Door {
            port: 5000,
            key: hash("KEY"),
        };
        let table = "\
421 GET /KEY/
421 GET /KEY/ | host: localhost:5000
421 GET /KEY/ | host: 127.0.0.1
421 GET /KEY/ | host: evil.example:5000
421 GET /KEY/ | host: 127.0.0.1:5000 | host: 127.0.0.1:5000
421 GET http://evil.example/KEY/ | host: 127.0.0.1:5000
421 PUT /KEY/ | host: evil.example
200 GET /KEY/ | host: 127.0.0.1:5000
200 HEAD /KEY/ | host: 127.0.0.1:5000
405 PUT /KEY/ | host: 127.0.0.1:5000
405 OPTIONS /nothing | host: 127.0.0.1:5000
403 GET /KEY/ | host: 127.0.0.1:5000 | sec-fetch-site: cross-site
403 GET /KEY/ | host: 127.0.0.1:5000 | sec-fetch-site: same-site
200 GET /KEY/ | host: 127.0.0.1:5000 | sec-fetch-site: none
403 GET /KEY/ | host: 127.0.0.1:5000 | origin: null
403 GET /KEY/ | host: 127.0.0.1:5000 | origin: http://127.0.0.1:5001
403 POST /KEY/clear | host: 127.0.0.1:5000
403 POST /nothing | host: 127.0.0.1:5000
200 POST /KEY/clear | host: 127.0.0.1:5000 | origin: http://127.0.0.1:5000
200 POST /KEY/clear | host: 127.0.0.1:5000 | sec-fetch-site: same-origin
404 GET / | host: 127.0.0.1:5000
404 GET /KEYx/files | host: 127.0.0.1:5000
404 GET /KEY | host: 127.0.0.1:5000
404 GET /KEY/nothing | host: 127.0.0.1:5000
404 GET /static/..%2fapp.css | host: 127.0.0.1:5000
404 GET /KEY/download/..%2f..%2fx | host: 127.0.0.1:5000
404 GET /KEY/download/%00 | host: 127.0.0.1:5000
405 GET /KEY/stop | host: 127.0.0.1:5000
405 POST /KEY/results | host: 127.0.0.1:5000 | sec-fetch-site: same-origin
415 POST /KEY/files | host: 127.0.0.1:5000 | sec-fetch-site: same-origin | content-type: text/plain
415 POST /KEY/run | host: 127.0.0.1:5000 | sec-fetch-site: same-origin | content-type: multipart/form-data
200 POST /KEY/files | host: 127.0.0.1:5000 | sec-fetch-site: same-origin | content-type: multipart/form-data; boundary=x";
        for line in table.lines() {
            let (status, request) = line.split_once(' ').unwrap_or_default();
            let got = match door.check(&head(request)) {
                Ok(_) => 200,
                Err(refusal) => refusal.status.as_u16(),
            };
            assert_eq!(got.to_string(), status, "{request}");
        }
    }

    #[test]
    fn a_name_with_a_folder_is_one_download() {
        let door = Door {
            port: 5000,
            key: hash("KEY"),
        };
        let asked = head(
            "GET /KEY/download/templates/2022-23-Q3/Kent%20Police.xlsx | host: 127.0.0.1:5000",
        );
        assert_eq!(
            door.check(&asked),
            Ok(Route::Download(
                "templates/2022-23-Q3/Kent Police.xlsx".to_owned()
            ))
        );
    }
}
