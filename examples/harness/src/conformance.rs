//! The conformance suite: one line generates a test for each rule that every plugin must keep.
//!
//! ```no_run
//! tillhouse_harness::conformance!();
//! # fn main() {}
//! ```
//!
//! Each rule calls the functions that the component exports, with a catalog, carts and upstreams of the suite's own. A
//! rule about a capability that the component does not export passes and prints that it does not apply. If the plugin
//! needs more than its configuration to answer (an upstream that approves a charge, for example), `conformance!(setup)`
//! names a function `fn setup(env: &Env)` that is called before each rule. Items of the setup's catalog and codes of
//! its configuration are tried first. Scripted answers are used as they are; rules about upstreams that fail, or that
//! return more than they should, replace them afterwards. A plugin that reads notices of other systems gets signed ones
//! from its setup: [`example_notice`](crate::clients::Payments::example_notice).
//!
//! A rule about whole quotes needs the reference shop for the decisions that the plugin does not make: see the [crate's
//! own page](crate#what-needs-a-checkout-of-tillhouse).

mod calls;
mod currencies;
mod echo;
mod effects;
mod lookups;
mod notices;
mod payments;
mod quotes;
mod redemption;
mod reservation;
mod secrecy;
mod silence;
mod whole_quote;

use std::fmt;

use crate::env::Env;
use crate::plugin::PluginUnderTest;

/// Generates one test for each rule that a plugin must keep. See [`conformance`](mod@crate::conformance).
///
/// ```no_run
/// use tillhouse_harness::prelude::*;
///
/// fn approving(env: &Env) {
///     let _ = env.upstream("acquirer").expect(post("/charges")).reply(200, json!({"id": "ch_1"}));
/// }
///
/// tillhouse_harness::conformance!(approving);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance {
    () => {
        $crate::conformance!(|_env: &$crate::Env| {});
    };
    ($setup:expr) => {
        mod conformance {
            #[allow(unused_imports, reason = "the setup is a function of the surrounding file")]
            use super::*;
            $crate::conformance_tests!($setup);
        }
    };
}

/// The rules: name of the test, variant of `Rule`, description.
macro_rules! rules {
    ($d:tt $($name:ident $rule:ident $says:literal;)+) => {
        /// One rule of the conformance suite.
        ///
        /// ```
        /// use tillhouse_harness::conformance::Rule;
        ///
        /// assert_eq!(Rule::ALL.len(), 18);
        /// assert_eq!(Rule::NoCardData.to_string(), "card_data_stays_out");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = $says] $rule,)+
        }

        impl Rule {
            /// Every rule, in the order in which [`check`] tests them.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)+];

            /// The name of the rule, which is also the name of its test.
            ///
            /// ```
            /// use tillhouse_harness::conformance::Rule;
            ///
            /// assert_eq!(Rule::ReserveOnce.name(), "a_reservation_is_taken_once");
            /// ```
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$rule => stringify!($name),)+
                }
            }

            /// One sentence that says what the rule requires.
            ///
            /// ```
            /// use tillhouse_harness::conformance::Rule;
            ///
            /// assert!(Rule::TwoHundredLines.says().contains("200 lines"));
            /// ```
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self {
                    $(Self::$rule => $says,)+
                }
            }
        }

        /// Expands to one test for each rule; used by [`conformance!`].
        #[doc(hidden)]
        #[macro_export]
        macro_rules! conformance_tests {
            ($d setup:expr) => {
                $(
                    #[::core::prelude::v1::test]
                    fn $name() {
                        $crate::conformance::run($crate::this_plugin!(), $crate::conformance::Rule::$rule, $d setup);
                    }
                )+
            };
        }
    };
}

