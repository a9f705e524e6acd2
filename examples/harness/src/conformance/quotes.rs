//! Rules about whole quotes, checked by the host's own arithmetic.

use tillhouse_plugin::types::{Cart, Choice};

use super::calls::{generate_catalog, items, make_calls, one_of_each};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::cart::CartBuilder;
use crate::env::{Env, QuoteMode};
use crate::quote::{NotQuoted, Quote};
use crate::{address, cart};

/// Maximum number of lines in a cart.
const LINES: usize = 200;

/// Maximum number of codes in a cart.
const CODES: usize = 20;

/// Maximum number of items that are also quoted alone.
const ALONE: usize = 20;

/// Where a cart goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Going {
    Nowhere,
    ToTheUs,
    ToGermany,
    /// Its first line to the US, and the second to Germany.
    Apart,
    /// Nowhere, with a bill to Germany, as for downloads.
    BilledInGermany,
}

impl Going {
    const ALL: [Self; 5] = [
        Self::Nowhere,
        Self::ToTheUs,
        Self::ToGermany,
        Self::Apart,
        Self::BilledInGermany,
    ];

    pub(super) fn send(self, cart: CartBuilder) -> CartBuilder {
        match self {
            Self::Nowhere => cart,
            Self::ToTheUs => cart.to(address::us("CA")).recipient("Jane Doe"),
            Self::ToGermany => cart.to(address::of("DE")).recipient("Jane Doe"),
            Self::Apart => cart
                .to(address::us("CA"))
                .lines_to("group_1", &["line_1"], address::us("CA"))
                .lines_to("group_2", &["line_2"], address::of("DE")),
            Self::BilledInGermany => cart.billed_to(address::of("DE")),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nowhere => "going nowhere",
            Self::ToTheUs => "going to the US",
            Self::ToGermany => "going to Germany",
            Self::Apart => "going to the US and to Germany",
            Self::BilledInGermany => "going nowhere, billed in Germany",
        }
    }
}

/// A quantity of each item, each on a line of its own.
pub(super) fn cart_of(items: &[String], quantity: u32) -> CartBuilder {
    items
        .iter()
        .fold(cart(), |cart, item| cart.line(item.as_str(), quantity))
}

/// A cart to quote, and how messages name it.
pub(super) type NamedCart = (String, Cart);

/// Outcome of quoting a cart.
#[derive(Debug)]
pub(super) enum QuoteOutcome {
    Quoted(Box<Quote>),
    /// The plugin refuses the cart, with this reason.
    Refused(String),
    /// Not quoted for another reason: an unknown item, an upstream that does not answer.
    NotQuoted(String),
}

/// Installs the plugin with what a whole quote needs. A rule that cannot be checked counts as broken, so that it is noticed.
pub(super) async fn install_for_quotes(env: &Env) -> RuleResult {
    if env.decisions_of_a_quote() == 0 {
        return does_not_apply("the component exports none of pricing, inventory, fulfillment and tax");
    }
    let fallback = env
        .fallback()
        .or_else(|missing| broken(format!("cannot make a whole quote: {missing}")))?;
    env.install_beside(fallback.as_deref()).await.or_else(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        broken(format!(
            "lifecycle.validate-config rejects the configuration: {}",
            problems.join("; ")
        ))
    })
}

/// Quotes each cart. A fault of the plugin, or a broken rule of the contract, breaks the conformance rule.
pub(super) async fn quote_all(env: &Env, carts: &[NamedCart]) -> Result<Vec<QuoteOutcome>, Verdict> {
    install_for_quotes(env).await?;
    let mut quoted = Vec::with_capacity(carts.len());
    for (situation, cart) in carts {
        quoted.push(match env.ask_quote(cart.clone(), QuoteMode::AsHost).await {
            Ok(quote) => QuoteOutcome::Quoted(Box::new(quote)),
            Err(NotQuoted::Broken(how) | NotQuoted::Fault(how)) => return broken(format!("{situation}: {how}")),
            Err(NotQuoted::Refused(why)) => QuoteOutcome::Refused(why),
            // An unknown item or a country that is not served is a valid answer.
            Err(NotQuoted::Rejected(why)) => QuoteOutcome::NotQuoted(why),
        });
    }
    Ok(quoted)
}

