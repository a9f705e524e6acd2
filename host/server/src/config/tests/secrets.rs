//! Secrets, and that errors never show them.

use super::*;

#[test]
fn a_secret_comes_from_the_environment_a_file_or_the_text() {
    for form in [
        "{ env = \"SECRET\" }",
        "\"${SECRET}\"",
        "{ file = \"key.txt\" }",
        "\"hunter2-canary\"",
    ] {
        let merchant = acme(&format!("[merchants.acme.stripe]\nsecret_key = {form}"));
        assert_eq!(merchant.stripe.unwrap().secret_key.reveal(), CANARY, "{form}");
    }
}

#[test]
fn a_word_of_the_command_line_is_the_secret_or_names_its_variable() {
    let sources = Sources::new(
        "",
        |name| (name == "KEY").then(|| CANARY.to_owned()),
        |_| unreachable!(),
    );
    let word = |word| secret_word(word, &sources).map(|secret| secret.reveal().to_owned());
    assert_eq!(word("hunter3"), Ok("hunter3".to_owned()));
    assert_eq!(word("@KEY"), Ok(CANARY.to_owned()));
    assert_eq!(
        word("@NOPE"),
        Err("the environment variable NOPE is not set".to_owned())
    );
}

#[test]
fn a_secret_that_is_not_there_is_an_error_that_names_its_source() {
    for (form, named) in [
        ("{ env = \"NOPE\" }", "NOPE"),
        ("\"${EMPTY}\"", "EMPTY"),
        ("{ file = \"nope.txt\" }", "/etc/tillhouse/nope.txt"),
        ("{ env = \"SECRET\", file = \"key.txt\" }", "{ env ="),
        ("\"\"", "is empty"),
        ("7", "a whole number"),
    ] {
        let errors = parse(&with(&format!("[merchants.acme.stripe]\nsecret_key = {form}"))).unwrap_err();
        assert_eq!(errors.diagnostics().len(), 1, "{errors}");
        assert!(errors.to_string().contains(named), "{form}: {errors}");
    }
}

#[test]
fn secrets_never_appear_in_debug_or_in_errors() {
    let whole = include_str!("../../../../../examples/config/tillhouse.toml");
    let config = parse(whole).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains(CANARY));
    assert!(shown.contains("[redacted]"));
    // A secret in every place where it does not belong.
    let errors = parse(&format!(
        r#"
        [server]
        listen = "{CANARY}"
        max_body_bytes = "{CANARY}"
        [store]
        url = "mysql://u:{CANARY}@db"
        [merchants.acme]
        currency = "{CANARY}"
        [merchants.acme.acp]
        keys = [{{ name = "k", sha256 = "{CANARY}" }}, "{CANARY}"]
        [merchants.acme.stripe]
        secret_key = {{ envv = "{CANARY}" }}
        base_url = "https://u:{CANARY}@api.stripe.com"
        livemode = "{CANARY}"
        "#
    ))
    .unwrap_err();
    assert!(errors.diagnostics().len() >= 9, "{errors}");
    assert!(!format!("{errors} {errors:?}").contains(CANARY), "{errors}");
}

#[test]
fn keys_are_kept_as_hashes() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let [text, hashed] = [r#"secret = "test""#.to_owned(), format!("sha256 = \"{hash}\"")].map(|key| {
        let merchant = acme(&format!("[merchants.acme.acp]\nkeys = [{{ name = \"a\", {key} }}]"));
        merchant.acp.unwrap().keys.remove(0).sha256
    });
    assert_eq!(text, hashed, "the hash of the text `test`");
}
