//! Whether a quote can be paid with the tokens of the merchant's token issuer, and shown to it.
//!
//! An issuer counts some currencies in coarser units than the merchant, and takes no payment above some amount. Where a quote is
//! beyond that, it is not ready for payment and says why, so that nothing is charged that could not be recorded.

use super::Quote;
use crate::message::{Message, Subject};
use crate::money::{Amount, Currency, Money};
use crate::party_units::{Party, UnitsError};

impl Quote {
    /// Add an error message for a total that the issuer of the payment tokens takes no payment of. If the checkout is shown to it as
    /// well, add one for each line, option or sum with an amount that it cannot be told. A total of zero is not paid, so that nothing
    /// is added.
    pub fn hold_to(&mut self, issuer: Party, currency: Currency, is_shown_to_it: bool) {
        let total = self.totals.total;
        if total.is_zero() {
            return;
        }
        let money = |amount| Money { amount, currency };
        let mut messages: Vec<Message> = amounts(self)
            .filter(|_| is_shown_to_it)
            .filter_map(|(about, amount)| Some((about, issuer.amount(money(amount)).err()?)))
            .map(|(about, error)| message(about, &error))
            .collect();
        messages.dedup_by(|one, other| one.about == other.about);
        if messages.is_empty()
            && let Err(error) = issuer.payment(money(total))
        {
            messages.push(message(Subject::Session, &error));
        }
        self.messages.extend(messages);
    }
}

/// The amounts of a quote, with what each is about: those of lines, of options that apply, and the sums.
fn amounts(quote: &Quote) -> impl Iterator<Item = (Subject, Amount)> {
    let lines = quote.lines.iter().flat_map(|line| {
        let amounts = [
            line.net_unit_price(),
            line.base,
            line.discount,
            line.subtotal,
            line.tax,
            line.total,
        ];
        amounts.map(|amount| (Subject::Line(line.id.clone()), amount))
    });
    let options = quote.selected_options().flat_map(|option| {
        let amounts = [option.subtotal, option.tax, option.total];
        amounts.map(|amount| (Subject::Option(option.id.clone()), amount))
    });
    let fees = quote.fees.iter().map(|fee| (Subject::Session, fee.amount));
    let sums = &quote.totals;
    let sums = [sums.discount, sums.tax, sums.total].map(|amount| (Subject::Session, amount));
    lines.chain(options).chain(fees).chain(sums)
}

/// What the agent reads. Nothing that it or the buyer can change but the quantity of what is bought.
fn message(about: Subject, error: &UnitsError) -> Message {
    let why = error.to_string();
    match error {
        UnitsError::TooLarge { .. } => {
            let text = format!("The total cannot be paid at once: {why}. Buy less at once.");
            Message::error("maximum_exceeded", about, text)
        }
        UnitsError::TooFine { .. } | UnitsError::Currency { .. } | UnitsError::Money(_) => {
            let text =
                format!("This cannot be paid with a payment token: {why}. The merchant has to correct its amounts.");
            Message::error("unsupported", about, text)
        }
    }
}
