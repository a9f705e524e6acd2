//! One difference of one item, and its size.

use tillhouse_checkout::feed::drift::{DifferenceKind, ItemDifference};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::format_minor;
use tillhouse_checkout::time::Timestamp;

use super::Said;
use super::tally::WHOLE;
use crate::offer::Offer;

/// The differences of one item.
pub(super) fn compare(
    id: &ItemId,
    taken: Option<&Offer>,
    is_refused: bool,
    said: Option<&Said>,
    now: Timestamp,
) -> Vec<ItemDifference> {
    let difference = |kind, size_ppm, uploaded: String, plugin: String| ItemDifference {
        item: id.clone(),
        kind,
        size_ppm,
        uploaded,
        plugin,
    };
    let Some(taken) = taken else {
        // What is neither uploaded nor in the catalog agrees.
        let how = if is_refused { "refused" } else { "not uploaded" };
        let missing = said.map(|said| difference(DifferenceKind::NotUploaded, WHOLE, how.to_owned(), stock_text(said)));
        return missing.into_iter().collect();
    };
    let mut differences = Vec::new();
    let stock = said.and_then(|said| said.stock.as_ref());
    let offered = match stock {
        Some(stock) => taken.clone().with_stock(stock),
        None => taken.clone().withdrawn(),
    };
    let texts = || (offer_text(taken), offer_text(&offered));
    match (taken.can_be_bought(), offered.can_be_bought()) {
        (true, false) => {
            let (uploaded, plugin) = texts();
            differences.push(difference(DifferenceKind::SoldOut, WHOLE, uploaded, plugin));
        }
        (false, true) => {
            let (uploaded, plugin) = texts();
            differences.push(difference(DifferenceKind::NotOffered, WHOLE, uploaded, plugin));
        }
        _ if !taken.same_stock(&offered) => {
            let (uploaded, plugin) = texts();
            let size = quantity_ppm(taken.quantity, offered.quantity);
            differences.push(difference(DifferenceKind::Quantity, size, uploaded, plugin));
        }
        _ => {}
    }
    let Some(price) = said.and_then(|said| said.price.as_ref()) else {
        return differences;
    };
    let uploaded = taken.price_at(now);
    if uploaded.amount.minor() != price.unit_price {
        let plugin = format_minor(price.unit_price, &uploaded.currency.upper());
        let size = apart_ppm(uploaded.amount.minor(), price.unit_price);
        differences.push(difference(DifferenceKind::Price, size, uploaded.to_string(), plugin));
    }
    if taken.tax_included != price.tax_included {
        let behaviour = |included| if included { "inclusive" } else { "exclusive" };
        let (uploaded, plugin) = (behaviour(taken.tax_included), behaviour(price.tax_included));
        differences.push(difference(
            DifferenceKind::Tax,
            WHOLE,
            uploaded.to_owned(),
            plugin.to_owned(),
        ));
    }
    differences
}

/// How far two amounts are apart, in parts of the first.
fn apart_ppm(uploaded: i64, plugin: i64) -> u64 {
    let apart = u128::from(uploaded.abs_diff(plugin)) * u128::from(WHOLE);
    let of = u128::from(uploaded.unsigned_abs().max(1));
    u64::try_from(apart / of).unwrap_or(u64::MAX)
}

/// How far two numbers of units are apart, in parts of the larger one. Counted and not counted are wholly apart.
fn quantity_ppm(uploaded: Option<u64>, plugin: Option<u64>) -> u64 {
    let (Some(uploaded), Some(plugin)) = (uploaded, plugin) else {
        return WHOLE;
    };
    let of = u128::from(uploaded.max(plugin).max(1));
    let apart = u128::from(uploaded.abs_diff(plugin)) * u128::from(WHOLE);
    u64::try_from(apart / of).unwrap_or(WHOLE)
}

fn offer_text(offer: &Offer) -> String {
    match offer.quantity {
        Some(quantity) => format!("{}, {quantity} left", offer.availability),
        None => format!("{}, not counted", offer.availability),
    }
}

fn stock_text(said: &Said) -> String {
    let availability = said.stock.as_ref().map(|stock| stock.availability.clone());
    availability.unwrap_or_else(|| "not known".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::decision::{PricedLine, Stock};
    use tillhouse_checkout::ids::LineId;
    use tillhouse_checkout::money::{Amount, Currency, Money};

    fn offer(quantity: Option<u64>) -> Offer {
        Offer {
            availability: "in_stock".into(),
            quantity,
            price: Money {
                amount: Amount::new(2000).unwrap(),
                currency: Currency::new("USD").unwrap(),
            },
            sale: None,
            tax_included: false,
        }
    }

    fn said(availability: &str, available: Option<u64>, unit_price: i64, tax_included: bool) -> Said {
        let line = LineId::new("tee");
        Said {
            stock: Some(Stock {
                line: line.clone(),
                availability: availability.into(),
                available,
                available_from: None,
            }),
            price: Some(PricedLine {
                line,
                unit_price,
                tax_included,
                max_quantity: None,
            }),
        }
    }

    fn found(taken: Option<&Offer>, said: Option<&Said>) -> Vec<(DifferenceKind, u64)> {
        let differences = compare(&ItemId::new("tee"), taken, false, said, Timestamp(0));
        differences.into_iter().map(|it| (it.kind, it.size_ppm)).collect()
    }

    #[test]
    fn what_agrees_has_no_difference() {
        assert_eq!(
            found(Some(&offer(Some(5))), Some(&said("in_stock", Some(5), 2000, false))),
            []
        );
        assert_eq!(found(None, None), [], "neither uploaded nor in the catalog");
    }

    #[test]
    fn each_difference_has_a_size() {
        use DifferenceKind::{NotOffered, NotUploaded, Price, Quantity, SoldOut, Tax};
        for (taken, said, expected) in [
            (
                Some(offer(Some(5))),
                said("out_of_stock", Some(0), 2000, false),
                vec![(SoldOut, WHOLE)],
            ),
            (
                Some(offer(None).withdrawn()),
                said("in_stock", Some(5), 2000, false),
                vec![(NotOffered, WHOLE)],
            ),
            (
                Some(offer(Some(5))),
                said("in_stock", Some(4), 2000, false),
                vec![(Quantity, 200_000)],
            ),
            (
                Some(offer(Some(5))),
                said("in_stock", None, 2000, false),
                vec![(Quantity, WHOLE)],
            ),
            (
                Some(offer(Some(5))),
                said("in_stock", Some(5), 2500, false),
                vec![(Price, 250_000)],
            ),
            (
                Some(offer(Some(5))),
                said("in_stock", Some(5), 1500, true),
                vec![(Price, 250_000), (Tax, WHOLE)],
            ),
            (None, said("in_stock", Some(5), 2000, false), vec![(NotUploaded, WHOLE)]),
        ] {
            assert_eq!(found(taken.as_ref(), Some(&said)), expected, "{said:?}");
        }
    }

    #[test]
    fn an_item_that_is_gone_is_sold_out() {
        assert_eq!(found(Some(&offer(Some(5))), None), [(DifferenceKind::SoldOut, WHOLE)]);
        assert_eq!(found(Some(&offer(None).withdrawn()), None), []);
    }
}
