//! How two results of quoting the same cart differ.

use std::mem::discriminant;

use serde_json::Value;

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::quote::Quote;

/// Result of quoting a cart.
pub(super) type Quoted = Result<Quote, CheckoutError>;

/// The first difference, as text; `None` if the results are the same.
pub(super) fn between(whole: &Quoted, single: &Quoted) -> Option<String> {
    let said = |quoted: &Quoted| match quoted {
        Ok(_) => "a quote".to_owned(),
        Err(error) => error.to_string(),
    };
    match (whole, single) {
        (Ok(whole), Ok(single)) if whole == single => None,
        (Ok(whole), Ok(single)) => Some(of_values("", &json(whole), &json(single))),
        (Err(whole), Err(single)) if is_same(whole, single) => None,
        _ => Some(format!(
            "{} at once, {} decision by decision",
            said(whole),
            said(single)
        )),
    }
}

/// Errors are the same if they have the same reason; each names the function that it comes from.
fn is_same(whole: &CheckoutError, single: &CheckoutError) -> bool {
    match (whole, single) {
        (CheckoutError::Decision(whole), CheckoutError::Decision(single)) => match (whole, single) {
            (DecisionError::Fault { fault: whole, .. }, DecisionError::Fault { fault: single, .. }) => whole == single,
            _ => discriminant(whole) == discriminant(single),
        },
        _ => whole.to_string() == single.to_string(),
    }
}

fn json(quote: &Quote) -> Value {
    serde_json::to_value(quote).unwrap_or_default()
}

/// The path of the first value that differs, with both values.
fn of_values(path: &str, whole: &Value, single: &Value) -> String {
    let inner = match (whole, single) {
        (Value::Object(whole), Value::Object(single)) => whole.iter().find_map(|(name, value)| {
            let other = single.get(name).filter(|other| *other != value)?;
            let separator = if path.is_empty() { "" } else { "." };
            Some(of_values(&format!("{path}{separator}{name}"), value, other))
        }),
        (Value::Array(whole), Value::Array(single)) if whole.len() == single.len() => {
            let mut both = whole.iter().zip(single).enumerate();
            let differing = both.find(|(_, (value, other))| value != other);
            differing.map(|(index, (value, other))| of_values(&format!("{path}[{index}]"), value, other))
        }
        _ => None,
    };
    inner.unwrap_or_else(|| format!("{path} is {whole} at once, and {single} decision by decision"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use tillhouse_checkout::decision::Link;
    use tillhouse_checkout::ids::ItemId;
    use tillhouse_checkout::money::Amount;
    use tillhouse_checkout::ports::PluginFault;

    fn fault(function: &'static str, fault: PluginFault) -> Quoted {
        Err(CheckoutError::Decision(DecisionError::Fault {
            plugin: "shop".to_owned(),
            function,
            fault,
            detail: "it ended".to_owned(),
        }))
    }

    #[test]
    fn the_first_amount_that_differs_is_named_with_both_values() {
        let link = |url: &str| Link {
            kind: "faq".to_owned(),
            url: url.to_owned(),
            title: None,
        };
        let quote = |total, url| {
            let mut quote = Quote {
                links: vec![link("https://a.example"), link(url)],
                ..Quote::default()
            };
            quote.totals.total = Amount::new(total).unwrap();
            Ok(quote)
        };
        let one = quote(100, "https://b.example");
        assert_eq!(between(&one, &quote(100, "https://b.example")), None);
        let total = between(&one, &quote(101, "https://b.example")).unwrap();
        assert_eq!(total, "totals.total is 100 at once, and 101 decision by decision");
        let url = between(&one, &quote(100, "https://c.example")).unwrap();
        assert!(
            url.starts_with("links[1].url is \"https://b.example\" at once"),
            "{url}"
        );
        let fewer = of_values("", &json!({"lines": [1]}), &json!({"lines": []}));
        assert_eq!(fewer, "lines is [1] at once, and [] decision by decision");
    }

    #[test]
    fn the_same_error_of_different_functions_is_not_a_difference() {
        let whole = fault("quoting.quote", PluginFault::Trap);
        assert_eq!(between(&whole, &fault("pricing.price", PluginFault::Trap)), None);
        assert!(between(&whole, &fault("pricing.price", PluginFault::Memory)).is_some());
        let unknown = |item: &str| {
            Err(CheckoutError::UnknownItem {
                item: ItemId::new(item),
            })
        };
        assert_eq!(between(&unknown("tee"), &unknown("tee")), None);
        assert!(between(&unknown("tee"), &unknown("mug")).is_some());
        let both = between(&Ok(Quote::default()), &unknown("tee")).unwrap();
        assert_eq!(both, "a quote at once, there is no item tee decision by decision");
    }
}
