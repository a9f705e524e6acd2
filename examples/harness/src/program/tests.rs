//! A harness whose program is incompatible, missing or ends; and a program whose client is not a harness.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tillhouse_plugin_protocol::lookups::ReadCurrency;

use super::find::{Location, locate, program};
use super::*;

/// A program that is a shell script.
fn fake(script: &str) -> Result<Program, String> {
    let mut command = Command::new("sh");
    Program::handshake(command.args(["-c", script]), Path::new("/opt/tillhouse"))
}

/// The error of a harness with this program.
fn refused(script: &str) -> String {
    let error = fake(script).unwrap_err();
    assert!(
        error.contains("cargo install --locked") && error.contains("TILLHOUSE"),
        "the error says what to do: {error}"
    );
    error
}

fn dollars() -> ReadCurrency {
    ReadCurrency { code: "usd".into() }
}

const GREETING: &str =
    r#"read hello; echo '{"id":1,"ok":{"protocol":1,"program":"0.2.0","contract":"x","id_bytes":1}}'"#;

/// The answers of the real program to these lines; it must exit by itself when its input ends.
fn answers_to(lines: &[&str]) -> Vec<Value> {
    let mut command = Command::new(program().unwrap());
    let running = command
        .args(["plugin", "serve"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut running = running.spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    let mut output = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut answers = Vec::new();
    for line in lines {
        writeln!(input, "{line}").unwrap();
        let answer = output.next().expect("an answer to each line").unwrap();
        answers.push(serde_json::from_str(&answer).unwrap());
    }
    drop(input);
    assert!(output.next().is_none(), "no output without a request");
    assert!(
        running.wait().unwrap().success(),
        "the program exits when standard input ends"
    );
    answers
}

fn problem_of<'a>(answer: &'a Value, kind: &str) -> &'a str {
    assert_eq!(answer["error"]["kind"], kind, "{answer}");
    answer["error"]["message"].as_str().unwrap()
}

