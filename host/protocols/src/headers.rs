//! Header fields that must not be repeated: a proxy in front of the host could act on one value and the host on the other
//! (RFC 9110 §5.3).

use axum::http::{HeaderMap, StatusCode};

use super::error_response::ErrorResponse;

/// Every header field that the host reads as a single value. Add a field here when new code reads it.
const SINGLE_VALUED: [&str; 18] = [
    "api-version",
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "hmacsignature",
    "host",
    "idempotency-key",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "origin",
    "protocol",
    "request-id",
    "signature",
    "stripe-signature",
    "timestamp",
];

/// Refuse a request that repeats a single-valued header field.
///
/// # Errors
/// 400 that names the first repeated field.
pub(crate) fn ensure_single_valued(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let twice = SINGLE_VALUED
        .iter()
        .find(|name| headers.get_all(**name).iter().nth(1).is_some());
    twice.map_or(Ok(()), |name| {
        let message = format!("the {name} header is repeated; send it once");
        Err(ErrorResponse::request(StatusCode::BAD_REQUEST, "invalid", message).not_recorded())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_of_one_value_is_refused_twice_and_named() {
        for name in SINGLE_VALUED {
            let mut headers = HeaderMap::new();
            headers.append(name, "one".parse().unwrap());
            assert_eq!(
                ensure_single_valued(&headers).map_err(|error_response| error_response.message),
                Ok(())
            );
            for again in ["one", "another", ""] {
                let mut twice = headers.clone();
                twice.append(name, again.parse().unwrap());
                let error_response = ensure_single_valued(&twice).unwrap_err();
                assert_eq!(error_response.status, StatusCode::BAD_REQUEST);
                assert!(error_response.message.contains(name), "{}", error_response.message);
                assert!(!error_response.recordable);
            }
        }
    }

    #[test]
    fn lists_may_be_given_in_parts() {
        let mut headers = HeaderMap::new();
        for value in ["application/json", "text/html"] {
            headers.append("accept", value.parse().unwrap());
        }
        assert!(ensure_single_valued(&headers).is_ok());
    }
}
