//! What an operator says, before it is kept for years.

use super::Refusal;
use tillhouse_checkout::mask;

/// Characters of evidence that are taken.
const EVIDENCE_MAX: usize = 1000;
/// Characters of a name or a reference that are taken.
const NAME_MAX: usize = 255;

/// Evidence: something, not too much of it, and no card data.
pub(super) fn evidence(text: &str) -> Result<String, Refusal> {
    said("evidence", text, EVIDENCE_MAX)
}

/// Who settles.
pub(super) fn actor(text: &str) -> Result<String, Refusal> {
    said("actor", text, NAME_MAX)
}

/// A processor's reference: one word.
pub(super) fn reference(text: &str) -> Result<String, Refusal> {
    let reference = said("charged", text, NAME_MAX)?;
    if reference.contains(char::is_whitespace) {
        return Err(Refusal::invalid(
            "charged: a processor's reference has no spaces; copy it from the processor's dashboard",
        ));
    }
    Ok(reference)
}

fn said(what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(Refusal::invalid(format!("{what}: is empty; say something")));
    }
    if length > most {
        return Err(Refusal::invalid(format!(
            "{what}: has {length} characters and {most} are taken; say where the rest is kept"
        )));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Refusal::invalid(format!(
            "{what}: holds control characters; write plain text"
        )));
    }
    if mask(text) != text {
        return Err(Refusal::invalid(format!(
            "{what}: holds what looks like a card number or a key; the audit log is kept for years, so leave it out"
        )));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn evidence_is_said_within_bounds_and_without_card_data() {
        assert_eq!(evidence(" seen in the dashboard \n").unwrap(), "seen in the dashboard");
        for wrong in ["", "  ", "paid with 4242 4242 4242 4242", "key sk_live_abc", "a\u{7}b"] {
            assert!(evidence(wrong).is_err(), "{wrong}");
        }
        assert!(evidence(&"é".repeat(1000)).is_ok());
        assert!(evidence(&"é".repeat(1001)).is_err());
        assert!(reference("ch_1 2").is_err());
    }
}
