//! Constructors for what a plugin says: messages, rejections, failures, and what they are about.

use crate::types::{Address, Buyer, Context, Failure, Message, Rejection, Severity, Subject};

impl Subject {
    /// The checkout as a whole.
    #[must_use]
    pub fn session() -> Self {
        Self {
            kind: "session".into(),
            id: None,
        }
    }

    /// A line, by id.
    #[must_use]
    pub fn line(id: impl Into<String>) -> Self {
        Self::of("line", id)
    }

    /// A discount code, as in the cart.
    #[must_use]
    pub fn code(code: impl Into<String>) -> Self {
        Self::of("code", code)
    }

    /// A field of the address: `postal_code`, `country` …
    #[must_use]
    pub fn address(field: impl Into<String>) -> Self {
        Self::of("address", field)
    }

    /// A field of the buyer: `email` …
    #[must_use]
    pub fn buyer(field: impl Into<String>) -> Self {
        Self::of("buyer", field)
    }

    /// A fulfillment option, by id.
    #[must_use]
    pub fn option(id: impl Into<String>) -> Self {
        Self::of("option", id)
    }

    fn of(kind: &str, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: Some(id.into()),
        }
    }
}

impl Message {
    /// Good to know. Plain text.
    #[must_use]
    pub fn info(about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Info,
            code: None,
            about,
            text: text.into(),
            markdown: false,
        }
    }

    /// Worth showing to the buyer. Plain text.
    #[must_use]
    pub fn warning(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            code: Some(code.into()),
            about,
            text: text.into(),
            markdown: false,
        }
    }

    /// Stands in the way of payment. Plain text.
    #[must_use]
    pub fn error(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: Some(code.into()),
            about,
            text: text.into(),
            markdown: false,
        }
    }
}

impl Failure {
    /// A business answer that stops the operation.
    #[must_use]
    pub fn rejected(code: &str, about: Subject, message: impl Into<String>) -> Self {
        Self::Rejected(Rejection {
            code: code.into(),
            message: message.into(),
            about,
            extensions: Vec::new(),
        })
    }
}

impl Context {
    /// The value of an extension of the checkout.
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        extension(&self.extensions, key)
    }
}

impl crate::types::Cart {
    /// The value of an extension of the cart.
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        extension(&self.extensions, key)
    }
}

impl Buyer {
    /// The value of an extension of the buyer.
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&str> {
        extension(&self.extensions, key)
    }
}

impl Address {
    /// Whether it is in this country, ISO 3166-1 alpha-2.
    #[must_use]
    pub fn in_country(&self, country: &str) -> bool {
        self.country.eq_ignore_ascii_case(country)
    }
}

fn extension<'a>(extensions: &'a [(String, String)], key: &str) -> Option<&'a str> {
    extensions
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}
