//! The rule about currencies: a currency of each number of decimals is quoted, or refused with a reason.

use super::questions::{ask_all, one_of_each, stock_up};
use super::quotes::{Quoted, cart, going, quote_all};
use super::{Judged, Verdict, broken, no_matter};
use crate::env::Env;

/// One currency for each number of decimals that the host supports: 2, 0, 3 and 4.
const CURRENCIES: [&str; 4] = ["USD", "JPY", "KWD", "CLF"];

pub(super) async fn each(env: &Env) -> Judged {
    let mut all = Vec::new();
    for currency in CURRENCIES {
        all.push((currency, one(env, currency).await?));
    }
    judge(&all)
}

/// Calls every function about a cart in that currency, and quotes the cart.
async fn one(env: &Env, currency: &str) -> Result<Vec<Quoted>, Verdict> {
    let items = stock_up(env, currency, 3);
    let lines: Vec<(&str, u32)> = items.iter().map(|item| (item.as_str(), 2)).collect();
    let carts = [None, going("US", "CA")].map(|recipient| {
        let place = if recipient.is_some() { "the US" } else { "nowhere" };
        (
            format!("a cart in {currency}, going to {place}"),
            cart(&lines, &["SAVE10"], recipient),
        )
    });
    let quoted = quote_all(env, &carts).await?;
    ask_all(env, &one_of_each(&items), &format!("a cart in {currency}")).await?;
    Ok(quoted)
}

/// If a cart can be quoted in one currency, it must be quoted or refused in every other.
fn judge(all: &[(&str, Vec<Quoted>)]) -> Judged {
    let is_quoted = |quoted: &[Quoted]| quoted.iter().any(|quoted| matches!(quoted, Quoted::Yes));
    let Some((sold, _)) = all.iter().find(|(_, quoted)| is_quoted(quoted)) else {
        return no_matter(format!(
            "no cart of the generated catalog could be quoted in any currency: {}",
            all.first().map_or_else(String::new, |(_, quoted)| why(quoted))
        ));
    };
    for (currency, quoted) in all {
        let is_refused = quoted.iter().any(|quoted| matches!(quoted, Quoted::Refused(_)));
        if !is_quoted(quoted) && !is_refused {
            return broken(format!(
                "the cart is quoted in {sold}, but in {currency} it is neither quoted nor refused: {}; for a currency that \
                 is not supported, answer the failure `rejected`",
                why(quoted)
            ));
        }
    }
    Ok(())
}

fn why(quoted: &[Quoted]) -> String {
    let mut why = quoted.iter().filter_map(|quoted| match quoted {
        Quoted::Refused(why) | Quoted::No(why) => Some(why.clone()),
        Quoted::Yes => None,
    });
    why.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tillhouse_plugin_protocol::look::ReadCurrency;

    use super::*;
    use crate::program::Program;

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
    fn a_currency_is_sold_in_or_refused_and_not_passed_over() {
        let refused = || vec![Quoted::Refused("only dollars".to_owned())];
        let unknown = || vec![Quoted::No("there is no item item-1".to_owned())];
        assert_eq!(judge(&[("USD", vec![Quoted::Yes]), ("JPY", refused())]), Ok(()));
        let passed_over = judge(&[("USD", vec![Quoted::Yes]), ("JPY", unknown())]);
        assert!(matches!(passed_over, Err(Verdict::Broken(how)) if how.contains("JPY")));
        let nothing = judge(&[("USD", unknown()), ("JPY", unknown())]);
        assert!(matches!(nothing, Err(Verdict::DoesNotApply(_))));
    }
}
