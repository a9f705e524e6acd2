//! What a plugin of any kind must do, as tests: one line, and a test for each rule.
//!
//! ```no_run
//! tillhouse_harness::conformance!();
//! # fn main() {}
//! ```
//!
//! A rule is tried on what the component exports, over a catalog, carts and upstreams of its own making; one that is about
//! a capability that the component does not have passes, and says so. Where the plugin needs more than its configuration
//! to answer (an upstream that approves, say), `conformance!(setup)` names a function `fn setup(env: &Env)` that is called
//! before each rule. The items of its catalog and the codes of its configuration are tried first. What it scripts is asked as
//! it is, and then taken away where a rule is about upstreams that fail, or that say more than they should.
//!
//! A rule about whole quotes needs the reference shop for what the plugin does not decide: see the
//! [crate's own page](crate#what-needs-a-checkout-of-tillhouse).

mod currencies;
mod echo;
mod effects;
mod payments;
mod questions;
mod quotes;
mod redemption;
mod reservation;
mod secrecy;
mod silence;

use std::fmt;

use crate::env::Env;
use crate::plugin::PluginUnderTest;

/// A test for each rule that a plugin must keep. See [`conformance`](mod@crate::conformance).
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
            #[allow(unused_imports, reason = "the setup is a function of the file around")]
            use super::*;
            $crate::conformance_tests!($setup);
        }
    };
}

/// The rules: the test's name, the rule, what it says.
macro_rules! rules {
    ($d:tt $($name:ident $rule:ident $says:literal;)+) => {
        /// A rule that a plugin must keep.
        ///
        /// ```
        /// use tillhouse_harness::conformance::Rule;
        ///
        /// assert_eq!(Rule::ALL.len(), 14);
        /// assert_eq!(Rule::NoCardData.to_string(), "card_data_stays_out");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = $says] $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)+];

            /// Its name: that of its test.
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

            /// What it says.
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

        /// Used by [`conformance!`].
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
    totals_add_up TotalsAddUp "The host's arithmetic over prices, discounts, options and taxes breaks no rule.";
    every_currency_has_its_decimals EveryCurrency "Carts are quoted in currencies of two, no, three and four decimals, or refused in so many words.";
    quantities_from_none_to_a_million AnyQuantity "No quantity ends in a trap, and none breaks the totals.";
    an_unknown_item_is_answered UnknownItem "An item that nobody knows is named as unknown, and never a trap.";
    two_hundred_lines_fit TwoHundredLines "A cart of 200 lines is answered within every limit.";
    the_same_question_has_the_same_answer SameAnswer "Asked again, and with other random numbers, a decision is the same.";
    hostile_text_is_harmless HostileText "Strange ids, codes, addresses and names are answered, and never a trap.";
    without_a_destination_there_is_no_tax NoDestination "Until the buyer says where it goes, every tax is zero.";
    a_reservation_is_taken_once ReserveOnce "Reserved twice under one id, stock is taken, and taken once; released, it is back.";
    a_code_is_redeemed_once RedeemOnce "Redeemed twice in one operation, a use is taken once; restored, it is back, and once.";
    an_order_keeps_its_identity IdentifyOnce "Asked twice in one operation, an order has one identity, and no other has it.";
    a_charge_is_the_same_request ChargeOnce "Made twice in one operation, a charge is the same request to the processor.";
    silence_decides_nothing SilenceDecidesNothing "Where the answer never came, or says nothing, nothing is approved, declined, absent or given back.";
    card_data_stays_out NoCardData "No card data and no secret is in the plugin's memory, logs, data or answers.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a plugin stands with a rule.
///
/// ```
/// use tillhouse_harness::conformance::{Rule, Verdict, judge};
///
/// # fn example() {
/// match judge(tillhouse_harness::this_plugin!(), Rule::NoCardData, |_env| {}) {
///     Verdict::Kept => println!("kept"),
///     Verdict::DoesNotApply(why) => println!("no matter: {why}"),
///     Verdict::Broken(how) => println!("broken: {how}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It keeps it.
    Kept,
    /// The rule is about something that the plugin does not do.
    DoesNotApply(String),
    /// It breaks it, in this way.
    Broken(String),
}

/// How a plugin stands with every rule.
///
/// ```
/// use tillhouse_harness::conformance::{Report, Rule, Verdict};
///
/// let report = Report { verdicts: vec![(Rule::UnknownItem, Verdict::Broken("a trap".into()))] };
/// assert_eq!(report.to_string(), "BROKEN    an_unknown_item_is_answered: a trap\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each rule with its verdict.
    pub verdicts: Vec<(Rule, Verdict)>,
}

impl Report {
    /// The rules that are broken.
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
            Verdict::DoesNotApply(why) => writeln!(f, "no matter {rule}: {why}"),
            Verdict::Broken(how) => writeln!(f, "BROKEN    {rule}: {how}"),
        })
    }
}

/// Judge a plugin by every rule.
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

/// Fail unless a plugin keeps a rule: what each test of [`conformance!`](crate::conformance!) does.
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
/// When it breaks it.
pub fn run(plugin: PluginUnderTest, rule: Rule, setup: impl Fn(&Env)) {
    tell(rule, verdict(plugin, rule, &setup));
}

#[allow(
    clippy::print_stdout,
    reason = "a rule that does not apply says so in the output of its test"
)]
fn tell(rule: Rule, verdict: Verdict) {
    match verdict {
        Verdict::Kept => {}
        Verdict::DoesNotApply(why) => println!("{rule} does not apply: {why}"),
        Verdict::Broken(how) => panic!("{rule}: {}\n  {how}", rule.says()),
    }
}

/// Judge a plugin by one rule.
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

/// Of one type for every setup, so that the suite is compiled with this crate, and not once more for each rule in each test.
fn verdict(plugin: PluginUnderTest, rule: Rule, setup: &dyn Fn(&Env)) -> Verdict {
    crate::run(plugin, async |env: Env| match judged(rule, &env, setup).await {
        Ok(()) => Verdict::Kept,
        Err(verdict) => verdict,
    })
}

/// `Err` is what stops a judgement: the rule is broken, or does not apply.
type Judged = Result<(), Verdict>;

async fn judged(rule: Rule, env: &Env, setup: &dyn Fn(&Env)) -> Judged {
    echo::answer_whatever_comes(env);
    setup(env);
    match rule {
        Rule::TotalsAddUp => quotes::add_up(env).await,
        Rule::EveryCurrency => currencies::each(env).await,
        Rule::AnyQuantity => quotes::any_quantity(env).await,
        Rule::UnknownItem => questions::unknown_item(env).await,
        Rule::TwoHundredLines => quotes::two_hundred_lines(env).await,
        Rule::SameAnswer => questions::same_answer(env).await,
        Rule::HostileText => questions::hostile_text(env).await,
        Rule::NoDestination => questions::no_destination(env).await,
        Rule::ReserveOnce => reservation::once(env).await,
        Rule::RedeemOnce => redemption::once(env).await,
        Rule::IdentifyOnce => effects::identify(env).await,
        Rule::ChargeOnce => payments::same_request(env).await,
        Rule::SilenceDecidesNothing => silence::decides_nothing(env).await,
        Rule::NoCardData => secrecy::stays_out(env).await,
    }
}

fn broken<T>(how: impl Into<String>) -> Result<T, Verdict> {
    Err(Verdict::Broken(how.into()))
}

fn no_matter<T>(why: impl Into<String>) -> Result<T, Verdict> {
    Err(Verdict::DoesNotApply(why.into()))
}
