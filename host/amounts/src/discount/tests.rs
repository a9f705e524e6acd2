use super::*;
use crate::rounding::Rounding;

type Reducing = Reduction<&'static str>;

fn lines(bases: &[i64]) -> Vec<Line> {
    bases
        .iter()
        .enumerate()
        .map(|(key, base)| Line { base: *base, key })
        .collect()
}

fn discount(priority: u32, reduction: Reducing) -> Discount<&'static str> {
    Discount { priority, reduction }
}

fn percent(percent: u32, scope: Scope, targets: Vec<Target<&'static str>>) -> Reducing {
    Reduction::Rate {
        rate: percent * 10_000,
        targets,
        rule: Rule {
            mode: Rounding::HalfUp,
            scope,
        },
    }
}

#[test]
fn ten_percent_of_many_cheap_lines_is_ten_percent_of_their_sum() {
    let many = lines(&[4; 200]);
    let off = |scope| {
        let discounts = [discount(1, percent(10, scope, vec![]))];
        let discounted = discount_lines(&many, &discounts).unwrap();
        discounted.lines.iter().map(|line| line.discount).sum::<i64>()
    };
    assert_eq!((off(Scope::Cart), off(Scope::Line)), (80, 0));
}

#[test]
fn percentages_are_taken_of_what_the_discounts_before_left() {
    let discounts = [
        discount(2, percent(50, Scope::Line, vec![Target::Order])),
        discount(3, percent(10, Scope::Line, vec![])),
        discount(1, Reduction::Amounts(vec![(Target::Line(0), 100)])),
    ];
    let discounted = discount_lines(&lines(&[1_100, 500]), &discounts).unwrap();
    let [first, second] = discounted.lines[..] else {
        panic!()
    };
    assert_eq!((first.discount, first.subtotal), (200, 900), "100, then 10 % of 1000");
    assert_eq!((second.discount, second.subtotal), (50, 450));
    assert_eq!(discounted.order_discount, 675);
    assert_eq!((first.order_discount, second.order_discount), (450, 225));
    assert_eq!((first.taxable, second.taxable), (450, 225));
    assert_eq!(discounted.parts[0], [(Target::Order, 675)]);
}

#[test]
fn nothing_is_discounted_beyond_its_target() {
    let beyond = |reduction| discount_lines(&lines(&[100, 100]), &[discount(1, reduction)]).unwrap_err();
    assert_eq!(
        beyond(Reduction::Amounts(vec![(Target::Line(1), 60), (Target::Line(1), 41)])),
        DiscountError::BeyondLine { line: 1, discount: 101 }
    );
    assert_eq!(
        beyond(Reduction::Amounts(vec![(Target::Order, 201)])),
        DiscountError::BeyondOrder {
            discount: 201,
            subtotal: 200
        }
    );
    assert_eq!(
        beyond(Reduction::Amounts(vec![
            (Target::Order, crate::MAX),
            (Target::Order, 1)
        ])),
        DiscountError::OutOfRange
    );
}

#[test]
fn discounts_on_an_option_take_at_most_its_price() {
    let discounts = [
        discount(
            2,
            Reduction::Amounts(vec![(Target::Fulfillment, 400), (Target::Option("express"), 300)]),
        ),
        discount(1, percent(50, Scope::Line, vec![Target::Option("express")])),
        discount(3, percent(100, Scope::Line, vec![Target::Line(0), Target::Order])),
    ];
    assert_eq!(discount_option(&"express", 1_000, &discounts), Ok(vec![500, 500, 0]));
    assert_eq!(discount_option(&"standard", 599, &discounts), Ok(vec![400, 0, 0]));
    assert_eq!(discount_option(&"standard", 0, &discounts), Ok(vec![0, 0, 0]));
}

#[test]
fn a_rate_that_takes_nothing_has_no_part() {
    let discounts = [discount(
        1,
        percent(1, Scope::Cart, vec![Target::Line(0), Target::Order]),
    )];
    let discounted = discount_lines(&lines(&[4, 4]), &discounts).unwrap();
    assert!(discounted.parts[0].is_empty());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Reductions without amounts by line, which would have to be split with the lines.
    fn reductions() -> impl Strategy<Value = Reducing> {
        let whole = prop::sample::select(vec![vec![], vec![Target::Order]]);
        prop_oneof![
            (1_u32..60, whole).prop_map(|(rate, targets)| percent(rate, Scope::Cart, targets)),
            (0_i64..50).prop_map(|amount| Reduction::Amounts(vec![(Target::Order, amount)])),
        ]
    }

    proptest! {
        #[test]
        fn what_an_item_costs_does_not_depend_on_how_it_is_split_into_lines(
            items in prop::collection::vec((1_i64..5_000, 1_i64..6), 1..6),
            reductions in prop::collection::vec(reductions(), 0..4),
        ) {
            let discounts: Vec<_> = (1..).zip(reductions).map(|(priority, reduction)| discount(priority, reduction)).collect();
            let whole: Vec<Line> = items.iter().enumerate().map(|(key, (price, pieces))| Line { base: price * pieces, key }).collect();
            let split: Vec<Line> = items
                .iter()
                .enumerate()
                .flat_map(|(key, (price, pieces))| (0..*pieces).map(move |_| Line { base: *price, key }))
                .collect();
            let (Ok(whole_off), Ok(split_off)) = (discount_lines(&whole, &discounts), discount_lines(&split, &discounts)) else {
                return Ok(());
            };
            for key in 0..items.len() {
                let taxable = |lines: &[Line], off: &DiscountedLines<&str>| -> i64 {
                    lines.iter().zip(&off.lines).filter(|(line, _)| line.key == key).map(|(_, off)| off.taxable).sum()
                };
                prop_assert_eq!(taxable(&whole, &whole_off), taxable(&split, &split_off));
            }
        }
    }
}
