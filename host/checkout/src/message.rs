//! Messages for the buyer, and what part of the checkout they are about.

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, LineId, OptionId};

/// Severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageSeverity {
    /// For information only; has no code.
    Info,
    /// Worth showing to the buyer; does not block payment.
    Warning,
    /// Blocks payment while the message is there.
    Error,
}

/// Part of the checkout that a message is about. Each protocol turns it into the path of its own field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The checkout as a whole.
    Session,
    /// The currency of the checkout.
    Currency,
    /// The list of lines as a whole.
    Lines,
    /// One line of the cart.
    Line(LineId),
    /// The quantity of a line.
    Quantity(LineId),
    /// A discount code, exactly as in the cart.
    Code(String),
    /// A field of the buyer (`email`), or with `None` the buyer as a whole.
    Buyer(Option<String>),
    /// A field of the delivery address (`postal_code`), or with `None` the address as a whole.
    Address(Option<String>),
    /// A field of the delivery address of a fulfillment group, or with `None` the address as a whole.
    GroupAddress(GroupId, Option<String>),
    /// The choice of a fulfillment option.
    Choice,
    /// One of the fulfillment options.
    Option(OptionId),
    /// A discount, by its id.
    Discount(String),
    /// A marketing consent by its channel, or with `None` all of them.
    Consent(Option<String>),
    /// The payment: token, card or outcome.
    Payment,
}

/// Who can resolve what a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The agent by itself.
    Recoverable,
    /// The buyer, who has to say something.
    RequiresBuyerInput,
    /// The buyer, who has to look at it.
    RequiresBuyerReview,
}

/// A message for the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Severity; an error blocks payment.
    pub severity: MessageSeverity,
    /// Code by the names of ACP, e.g. `out_of_stock`; not used by an info.
    pub code: Option<String>,
    /// Part of the checkout that the message is about.
    pub about: Subject,
    /// Text for the buyer, at most 1 KiB if a plugin wrote it.
    pub text: String,
    /// Whether the text is CommonMark instead of plain text.
    #[serde(default)]
    pub markdown: bool,
    /// Who resolves it; `None` if the plugin did not say.
    #[serde(default)]
    pub resolution: Option<Resolution>,
}

impl Message {
    /// Who resolves it: by the word of the plugin, else by what the message is about. `None` if nothing has to be resolved, as for
    /// most infos and warnings.
    #[must_use]
    pub fn resolved_by(&self) -> Option<Resolution> {
        self.resolution.or_else(|| self.usually_resolved_by())
    }

    fn usually_resolved_by(&self) -> Option<Resolution> {
        let code = self.code.as_deref().unwrap_or_default();
        match (self.severity, code, &self.about) {
            (MessageSeverity::Info, ..) => None,
            (_, "price_change" | "age_verification_required" | "approval_required" | "intervention_required", _) => {
                Some(Resolution::RequiresBuyerReview)
            }
            (MessageSeverity::Warning, ..) => None,
            (_, "requires_sign_in" | "requires_3ds" | "payment_declined", _)
            | (
                _,
                _,
                Subject::Buyer(_)
                | Subject::Address(_)
                | Subject::GroupAddress(..)
                | Subject::Payment
                | Subject::Consent(_),
            ) => Some(Resolution::RequiresBuyerInput),
            (MessageSeverity::Error, ..) => Some(Resolution::Recoverable),
        }
    }

    /// An error in plain text, which blocks payment.
    pub fn error(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: MessageSeverity::Error,
            code: Some(code.to_owned()),
            about,
            text: text.into(),
            markdown: false,
            resolution: None,
        }
    }

    /// A warning in plain text.
    pub fn warning(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: MessageSeverity::Warning,
            code: Some(code.to_owned()),
            about,
            text: text.into(),
            markdown: false,
            resolution: None,
        }
    }

    /// An info in plain text, without a code.
    pub fn info(about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: MessageSeverity::Info,
            code: None,
            about,
            text: text.into(),
            markdown: false,
            resolution: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_always_says_who_resolves_it() {
        use Resolution::{Recoverable, RequiresBuyerInput, RequiresBuyerReview};
        let line = || Subject::Line(LineId::new("mug"));
        for (code, about, expected) in [
            ("out_of_stock", line(), Recoverable),
            ("invalid", Subject::Choice, Recoverable),
            ("conflict", Subject::Session, Recoverable),
            ("missing", Subject::Address(Some("city".into())), RequiresBuyerInput),
            ("invalid", Subject::Buyer(None), RequiresBuyerInput),
            ("payment_declined", Subject::Session, RequiresBuyerInput),
            ("age_verification_required", line(), RequiresBuyerReview),
            ("approval_required", Subject::Session, RequiresBuyerReview),
        ] {
            assert_eq!(
                Message::error(code, about, "No").resolved_by(),
                Some(expected),
                "{code}"
            );
        }
    }

    #[test]
    fn what_nothing_follows_from_has_nobody_to_resolve_it() {
        assert_eq!(Message::info(Subject::Address(None), "Hello").resolved_by(), None);
        assert_eq!(Message::warning("low_stock", Subject::Lines, "Few").resolved_by(), None);
        let dearer = Message::warning("price_change", Subject::Lines, "Dearer");
        assert_eq!(dearer.resolved_by(), Some(Resolution::RequiresBuyerReview));
    }

    #[test]
    fn the_word_of_the_plugin_counts_first() {
        let message = Message {
            resolution: Some(Resolution::Recoverable),
            ..Message::error("payment_declined", Subject::Payment, "No")
        };
        assert_eq!(message.resolved_by(), Some(Resolution::Recoverable));
    }
}
