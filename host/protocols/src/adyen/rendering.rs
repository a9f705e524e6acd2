//! Conversions from the domain to the words of this dialect: statuses, codes, paths and amounts.

use std::borrow::Cow;

use crate::code_indexes::CodeIndexes;
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::quote::QuoteLine;
use tillhouse_checkout::session::{Session, SessionState};

/// None of an item can be bought.
pub(crate) const OUT_OF_STOCK: &str = "OUT_OF_STOCK";
/// Less of an item can be bought than was asked for.
pub(crate) const PARTIAL_STOCK: &str = "PARTIAL_STOCK";
/// There is enough of an item, and one order may not have so much of it.
pub(crate) const QUANTITY_LIMIT: &str = "QUANTITY_LIMIT";
/// The address is none that the merchant delivers to.
pub(crate) const INVALID_ADDRESS: &str = "INVALID_ADDRESS";

/// Values of `AcpDiscountErrorCode`, for which other reasons are not written.
const DISCOUNT_REASONS: &[&str] = &[
    "discount_code_expired",
    "discount_code_invalid",
    "discount_code_already_applied",
    "discount_code_combination_disallowed",
    "discount_code_minimum_not_met",
    "discount_code_user_not_logged_in",
    "discount_code_user_ineligible",
    "discount_code_usage_limit_reached",
];

/// The `status` of a session. One that has expired is answered as unknown.
pub(crate) fn status(session: &Session) -> &'static str {
    match &session.state {
        SessionState::Open if session.is_ready() => "ready_for_payment",
        SessionState::Open => "not_ready_for_payment",
        SessionState::Committing { .. } | SessionState::AuthenticationRequired { .. } | SessionState::Held { .. } => {
            "in_progress"
        }
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled | SessionState::Expired => "canceled",
    }
}

/// Writes amounts of one currency in Adyen's units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Units(Currency);

impl Units {
    pub(crate) const fn of_currency(currency: Currency) -> Self {
        Self(currency)
    }

    pub(crate) const fn currency(self) -> Currency {
        self.0
    }

    pub(crate) fn of(self, amount: Amount) -> i64 {
        let currency = self.0;
        Party::Adyen.shown(Money { amount, currency })
    }
}

/// A code of ACP in the form of this dialect: `OUT_OF_STOCK` for `out_of_stock`.
pub(crate) fn upper_snake(code: &str) -> String {
    let letters = code.chars().map(|letter| match letter {
        '-' | ' ' | '.' => '_',
        letter => letter.to_ascii_uppercase(),
    });
    letters.collect()
}

/// The code of an error of a session.
///
/// Whether stock or a limit stands in the way is decided by the line: the domain has one code for both.
pub(crate) fn message_code<'a>(session: &Session, message: &Message) -> Cow<'a, str> {
    let code = message.code.as_deref().unwrap_or("invalid");
    match (code, &message.about) {
        ("out_of_stock" | "quantity_exceeded" | "low_stock", Subject::Line(line) | Subject::Quantity(line)) => {
            stock_code(session, line).into()
        }
        ("missing", _) => "MISSING_FIELD".into(),
        ("region_restricted", _) | (_, Subject::Address(_) | Subject::GroupAddress(..)) => INVALID_ADDRESS.into(),
        _ => upper_snake(code).into(),
    }
}

fn stock_code(session: &Session, id: &LineId) -> &'static str {
    let line = session.quote.lines.iter().find(|line| line.id == *id);
    let is_short = |line: &QuoteLine| line.available.is_some_and(|left| left < u64::from(line.quantity));
    let is_limited = |line: &QuoteLine| line.max_quantity.is_some_and(|most| line.quantity > most);
    match line {
        Some(line) if line.is_sold_out() => OUT_OF_STOCK,
        Some(line) if is_short(line) => PARTIAL_STOCK,
        Some(line) if is_limited(line) => QUANTITY_LIMIT,
        // Its plugin counts the item without saying how many are left.
        _ => OUT_OF_STOCK,
    }
}

/// The rejection reason; `discount_code_invalid` if the dialect does not define it.
pub(crate) fn discount_reason(reason: &str) -> &str {
    if DISCOUNT_REASONS.contains(&reason) {
        reason
    } else {
        "discount_code_invalid"
    }
}

/// The path of a line among the line items.
pub(crate) fn line_item_path(session: &Session, id: &LineId) -> String {
    match session.quote.lines.iter().position(|line| line.id == *id) {
        Some(index) => format!("line_items[{index}]"),
        None => "line_items".to_owned(),
    }
}

/// The path of a fulfillment option.
pub(crate) fn option_path(session: &Session, id: &OptionId) -> String {
    match session.quote.options.iter().position(|option| option.id == *id) {
        Some(index) => format!("fulfillment_options[{index}]"),
        None => "fulfillment_options".to_owned(),
    }
}

/// The paths of what messages are about: in the names of a request, as `items[0]` in the example of the document.
#[derive(Debug)]
pub(crate) struct MessagePaths<'a> {
    session: &'a Session,
    codes: CodeIndexes<'a>,
}

impl<'a> MessagePaths<'a> {
    pub(crate) fn of(session: &'a Session) -> Self {
        Self {
            session,
            codes: CodeIndexes::of(session),
        }
    }

    pub(crate) fn path(&mut self, about: &Subject) -> Option<String> {
        let inside = |object: &str, field: &Option<String>| match field {
            Some(field) => format!("{object}.{field}"),
            None => object.to_owned(),
        };
        let quote = &self.session.quote;
        let indexed = |list: &str, index: Option<usize>| match index {
            Some(index) => format!("{list}[{index}]"),
            None => list.to_owned(),
        };
        Some(match about {
            Subject::Session => return None,
            Subject::Currency => "currency".to_owned(),
            Subject::Lines => "items".to_owned(),
            Subject::Line(id) | Subject::Quantity(id) => {
                indexed("items", quote.lines.iter().position(|line| line.id == *id))
            }
            Subject::Code(code) => indexed("discounts.codes", self.codes.next(code)),
            Subject::Discount(id) => {
                let index = quote.discounts.iter().position(|discount| discount.id == *id);
                indexed("discounts.applied", index)
            }
            Subject::Buyer(field) => inside("buyer", field),
            Subject::Address(field) | Subject::GroupAddress(_, field) => inside("fulfillment_address", field),
            Subject::Choice => "fulfillment_option_id".to_owned(),
            Subject::Option(id) => option_path(self.session, id),
            Subject::Consent(channel) => {
                let index = quote
                    .consents
                    .iter()
                    .position(|consent| Some(&consent.channel) == channel.as_ref());
                indexed("marketing_consent_options", index)
            }
            Subject::Payment => "payment_data".to_owned(),
        })
    }
}
