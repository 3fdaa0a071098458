//! Files as a browser sends them: parts of one body, read as they come, no more kept than the limits allow.

use bytes::Bytes;
use csp_bridge::read::Limits;
use csp_bridge::value::text::is_acting;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use multer::Multipart;
use percent_encoding::percent_decode_str;
use std::time::Duration;

/// The longest name that is kept, in characters.
const NAME_CHARS: usize = 200;

/// How long a body may stand still.
pub(super) const STALL: Duration = Duration::from_secs(60);

/// The most that one upload may bring, and how much more is read and thrown away so that the browser shows the answer.
const UPLOAD_BYTES: u64 = 256 << 20;
const THROWN_BYTES: u64 = 1 << 30;

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is larger than may be.
    TooLarge,
    /// It stood still.
    Stalled,
    /// It cannot be understood, or broke off.
    Form,
}

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) role: String,
    pub(super) files: Vec<SentFile>,
    /// What was said beside files: that nothing was published before.
    pub(super) said: Vec<(String, String)>,
    /// Files that the browser could not read, by name: its script says so.
    pub(super) unread: Vec<String>,
}

/// One file that was sent; without its bytes where it is larger than may be.
#[derive(Debug)]
pub(super) struct SentFile {
    pub(super) name: String,
    pub(super) bytes: Option<Vec<u8>>,
}

/// Reads what is left of a body and throws it away.
pub(super) async fn drain(body: &mut Incoming, most: u64, patience: Duration) {
    let mut read = 0;
    while read <= most {
        match tokio::time::timeout(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                read += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            Ok(Some(Err(_)) | None) | Err(_) => return,
        }
    }
}

/// A form's body, whole.
///
/// # Errors
/// What is wrong with it.
pub(super) async fn form(mut body: Incoming, most: usize) -> Result<Vec<(String, String)>, Fault> {
    let mut bytes = Vec::new();
    loop {
        match tokio::time::timeout(STALL, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    if bytes.len() + data.len() > most {
                        drain(&mut body, THROWN_BYTES, STALL).await;
                        return Err(Fault::TooLarge);
                    }
                    bytes.extend_from_slice(&data);
                }
            }
            Ok(Some(Err(_))) => return Err(Fault::Form),
            Err(_) => return Err(Fault::Stalled),
        }
    }
    let pairs = form_urlencoded::parse(&bytes);
    Ok(pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect())
}

/// The parts of an upload.
///
/// # Errors
/// What is wrong with it.
pub(super) async fn files(content_type: &str, body: Incoming) -> Result<Sent, Fault> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Fault::Form)?;
    let state = std::sync::Arc::new(std::sync::Mutex::new((0_u64, None)));
    let seen = std::sync::Arc::clone(&state);
    // The body as a stream that ends with a fault where a limit is met.
    let stream = futures_util::stream::unfold(Some(body), move |body| {
        let seen = std::sync::Arc::clone(&seen);
        async move {
            let mut body = body?;
            loop {
                let fault = match tokio::time::timeout(STALL, body.frame()).await {
                    Ok(None) => return None,
                    Ok(Some(Ok(frame))) => {
                        let Ok(data) = frame.into_data() else {
                            continue;
                        };
                        let total = {
                            let mut seen = super::lock(&seen);
                            seen.0 += data.len() as u64;
                            seen.0
                        };
                        if total <= UPLOAD_BYTES {
                            return Some((Ok::<Bytes, std::io::Error>(data), Some(body)));
                        }
                        drain(&mut body, THROWN_BYTES - UPLOAD_BYTES, STALL).await;
                        Fault::TooLarge
                    }
                    Ok(Some(Err(_))) => Fault::Form,
                    Err(_) => Fault::Stalled,
                };
                super::lock(&seen).1 = Some(fault);
                return Some((Err(std::io::Error::other("the body broke off")), None));
            }
        }
    });
    let read = parts(Multipart::new(stream, boundary)).await;
    let fault = super::lock(&state).1;
    match (fault, read) {
        (Some(fault), _) => Err(fault),
        (None, Some(sent)) => Ok(sent),
        (None, None) => Err(Fault::Form),
    }
}

