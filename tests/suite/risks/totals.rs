//! The host refuses an invalid answer of a plugin; for a valid one every total of the quote is correct.
//!
//! [`rules`] and [`arithmetic`] implement the contract a second time, in integers that cannot overflow.

mod answers;
mod arithmetic;
mod invariants;
mod rules;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tillhouse_checkout::decision::{ItemDescription, Page, TaxAssessment};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::quote::{Quote, QuoteRule, amounts, assemble, options};

use answers::{Answers, NOW, answers};
use invariants::check_quote;
use rules::check_rules;

/// The host's result for the answers, computed as in `quoting::quote`.
fn quoted(answers: &Answers) -> Result<Quote, CheckoutError> {
    let Answers {
        cart,
        priced,
        offer,
        taxes,
        stock,
    } = answers.clone();
    let priced = amounts::price(&cart, priced, NOW)?;
    let options = options::options(&cart, &priced, &offer)?;
    let parts = assemble::QuoteParts {
        shown: vec![ItemDescription::default(); cart.lines.len()],
        stock,
        priced,
        options,
        preselected: offer.preselected,
        offer_messages: offer.messages,
        taxes,
        page: Page::default(),
    };
    Ok(assemble::quote(&cart, parts)?)
}

#[test]
fn a_quote_is_refused_exactly_where_a_rule_is_broken_and_right_everywhere_else() {
    let config = Config {
        cases: 6_000,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&answers(), |answers| match (quoted(&answers), check_rules(&answers)) {
        (Ok(quote), Ok(())) => check_quote(&answers, &quote).map_err(TestCaseError::fail),
        (Err(CheckoutError::Contract(_)), Err(_)) => Ok(()),
        (Ok(_), Err(rule)) => Err(TestCaseError::fail(format!(
            "the host accepts answers that break the rule {rule}"
        ))),
        (Err(error), Ok(())) => Err(TestCaseError::fail(format!("the host refuses valid answers: {error}"))),
        (Err(error), Err(_)) => Err(TestCaseError::fail(format!(
            "expected the error of a broken rule, got: {error}"
        ))),
    });
    outcome.unwrap();
}

/// The test above proves something only if valid and invalid answers occur, the latter for every rule.
#[test]
fn random_answers_keep_and_break_every_rule() {
    let mut runner = TestRunner::deterministic();
    let strategy = answers();
    let mut broken = std::collections::BTreeMap::<&'static str, u32>::new();
    for _ in 0..6_000 {
        let answers = strategy.new_tree(&mut runner).unwrap().current();
        *broken.entry(check_rules(&answers).err().unwrap_or("none")).or_default() += 1;
    }
    for rule in rules::RULES {
        assert!(broken.contains_key(rule), "no random answer breaks {rule}: {broken:?}");
    }
    assert!(
        broken["none"] > 1_000,
        "expected more than 1,000 valid answers: {broken:?}"
    );
}

#[test]
fn every_rule_of_the_host_is_written_down_here_again() {
    let mut here = Vec::from(rules::RULES);
    here.retain(|rule| *rule != rules::SUMS);
    here.push("T4");
    here.sort_unstable();
    let of_host = QuoteRule::ALL.into_iter().filter(|rule| *rule != QuoteRule::Identity);
    let mut of_host: Vec<&str> = of_host.map(QuoteRule::id).collect();
    of_host.sort_unstable();
    assert_eq!(here, of_host);
}

#[test]
fn lines_that_fit_one_by_one_and_not_together_are_refused() {
    let mut runner = TestRunner::deterministic();
    let strategy = answers();
    let several = |answers: &Answers| answers.cart.lines.len() > 1 && check_rules(answers).is_ok();
    let drawn = std::iter::repeat_with(|| strategy.new_tree(&mut runner).unwrap().current());
    let mut answers = drawn.take(1_000).find(several).unwrap();
    answers.priced.discounts.clear();
    answers.priced.fees.clear();
    answers.cart.codes.clear();
    answers.priced.rejected.clear();
    answers.taxes = TaxAssessment::default();
    answers.cart.lines.iter_mut().for_each(|line| line.quantity = 1);
    let most = (1 << 53) - 1;
    answers.priced.lines.iter_mut().for_each(|line| line.unit_price = most);
    assert_eq!(check_rules(&answers), Err("T4"));
    assert!(matches!(quoted(&answers), Err(CheckoutError::Contract(broken)) if broken.rule == QuoteRule::T4));
}
