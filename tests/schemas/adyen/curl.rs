//! A request of the document, as its curl is written.

use serde_json::Value;
use tillhouse_tests::official::adyen as document;
use tillhouse_tests::{Client, Request};

/// Method, URL, headers and body of a curl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Curl {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Curl {
    /// The curl in this folder of the document.
    pub(crate) fn of(folder: &str) -> Self {
        let text = document::text(&format!("{folder}/curl.txt"));
        let mut curl = Self {
            method: "GET".to_owned(),
            url: text.split_whitespace().nth(1).expect("a curl has a URL").to_owned(),
            headers: Vec::new(),
            body: String::new(),
        };
        // Everything that an option quotes is between two quotes, after the option.
        let parts: Vec<&str> = text.split('\'').collect();
        for pair in parts.chunks(2) {
            let options = pair[0].trim_end_matches(['\n', ' ']);
            if let Some((_, method)) = options.split_once("-X ") {
                method
                    .split(' ')
                    .next()
                    .unwrap_or_default()
                    .clone_into(&mut curl.method);
            }
            let Some(quoted) = pair.get(1) else { continue };
            match options.rsplit(' ').next() {
                Some("-H") => {
                    let (name, value) = quoted.split_once(": ").expect("a header has a name and a value");
                    curl.headers.push((name.to_owned(), value.to_owned()));
                }
                Some("-d") => (*quoted).clone_into(&mut curl.body),
                other => panic!("an option that is not known here: {other:?}"),
            }
        }
        curl
    }

    /// A request that the document describes without a curl.
    pub(crate) fn derived(folder: &str) -> Self {
        let http = document::json(&format!("{folder}/request.http.json"));
        let headers = http["headers"].as_object().expect("headers").iter();
        Self {
            method: text(&http["method"]),
            url: text(&http["url"]),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            body: String::new(),
        }
    }

    /// The same with another text in its URL and its body.
    pub(crate) fn with(mut self, written: &str, sent: &str) -> Self {
        assert!(
            self.url.contains(written) || self.body.contains(written),
            "{written} is not in {self:?}"
        );
        self.url = self.url.replace(written, sent);
        self.body = self.body.replace(written, sent);
        self
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body of a curl is JSON")
    }

    /// The request to a host, with everything else as it is written.
    pub(crate) fn request(&self, client: &Client) -> Request {
        let (_, of_host) = self.url.split_once("://").expect("an absolute URL");
        let path = &of_host[of_host.find('/').expect("a path")..];
        let request = client.request(self.method.parse().expect("a method"), path);
        let request = if self.body.is_empty() {
            request
        } else {
            request.body(self.body.clone())
        };
        self.headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Whether the other files of the folder say the same as the curl.
    pub(crate) fn agrees_with_its_files(&self, folder: &str) -> bool {
        let http = Self::derived(folder);
        let (mut here, mut there) = (self.headers.clone(), http.headers);
        here.sort();
        there.sort();
        let body = document::json(&format!("{folder}/request.json"));
        (&self.method, &self.url, here) == (&http.method, &http.url, there) && self.json() == body
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
