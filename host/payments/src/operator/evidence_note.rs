//! Checks what an operator writes, before it is kept for years in the audit log.

use super::OperatorError;
use tillhouse_checkout::mask;

/// Maximum number of characters of an evidence note.
const EVIDENCE_MAX: usize = 1000;
/// Maximum number of characters of a name or a reference.
const NAME_MAX: usize = 255;

/// An evidence note: not empty, not too long, without card data.
pub(super) fn evidence(text: &str) -> Result<String, OperatorError> {
    checked("evidence", text, EVIDENCE_MAX)
}

/// The name of the operator who settles.
pub(super) fn actor(text: &str) -> Result<String, OperatorError> {
    checked("actor", text, NAME_MAX)
}

/// The reason of a refund, which the buyer reads.
pub(super) fn reason(text: &str) -> Result<String, OperatorError> {
    checked("reason", text, NAME_MAX)
}

/// A processor's reference: no spaces.
pub(super) fn reference(text: &str) -> Result<String, OperatorError> {
    let reference = checked("charged", text, NAME_MAX)?;
    if reference.contains(char::is_whitespace) {
        return Err(OperatorError::invalid(
            "charged: a processor's reference has no spaces; copy it from the processor's dashboard",
        ));
    }
    Ok(reference)
}

fn checked(field: &str, text: &str, most: usize) -> Result<String, OperatorError> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(OperatorError::invalid(format!(
            "{field}: is empty; write 1 to {most} characters"
        )));
    }
    if length > most {
        return Err(OperatorError::invalid(format!(
            "{field}: has {length} characters; at most {most} are allowed: shorten it"
        )));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(OperatorError::invalid(format!(
            "{field}: contains control characters; write plain text"
        )));
    }
    if mask(text) != text {
        return Err(OperatorError::invalid(format!(
            "{field}: contains what looks like a card number or a key; leave it out, because the audit log is kept for years"
        )));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_evidence_note_is_bounded_and_without_card_data() {
        assert_eq!(evidence(" seen in the dashboard \n").unwrap(), "seen in the dashboard");
        for wrong in ["", "  ", "paid with 4242 4242 4242 4242", "key sk_live_abc", "a\u{7}b"] {
            assert!(evidence(wrong).is_err(), "{wrong}");
        }
        assert!(evidence(&"é".repeat(1000)).is_ok());
        assert!(evidence(&"é".repeat(1001)).is_err());
        assert!(reference("ch_1 2").is_err());
    }
}
