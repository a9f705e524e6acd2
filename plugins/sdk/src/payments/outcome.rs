//! Constructors for the outcome of a charge.

use super::{Action, Approval, Decline, Money, Outcome, ThreeDSecure};

impl Outcome {
    /// Creates the outcome of an approved and captured charge.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::captured("ch_1", Money::new(Amount::new(4598)?, "USD"));
    /// assert!(matches!(outcome, Outcome::Approved(approval) if approval.captured));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn captured(processor_reference: impl Into<String>, amount: Money) -> Self {
        Self::approved(processor_reference, amount, true)
    }

    /// Creates the outcome of an approved charge whose amount is authorized, and not captured yet.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::authorized("ch_1", Money::new(Amount::new(4598)?, "USD"));
    /// assert!(matches!(outcome, Outcome::Approved(approval) if !approval.captured));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn authorized(processor_reference: impl Into<String>, amount: Money) -> Self {
        Self::approved(processor_reference, amount, false)
    }

    /// Creates a decline with one of the contract's codes.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::declined("insufficient_funds", false);
    /// assert!(matches!(outcome, Outcome::Declined(decline) if !decline.retryable));
    /// ```
    #[must_use]
    pub fn declined(code: impl Into<String>, retryable: bool) -> Self {
        Self::Declined(Decline {
            code: code.into(),
            retryable,
            extensions: Vec::new(),
        })
    }

    fn approved(processor_reference: impl Into<String>, amount: Money, captured: bool) -> Self {
        Self::Approved(Approval {
            processor_reference: processor_reference.into(),
            amount,
            captured,
            extensions: Vec::new(),
        })
    }
}

impl Action {
    /// Creates an action that the buyer takes on a page of the processor.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let outcome = Outcome::ActionRequired(Action::redirect("https://acme.example/pay/1"));
    /// assert!(matches!(outcome, Outcome::ActionRequired(action) if action.kind == "redirect"));
    /// ```
    #[must_use]
    pub fn redirect(url: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            ..Self::of_kind("redirect")
        }
    }

    /// Creates a 3-D Secure authentication, with what the agent needs for it.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// use tillhouse_plugin::payments::ThreeDSecure;
    ///
    /// fn authenticate(requirements: ThreeDSecure, charge: &str) -> Outcome {
    ///     let processor_reference = Some(charge.into());
    ///     Outcome::ActionRequired(Action { processor_reference, ..Action::three_d_secure(requirements) })
    /// }
    /// # let _ = authenticate;
    /// ```
    #[must_use]
    pub fn three_d_secure(requirements: ThreeDSecure) -> Self {
        Self {
            three_d_secure: Some(requirements),
            ..Self::of_kind("three_d_secure")
        }
    }

    fn of_kind(kind: &str) -> Self {
        Self {
            kind: kind.into(),
            url: None,
            processor_reference: None,
            three_d_secure: None,
            extensions: Vec::new(),
        }
    }
}
