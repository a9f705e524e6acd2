//! Each rule of the conformance suite finds the mistake that it is about, and none in a plugin without mistakes.

use tillhouse_harness::conformance::{Rule, Verdict, check, judge};

use tillhouse_harness::PluginUnderTest;
use tillhouse_harness::prelude::*;

use crate::{CARELESS, CARELESS_FULFILLMENT, HOSTILE};

/// An acquirer that approves every charge with a minimal answer.
fn approving(env: &Env) {
    let charge = env.upstream("acquirer").expect(post("/v1/charges"));
    let _ = charge.reply(201, json!({"id": "ch_1", "status": "approved"}));
}

/// Stock and codes in the plugin's configuration.
fn listed(env: &Env) {
    env.config("stock.tee", "10").config("codes.SUMMER26", "10");
}

/// A key for notices, and one notice of each kind that is signed with it.
fn signed(env: &Env) {
    env.config("notice-key", "k1");
    env.payments().example_notice(&[("careless-signature", "k1")], "evt_1");
    env.orders().example_notice(&[("careless-signature", "k1")], "evt_2");
}

#[test]
fn a_plugin_without_mistakes_keeps_every_rule() {
    let report = check(CARELESS, signed);
    assert_eq!(report.broken().collect::<Vec<_>>(), [], "{report}");
    let idle: Vec<Rule> = report
        .verdicts
        .iter()
        .filter(|(_, verdict)| *verdict != Verdict::Kept)
        .map(|(rule, _)| *rule)
        .collect();
    assert_eq!(idle, [], "{report}");
}

/// The rule breaks for a guest with this mistake, with a message that contains `how`. `--show-output` prints it.
#[allow(clippy::print_stdout, reason = "the list of what is rejected is for people to read")]
fn rejects(plugin: PluginUnderTest, mistake: &str, setup: fn(&Env), rule: Rule, how: &str) {
    let verdict = judge(plugin, rule, |env| {
        env.config("mistake", mistake);
        setup(env);
    });
    let Verdict::Broken(text) = verdict else {
        panic!("{mistake}: {rule}: {verdict:?}");
    };
    assert!(text.contains(how), "{mistake}: {rule}: {text}");
    println!("{mistake}: BROKEN {rule}: {text}");
}