pub(super) async fn add_up(env: &Env) -> RuleResult {
    let own = quotes_of(env, &items(env)).await?;
    // Generated items have prices with and without tax; a plugin with a catalog of its own does not know them.
    let (_, currency) = env.catalog_and_currency();
    let generated = quotes_of(env, &generate_catalog(env, &currency, 3)).await?;
    if own || generated {
        Ok(())
    } else {
        does_not_apply("no cart of the catalog could be quoted")
    }
}

/// Quotes carts of these items, and returns whether any cart could be quoted.
async fn quotes_of(env: &Env, items: &[String]) -> Result<bool, Verdict> {
    let mut carts = Vec::new();
    for codes in [&[][..], &["SAVE10"], &["SAVE10", "save10", "NOPE"]] {
        carts.extend(carts_with(items, codes));
    }
    let quoted = quote_all(env, &carts).await?;
    let both = carts.iter().zip(&quoted);
    let chosen: Vec<NamedCart> = both.flat_map(|(cart, quoted)| with_choices(cart, quoted)).collect();
    quote_all(env, &chosen).await?;
    Ok(quoted.iter().any(|quoted| matches!(quoted, QuoteOutcome::Quoted(_))))
}

/// One of everything, and three of each item, with these codes and going to every place.
fn carts_with(items: &[String], codes: &[&str]) -> Vec<NamedCart> {
    let all = ("one of everything".to_owned(), cart_of(items, 1), items.len());
    let alone = items.iter().take(ALONE);
    let alone = alone.map(|item| (format!("three of {item}"), cart().line(item.as_str(), 3), 1));
    let carts: Vec<(String, CartBuilder, usize)> = std::iter::once(all).chain(alone).collect();
    let mut named = Vec::new();
    for going in Going::ALL {
        // A group without a line of the cart is a mistake of the agent.
        let fitting = carts
            .iter()
            .filter(|(_, _, lines)| !matches!(going, Going::Apart) || *lines > 1);
        named.extend(fitting.map(|(what, cart, _)| {
            let cart = codes
                .iter()
                .fold(going.send(cart.clone()), |cart, code| cart.code(*code));
            (format!("{what}, codes {codes:?}, {}", going.name()), cart.into())
        }));
    }
    named
}

/// The same cart with each option that is on offer chosen, for all lines and for the first alone.
fn with_choices((name, cart): &NamedCart, quoted: &QuoteOutcome) -> Vec<NamedCart> {
    let QuoteOutcome::Quoted(quote) = quoted else {
        return Vec::new();
    };
    let choose = |choice: Choice, what: String| {
        let cart = Cart {
            choices: vec![choice],
            ..cart.clone()
        };
        (format!("{name}, {what}"), cart)
    };
    let of_option = |option: &str| {
        let all = choose(Choice::of(option), format!("by {option}"));
        let first = cart.lines.first().filter(|_| cart.lines.len() > 1);
        let one = first.map(|line| {
            choose(
                Choice::for_lines(option, [line.id.as_str()]),
                format!("{} by {option}", line.id),
            )
        });
        std::iter::once(all).chain(one)
    };
    quote.options().flat_map(of_option).collect()
}

pub(super) async fn any_quantity(env: &Env) -> RuleResult {
    let items = items(env);
    let first = items.first().cloned().unwrap_or_default();
    for quantity in [0, 1, 2, 999, 1_000_000, u32::MAX] {
        let cart = cart()
            .line(&first, quantity)
            .line(&first, quantity)
            .code("SAVE10")
            .into();
        make_calls(env, &cart, &format!("{quantity} of {first} on two lines")).await?;
    }
    let carts = [1, 7, 1_000, 1_000_000].map(|quantity| {
        let cart = Going::ToTheUs.send(cart_of(&items, quantity)).code("SAVE10");
        (format!("{quantity} of everything"), cart.into())
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
    let without_codes = ("a quote of 200 lines without codes".to_owned(), large_cart.clone());
    large_cart.codes = codes;
    make_calls(env, &large_cart, "a cart of 200 lines and 20 codes").await?;
    let with_codes = ("a quote of 200 lines and 20 codes".to_owned(), large_cart);
    quote_all(env, &[without_codes, with_codes]).await.map(drop)
}
