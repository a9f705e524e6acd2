//! Test cards that agents pay with.

use super::random::Random;

/// The card whose charges come out one cent short: a discrepancy that needs manual settlement.
pub(super) const WRONG_AMOUNT: &str = "pm_card_wrongAmount";

/// Test cards with their weights, out of 400. The card with a wrong amount is rare, because each such payment is checked again
/// for as long as the loop runs.
const CARDS: &[(u64, &str)] = &[
    (210, "pm_card_visa"),
    (40, "pm_card_mastercard"),
    (25, "pm_card_chargeDeclined"),
    (15, "pm_card_insufficientFunds"),
    (40, "pm_card_slow"),
    (25, "pm_card_pending"),
    (36, "pm_card_unknownOutcome"),
    (8, "pm_card_serverError"),
    (1, WRONG_AMOUNT),
];

/// Any card, by weight.
pub(super) fn any(random: &mut Random) -> &'static str {
    random.weighed(CARDS)
}

/// The card for the next attempt, after a declined one.
pub(super) fn next(random: &mut Random) -> &'static str {
    if random.one_in(3) { any(random) } else { "pm_card_visa" }
}
