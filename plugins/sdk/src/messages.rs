//! Constructors for messages, rejections, failures and their subjects.

use crate::types::{Buyer, Context, Failure, Message, Rejection, Severity, Subject};

/// Maximum length of a message text, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 10;
/// Replaces the part of a text that was truncated.
const ELLIPSIS: &str = "…";

impl Subject {
    /// The checkout as a whole.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Subject::session().kind, "session");
    /// ```
    #[must_use]
    pub fn session() -> Self {
        Self::all("session")
    }

    /// The currency of the checkout.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let refused = Failure::rejected("unsupported", Subject::currency(), "We sell in euros.");
    /// # let _ = refused;
    /// ```
    #[must_use]
    pub fn currency() -> Self {
        Self::all("currency")
    }

    /// All lines of the cart.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let small = Message::error("minimum_not_met", Subject::lines(), "We sell from two items on.");
    /// assert_eq!(small.about.id, None);
    /// ```
    #[must_use]
    pub fn lines() -> Self {
        Self::all("lines")
    }

    /// The quantity of a cart line, by the id of the line.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let many = Message::error("quantity_exceeded", Subject::quantity("line_1"), "At most five per order.");
    /// assert_eq!(many.about.kind, "quantity");
    /// ```
    #[must_use]
    pub fn quantity(line: impl Into<String>) -> Self {
        Self::of("quantity", line)
    }

    /// A discount, by its id; for a code that the buyer typed see [`code`](Self::code).
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let ending = Message::warning("expiring_promotion", Subject::discount("winter"), "Ends tonight.");
    /// assert_eq!(ending.about.id.as_deref(), Some("winter"));
    /// ```
    #[must_use]
    pub fn discount(id: impl Into<String>) -> Self {
        Self::of("discount", id)
    }

    /// A marketing consent, by its channel, such as `email`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let about = Message::info(Subject::consent("email"), "One letter a month.").about;
    /// assert_eq!(about.kind, "consent");
    /// ```
    #[must_use]
    pub fn consent(channel: impl Into<String>) -> Self {
        Self::of("consent", channel)
    }

    /// The payment of the checkout.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Subject::payment().kind, "payment");
    /// ```
    #[must_use]
    pub fn payment() -> Self {
        Self::all("payment")
    }

    /// A cart line, by its id.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let sold_out = Message::error("out_of_stock", Subject::line("line_1"), "The tee is sold out.");
    /// assert_eq!(sold_out.about.id.as_deref(), Some("line_1"));
    /// ```
    #[must_use]
    pub fn line(id: impl Into<String>) -> Self {
        Self::of("line", id)
    }

    /// A discount code, spelled as in the cart.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let used = Failure::rejected("discount_code_usage_limit_reached", Subject::code("FIRST5"), "Used up.");
    /// assert!(matches!(used, Failure::Rejected(rejection) if rejection.about == Subject::code("FIRST5")));
    /// ```
    #[must_use]
    pub fn code(code: impl Into<String>) -> Self {
        Self::of("code", code)
    }

    /// A field of the address, such as `postal_code` or `country`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let missing = Message::error("missing", Subject::address("postal_code"), "Give the postal code.");
    /// assert_eq!(missing.about.kind, "address");
    /// ```
    #[must_use]
    pub fn address(field: impl Into<String>) -> Self {
        Self::of("address", field)
    }

    /// A field of the buyer, such as `email`.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let missing = Message::error("missing", Subject::buyer("email"), "Where should the download go?");
    /// assert_eq!(missing.about.kind, "buyer");
    /// ```
    #[must_use]
    pub fn buyer(field: impl Into<String>) -> Self {
        Self::of("buyer", field)
    }

    /// A fulfillment option, by its id.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let late = Message::warning("shipping_delay", Subject::option("standard"), "A week later than usual.");
    /// assert_eq!(late.about.id.as_deref(), Some("standard"));
    /// ```
    #[must_use]
    pub fn option(id: impl Into<String>) -> Self {
        Self::of("option", id)
    }

    fn all(kind: &str) -> Self {
        Self {
            kind: kind.into(),
            id: None,
        }
    }

    fn of(kind: &str, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: Some(id.into()),
        }
    }
}