rules! { $
    totals_add_up TotalsAddUp "Totals of prices, discounts, options and taxes add up by the host's arithmetic, with and without tax in the prices.";
    a_whole_quote_equals_its_parts WholeQuote "A quote in one call equals the quote of the single decisions.";
    every_currency_has_its_decimals EveryCurrency "Carts are quoted in currencies with two, zero, three and four decimals, or refused with a reason.";
    quantities_from_none_to_a_million AnyQuantity "No quantity causes a trap or breaks the totals.";
    an_unknown_item_is_answered UnknownItem "An item that the plugin does not know is reported as unknown and never causes a trap.";
    two_hundred_lines_fit TwoHundredLines "A cart of 200 lines is answered within all limits.";
    the_same_question_has_the_same_answer SameAnswer "The same question has the same answer when it is repeated, also with another RNG seed.";
    hostile_text_is_harmless HostileText "Hostile ids, codes, addresses and names are answered and never cause a trap.";
    without_a_destination_there_is_no_tax NoDestination "Without a destination every tax is zero.";
    a_reservation_is_taken_once ReserveOnce "Reserving twice under one id takes stock exactly once; releasing the reservation returns it.";
    a_code_is_redeemed_once RedeemOnce "Redeeming a code twice in one operation takes one use; restoring it returns exactly one use.";
    an_order_keeps_its_identity IdentifyOnce "Repeated within one operation, `orders.identify` returns the same identity, and another order gets a different one.";
    a_charge_is_the_same_request ChargeOnce "Retried within one operation, a charge sends the same request to the processor.";
    silence_decides_nothing SilenceDecidesNothing "If the processor's answer is missing or inconclusive, no outcome is reported as approved, declined, absent, voided, refunded or captured.";
    a_lookup_makes_nothing LookupsAsk "A lookup sends no request that makes what it looks up, and repeated it has the same answer.";
    a_forged_notice_is_rejected ForgedNotice "A notice without a valid signature is rejected.";
    a_notice_has_one_reading SameNotice "A notice is read within the limits, and repeated it has the same events and the same reply.";
    card_data_stays_out NoCardData "The plugin's memory, logs, data and answers contain no card data and no secrets.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The result of judging a plugin by one rule.
///
/// ```
/// use tillhouse_harness::conformance::{Rule, Verdict, judge};
///
/// # fn example() {
/// match judge(tillhouse_harness::this_plugin!(), Rule::NoCardData, |_env| {}) {
///     Verdict::Kept => println!("kept"),
///     Verdict::DoesNotApply(why) => println!("does not apply: {why}"),
///     Verdict::Broken(how) => println!("broken: {how}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The plugin keeps the rule.
    Kept,
    /// The rule is about something that the plugin does not do; the text says what.
    DoesNotApply(String),
    /// The plugin breaks the rule; the text says how.
    Broken(String),
}

/// The result of judging a plugin by every rule.
///
/// ```
/// use tillhouse_harness::conformance::{Report, Rule, Verdict};
///
/// let report = Report { verdicts: vec![(Rule::UnknownItem, Verdict::Broken("a trap".into()))] };
/// assert_eq!(report.to_string(), "BROKEN    an_unknown_item_is_answered: a trap\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each rule with its result, in the order of [`Rule::ALL`].
    pub verdicts: Vec<(Rule, Verdict)>,
}

