//! Where answers are not what the document shows, and by which decision.

use serde_json::Value;
use tillhouse_tests::official::adyen as document;

use super::Outcome;
use super::difference::between;

/// A decision where the document contradicts itself or is not meant literally, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decision {
    /// An option that is not offered is replaced on creation, with a message.
    ReplacedOption = 1,
    /// Names, texts and left-out members of the document's answers are illustrations.
    Illustration = 2,
    /// Ids and tokens are opaque, and each party makes its own.
    OpaqueId = 4,
    /// Not a contradiction, so without a number: the reference shop never asks for a consent, the documented shop does.
    OfTheMerchant = 0,
}

/// A place of an answer of the document that is answered otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviation {
    file: &'static str,
    path: &'static str,
    decision: Decision,
}

const fn at(file: &'static str, path: &'static str, decision: Decision) -> Deviation {
    Deviation { file, path, decision }
}

/// Every deviation. A test fails where an answer deviates elsewhere, and where it no longer deviates.
const DEVIATIONS: &[Deviation] = &[
    at("create-session", "id", Decision::OpaqueId),
    at("create-session", "line_items[0].id", Decision::Illustration),
    at("create-session", "line_items[0].item.id", Decision::Illustration),
    at("create-session", "line_items[0].discount", Decision::Illustration),
    at(
        "create-session",
        "fulfillment_options[ship_express]",
        Decision::ReplacedOption,
    ),
    at("create-session", "messages[0]", Decision::Illustration),
    at(
        "create-session",
        "marketing_consent_options[0]",
        Decision::OfTheMerchant,
    ),
    at("derived/get-session", "id", Decision::OpaqueId),
    at("derived/get-session", "line_items[0].id", Decision::Illustration),
    at("derived/get-session", "line_items[0].item.id", Decision::Illustration),
    at("derived/get-session", "line_items[0].discount", Decision::Illustration),
    at(
        "derived/get-session",
        "fulfillment_options[ship_express]",
        Decision::ReplacedOption,
    ),
    at("derived/get-session", "messages[0]", Decision::Illustration),
    at(
        "derived/get-session",
        "marketing_consent_options[0]",
        Decision::OfTheMerchant,
    ),
    at("derived/update-session", "id", Decision::OpaqueId),
    at("derived/update-session", "line_items[0].id", Decision::Illustration),
    at(
        "derived/update-session",
        "line_items[0].item.id",
        Decision::Illustration,
    ),
    at(
        "derived/update-session",
        "line_items[0].discount",
        Decision::Illustration,
    ),
    at(
        "derived/update-session",
        "fulfillment_options[ship_express]",
        Decision::ReplacedOption,
    ),
    at("derived/update-session", "messages[0]", Decision::Illustration),
    at(
        "derived/update-session",
        "marketing_consent_options[0]",
        Decision::OfTheMerchant,
    ),
    at("derived/cancel-session", "id", Decision::OpaqueId),
    at("derived/cancel-session", "line_items[0].id", Decision::Illustration),
    at(
        "derived/cancel-session",
        "line_items[0].item.id",
        Decision::Illustration,
    ),
    at(
        "derived/cancel-session",
        "line_items[0].discount",
        Decision::Illustration,
    ),
    at(
        "derived/cancel-session",
        "fulfillment_options[ship_express]",
        Decision::ReplacedOption,
    ),
    at("derived/cancel-session", "messages[0]", Decision::Illustration),
    at(
        "derived/cancel-session",
        "marketing_consent_options[0]",
        Decision::OfTheMerchant,
    ),
    at("complete-session", "id", Decision::OpaqueId),
    at("complete-session", "order.id", Decision::OpaqueId),
    at("complete-session", "order.checkout_session_id", Decision::OpaqueId),
    at("complete-session", "order.permalink_url", Decision::OpaqueId),
    at("complete-session", "line_items[0]", Decision::Illustration),
    at(
        "complete-session",
        "fulfillment_options[ship_express]",
        Decision::Illustration,
    ),
    at(
        "complete-session",
        "fulfillment_options[ship_standard]",
        Decision::Illustration,
    ),
    at("complete-session", "totals[subtotal]", Decision::Illustration),
    at("complete-session", "totals[tax]", Decision::Illustration),
    at("complete-session", "totals[shipping]", Decision::Illustration),
    at("complete-session", "totals[total]", Decision::Illustration),
    at("complete-session", "links[terms_of_service]", Decision::Illustration),
    at("complete-session", "links[return_policy]", Decision::Illustration),
    at("complete-session", "links[privacy_policy]", Decision::Illustration),
    at("complete-session", "currency", Decision::Illustration),
    at("complete-session", "payment_provider", Decision::Illustration),
    at("complete-session", "discounts", Decision::Illustration),
    at("complete-session", "marketing_consent_options", Decision::Illustration),
    at("delegate-payment", "id", Decision::OpaqueId),
];

/// Compare an answer with that of the document.
pub(crate) fn compare(file: &'static str, answered: &Value) -> Outcome {
    let documented = document::json(&format!("{file}/response.json"));
    let found = between(&documented, answered);
    let known: Vec<&Deviation> = DEVIATIONS.iter().filter(|deviation| deviation.file == file).collect();
    let mut problems: Vec<String> = found
        .iter()
        .filter(|difference| !known.iter().any(|deviation| deviation.path == difference.path))
        .map(|difference| format!("not decided: {difference}"))
        .collect();
    let gone = known
        .iter()
        .filter(|deviation| !found.iter().any(|difference| difference.path == deviation.path));
    problems.extend(gone.map(|deviation| {
        format!(
            "no longer deviates by decision {}: {}",
            deviation.decision as u8, deviation.path
        )
    }));
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("{file}:\n{}\n{answered:#}", problems.join("\n")).into())
}