impl Message {
    /// Creates an informational message in plain text. Text above the contract's limit of 1 KiB is truncated.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let message = Message::info(Subject::session(), "Free shipping from 75 dollars.");
    /// assert_eq!((message.severity, message.code), (Severity::Info, None));
    /// ```
    #[must_use]
    pub fn info(about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Info,
            code: None,
            about,
            text: truncated(text),
            markdown: false,
            resolution: None,
        }
    }

    /// Creates a warning for the buyer in plain text. Text above the contract's limit of 1 KiB is truncated.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let message = Message::warning("low_stock", Subject::line("line_1"), "Only two left.");
    /// assert_eq!(message.severity, Severity::Warning);
    /// ```
    #[must_use]
    pub fn warning(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            code: Some(code.into()),
            about,
            text: truncated(text),
            markdown: false,
            resolution: None,
        }
    }

    /// Creates an error that blocks payment, in plain text. Text above the contract's limit of 1 KiB is truncated.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let text = "We do not deliver to this address.";
    /// let message = Message::error("region_restricted", Subject::address("country"), text);
    /// assert_eq!(message.severity, Severity::Error);
    /// ```
    #[must_use]
    pub fn error(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: Some(code.into()),
            about,
            text: truncated(text),
            markdown: false,
            resolution: None,
        }
    }
}

impl Failure {
    /// Creates a rejection: a business answer that stops the operation. Messages above 1 KiB are truncated.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// fn minimum(subtotal: Amount, minimum: Amount) -> Result<(), Failure> {
    ///     if subtotal < minimum {
    ///         return Err(Failure::rejected("minimum_not_met", Subject::session(), "We sell from 10 dollars on."));
    ///     }
    ///     Ok(())
    /// }
    /// assert!(minimum(Amount::new(500)?, Amount::new(1000)?).is_err());
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn rejected(code: &str, about: Subject, message: impl Into<String>) -> Self {
        Self::Rejected(Rejection {
            code: code.into(),
            message: truncated(message),
            about,
            extensions: Vec::new(),
        })
    }

    /// Creates the rejection of a notice that does not come from its alleged sender; the host answers it with 401.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let failure = Failure::forged("The notice has no valid signature.");
    /// assert!(matches!(failure, Failure::Rejected(rejection) if rejection.code == "forged"));
    /// ```
    #[must_use]
    pub fn forged(message: impl Into<String>) -> Self {
        Self::rejected("forged", Subject::session(), message)
    }
}

impl Context {
    /// Returns the value of an extension of the checkout; `None` if it is not set.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(testing::context("USD").extension("acme.channel"), None);
    /// ```
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        extension(&self.extensions, key)
    }
}

impl Buyer {
    /// Returns the value of an extension of the buyer; `None` if it is not set.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// fn is_member(buyer: &Buyer) -> bool {
    ///     buyer.extension("acme.member") == Some("true")
    /// }
    /// # let _ = is_member;
    /// ```
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        extension(&self.extensions, key)
    }
}

/// Truncates a text: it may contain what the buyer typed, and the host rejects answers with longer texts.
fn truncated(text: impl Into<String>) -> String {
    let mut text = text.into();
    if text.len() > MAX_TEXT_BYTES {
        let room = MAX_TEXT_BYTES - ELLIPSIS.len();
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push_str(ELLIPSIS);
    }
    text
}

/// Value of an extension.
pub(crate) fn extension<'a>(extensions: &'a [(String, String)], key: &str) -> Option<&'a str> {
    extensions
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_between_two_characters() {
        let fits = "x".repeat(MAX_TEXT_BYTES);
        assert_eq!(truncated(fits.as_str()), fits);
        for long in [
            "x".repeat(MAX_TEXT_BYTES + 1),
            "ä".repeat(MAX_TEXT_BYTES),
            "🧵".repeat(MAX_TEXT_BYTES),
        ] {
            let message = Message::info(Subject::session(), long.as_str());
            let kept = message.text.strip_suffix(ELLIPSIS).unwrap();
            assert!(
                message.text.len() <= MAX_TEXT_BYTES && MAX_TEXT_BYTES - message.text.len() < 4,
                "{}",
                message.text.len()
            );
            assert!(long.starts_with(kept));
        }
    }
}
