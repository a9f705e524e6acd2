//! The rule about currencies: a currency of each number of decimals is quoted, or refused with a reason.

use super::calls::{generate_catalog, make_calls, one_of_each};
use super::quotes::{Going, QuoteOutcome, cart_of, quote_all};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::Env;

/// One currency for each number of decimals that the host supports: 2, 0, 3 and 4.
const CURRENCIES: [&str; 4] = ["USD", "JPY", "KWD", "CLF"];

pub(super) async fn every_currency(env: &Env) -> RuleResult {
    let mut all = Vec::new();
    for currency in CURRENCIES {
        all.push((currency, quote_in(env, currency).await?));
    }
    check_outcomes(&all)
}

/// Calls every function about a cart in that currency, and quotes the cart.
async fn quote_in(env: &Env, currency: &str) -> Result<Vec<QuoteOutcome>, Verdict> {
    let items = generate_catalog(env, currency, 3);
    let carts = [Going::Nowhere, Going::ToTheUs, Going::Apart].map(|going| {
        let cart = going.send(cart_of(&items, 2)).code("SAVE10");
        (format!("a cart in {currency}, {}", going.name()), cart.into())
    });
    let quoted = quote_all(env, &carts).await?;
    make_calls(env, &one_of_each(&items), &format!("a cart in {currency}")).await?;
    Ok(quoted)
}

/// If a cart can be quoted in one currency, it must be quoted or refused in every other.
fn check_outcomes(all: &[(&str, Vec<QuoteOutcome>)]) -> RuleResult {
    let is_quoted = |quoted: &[QuoteOutcome]| quoted.iter().any(|quoted| matches!(quoted, QuoteOutcome::Quoted(_)));
    let Some((sold, _)) = all.iter().find(|(_, quoted)| is_quoted(quoted)) else {
        return does_not_apply(format!(
            "no cart of the generated catalog could be quoted in any currency: {}",
            all.first().map_or_else(String::new, |(_, quoted)| first_reason(quoted))
        ));
    };
    for (currency, quoted) in all {
        let is_refused = quoted.iter().any(|quoted| matches!(quoted, QuoteOutcome::Refused(_)));
        if !is_quoted(quoted) && !is_refused {
            return broken(format!(
                "the cart is quoted in {sold}, but in {currency} it is neither quoted nor refused: {}; for a currency that \
                 is not supported, answer the failure `rejected`",
                first_reason(quoted)
            ));
        }
    }
    Ok(())
}

fn first_reason(quoted: &[QuoteOutcome]) -> String {
    let mut why = quoted.iter().filter_map(|quoted| match quoted {
        QuoteOutcome::Refused(why) | QuoteOutcome::NotQuoted(why) => Some(why.clone()),
        QuoteOutcome::Quoted(_) => None,
    });
    why.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tillhouse_plugin_protocol::lookups::ReadCurrency;

    use super::*;
    use crate::program::Program;
    use crate::quote::Quote;

    #[test]
    fn every_number_of_decimals_that_the_host_knows_is_there() {
        let mut decimals = CURRENCIES.map(|code| {
            let read = ReadCurrency { code: code.to_owned() };
            Program::of_this_process().ask_now(&read).unwrap().exponent
        });
        decimals.sort_unstable();
        assert_eq!(decimals, [0, 2, 3, 4]);
    }

    #[test]
    fn every_currency_is_quoted_or_refused() {
        let quoted = || vec![QuoteOutcome::Quoted(Box::new(Quote::empty()))];
        let refused = || vec![QuoteOutcome::Refused("only dollars".to_owned())];
        let unknown = || vec![QuoteOutcome::NotQuoted("there is no item item-1".to_owned())];
        assert_eq!(check_outcomes(&[("USD", quoted()), ("JPY", refused())]), Ok(()));
        let passed_over = check_outcomes(&[("USD", quoted()), ("JPY", unknown())]);
        assert!(matches!(passed_over, Err(Verdict::Broken(how)) if how.contains("JPY")));
        let nothing = check_outcomes(&[("USD", unknown()), ("JPY", unknown())]);
        assert!(matches!(nothing, Err(Verdict::DoesNotApply(_))));
    }
}
