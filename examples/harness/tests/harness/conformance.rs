//! The conformance suite finds each mistake, by the rule that is about it, and nothing in a plugin that makes none.

use tillhouse_harness::conformance::{Rule, Verdict, check, judge};

use crate::{CARELESS, HOSTILE};

#[test]
fn a_plugin_without_mistakes_keeps_every_rule() {
    let report = check(CARELESS, |_env| {});
    assert_eq!(report.broken().collect::<Vec<_>>(), [], "{report}");
    let idle: Vec<Rule> = report
        .verdicts
        .iter()
        .filter(|(_, verdict)| *verdict != Verdict::Kept)
        .map(|(rule, _)| *rule)
        .collect();
    assert_eq!(idle, [], "{report}");
}

/// The guest with one mistake is broken by the rule that is about it, in these words. `--show-output` shows how.
#[allow(clippy::print_stdout, reason = "the list of what is rejected is for people to read")]
fn rejects(mistake: &str, rule: Rule, how: &str) {
    let verdict = judge(CARELESS, rule, |env| {
        env.config("mistake", mistake);
    });
    let Verdict::Broken(text) = verdict else {
        panic!("{mistake}: {rule}: {verdict:?}");
    };
    assert!(text.contains(how), "{mistake}: {rule}: {text}");
    println!("{mistake}: BROKEN {rule}: {text}");
}

macro_rules! rejected {
    ($($name:ident: $mistake:literal, $rule:ident, $how:literal;)+) => {
        mod rejected {
            use tillhouse_harness::conformance::Rule;

            $(
                #[test]
                fn $name() {
                    super::rejects($mistake, Rule::$rule, $how);
                }
            )+

            #[test]
            fn every_rule_by_a_guest_that_breaks_it() {
                let mut rules = Rule::ALL.to_vec();
                for broken in [$(Rule::$rule),+] {
                    rules.retain(|rule| *rule != broken);
                }
                assert_eq!(rules, []);
            }
        }
    };
}

rejected! {
    a_currency_that_was_not_thought_of: "dollars-and-euros", EveryCurrency, "no mark for JPY";
    a_division_by_the_quantity: "off-for-each", AnyQuantity, "divide by zero";
    a_discount_for_each_of_many_lines: "sale-for-each-line", TwoHundredLines, "discounts has 200 items";
    an_answer_in_the_order_of_a_hash_map: "order-of-a-map", SameAnswer, "with other random numbers";
    a_text_that_is_cut_by_bytes: "series-of-a-code", HostileText, "a cart full of";
    a_use_that_is_taken_again: "redeem-twice", RedeemOnce, "pricing-redemption.redeem had its effect again";
    a_discount_of_more_than_the_line: "discount-twice", TotalsAddUp, "breaks rule L2";
    a_trap_on_an_unknown_item: "unknown-item", UnknownItem, "no such item: no-such-item";
    a_reservation_that_is_taken_again: "reserve-twice", ReserveOnce, "inventory.reserve had its effect again";
    card_data_in_a_log: "log-the-answer", NoCardData, "the card's number is in the plugin's memory";
    a_decline_that_nobody_said: "silence-is-no", SilenceDecidesNothing, "nothing that was answered says declined";
    a_charge_that_is_another_request: "new-reference", ChargeOnce, "sent another request";
    one_identity_for_every_order: "one-order-id", IdentifyOnce, "two orders have the identity order_1";
    a_tax_on_what_goes_nowhere: "tax-of-nowhere", NoDestination, "tax.assess taxes what goes nowhere";
}

#[test]
fn each_way_of_breaking_the_totals_is_found() {
    for (misdeed, rule) in [
        ("price:negative-price", "L4"),
        ("price:discount-over-base", "L2"),
        ("price:order-discount-over-subtotal", "T6"),
        ("price:unanswered-code", "D4"),
        ("tax:negative", "negative"),
        ("tax:wrong-parts", "parts"),
    ] {
        let feed = format!("id,title,price,availability\n{misdeed},x,1.00 USD,in_stock\n");
        let verdict = judge(HOSTILE, Rule::TotalsAddUp, |env| {
            env.catalog(feed.as_str());
        });
        assert!(
            matches!(&verdict, Verdict::Broken(text) if text.contains(rule)),
            "{misdeed}: {verdict:?}"
        );
    }
}
