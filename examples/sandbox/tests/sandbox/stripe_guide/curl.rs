//! Commands of curl as a guide prints them, sent as curl sends them.

use axum::body::Bytes;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use url::form_urlencoded;

const BOUNDARY: &str = "------------------------d74496d66958873e";

/// A command, with what its placeholders stand for.
#[derive(Debug, Default)]
pub(crate) struct Curl {
    url: String,
    headers: Vec<(String, String)>,
    pairs: Vec<(String, String)>,
    parts: String,
}

impl Curl {
    /// Reads a command whose hosts are `base`; `replaced` are placeholders with their values, and `file` is what `@…` names.
    pub(crate) fn read(command: &str, base: &str, replaced: &[(&str, &str)], file: &str) -> Self {
        let mut command = command.replace("\\\n", " ");
        for (placeholder, value) in replaced {
            command = command.replace(placeholder, value);
        }
        assert!(
            !command.contains("{{") && !command.contains("<<"),
            "a placeholder is left: {command}"
        );
        let words = words(&command);
        let (name, rest) = words.split_first().unwrap();
        let (url, options) = rest.split_first().unwrap();
        assert_eq!(name, "curl");
        let mut hosts = ["https://files.stripe.com", "https://api.stripe.com"].iter();
        let path = hosts.find_map(|host| url.strip_prefix(host)).unwrap();
        let mut curl = Self {
            url: format!("{base}{path}"),
            ..Self::default()
        };
        for option in options.chunks(2) {
            curl.take(&option[0], &option[1], file);
        }
        curl
    }

    fn take(&mut self, option: &str, value: &str, file: &str) {
        let pair = |separator: &str| {
            let (name, value) = value.split_once(separator).unwrap();
            (name.to_owned(), value.to_owned())
        };
        match option {
            "-u" => self.header("authorization", &format!("Basic {}", BASE64.encode(value))),
            "-H" => {
                let (name, value) = pair(": ");
                self.header(&name, &value);
            }
            "-d" | "--data-urlencode" => self.pairs.push(pair("=")),
            "-F" => {
                let (name, value) = pair("=");
                self.part(&name, &value, file);
            }
            other => panic!("an option that is not read: {other}"),
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }

    fn part(&mut self, name: &str, value: &str, file: &str) {
        let part = match value.strip_prefix('@').and_then(|path| path.split_once(";type=")) {
            Some((path, kind)) => {
                let filename = path.rsplit('/').next().unwrap();
                format!("; filename=\"{filename}\"\r\nContent-Type: {kind}\r\n\r\n{file}")
            }
            None => format!("\r\n\r\n{value}"),
        };
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        self.parts += &format!("{head}{part}\r\n");
    }

    /// Sends it: a form is posted, and everything else is a GET.
    pub(crate) async fn send(mut self) -> (u16, Bytes) {
        let (method, body) = if !self.parts.is_empty() {
            self.header("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"));
            (Method::POST, format!("{}--{BOUNDARY}--\r\n", self.parts))
        } else if self.pairs.is_empty() {
            (Method::GET, String::new())
        } else {
            self.header("content-type", "application/x-www-form-urlencoded");
            let mut form = form_urlencoded::Serializer::new(String::new());
            (Method::POST, form.extend_pairs(&self.pairs).finish())
        };
        let mut request = Request::builder().method(method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let http = Client::builder(TokioExecutor::new()).build_http();
        let response = http
            .request(request.body(Full::new(Bytes::from(body))).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }
}

/// The words of a command line; quotes only keep words together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' | '\n' if !is_quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