macro_rules! rejected {
    ($($name:ident: $plugin:ident $mistake:literal $(with $setup:ident)?, $rule:ident, $how:literal;)+) => {
        mod rejected {
            use tillhouse_harness::Env;
            use tillhouse_harness::conformance::Rule;

            $(
                #[test]
                fn $name() {
                    let setups: &[fn(&Env)] = &[$(super::$setup)?];
                    let setup = setups.first().copied().unwrap_or(|_env| {});
                    super::rejects(crate::$plugin, $mistake, setup, Rule::$rule, $how);
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
    a_currency_that_was_not_thought_of: CARELESS "dollars-and-euros", EveryCurrency, "no mark for JPY";
    a_division_by_the_quantity: CARELESS "off-for-each", AnyQuantity, "divide by zero";
    a_discount_for_each_of_many_lines: CARELESS "sale-for-each-line", TwoHundredLines, "discounts has 200 items";
    an_answer_in_the_order_of_a_hash_map: CARELESS "order-of-a-map", SameAnswer, "with another RNG seed";
    a_text_that_is_cut_by_bytes: CARELESS "series-of-a-code", HostileText, "a cart full of";
    a_use_that_is_taken_again: CARELESS "redeem-twice", RedeemOnce, "pricing-redemption.redeem changed plugin data again";
    a_discount_of_more_than_the_line: CARELESS "discount-twice", TotalsAddUp, "breaks rule L2";
    a_trap_on_an_unknown_item: CARELESS "unknown-item", UnknownItem, "no such item: no-such-item";
    a_reservation_that_is_taken_again: CARELESS "reserve-twice", ReserveOnce, "inventory.reserve changed plugin data again";
    a_reservation_that_takes_nothing: CARELESS "oversell", ReserveOnce, "are available to another buyer";
    a_reservation_that_takes_nothing_of_stock_in_the_configuration: CARELESS "oversell-listed" with listed, ReserveOnce,
        "reserved 2 of 10 tee, but 10 are available";
    a_reservation_that_another_operation_takes_again: CARELESS "reserve-by-operation", ReserveOnce,
        "took stock again for reservation res_1 in another operation";
    a_use_in_kv_that_is_never_given_back: CARELESS "uses-in-kv", RedeemOnce, "kv `redeemed/SAVE10` was";
    a_use_of_few_that_is_never_given_back: CARELESS "five-uses-in-kv", RedeemOnce, "cannot be redeemed again";
    a_use_of_a_code_of_the_setup_that_is_taken_again: CARELESS "redeem-listed-twice" with listed, RedeemOnce,
        "pricing-redemption.redeem changed plugin data again";
    card_data_in_a_log: CARELESS "log-the-answer", NoCardData, "the card's number is in the plugin's memory";
    an_approval_in_a_log: CARELESS "log-the-approval" with approving, NoCardData, "is in a log line of payments.charge";
    an_answer_in_a_failure: CARELESS "fail-with-the-answer", NoCardData, "the card's number is in the answer of payments.charge";
    a_secret_in_the_log_of_a_plugin_without_payments: CARELESS_FULFILLMENT "log-the-rates", NoCardData, "is in a log line of fulfillment.options";
    a_secret_in_a_failure: CARELESS_FULFILLMENT "fail-with-the-rates", NoCardData, "the secret `carrier_key` is in the answer of fulfillment.options";
    a_decline_without_a_response: CARELESS "silence-is-no", SilenceDecidesNothing, "the upstream did not say declined";
    a_decline_by_a_processor_that_is_busy: CARELESS "busy-is-no", SilenceDecidesNothing, "429 and an empty body";
    an_absent_charge_without_a_response: CARELESS "silence-is-absent", SilenceDecidesNothing,
        "the upstream did not say absent";
    a_void_that_was_not_made: CARELESS "conflict-is-void", SilenceDecidesNothing, "the upstream did not say voided";
    a_refund_without_a_response: CARELESS "silence-is-refund", SilenceDecidesNothing, "the upstream did not say pending";
    a_currency_that_is_passed_over: CARELESS "dollars-only", EveryCurrency, "in JPY it is neither quoted nor refused";
    a_currency_of_four_decimals: CARELESS "three-decimals", EveryCurrency, "no currency has four decimals";
    a_charge_that_is_another_request: CARELESS "new-reference", ChargeOnce, "sent a different request";
    one_identity_for_every_order: CARELESS "one-order-id", IdentifyOnce, "two orders have the identity order_1";
    a_price_that_only_the_whole_quote_has: CARELESS "another-price-at-once", WholeQuote, "lines[0].base is";
    two_options_for_one_line: CARELESS "two-preselected", TotalsAddUp, "breaks rule choices";
    an_option_of_an_unknown_group: CARELESS "option-of-no-group", TotalsAddUp, "breaks rule ids";
    an_option_for_a_line_of_another_group: CARELESS "option-for-another-group", TotalsAddUp, "breaks rule choices";
    a_void_without_a_response: CARELESS "lookup-voids", SilenceDecidesNothing, "payments-void.lookup-void";
    an_absent_refund_without_a_response: CARELESS "silence-is-no-refund", SilenceDecidesNothing,
        "the upstream did not say absent";
    a_capture_without_a_response: CARELESS "silence-is-capture", SilenceDecidesNothing, "the upstream did not say captured";
    an_absent_capture_without_a_response: CARELESS "silence-is-no-capture", SilenceDecidesNothing,
        "payments-capture.lookup-capture";
    a_lookup_that_refunds_again: CARELESS "lookup-refunds-again", LookupsAsk,
        "payments-refund.lookup-refund sent POST /v1/charges/ch_1/refunds";
    a_forged_processor_event: CARELESS "forged-notice" with signed, ForgedNotice, "payments-notices.read must reject";
    a_forged_change_of_an_order: CARELESS "forged-order-notice" with signed, ForgedNotice, "orders-notices.read must reject";
    a_reply_that_is_too_long: CARELESS "long-reply" with signed, SameNotice, "reply.body has 65537 bytes";
    a_reply_that_redirects: CARELESS "redirecting-reply" with signed, SameNotice, "reply.status is 302";
    an_event_with_another_id_each_time: CARELESS "event-of-the-moment" with signed, SameNotice, "a second later";
    a_tax_on_what_goes_nowhere: CARELESS "tax-of-nowhere", NoDestination, "tax.assess: without a destination every tax must be zero";
}

fn judged(rule: Rule, mistake: &str) -> Verdict {
    judge(CARELESS, rule, |env| {
        env.config("mistake", mistake);
    })
}

#[test]
fn codes_without_counted_uses_do_not_apply() {
    let verdict = judged(Rule::RedeemOnce, "redeem-listed-twice");
    assert!(
        matches!(&verdict, Verdict::DoesNotApply(why) if why.contains("does not count uses of SAVE10")),
        "{verdict:?}"
    );
}

#[test]
fn a_currency_that_is_refused_by_name_is_kept() {
    assert_eq!(judged(Rule::EveryCurrency, "refuse-all-but-dollars"), Verdict::Kept);
}

#[test]
fn a_carrier_without_mistakes_keeps_its_secret() {
    assert_eq!(judge(CARELESS_FULFILLMENT, Rule::NoCardData, |_env| {}), Verdict::Kept);
}

#[test]
fn upstreams_scripted_by_the_setup_are_called_too() {
    let verdict = judge(CARELESS, Rule::NoCardData, approving);
    assert_eq!(verdict, Verdict::Kept);
}

#[test]
fn a_rule_about_notices_needs_an_example_of_the_setup() {
    let verdict = judged(Rule::SameNotice, "none");
    assert!(
        matches!(&verdict, Verdict::DoesNotApply(why) if why.contains("example_notice()")),
        "{verdict:?}"
    );
}

/// An attack of the hostile plugin, by the id of an item, is found as this broken rule of the contract.
fn finds(attack: &str, config: &[(&str, &str)], rule: &str) {
    let feed = format!("id,title,price,availability\n{attack},x,1.00 USD,in_stock\n");
    let verdict = judge(HOSTILE, Rule::TotalsAddUp, |env| {
        env.catalog(feed.as_str());
        for (key, value) in config {
            env.config(*key, *value);
        }
    });
    assert!(
        matches!(&verdict, Verdict::Broken(text) if text.contains(rule)),
        "{attack}: {verdict:?}"
    );
}

#[test]
fn each_way_of_breaking_the_totals_is_found() {
    for (attack, rule) in [
        ("price:negative-price", "breaks rule L4"),
        ("price:discount-over-base", "breaks rule L2"),
        ("price:order-discount-over-subtotal", "breaks rule T6"),
        ("price:unanswered-code", "breaks rule D4"),
        ("tax:negative", "negative"),
        ("tax:wrong-parts", "breaks rule parts"),
    ] {
        finds(attack, &[], rule);
    }
}

#[test]
fn each_way_of_breaking_a_coupon_a_rate_a_rounding_or_an_exemption_is_found() {
    for (attack, rule) in [
        ("price:rate-over-whole", "breaks rule D3"),
        ("price:unknown-duration", "breaks rule D5"),
        ("price:months-of-once", "breaks rule D5"),
        ("price:ended-discount", "breaks rule D6"),
        ("price:future-discount", "breaks rule D6"),
        ("price:unknown-rounding", "breaks rule R2"),
        ("tax:rates-over-whole", "breaks rule R1"),
        ("tax:unknown-rounding", "breaks rule R2"),
        ("tax:exempt-with-tax", "breaks rule exempt"),
        ("tax:exempt-with-rates", "breaks rule exempt"),
    ] {
        finds(attack, &[], rule);
    }
}

#[test]
fn a_tax_of_more_than_the_price_that_includes_it_is_found() {
    finds("tax:more-than-included", &[("tax-included", "true")], "breaks rule N1");
}
