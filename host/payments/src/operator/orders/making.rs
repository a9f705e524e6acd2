//! Making a change of an order that an operator asks for: checked, applied once under its id, and audited.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::OrderView;
use crate::operator::{Operator, OperatorError, evidence_note};
use crate::{ChangeOrderError, ChangedOrder};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ids::OrderId;
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind, OrderError};

/// Longest id of a change, in characters: a refund may be named after it.
const ID_MAX: usize = 64;
/// Longest name, number or URL, in characters.
const NAME_MAX: usize = 255;

/// An order after a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangedOrderView {
    /// The order as it is now.
    pub order: OrderView,
    /// Id of the change.
    pub change: String,
    /// Whether this change was applied before, so that nothing was done.
    pub repeated: bool,
}

impl Operator {
    /// Apply a change that an operator asks for.
    pub(super) async fn change_order(
        &self,
        order: &Order,
        id: &str,
        actor: &str,
        what: OrderChangeKind,
    ) -> Result<ChangedOrder, OperatorError> {
        let actor = evidence_note::actor(actor)?;
        let change = OrderChange {
            source: ChangeSource::Operator,
            id: id.to_owned(),
            at: self.now(),
            what,
        };
        let entry = |order: &Order| {
            let detail = json!({
                "merchant": order.merchant,
                "change": change.id,
                "revision": order.revision(),
                "status": order.status().name(),
                "what": change.what.name(),
            });
            Some(self.entry(&actor, AuditAction::ChangeOrder, order.id.as_str(), &detail))
        };
        let ordering = self.payments.ordering();
        Ok(ordering.change(&order.merchant, &order.id, &change, entry).await?)
    }
}

/// The id of a change: as the operator calls it, or derived from what is asked for, so that a command which is repeated because its
/// answer was lost changes nothing more.
pub(super) fn change_id(id: Option<&str>, verb: &str, asked: &impl Serialize) -> Result<String, OperatorError> {
    if let Some(id) = id {
        let length = id.chars().count();
        return if length > ID_MAX {
            let problem = format!("id: has {length} characters; at most {ID_MAX} are allowed: shorten it");
            Err(OperatorError::invalid(problem))
        } else {
            text("id", id)
        };
    }
    // Texts and numbers: writing them cannot fail.
    let asked = serde_json::to_vec(asked).unwrap_or_default();
    let digest = hex::encode(Sha256::digest(asked));
    Ok(format!("{verb}-{}", digest.get(..12).unwrap_or(&digest)))
}

/// A name, a number or a short text of an operator.
pub(super) fn text(field: &str, given: &str) -> Result<String, OperatorError> {
    let length = given.chars().count();
    let problem = if given.trim().is_empty() {
        "is empty; leave it out or write something".to_owned()
    } else if length > NAME_MAX {
        format!("has {length} characters; at most {NAME_MAX} are allowed: shorten it")
    } else if given.chars().any(char::is_control) {
        "contains control characters; write plain text".to_owned()
    } else {
        return Ok(given.to_owned());
    };
    Err(OperatorError::invalid(format!("{field}: {problem}")))
}

/// The same, if it is given.
pub(super) fn optional_text(field: &str, given: Option<&String>) -> Result<Option<String>, OperatorError> {
    given.map(|given| text(field, given)).transpose()
}

/// An absolute http or https URL, if it is given.
pub(super) fn optional_url(field: &str, given: Option<&String>) -> Result<Option<String>, OperatorError> {
    let Some(url) = optional_text(field, given)? else {
        return Ok(None);
    };
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_absolute = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && !url.contains(' ');
    if is_absolute {
        Ok(Some(url))
    } else {
        Err(OperatorError::invalid(format!(
            "{field}: {url:?} is not an absolute URL; write it like https://carrier.example/track/1Z"
        )))
    }
}

impl From<ChangedOrder> for ChangedOrderView {
    fn from(changed: ChangedOrder) -> Self {
        Self {
            order: OrderView::from(&changed.order),
            change: changed.change,
            repeated: changed.repeated,
        }
    }
}

impl From<ChangeOrderError> for OperatorError {
    fn from(error: ChangeOrderError) -> Self {
        match error {
            ChangeOrderError::Absent { .. } => Self::absent(error.to_string()),
            ChangeOrderError::Refused(ref refused) => match refused {
                OrderError::NothingLeft(_) | OrderError::IdReused(_) | OrderError::TooMany(_) => {
                    Self::conflict(error.to_string())
                }
                _ => Self::invalid(error.to_string()),
            },
            ChangeOrderError::Checkout(error) => error.into(),
        }
    }
}

/// What a request says of itself: everything but who asks.
#[derive(Debug, Serialize)]
pub(super) struct Asked<'a, T: Serialize> {
    pub(super) order: &'a OrderId,
    pub(super) what: T,
}
