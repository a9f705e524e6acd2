//! `hook_secrets` and `[merchants.NAME.stripe.hooks]`: the lighter hooks, for a merchant who is paid through Stripe.

use std::sync::Arc;
use std::time::Duration;

use crate::config::adyen::{MAX_MEMBER, is_path};
use crate::config::section::Section;
use tillhouse_checkout::outside_payment::AmountDifference;
use tillhouse_checkout::secret::Secret;
use tillhouse_protocols::{StripeHookNames, StripePriceMember, TaxAuthority};

/// How long stock is held after an approval: the payment follows at once, unless the buyer has to confirm it.
const HOLD_SECONDS: u64 = 900;
/// How long stock is held for money that comes later: bank debits take up to four business days.
const PENDING_HOLD_SECONDS: u64 = 7 * 86_400;

/// The lighter hooks of the merchant.
#[derive(Debug)]
pub struct StripeHookConfig {
    /// `hook_secrets`: secrets that sign the hooks (`whsec_…`), one or two; of the event destination "Agentic Commerce Extension".
    pub secrets: Vec<Arc<Secret>>,
    /// `hold_seconds`: how long stock is held after an approval. Default: 900.
    pub hold: Duration,
    /// `pending_hold_seconds`: how long stock is held once the buyer has paid in a way whose money comes later. Default: 604800.
    pub pending_hold: Duration,
    /// `on_difference`: what an approval does if Stripe's amounts are not the plugin's: `decline`, or `report` to hold what Stripe takes
    /// and leave the difference to the operator. Default: `decline`.
    pub difference: AmountDifference,
    /// `tax`: whose taxes count: `plugin`, or `stripe` where Stripe Tax is on. Default: `plugin`.
    pub tax: TaxAuthority,
    /// `unknown_checkouts`: what a completed checkout that is unknown here is: `report` for the operator, or `ignore` where the account
    /// sells elsewhere as well. Default: `report`.
    pub reports_unknown: bool,
    /// `[names]`: names of members of the price and availability hook: each a path such as `price.unit_amount`.
    pub names: StripeHookNames,
}

/// `None` without `hook_secrets`.
pub(super) fn read(stripe: &mut Section<'_>) -> Option<StripeHookConfig> {
    let has_secrets = stripe.has("hook_secrets");
    let secrets = stripe.one_or_two_secrets("hook_secrets");
    let settings = stripe.optional_section("hooks");
    if settings.is_some() && !has_secrets {
        stripe.error(
            "hooks",
            "is of no use without hook_secrets",
            "add hook_secrets, the signing secrets of the event destination \"Agentic Commerce Extension\", or remove [hooks]",
        );
    }
    let defaults = StripeHookConfig {
        secrets,
        hold: Duration::from_secs(HOLD_SECONDS),
        pending_hold: Duration::from_secs(PENDING_HOLD_SECONDS),
        difference: AmountDifference::Refuse,
        tax: TaxAuthority::Plugin,
        reports_unknown: true,
        names: StripeHookNames::default(),
    };
    let hooks = match settings {
        Some(section) => with_settings(defaults, section),
        None => defaults,
    };
    has_secrets.then_some(hooks)
}

fn with_settings(defaults: StripeHookConfig, mut section: Section<'_>) -> StripeHookConfig {
    let seconds = |given: Option<u64>, default: Duration| given.map_or(default, Duration::from_secs);
    let hold = section.number("hold_seconds", 1..=86_400);
    let pending_hold = section.number("pending_hold_seconds", 1..=2_592_000);
    let differences = [
        ("decline", AmountDifference::Refuse),
        ("report", AmountDifference::Report),
    ];
    let difference = section.choice("on_difference", &differences);
    let authorities = [("plugin", TaxAuthority::Plugin), ("stripe", TaxAuthority::Stripe)];
    let tax = section.choice("tax", &authorities);
    let unknown = section.choice("unknown_checkouts", &[("report", true), ("ignore", false)]);
    let names = names(section.section("names"));
    section.finish();
    StripeHookConfig {
        hold: seconds(hold, defaults.hold),
        pending_hold: seconds(pending_hold, defaults.pending_hold),
        difference: difference.unwrap_or(defaults.difference),
        tax: tax.unwrap_or(defaults.tax),
        reports_unknown: unknown.unwrap_or(defaults.reports_unknown),
        names,
        ..defaults
    }
}

fn names(mut section: Section<'_>) -> StripeHookNames {
    let mut names = StripeHookNames::default();
    for member in StripePriceMember::ALL {
        let Some(path) = section.text(member.key()) else {
            continue;
        };
        if is_path(&path) {
            names = names.with(member, path);
        } else {
            section.error(
                member.key(),
                "is not the name of a member",
                format!("give a path such as \"price.unit_amount\", of at most {MAX_MEMBER} bytes"),
            );
        }
    }
    if let Some((inner, outer)) = names.in_the_way() {
        let (inside, path) = (names.of(inner), names.of(outer));
        section.error(
            inner.key(),
            format!("is {inside:?}, which is in the place of {} at {path:?}", outer.key()),
            "give each member of the answer a place of its own",
        );
    }
    section.finish();
    names
}
