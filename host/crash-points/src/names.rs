//! Names of crash points, which stay the same from run to run.

use url::Url;

use tillhouse_checkout::outbox::QueuedMessage;
use tillhouse_checkout::plugin_data::{StagedChanges, StagedWrite};
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// Names a unit of work by its most important part: `attempt.charging`, `session.open.new` …
pub fn unit(unit: &UnitOfWork) -> String {
    if let Some(write) = &unit.attempt {
        format!("attempt.{}", write.attempt().status().name())
    } else if let Some(write) = &unit.refund {
        format!("refund.{}", write.refund().status().name())
    } else if let Some(write) = &unit.session {
        let verb = if write.replaces.is_some() { "changed" } else { "new" };
        format!("session.{}.{verb}", write.session.state.name())
    } else if let Some(write) = &unit.saved_cart {
        let verb = if write.replaces.is_some() { "changed" } else { "new" };
        format!("cart.{verb}")
    } else if let Some(event) = &unit.event {
        format!("event.{}", event.kind)
    } else if let Some(found) = &unit.discrepancy {
        format!("break.{}", found.kind)
    } else if let Some(entry) = &unit.audit {
        format!("audit.{}", entry.action)
    } else if !unit.outbox.is_empty() {
        "outbox".to_owned()
    } else if unit.card.is_some() {
        "card".to_owned()
    } else if unit.idempotency.is_some() {
        "answer".to_owned()
    } else if is_probe(&unit.staged) {
        "probe".to_owned()
    } else {
        "plugin_data".to_owned()
    }
}

/// Whether this is the readiness probe, a write by the host itself to check that the store is writable.
fn is_probe(staged: &StagedChanges) -> bool {
    let is_by_host = |write: &StagedWrite| match write {
        StagedWrite::Put { namespace, .. } | StagedWrite::Add { namespace, .. } => {
            namespace.merchant.as_str().is_empty()
        }
    };
    staged.writes.iter().any(is_by_host)
}

/// Names a message by its kind and its new state.
pub fn message(message: &QueuedMessage, state: &str) -> String {
    format!("message.{}.{state}", message.message.kind)
}

/// Names a request by method and path, with ids replaced: `POST /v1/charges/*/void`.
pub fn request(method: &str, url: &Url) -> String {
    let path: Vec<&str> = url
        .path()
        .split('/')
        .map(|word| if is_id(word) { "*" } else { word })
        .collect();
    format!("{} {}", method, path.join("/"))
}

/// Ids are long and contain digits; names of resources do not.
fn is_id(word: &str) -> bool {
    word.len() >= 8 && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_left_out_of_the_name_of_a_request() {
        let named = |url: &str| request("POST", &Url::parse(url).unwrap());
        assert_eq!(named("http://a/v1/charges"), "POST /v1/charges");
        assert_eq!(
            named("http://a/v1/shared_payment/granted_tokens/spt_1N4Zv32e/resolve?x=1"),
            "POST /v1/shared_payment/granted_tokens/*/resolve"
        );
    }
}