impl Report {
    /// The rules that are broken, each with the reason.
    ///
    /// ```
    /// use tillhouse_harness::conformance::{Report, Rule, Verdict};
    ///
    /// let report = Report { verdicts: vec![(Rule::SameAnswer, Verdict::Kept), (Rule::UnknownItem, Verdict::Broken("a trap".into()))] };
    /// assert_eq!(report.broken().collect::<Vec<_>>(), [(Rule::UnknownItem, "a trap")]);
    /// ```
    pub fn broken(&self) -> impl Iterator<Item = (Rule, &str)> {
        self.verdicts.iter().filter_map(|(rule, verdict)| match verdict {
            Verdict::Broken(how) => Some((*rule, how.as_str())),
            Verdict::Kept | Verdict::DoesNotApply(_) => None,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verdicts.iter().try_for_each(|(rule, verdict)| match verdict {
            Verdict::Kept => writeln!(f, "kept      {rule}"),
            Verdict::DoesNotApply(why) => writeln!(f, "n/a       {rule}: {why}"),
            Verdict::Broken(how) => writeln!(f, "BROKEN    {rule}: {how}"),
        })
    }
}

/// Checks a plugin against every rule.
///
/// ```no_run
/// let report = tillhouse_harness::conformance::check(tillhouse_harness::this_plugin!(), |_env| {});
/// println!("{report}");
/// assert_eq!(report.broken().count(), 0);
/// ```
pub fn check(plugin: PluginUnderTest, setup: impl Fn(&Env)) -> Report {
    let verdicts = Rule::ALL.iter().map(|rule| (*rule, verdict(plugin, *rule, &setup)));
    Report {
        verdicts: verdicts.collect(),
    }
}

/// Fails unless a plugin keeps a rule: the body of each test of [`conformance!`](crate::conformance!).
///
/// ```no_run
/// use tillhouse_harness::conformance::{Rule, run};
///
/// run(tillhouse_harness::this_plugin!(), Rule::TotalsAddUp, |env| {
///     env.config("discounts.SAVE10.percent", "10");
/// });
/// ```
///
/// # Panics
/// When the plugin breaks the rule; the message names the rule and says how.
pub fn run(plugin: PluginUnderTest, rule: Rule, setup: impl Fn(&Env)) {
    report(rule, verdict(plugin, rule, &setup));
}

#[allow(
    clippy::print_stdout,
    reason = "a rule that does not apply is noted in the output of its test"
)]
fn report(rule: Rule, verdict: Verdict) {
    match verdict {
        Verdict::Kept => {}
        Verdict::DoesNotApply(why) => println!("{rule} does not apply: {why}"),
        Verdict::Broken(how) => panic!("{rule}: {}\n  {how}", rule.says()),
    }
}

/// Checks a plugin against one rule.
///
/// ```no_run
/// use tillhouse_harness::conformance::{Rule, Verdict, judge};
///
/// let verdict = judge(tillhouse_harness::this_plugin!(), Rule::TotalsAddUp, |_env| {});
/// assert_eq!(verdict, Verdict::Kept);
/// ```
pub fn judge(plugin: PluginUnderTest, rule: Rule, setup: impl Fn(&Env)) -> Verdict {
    verdict(plugin, rule, &setup)
}

/// Not generic over the setup, so that the suite is compiled once, with this crate, and not for each rule in each test.
fn verdict(plugin: PluginUnderTest, rule: Rule, setup: &dyn Fn(&Env)) -> Verdict {
    crate::run(plugin, async |env: Env| match apply_rule(rule, &env, setup).await {
        Ok(()) => Verdict::Kept,
        Err(verdict) => verdict,
    })
}

/// `Err` ends the rule early: the rule is broken, or does not apply.
type RuleResult = Result<(), Verdict>;

async fn apply_rule(rule: Rule, env: &Env, setup: &dyn Fn(&Env)) -> RuleResult {
    echo::answer_everything(env);
    setup(env);
    match rule {
        Rule::TotalsAddUp => quotes::add_up(env).await,
        Rule::WholeQuote => whole_quote::equals_its_parts(env).await,
        Rule::EveryCurrency => currencies::every_currency(env).await,
        Rule::AnyQuantity => quotes::any_quantity(env).await,
        Rule::UnknownItem => calls::unknown_item(env).await,
        Rule::TwoHundredLines => quotes::two_hundred_lines(env).await,
        Rule::SameAnswer => calls::same_answer(env).await,
        Rule::HostileText => calls::hostile_text(env).await,
        Rule::NoDestination => calls::no_destination(env).await,
        Rule::ReserveOnce => reservation::once(env).await,
        Rule::RedeemOnce => redemption::once(env).await,
        Rule::IdentifyOnce => effects::identify(env).await,
        Rule::ChargeOnce => payments::same_request(env).await,
        Rule::SilenceDecidesNothing => silence::decides_nothing(env).await,
        Rule::LookupsAsk => lookups::make_nothing(env).await,
        Rule::ForgedNotice => notices::forged_are_rejected(env).await,
        Rule::SameNotice => notices::have_one_reading(env).await,
        Rule::NoCardData => secrecy::keeps_secrets(env).await,
    }
}

fn broken<T>(how: impl Into<String>) -> Result<T, Verdict> {
    Err(Verdict::Broken(how.into()))
}

fn does_not_apply<T>(why: impl Into<String>) -> Result<T, Verdict> {
    Err(Verdict::DoesNotApply(why.into()))
}
