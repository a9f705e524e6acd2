//! Quotes carts in one call of `quoting.quote` and with a call for each decision, and compares.

use std::collections::BTreeSet;

use super::difference::{self, Quoted};
use crate::cli::plugin::error::VerbError;
use crate::cli::plugin::options::PluginOptions;
use crate::cli::plugin::sample_carts::SampleCarts;
use crate::cli::plugin::target_plugin::{BuiltPlugin, PluginSource};
use crate::cli::plugin::trial_setup;
use tillhouse_checkout::cart::{Cart, CartLine, Choice, FulfillmentGroup};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{GroupId, MerchantId, SessionId};
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::{Clock as _, Timestamp};
use tillhouse_plugin_tools::code;
use tillhouse_runtime::Capability;
use tillhouse_runtime::trial::{MERCHANT, QuoteCalls, Trial};
use tillhouse_server::clock_and_ids::SystemClock;

/// A code that no plugin knows.
const UNKNOWN_CODE: &str = "TILLHOUSE-CHECK";

/// Lines of the largest cart that is compared.
const MANY: usize = 10;

/// How to fix a difference.
const HELP: &str = "answer quoting.quote with what the single functions answer; `impl Quoting for Shop {}` of the SDK composes it \
                    from them";

/// What the comparison found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Number of carts that were quoted in both ways.
    pub(super) quoted: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Differences and errors that were reported already: most are the same for every cart.
    reported: BTreeSet<String>,
}

impl Comparison {
    fn advice(place: &str, message: String, help: String) -> Self {
        Self {
            diagnostics: vec![Diagnostic::warning(code::COMPONENT, place, message).with_help(help)],
            ..Self::default()
        }
    }

    /// Report a mistake that a cart shows, unless another cart has shown it.
    fn report(&mut self, place: &str, what: &str, mistake: String, help: &str) {
        let message = format!("{what}: {mistake}");
        if self.reported.insert(mistake) {
            let found = Diagnostic::error(code::COMPONENT, place, message).with_help(help);
            self.diagnostics.push(found);
        }
    }
}

/// Compare the two ways; `None` for a plugin that does not export `quoting`.
///
/// # Errors
/// If the engine does not run on this machine.
pub(super) async fn compare(
    source: &PluginSource,
    plugin: &BuiltPlugin,
    options: &PluginOptions,
) -> Result<Option<Comparison>, VerbError> {
    let artifact = &plugin.artifact;
    let component_info = artifact.component_info();
    let exports = |capability: &Capability| component_info.as_ref().is_ok_and(|info| info.exports(*capability));
    if !exports(&Capability::Quoting) {
        return Ok(None);
    }
    let place = artifact.component.file_name().unwrap_or_default().to_string_lossy();
    let missing: Vec<&str> = Capability::QUOTED
        .iter()
        .filter(|capability| !exports(capability))
        .map(|capability| capability.name())
        .collect();
    if !missing.is_empty() {
        return Ok(Some(never_asked(&place, &missing.join(", "))));
    }
    let settings = trial_setup::settings(false);
    let (trial, _) = match trial_setup::load_trial(&settings, source, plugin, options).await {
        Err(error @ VerbError::Machine(_)) => return Err(error),
        Err(error) => return Ok(Some(not_compared(&place, &error.message()))),
        Ok(loaded) => loaded,
    };
    let both_ways = BothWays {
        trial,
        carts: SampleCarts::of(&options.catalog(source)?, options.currency),
        now: SystemClock.now(),
    };
    Ok(Some(both_ways.compare(&place).await))
}

fn never_asked(place: &str, missing: &str) -> Comparison {
    let message = format!(
        "the component exports quoting, but not {missing}: a host asks quoting.quote only where one plugin decides stock, prices, \
         fulfillment and taxes"
    );
    let help = format!("export {missing} as well, or leave quoting out of export!");
    Comparison::advice(place, message, help)
}

fn not_compared(place: &str, why: &str) -> Comparison {
    let message = format!("quoting.quote was not compared with the single functions: {why}");
    let help = "give --config, --catalog and --currency with which the plugin quotes a cart".to_owned();
    Comparison::advice(place, message, help)
}

