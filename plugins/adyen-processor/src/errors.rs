//! Error bodies of the API: which of them say that nothing was done.

use tillhouse_plugin::{
    egress::{Error, Response},
    prelude::*,
};

use crate::wire::{self, ServiceError};

/// "Request already processed or in progress": an earlier request under the same key may have done it.
const IN_PROGRESS: &str = "704";

/// `PaymentDetail not found`: the token is unknown, used, or of another shopper or account.
pub(crate) const UNKNOWN_TOKEN: &str = "803";

/// Code of a refusal that is definitive: a status of 4xx with an error body by which Adyen did nothing.
///
/// Conflicts, rate limits, timeouts and errors that Adyen calls transient or internal are not: a request of the same operation
/// may have succeeded.
pub(crate) fn refusal(response: &Response) -> Option<String> {
    if !(400..500).contains(&response.status) || matches!(response.status, 408 | 409 | 425 | 429) {
        return None;
    }
    if response.header("transient-error") == Some("true") {
        return None;
    }
    let error = wire::read::<ServiceError>(response)?;
    let kind = error.error_type.as_deref()?;
    let code = error.error_code.as_deref().and_then(plain)?;
    let is_definitive = matches!(kind, "validation" | "security" | "configuration") && code != IN_PROGRESS;
    if !is_definitive {
        return None;
    }
    let (status, logged) = (response.status.to_string(), code.clone());
    log::warn(
        "Adyen refused the request",
        &[("status".into(), status), ("code".into(), logged)],
    );
    Some(code)
}

/// Codes are numbers, some with a suffix such as `905_1`; anything else is not passed on, because it may be an echo of the request.
fn plain(code: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    ((1..=12).contains(&code.len()) && code.bytes().all(is_plain)).then(|| code.to_owned())
}

/// Returns the failure of a request of which no byte was sent; `None` if Adyen may have received it.
pub(crate) fn failure_if_unsent(error: Error) -> Option<Failure> {
    (!error.sent).then(|| error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, kind: &str, code: &str) -> Response {
        let body = format!(r#"{{"status":{status},"errorCode":"{code}","message":"no","errorType":"{kind}"}}"#);
        Response {
            status,
            headers: vec![],
            body: body.into(),
        }
    }

    #[test]
    fn only_a_typed_error_of_the_request_is_a_refusal() {
        let _host = testing::Host::new().install();
        for (status, kind, code, is_refusal) in [
            (422, "validation", "101", true),
            (400, "validation", "702", true),
            (401, "security", "000", true),
            (403, "security", "010", true),
            (422, "configuration", "905_1", true),
            (422, "internal", "000", false),
            (422, "validation", "704", false),
            (409, "validation", "101", false),
            (429, "validation", "101", false),
            (408, "validation", "101", false),
            (500, "validation", "101", false),
            (200, "validation", "101", false),
            (422, "validation", "4242 4242", false),
            (422, "validation", "", false),
        ] {
            let refused = refusal(&response(status, kind, code));
            assert_eq!(refused.is_some(), is_refusal, "{status} {kind} {code}");
        }
    }

    #[test]
    fn a_transient_error_is_not_a_refusal() {
        let mut transient = response(422, "validation", "101");
        transient.headers.push(("transient-error".into(), "true".into()));
        assert_eq!(refusal(&transient), None);
    }

    #[test]
    fn an_error_without_a_typed_body_is_not_a_refusal() {
        for body in ["", "Bad Request", "{}", r#"{"errorCode":"101"}"#] {
            let response = Response {
                status: 422,
                headers: vec![],
                body: body.into(),
            };
            assert_eq!(refusal(&response), None, "{body}");
        }
    }
}
