//! Rules about whole quotes, checked by the host's own arithmetic.

use std::sync::Arc;

use tillhouse_plugin_protocol::Capability;
use tillhouse_plugin_protocol::quote::{self, Address, Cart, CartLine, Recipient};
use tillhouse_plugin_protocol::trial::Binding;

use super::calls::{items, make_calls, one_of_each};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::{Env, empty_binding};
use crate::plugin::Plugin;

/// Capabilities that decide a part of a quote.
const DECIDES: [Capability; 4] = [
    Capability::Pricing,
    Capability::Inventory,
    Capability::Fulfillment,
    Capability::Tax,
];

/// Maximum number of lines in a cart.
const LINES: usize = 200;

/// Maximum number of codes in a cart.
const CODES: usize = 20;

fn quotes(env: &Env) -> Result<Option<Arc<Plugin>>, Verdict> {
    let served = DECIDES.iter().filter(|capability| env.exports(**capability)).count();
    match served {
        0 => does_not_apply("the component exports none of pricing, inventory, fulfillment and tax"),
        4 => Ok(Plugin::reference()),
        // A rule that cannot be checked counts as broken, so that it is noticed.
        _ => match Plugin::require_reference() {
            Ok(reference) => Ok(Some(reference)),
            Err(missing) => broken(format!("cannot make a whole quote: {missing}")),
        },
    }
}

pub(super) fn going(country: &str, region: &str) -> Option<Recipient> {
    Some(Recipient {
        name: Some("Jane Doe".to_owned()),
        phone: None,
        email: None,
        address: Some(Address {
            name: "Jane Doe".to_owned(),
            line_one: "1 Main St".to_owned(),
            city: "Town".to_owned(),
            region: region.to_owned(),
            country: country.to_owned(),
            postal_code: "94105".to_owned(),
            ..Address::default()
        }),
    })
}

pub(super) fn cart(lines: &[(&str, u32)], codes: &[&str], recipient: Option<Recipient>) -> Cart {
    let line = |(index, (item, quantity)): (usize, &(&str, u32))| CartLine {
        id: format!("line_{}", index + 1),
        item: (*item).to_owned(),
        quantity: *quantity,
    };
    Cart {
        lines: lines.iter().enumerate().map(line).collect(),
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        recipient,
        ..Cart::default()
    }
}

/// Outcome of quoting a cart.
#[derive(Debug)]
pub(super) enum QuoteOutcome {
    Quoted,
    /// The plugin refuses the cart, with this reason.
    Refused(String),
    /// Not quoted for another reason: an unknown item, an upstream that does not answer.
    NotQuoted(String),
}

/// Quotes each cart. A fault of the plugin, or a broken rule of the contract, breaks the conformance rule.
pub(super) async fn quote_all(env: &Env, carts: &[(String, Cart)]) -> Result<Vec<QuoteOutcome>, Verdict> {
    let fallback = match quotes(env)? {
        Some(reference) => Some(binding(env, &reference).await),
        None => None,
    };
    let installed = match fallback {
        Some(fallback) => env.install_with_fallback(fallback).await,
        None => env.install_if_changed().await,
    };
    if let Err(problems) = installed {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return broken(format!(
            "lifecycle.validate-config rejects the configuration: {}",
            problems.join("; ")
        ));
    }
    let mut quoted = Vec::with_capacity(carts.len());
    for (situation, cart) in carts {
        quoted.push(match env.quote(cart).await {
            quote::QuoteResult::Quote(_) => QuoteOutcome::Quoted,
            quote::QuoteResult::Broken(how) | quote::QuoteResult::Fault(how) => {
                return broken(format!("{situation}: {how}"));
            }
            quote::QuoteResult::Refused(why) => QuoteOutcome::Refused(why),
            // An unknown item or a country that is not served is a valid answer.
            quote::QuoteResult::Rejected(why) => QuoteOutcome::NotQuoted(why),
        });
    }
    Ok(quoted)
}

fn any(quoted: &[QuoteOutcome]) -> bool {
    quoted.iter().any(|quoted| matches!(quoted, QuoteOutcome::Quoted))
}

async fn binding(env: &Env, reference: &Plugin) -> Binding {
    let loaded = reference.load(env.program()).await;
    let mut binding = empty_binding(&reference.manifest, loaded.component);
    binding.config.clone_from(&reference.config);
    binding
}

pub(super) async fn add_up(env: &Env) -> RuleResult {
    let items = items(env);
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let all: Vec<(&str, u32)> = items.iter().map(|item| (*item, 1)).collect();
    let mut carts = Vec::new();
    for (place, recipient) in [
        ("nowhere", None),
        ("the US", going("US", "CA")),
        ("Germany", going("DE", "")),
    ] {
        for codes in [&[][..], &["SAVE10"], &["SAVE10", "save10", "NOPE"]] {
            let name = |what: &str| format!("{what}, codes {codes:?}, going to {place}");
            carts.push((name("one of everything"), cart(&all, codes, recipient.clone())));
            for item in items.iter().take(20) {
                carts.push((
                    name(&format!("three of {item}")),
                    cart(&[(item, 3)], codes, recipient.clone()),
                ));
            }
        }
    }
    if any(&quote_all(env, &carts).await?) {
        Ok(())
    } else {
        does_not_apply("no cart of the catalog could be quoted")
    }
}

pub(super) async fn any_quantity(env: &Env) -> RuleResult {
    let items = items(env);
    let first = items.first().cloned().unwrap_or_default();
    for quantity in [0, 1, 2, 999, 1_000_000, u32::MAX] {
        let cart = crate::cart()
            .line(&first, quantity)
            .line(&first, quantity)
            .code("SAVE10")
            .into();
        make_calls(env, &cart, &format!("{quantity} of {first} on two lines")).await?;
    }
    let carts = [1, 7, 1_000, 1_000_000].map(|quantity| {
        let lines: Vec<(&str, u32)> = items.iter().map(|item| (item.as_str(), quantity)).collect();
        (
            format!("{quantity} of everything"),
            cart(&lines, &["SAVE10"], going("US", "CA")),
        )
    });
    quote_all(env, &carts).await.map(drop)
}

/// The host checks the size of a whole answer when it reads it, so single calls are not enough: quotes are made too.
pub(super) async fn two_hundred_lines(env: &Env) -> RuleResult {
    let known = items(env);
    let items: Vec<String> = known.iter().cycle().take(LINES).cloned().collect();
    let codes: Vec<String> = (1..=CODES).map(|number| format!("CODE{number}")).collect();
    let mut large_cart = one_of_each(&items);
    make_calls(env, &large_cart, "a cart of 200 lines").await?;
    large_cart.codes.clone_from(&codes);
    make_calls(env, &large_cart, "a cart of 200 lines and 20 codes").await?;
    let lines: Vec<(&str, u32)> = items.iter().map(|item| (item.as_str(), 1)).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let carts = [("without codes", &[][..]), ("and 20 codes", codes.as_slice())].map(|(with, codes)| {
        let name = format!("a quote of 200 lines {with}");
        (name, cart(&lines, codes, going("US", "CA")))
    });
    quote_all(env, &carts).await.map(drop)
}
