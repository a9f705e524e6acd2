use super::*;
use crate::error::EgressErrorKind;
use crate::request::Method;
use tillhouse_checkout::credential::CardDisplay;

fn upstream() -> Upstream {
    let mut upstream = Upstream::new("psp", "https://psp.example/api").unwrap();
    upstream.secrets.insert("api_key".into());
    upstream
        .credential_slots
        .extend(["number".into(), "exp-month".into(), "exp-year".into()]);
    upstream
}

fn secrets() -> BTreeMap<String, Arc<Secret>> {
    ["api_key", "other"]
        .into_iter()
        .map(|name| (name.to_owned(), Arc::new(Secret::new(format!("sk_{name}")))))
        .collect()
}

fn credential() -> Credential {
    Credential {
        kind: "dpan".into(),
        display: CardDisplay::default(),
        slots: vec![
            ("number", Secret::new("4242424242424242".into())),
            ("exp-month", Secret::new("7".into())),
            ("exp-year", Secret::new("2030".into())),
            ("cryptogram", Secret::new("AgAA".into())),
        ],
    }
}

fn slot(field: &str, format: &str) -> FillValue {
    FillValue::Slot(SlotFill {
        field: field.into(),
        format: format.into(),
    })
}

fn template(body: TemplateBody) -> Template {
    Template {
        method: Method::Post,
        path: "/v1/charges".into(),
        query: vec![],
        headers: vec![("authorization".into(), FillValue::Bearer("api_key".into()))],
        body,
        timeout: None,
    }
}

fn complete(template: &Template) -> Result<(HttpRequest, Redactor), EgressError> {
    TemplateFiller {
        upstream: &upstream(),
        secrets: &secrets(),
        credential: Some(&credential()),
    }
    .complete(template)
}

fn body_of(template: &Template) -> String {
    let (request, _) = complete(template).unwrap();
    String::from_utf8(request.body.unwrap().to_vec()).unwrap()
}

#[test]
fn json_holes_are_filled_and_everything_else_is_kept() {
    let body = TemplateBody::Json(
        r#"{"amount":4598,"card":{"number":null,"exp":[null,null],"eci":null},"a/b":"q\"x"}"#.into(),
        vec![
            ("/card/number".into(), slot("number", "plain")),
            ("/card/exp/0".into(), slot("exp-month", "mm")),
            ("/card/exp/1".into(), slot("exp-year", "yy")),
        ],
    );
    let text = body_of(&template(body));
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "amount": 4598, "card": {"number": "4242424242424242", "exp": ["07", "30"], "eci": null}, "a/b": "q\"x"
    });
    assert_eq!(read, expected);
}

#[test]
fn form_values_are_encoded() {
    let body = TemplateBody::Form(vec![
        ("card[number]".into(), slot("number", "plain")),
        ("note".into(), FillValue::Text("a&b=c".into())),
    ]);
    assert_eq!(
        body_of(&template(body)),
        "card%5Bnumber%5D=4242424242424242&note=a%26b%3Dc"
    );
}

#[test]
fn a_bearer_token_carries_its_scheme() {
    let (request, _) = complete(&template(TemplateBody::Empty)).unwrap();
    assert_eq!(request.headers.first().unwrap().1.text(), "Bearer sk_api_key");
}

#[test]
fn a_signature_covers_the_filled_body_and_the_path() {
    let mut signed = template(TemplateBody::Json(
        r#"{"n":null}"#.into(),
        vec![("/n".into(), slot("number", "plain"))],
    ));
    signed.headers = vec![(
        "x-signature".into(),
        FillValue::Hmac(HmacSpec {
            secret: "api_key".into(),
            algorithm: "sha256".into(),
            encoding: "hex".into(),
            parts: vec![HmacPart::Text("v1:".into()), HmacPart::Path, HmacPart::Body],
        }),
    )];
    let (request, _) = complete(&signed).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"sk_api_key").unwrap();
    mac.update(b"v1:/api/v1/charges{\"n\":\"4242424242424242\"}");
    assert_eq!(
        request.headers.first().unwrap().1.text(),
        hex::encode(mac.finalize().into_bytes())
    );
}

#[test]
fn what_is_not_granted_is_denied() {
    let json = |pointer: &str, fill| TemplateBody::Json(r#"{"a":null,"b":1}"#.into(), vec![(pointer.into(), fill)]);
    let header = |fill| Template {
        headers: vec![("x".into(), fill)],
        ..template(TemplateBody::Empty)
    };
    for (wrong, kind) in [
        (
            template(json("/a", slot("cryptogram", "plain"))),
            EgressErrorKind::Denied,
        ),
        (
            template(json("/a", FillValue::Secret("other".into()))),
            EgressErrorKind::Denied,
        ),
        (header(slot("number", "plain")), EgressErrorKind::Denied),
        (template(json("/b", slot("number", "plain"))), EgressErrorKind::Invalid),
        (
            template(json("/none", slot("number", "plain"))),
            EgressErrorKind::Invalid,
        ),
        (template(json("/a", slot("number", "mm"))), EgressErrorKind::Invalid),
    ] {
        assert_eq!(complete(&wrong).map(|_| ()).unwrap_err().kind, kind, "{wrong:?}");
    }
}

#[test]
fn a_slot_without_a_credential_is_denied() {
    let body = TemplateBody::Json(r#"{"a":null}"#.into(), vec![("/a".into(), slot("number", "plain"))]);
    let error = TemplateFiller {
        upstream: &upstream(),
        secrets: &secrets(),
        credential: None,
    }
    .complete(&template(body))
    .map(|_| ())
    .unwrap_err();
    assert_eq!(error.kind, EgressErrorKind::Denied);
}