/// A plugin that quotes, and the carts.
struct BothWays {
    trial: Trial,
    carts: SampleCarts,
    /// The same time for every quote: answers may depend on it.
    now: Timestamp,
}

/// A cart with its name in messages.
type NamedCart = (&'static str, Cart);

impl BothWays {
    async fn compare(&self, place: &str) -> Comparison {
        let mut comparison = Comparison::default();
        let mut last = None;
        for named in self.plain_carts() {
            last = Some(self.compare_cart(place, &named, &mut comparison).await);
        }
        // The option that is offered last is not the preselected one, if there are several.
        if let Some(Ok(quote)) = &last
            && let Some(option) = quote.options.last()
        {
            let choices = vec![Choice::of(option.id.clone())];
            let cart = Cart {
                choices,
                ..self.carts.cart(MANY)
            };
            last = Some(
                self.compare_cart(place, &("with a chosen option", cart), &mut comparison)
                    .await,
            );
        }
        match last {
            Some(Err(error)) if comparison.quoted == 0 && comparison.diagnostics.is_empty() => {
                not_compared(place, &error.to_string())
            }
            _ => comparison,
        }
    }

    fn plain_carts(&self) -> [NamedCart; 4] {
        let without_address = Cart {
            recipient: None,
            ..self.carts.cart(1)
        };
        // The second one is answered by itself: it may be applied once and rejected once.
        let codes = vec![UNKNOWN_CODE.to_owned(); 2];
        let with_codes = Cart {
            codes,
            ..self.carts.cart(2)
        };
        [
            ("without an address", without_address),
            ("with unknown codes", with_codes),
            ("in two groups", in_groups(self.carts.cart(2))),
            ("of many lines", self.carts.cart(MANY)),
        ]
    }

    /// Quote one cart in both ways, and return the result of the single functions.
    async fn compare_cart(&self, place: &str, (name, cart): &NamedCart, comparison: &mut Comparison) -> Quoted {
        let whole = self.quote(cart, QuoteCalls::Whole).await;
        let single = self.quote(cart, QuoteCalls::OneByOne).await;
        if let Some(difference) = difference::between(&whole, &single) {
            let what = format!("quoting.quote and the single functions differ for a cart {name}");
            comparison.report(place, &what, difference, HELP);
        } else if let Some((error, help)) = single.as_ref().err().and_then(mistake) {
            comparison.report(place, &format!("a cart {name} is not quoted"), error, help);
        }
        comparison.quoted += usize::from(single.is_ok());
        single
    }

    async fn quote(&self, cart: &Cart, calls: QuoteCalls) -> Quoted {
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new("cs_check"),
            kind: PhaseKind::Quote,
            now: self.now,
            currency: self.carts.currency,
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            catalog: None,
            deadline: None,
        };
        self.trial.quote(scope, cart, calls).await.quote
    }
}

/// The mistake of a plugin because of which a quote fails both ways, and its help; `None` if it may be right to refuse the cart.
fn mistake(error: &CheckoutError) -> Option<(String, &'static str)> {
    let help = match error {
        CheckoutError::Contract(broken) => broken.rule.help(),
        CheckoutError::Decision(DecisionError::Fault { .. }) => {
            "make the call with tillhouse plugin run, which explains the fault"
        }
        _ => return None,
    };
    Some((error.to_string(), help))
}

/// The same cart with each line in a group of its own, of which all but the first have a destination.
fn in_groups(cart: Cart) -> Cart {
    let group = |(at, line): (usize, &CartLine)| FulfillmentGroup {
        id: GroupId::new(format!("group_{at}")),
        kind: "shipping".to_owned(),
        lines: vec![line.id.clone()],
        destination: cart.destination().cloned().filter(|_| at > 0),
        recipient: None,
        location: None,
        instructions: None,
    };
    let groups = cart.lines.iter().enumerate().map(group).collect();
    Cart { groups, ..cart }
}
