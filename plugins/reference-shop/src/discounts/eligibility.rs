//! Checks whether a discount code applies.

use tillhouse_plugin::{prelude::*, pricing::RejectedCode};

use super::{
    Accepted,
    rule::{Benefit, Rule},
};
use crate::prices::Priced;

/// Reason why a code does not apply. Each maps to one of the contract's eight reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RejectionReason {
    Unknown,
    NotStarted,
    Expired,
    Repeated,
    UsedUp,
    NotSignedIn,
    NotEligible,
    OtherCurrency,
    NoItem,
    BelowMinimum,
    NotCombinable,
    TakesNothing,
}

impl RejectionReason {
    const fn reason(self) -> &'static str {
        match self {
            Self::Unknown | Self::NotStarted | Self::OtherCurrency | Self::NoItem => "discount_code_invalid",
            Self::Expired => "discount_code_expired",
            Self::Repeated => "discount_code_already_applied",
            Self::UsedUp => "discount_code_usage_limit_reached",
            Self::NotSignedIn => "discount_code_user_not_logged_in",
            Self::NotEligible => "discount_code_user_ineligible",
            Self::BelowMinimum | Self::TakesNothing => "discount_code_minimum_not_met",
            Self::NotCombinable => "discount_code_combination_disallowed",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "This code does not exist.",
            Self::NotStarted => "This code is not valid yet.",
            Self::Expired => "This code has expired.",
            Self::Repeated => "This code is already applied.",
            Self::UsedUp => "This code has been used up.",
            Self::NotSignedIn => "Sign in with the shop to use this code.",
            Self::NotEligible => "This code is not valid for this buyer.",
            Self::OtherCurrency => "This code is not valid in this currency.",
            Self::NoItem => "This code is not valid for any item in the cart.",
            Self::BelowMinimum => "The cart does not reach the minimum for this code.",
            Self::NotCombinable => "This code cannot be combined with the others.",
            Self::TakesNothing => "This code gives no discount on this cart.",
        }
    }

    /// Creates the rejection of a code, which is spelled exactly as in the cart.
    pub(super) fn of(self, code: &str) -> RejectedCode {
        RejectedCode::new(code, self.reason(), self.text())
    }
}

/// Facts about the checkout on which the terms of a code depend.
pub(super) struct CheckoutFacts<'a> {
    pub(super) now: u64,
    pub(super) currency: &'a str,
    pub(super) buyer: Option<&'a Buyer>,
    /// Sum of the lines that can be discounted, before any discount.
    pub(super) subtotal: Amount,
    pub(super) lines: &'a [Priced],
}

impl CheckoutFacts<'_> {
    /// Returns why a discount does not apply in addition to those accepted before it; `None` if it applies.
    ///
    /// Reasons that the buyer cannot change come first, reasons that the buyer can fix come last.
    pub(super) fn check(&self, rule: &Rule, accepted: &[Accepted]) -> Result<Option<RejectionReason>, Failure> {
        if accepted.iter().any(|other| other.rule.id == rule.id) {
            return Ok(Some(RejectionReason::Repeated));
        }
        if let Some(rejection) = self.check_terms(rule) {
            return Ok(Some(rejection));
        }
        if let Some(limit) = rule.usage_limit
            && -counters::peek(&rule.counter())? >= limit
        {
            return Ok(Some(RejectionReason::UsedUp));
        }
        let alone = !rule.combinable && !accepted.is_empty();
        let not_combinable = alone || accepted.iter().any(|other| !other.rule.combinable);
        Ok(self
            .check_buyer(rule)
            .or_else(|| self.check_cart(rule))
            .or_else(|| not_combinable.then_some(RejectionReason::NotCombinable)))
    }

    fn check_terms(&self, rule: &Rule) -> Option<RejectionReason> {
        let other_currency = |currency: &String| !currency.eq_ignore_ascii_case(self.currency);
        match &rule.benefit {
            _ if rule.starts.is_some_and(|starts| self.now < starts) => Some(RejectionReason::NotStarted),
            _ if rule.ends.is_some_and(|ends| self.now >= ends) => Some(RejectionReason::Expired),
            Benefit::Amount(_, Some(currency)) if other_currency(currency) => Some(RejectionReason::OtherCurrency),
            _ => None,
        }
    }

    fn check_buyer(&self, rule: &Rule) -> Option<RejectionReason> {
        if rule.signed_in && !self.buyer.is_some_and(|buyer| buyer.signed_in) {
            return Some(RejectionReason::NotSignedIn);
        }
        let email = self.buyer.and_then(|buyer| buyer.email.as_deref());
        let welcome = rule.emails.is_empty() || email.is_some_and(|email| is_listed(email, &rule.emails));
        (!welcome).then_some(RejectionReason::NotEligible)
    }

    fn check_cart(&self, rule: &Rule) -> Option<RejectionReason> {
        if !self.lines.iter().any(|line| rule.covers(line)) {
            return Some(RejectionReason::NoItem);
        }
        rule.minimum
            .is_some_and(|minimum| self.subtotal < minimum)
            .then_some(RejectionReason::BelowMinimum)
    }
}

/// Whether an email address is on a list of addresses and `@domain` entries.
fn is_listed(email: &str, list: &[String]) -> bool {
    list.iter().any(|entry| {
        let domain = entry
            .starts_with('@')
            .then(|| email.rfind('@').and_then(|at| email.get(at..)))
            .flatten();
        domain.unwrap_or(email).eq_ignore_ascii_case(entry)
    })
}
