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
    assert_eq!(idle, [Rule::RedeemOnce], "{report}");
}

#[test]
fn each_mistake_is_found_by_the_rule_that_is_about_it() {
    for (mistake, rule, how) in [
        ("discount-twice", Rule::TotalsAddUp, "breaks rule L2"),
        ("unknown-item", Rule::UnknownItem, "no such item: no-such-item"),
        (
            "reserve-twice",
            Rule::ReserveOnce,
            "inventory.reserve had its effect again",
        ),
        (
            "log-the-answer",
            Rule::NoCardData,
            "the card's number is in the plugin's memory",
        ),
        (
            "silence-is-no",
            Rule::SilenceDecidesNothing,
            "nothing that was answered says declined",
        ),
        ("new-reference", Rule::ChargeOnce, "sent another request"),
        (
            "one-order-id",
            Rule::IdentifyOnce,
            "two orders have the identity order_1",
        ),
        (
            "tax-of-nowhere",
            Rule::NoDestination,
            "tax.assess taxes what goes nowhere",
        ),
    ] {
        let verdict = judge(CARELESS, rule, |env| {
            env.config("mistake", mistake);
        });
        assert!(
            matches!(&verdict, Verdict::Broken(text) if text.contains(how)),
            "{mistake}: {verdict:?}"
        );
    }
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
