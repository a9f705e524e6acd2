//! Header fields that must not be repeated: a proxy in front of the host could act on one value and the host on the other
//! (RFC 9110 §5.3).

use axum::http::{HeaderMap, StatusCode};

use super::problem::Problem;

/// Every header field that the host reads as a single value. Add a field here when new code reads it.
const SINGLE: [&str; 12] = [
    "api-version",
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "request-id",
    "signature",
    "stripe-signature",
    "timestamp",
];

/// Refuse a request that repeats a single-valued header field.
///
/// # Errors
/// 400 that names the first repeated field.
pub(crate) fn single_valued(headers: &HeaderMap) -> Result<(), Problem> {
    let twice = SINGLE
        .iter()
        .find(|name| headers.get_all(**name).iter().nth(1).is_some());
    twice.map_or(Ok(()), |name| {
        let message = format!("the {name} header is repeated; send it once");
        Err(Problem::request(StatusCode::BAD_REQUEST, "invalid", message).passing())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_of_one_value_is_refused_twice_and_named() {
        for name in SINGLE {
            let mut headers = HeaderMap::new();
            headers.append(name, "one".parse().unwrap());
            assert_eq!(single_valued(&headers).map_err(|problem| problem.message), Ok(()));
            for again in ["one", "another", ""] {
                let mut twice = headers.clone();
                twice.append(name, again.parse().unwrap());
                let problem = single_valued(&twice).unwrap_err();
                assert_eq!(problem.status, StatusCode::BAD_REQUEST);
                assert!(problem.message.contains(name), "{}", problem.message);
                assert!(!problem.lasting);
            }
        }
    }

    #[test]
    fn lists_may_be_given_in_parts() {
        let mut headers = HeaderMap::new();
        for value in ["application/json", "text/html"] {
            headers.append("accept", value.parse().unwrap());
        }
        assert!(single_valued(&headers).is_ok());
    }
}
