//! The client of the processor.

use tillhouse::plugin::function::Function;
use tillhouse_plugin::payments::{
    CancelOutcome, ChargeOrder, Finding, News, Notice, Outcome, Page, ProcessorProfile, RefundOutcome, VoidOutcome,
};
use tillhouse_plugin::types::Money;

use crate::Call;
use crate::card::Card;
use crate::env::Env;

/// Calls of `payments` and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Payments<'e>(pub(crate) &'e Env);

impl<'e> Payments<'e> {
    /// `payments.profile`
    pub fn profile(self) -> Call<'e, ProcessorProfile> {
        Call::new(self.0, Function::Profile)
    }

    /// `payments.charge`: an order, paid with a card.
    pub fn charge(self, order: impl Into<ChargeOrder>, card: Card) -> Call<'e, Outcome> {
        let call = Call::new(self.0, Function::Charge).acting();
        call.with("order", &order.into()).paid_with(card)
    }

    /// `payments.lookup`: what became of the charge of the operation's reference.
    pub fn lookup(self, amount: Money) -> Call<'e, Finding> {
        Call::new(self.0, Function::Lookup).acting().with("amount", &amount)
    }

    /// `payments-void.void`
    pub fn void(self, processor_reference: &str) -> Call<'e, VoidOutcome> {
        self.of_charge(Function::Void, processor_reference)
    }

    /// `payments-refund.refund`
    pub fn refund(self, processor_reference: &str, amount: Money) -> Call<'e, RefundOutcome> {
        self.of_charge(Function::Refund, processor_reference)
            .with("amount", &amount)
    }

    /// `payments-cancel-by-reference.cancel-by-reference`
    pub fn cancel_by_reference(self) -> Call<'e, CancelOutcome> {
        Call::new(self.0, Function::CancelByReference).acting()
    }

    /// `payments-list.list-charges`: made from `since` until before `until`, in epoch milliseconds.
    pub fn list(self, since: u64, until: u64, cursor: Option<&str>) -> Call<'e, Page> {
        let call = Call::new(self.0, Function::ListCharges).acting();
        call.with("since", &since).with("until", &until).with("cursor", &cursor)
    }

    /// `payments-notices.read`: headers in lower case, and the body as it came.
    pub fn notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Call<'e, Vec<News>> {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let notice = Notice {
            headers: headers.iter().map(header).collect(),
            body: body.into(),
        };
        Call::new(self.0, Function::ReadNotice).with("notice", &notice)
    }

    fn of_charge<T>(self, function: Function, processor_reference: &str) -> Call<'e, T> {
        Call::new(self.0, function)
            .acting()
            .with("processor_reference", &processor_reference)
    }
}