#[test]
fn a_program_of_another_version_is_refused_by_both_sides() {
    let later = r#"read hello; echo '{"id":1,"ok":{"protocol":2,"program":"0.2.0","contract":"x","id_bytes":1}}'; cat"#;
    let error = refused(later);
    assert!(
        error.contains("tillhouse 0.2.0 uses version 2 of the protocol, but this harness uses 1"),
        "{error}"
    );
    let refusal = r#"read hello; echo '{"id":1,"error":{"kind":"version","message":"it speaks 2"}}'; cat"#;
    assert!(refused(refusal).starts_with("/opt/tillhouse: it speaks 2; install tillhouse"));
    let answers = answers_to(&[r#"{"id":7,"op":"hello","with":{"protocol":2,"client":"my-harness 3"}}"#]);
    let message = problem_of(&answers[0], "version");
    assert!(
        message.starts_with("my-harness 3 speaks version 2 of the protocol"),
        "{message}"
    );
    assert!(message.ends_with("speaks 1"), "{message}");
}

#[test]
fn a_program_without_the_protocol_is_recognized() {
    let error = refused("echo 'error: unrecognized subcommand' >&2; exit 2");
    assert!(
        error.contains("has ended (exit status: 2)") && error.contains("older than `tillhouse plugin serve`"),
        "{error}"
    );
    let error = refused("read hello; echo 'Usage: tillhouse'; cat");
    assert!(error.contains("it wrote a line that is not an answer"), "{error}");
}

#[test]
fn a_missing_program_is_reported_with_how_to_install_it() {
    let nowhere = Path::new("/nowhere");
    let error = locate(None, Some(OsString::from("/nowhere")), nowhere).unwrap_err();
    assert!(
        error.contains(
            "program `tillhouse` not found, which runs the tests of a plugin: install tillhouse 0.2 with `cargo install"
        ),
        "{error}"
    );
    let error = locate(Some(OsString::from("/nowhere/tillhouse")), None, nowhere).unwrap_err();
    assert!(
        error.starts_with("TILLHOUSE names /nowhere/tillhouse, which is not a file; install"),
        "{error}"
    );
    let mut missing = Command::new("/nowhere/tillhouse");
    let error = Program::handshake(&mut missing, Path::new("/nowhere/tillhouse")).unwrap_err();
    assert!(error.starts_with("cannot start /nowhere/tillhouse: "), "{error}");
}

#[test]
fn the_program_is_the_named_one_or_that_of_the_path_or_that_of_the_checkout() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tillhouse");
    std::fs::write(&file, "").unwrap();
    let named = || Some(file.clone().into_os_string());
    let path = || Some(folder.path().as_os_str().to_owned());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(locate(named(), None, &own), Ok(Location::File(file.clone())));
    assert_eq!(
        locate(Some(OsString::new()), path(), &own),
        Ok(Location::File(file.clone()))
    );
    assert_eq!(locate(None, None, &own), Ok(Location::Checkout(own)));
}

#[test]
fn a_program_that_ends_fails_waiting_and_later_requests() {
    let program = fake(&format!("{GREETING}; read one; read two; exit 3")).unwrap();
    let runtime = crate::run::runtime();
    let dollars = dollars();
    let (one, two) = runtime.block_on(async { tokio::join!(program.ask(&dollars), program.ask(&dollars)) });
    let later = program.ask_now(&dollars);
    for gone in [one, two, later] {
        let problem = gone.unwrap_err();
        assert_eq!(problem.kind, RequestErrorKind::Machine);
        assert!(
            problem.message.contains("/opt/tillhouse has ended (exit status: 3)"),
            "{problem}"
        );
    }
}

#[test]
fn answers_are_matched_to_requests_in_any_order() {
    let script = format!(
        r#"{GREETING}; read one; read two
echo '{{"id":3,"ok":{{"code":"KWD","exponent":3}}}}'; echo '{{"id":2,"ok":{{"code":"JPY","exponent":0}}}}'; cat"#
    );
    let program = fake(&script).unwrap();
    let runtime = crate::run::runtime();
    let dollars = dollars();
    let (first, second) = runtime.block_on(async { tokio::join!(program.ask(&dollars), program.ask(&dollars)) });
    assert_eq!((first.unwrap().exponent, second.unwrap().exponent), (0, 3));
}

#[test]
fn a_bad_line_is_answered_with_an_error_and_the_next_one_is_read() {
    let hello = json!({"id": 3, "op": "hello", "with": {"protocol": VERSION, "client": "test"}}).to_string();
    let card = r#"{"id":6,"op":"call","with":{"trial":1,"function":"pricing.price","credential":"4242424242424242"}}"#;
    let answers = answers_to(&[
        "{\"id\": 1, \"op\": ",
        r#"{"op":"hello"}"#,
        r#"{"id":2,"op":"load","with":{"component":"shop.wasm"}}"#,
        &hello,
        r#"{"id":4,"op":"lode"}"#,
        r#"{"id":5,"op":"currency","with":{"kode":"usd"}}"#,
        card,
        r#"{"id":7,"op":"close","with":{"trial":9}}"#,
        r#"{"id":8,"op":"currency","with":{"code":"usd"}}"#,
    ]);
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(json!(ids), json!([null, null, 2, 3, 4, 5, 6, 7, 8]));
    for (at, kind, words) in [
        (0, "protocol", "the line is not a request: EOF while parsing"),
        (1, "protocol", "missing field `id`"),
        (2, "protocol", "send `hello` before `load`"),
        (4, "protocol", "unknown operation `lode`; expected one of: hello, build"),
        (5, "protocol", "invalid `currency` request: missing field `code`"),
        (6, "protocol", "invalid `call` request: invalid type"),
        (7, "unknown", "there is no trial 9"),
    ] {
        let message = problem_of(&answers[at], kind);
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(answers[8]["ok"], json!({"code": "USD", "exponent": 2}));
    assert!(
        !json!(answers).to_string().contains("4242"),
        "a card is not quoted back"
    );
}

#[test]
fn requests_before_the_end_of_standard_input_are_answered() {
    let hello = json!({"id": 1, "op": "hello", "with": {"protocol": VERSION, "client": "test"}}).to_string();
    let mut requests = vec![hello];
    requests.extend((2..200).map(|id| json!({"id": id, "op": "currency", "with": {"code": "usd"}}).to_string()));
    let mut command = Command::new(program().unwrap());
    command
        .args(["plugin", "serve"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let input = running.stdin.take().unwrap();
    // Dropped at once, which closes it.
    { input }.write_all((requests.join("\n") + "\n").as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), requests.len(), "{answers}");
}

#[test]
fn a_program_that_breaks_the_protocol_is_stopped_and_its_requests_fail() {
    for (does, told) in [
        (r"printf '\377\n'; cat", "it wrote a line that is not an answer"),
        (
            r#"echo '{"error":{"kind":"protocol","message":"what?"}}'; cat"#,
            "it could not read a request: what?",
        ),
        ("exec 1>&-; read more", "it closed its standard output"),
    ] {
        let program = fake(&format!("{GREETING}; read one; {does}")).unwrap();
        let problem = program.ask_now(&dollars()).unwrap_err();
        assert!(problem.message.contains(told), "{}", problem.message);
    }
}

#[test]
fn a_program_exits_when_its_standard_input_is_closed() {
    assert_eq!(answers_to(&[]), Vec::<Value>::new());
}