async fn parts(mut multipart: Multipart<'_>) -> Option<Sent> {
    let most = Limits::STATED.file_bytes;
    let mut out = Sent::default();
    while let Some(mut field) = multipart.next_field().await.ok()? {
        let kind = field.name().unwrap_or_default().to_owned();
        let name = field
            .headers()
            .get(hyper::header::CONTENT_DISPOSITION)
            .and_then(|value| file_name(&String::from_utf8_lossy(value.as_bytes())));
        let mut bytes = Some(Vec::new());
        while let Some(chunk) = field.chunk().await.ok()? {
            bytes = bytes.filter(|bytes| bytes.len() + chunk.len() <= most);
            if let Some(bytes) = &mut bytes {
                bytes.extend_from_slice(&chunk);
            }
        }
        match (kind.as_str(), name) {
            // A browser sends a part without name and content where nothing was chosen.
            ("file" | "earlier", Some(name))
                if name.is_empty() && bytes.as_ref().is_some_and(Vec::is_empty) => {}
            ("file" | "earlier", Some(name)) => out.files.push(SentFile {
                name: label(&name),
                bytes,
            }),
            ("role", _) => {
                out.role = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
            }
            ("unread", _) => out
                .unread
                .push(label(&String::from_utf8_lossy(&bytes.unwrap_or_default()))),
            ("earlier" | "again", None) => {
                let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
                out.said.push((kind, text));
            }
            _ => {}
        }
    }
    Some(out)
}

/// The file's name in a part's header, as browsers write it: quotation marks and line ends as percent escapes, all else as it is.
fn file_name(header: &str) -> Option<String> {
    let (_, rest) = header.split_once("filename=")?;
    let raw = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => rest.split(';').next().unwrap_or_default().trim(),
    };
    let plain = ["%22", "%0D", "%0A", "%0d", "%0a"]
        .iter()
        .fold(raw.to_owned(), |text, escape| {
            text.replace(escape, &percent_decode_str(escape).decode_utf8_lossy())
        });
    Some(plain)
}

/// A name as a label: its last part, without what acts or cannot be seen. It is never a path.
pub(super) fn label(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let last = last
        .split_once(':')
        .filter(|(drive, _)| drive.len() == 1)
        .map_or(last, |(_, rest)| rest);
    let plain: String = last.chars().filter(|c| !is_acting(*c)).collect();
    let plain = plain.trim();
    // What is too long keeps its extension, by which it is known.
    let count = plain.chars().count();
    let cut: String = if count > NAME_CHARS {
        let end: String = plain
            .rsplit_once('.')
            .map(|(_, end)| format!(".{end}"))
            .filter(|end| end.chars().count() <= 10)
            .unwrap_or_default();
        let keep = NAME_CHARS - end.chars().count();
        plain.chars().take(keep).chain(end.chars()).collect()
    } else {
        plain.to_owned()
    };
    match cut.as_str() {
        "" | "." | ".." => "file".to_owned(),
        _ => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::{file_name, label};

    #[test]
    fn a_name_is_a_label_and_never_a_path() {
        for (name, shown) in [
            ("../../x.xlsx", "x.xlsx"),
            ("..\\..\\x.xlsx", "x.xlsx"),
            ("C:\\w\\x.xlsx", "x.xlsx"),
            ("C:x.xlsx", "x.xlsx"),
            ("/etc/x.xlsx", "x.xlsx"),
            ("a\u{202e}b\u{0}.xlsx", "ab.xlsx"),
            ("CON", "CON"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(label(name), shown, "{name}");
        }
        let long = label(&format!("{}.xlsx", "n".repeat(300)));
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with("n.xlsx"));
    }

    #[test]
    fn a_name_is_read_as_browsers_write_it() {
        let of = |text: &str| file_name(&format!("form-data; name=\"file\"; {text}"));
        assert_eq!(of("filename=\"a b.xlsx\""), Some("a b.xlsx".to_owned()));
        assert_eq!(of("filename=\"a%22b.xlsx\""), Some("a\"b.xlsx".to_owned()));
        assert_eq!(of("filename=\"50%20.xlsx\""), Some("50%20.xlsx".to_owned()));
        assert_eq!(
            of("filename=\"..\\..\\x.xlsx\""),
            Some("..\\..\\x.xlsx".to_owned())
        );
        assert_eq!(of(""), None);
    }
}
