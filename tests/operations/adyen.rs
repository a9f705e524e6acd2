//! Telling Adyen which endpoints a merchant has: printed first, and sent when asked to.

use std::path::PathBuf;

use libtest_mimic::Trial;
use serde_json::json;
use tillhouse_tests::TestFolder;
use tillhouse_tests::process::{CommandOutput, tillhouse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::trial;

const ACCEPTED: &str = "HTTP/1.1 204 No Content\r\n\r\n";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "adyen::the_request_is_printed_and_not_sent",
            the_request_is_printed_and_not_sent,
        ),
        trial(
            "adyen::the_endpoints_are_registered_when_asked_to",
            the_endpoints_are_registered_when_asked_to,
        ),
        trial("adyen::a_refusal_says_what_adyen_says", a_refusal_says_what_adyen_says),
        trial("adyen::what_is_missing_is_named", what_is_missing_is_named),
    ]
}

/// A merchant's configuration for `register`, with Adyen at this URL.
struct Setup {
    folder: TestFolder,
    config: PathBuf,
}

impl Setup {
    fn new(configuration: &str, more: &str) -> Self {
        let folder = TestFolder::new();
        let text = format!(
            r#"
[store]
url = "sqlite:store"

[merchants.acme]
currency = "usd"
hosts = ["shop.example"]

[merchants.acme.adyen]
company_account = "Acme"
merchant_account = "AcmeECOM"
{configuration}

[merchants.other]
currency = "usd"
{more}
"#
        );
        let config = folder.write("tillhouse.toml", text);
        Self { folder, config }
    }

    fn at(url: &str) -> Self {
        let configuration = format!(
            r#"
merchant = {{ flow = "both", hmac_keys = ["44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"] }}
configuration = {{ url = "{url}", api_key = "AQE-key", allow_http = true, allow_loopback = true }}
"#
        );
        Self::new(&configuration, "")
    }

    fn register(&self, words: &[&str]) -> CommandOutput {
        let config = self.config.to_str().expect("a path in UTF-8");
        assert!(self.folder.path().exists());
        tillhouse(&[&["adyen", "register", "--config", config], words].concat())
    }
}

/// A server that gives this answer to one request; returns its URL, and what it was sent.
async fn answering(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/agentic/configuration", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            assert_ne!(
                stream.read_buf(&mut request).await.unwrap(),
                0,
                "the request has a JSON body"
            );
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, seen)
}

async fn the_request_is_printed_and_not_sent() {
    let (url, seen) = answering(ACCEPTED).await;
    let setup = Setup::at(&url);
    let printed = setup.register(&["--json"]).expect_exit(0).json;
    let session = "https://shop.example/agentic/sessions/{sessionId}";
    let body = json!({
        "companyAccount": "Acme",
        "merchantAccount": "AcmeECOM",
        "flow": "both",
        "endpoints": {
            "session": session,
            "commit": format!("{session}/commit"),
            "finalize": format!("{session}/finalize"),
            "cancel": format!("{session}/cancel"),
            "token": format!("{session}/payment"),
        },
    });
    assert_eq!((&printed["body"], &printed["url"]), (&body, &json!(url)));
    assert_eq!(
        (&printed["merchant"], &printed["sent"]),
        (&json!("acme"), &json!(false))
    );
    let text = setup.register(&["acme"]).expect_exit(0).text;
    assert!(text.contains("assumption") && text.contains("add --yes"), "{text}");
    assert!(!text.contains("AQE-key"), "{text}");
    assert!(!seen.is_finished());
    seen.abort();
}

async fn the_endpoints_are_registered_when_asked_to() {
    let (url, seen) = answering(ACCEPTED).await;
    let setup = Setup::at(&url);
    let sent = setup.register(&["--yes", "--json"]).expect_exit(0).json;
    assert_eq!((&sent["sent"], &sent["status"]), (&json!(true), &json!(204)));
    let seen = seen.await.unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /agentic/configuration http/1.1"), "{head}");
    assert!(head.contains("x-api-key: aqe-key"), "{head}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), sent["body"]);
}

async fn a_refusal_says_what_adyen_says() {
    for (answer, exit, said) in [
        (
            "HTTP/1.1 403 No\r\ncontent-length: 52\r\n\r\n{\"status\":403,\"message\":\"no role for AQE-key\\u0007\"}",
            1,
            "Adyen answered 403: no role for [redacted]; nothing is known to be registered",
        ),
        ("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", 1, "Adyen answered 500;"),
        (
            "HTTP/1.1 307 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            3,
            "redirect",
        ),
        ("", 3, "adyen.configuration"),
    ] {
        let (url, seen) = answering(answer).await;
        let refused = Setup::at(&url).register(&["--yes", "--json"]).expect_exit(exit);
        let error = refused.json["error"].as_str().unwrap();
        assert!(error.contains(said), "{answer}: {error}");
        assert!(!refused.text.contains("AQE-key"), "{}", refused.text);
        seen.await.unwrap();
    }
}

async fn what_is_missing_is_named() {
    let url = r#"url = "https://adyen.example/agentic/configuration", api_key = "AQE-key""#;
    let both = format!(
        "[merchants.other.adyen]\ncompany_account = \"Other\"\nmerchant_account = \"OtherECOM\"\nconfiguration = {{ {url} }}\n"
    );
    let own = format!("configuration = {{ {url} }}");
    for (configuration, more, words, said) in [
        (
            "",
            "",
            vec![],
            "there is no merchant with a section [adyen.configuration]",
        ),
        (
            "",
            "",
            vec!["acme"],
            "merchant acme has no section [adyen.configuration]",
        ),
        ("", "", vec!["other"], "merchant other has no section [adyen]"),
        (
            "",
            "",
            vec!["third"],
            "there is no merchant third; the merchants are: acme, other",
        ),
        (&own, "", vec![], "merchant acme has no section [adyen.merchant]"),
        (&own, &both, vec![], "name one of them: acme, other"),
        (
            "configuration = { url = \"http://127.0.0.1/\", api_key = \"AQE-key\" }",
            "",
            vec![],
            "allow_loopback",
        ),
    ] {
        let refused = Setup::new(configuration, more).register(&words).expect_exit(2);
        assert!(refused.text.contains(said), "{}", refused.text);
    }
}
