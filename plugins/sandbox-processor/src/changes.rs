//! Changes of a charge: void, refund, capture, and cancellation by reference.

use tillhouse_plugin::{egress::Response, prelude::*};

use crate::{
    answer,
    settings::{self, IDEMPOTENCY_KEY},
    wire::{self, Charge, ErrorBody},
};

mod cancellation;
mod capture;
mod refund;
mod void;

/// Sends a change of a charge; `None` if the acquirer may have received it, but did not answer.
fn send(op: &Operation, charge: &str, change: &str, body: String) -> Result<Option<Response>, Failure> {
    post(op, format!("{}/{change}", path(charge)?), body)
}

fn post(op: &Operation, path: String, body: String) -> Result<Option<Response>, Failure> {
    let request = settings::authorized(egress::post("acquirer", path))?;
    match request.idempotency(IDEMPOTENCY_KEY, op).json(body).send() {
        Ok(response) => Ok(Some(response)),
        Err(error) => answer::failure_if_unsent(error).map_or(Ok(None), Err),
    }
}

/// Reads a charge by its id, to look up what became of a change of it.
fn retrieve(charge: &str) -> Result<Charge, Failure> {
    let response = settings::authorized(egress::get("acquirer", path(charge)?))?.send()?;
    let read = (response.status == 200).then(|| wire::read(&response)).flatten();
    read.ok_or_else(|| answer::failure_of_response(&response))
}

/// Returns the path of a charge. A reference that would leave the path is rejected.
fn path(charge: &str) -> Result<String, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if charge.is_empty() || !charge.bytes().all(plain) {
        return Err(Failure::rejected("invalid", Subject::session(), "invalid charge id"));
    }
    Ok(format!("/v1/charges/{charge}"))
}

/// Returns the code of a conflict with the state of the charge, as opposed to a conflict with a request in flight.
fn conflict(response: &Response) -> Option<String> {
    let error = (response.status == 409)
        .then(|| wire::read::<ErrorBody>(response))
        .flatten()?
        .error;
    error.code.filter(|_| error.kind == "invalid_request_error")
}

#[cfg(test)]
mod responses {
    //! Responses of the acquirer, and arguments of the functions.

    use tillhouse_plugin::prelude::*;

    pub(super) fn charge(status: &str, captured: bool) -> String {
        format!(
            r#"{{"id":"ch_1","status":"{status}","amount":100,"currency":"usd","captured":{captured},
            "amount_captured":{},"created":1}}"#,
            if captured { 100 } else { 0 }
        )
    }

    pub(super) fn error(kind: &str, code: &str) -> String {
        format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"no"}}}}"#)
    }

    pub(super) fn cents() -> Money {
        Money {
            minor: 100,
            currency: "USD".into(),
        }
    }

    pub(super) fn op() -> Operation {
        testing::operation("1")
    }
}
