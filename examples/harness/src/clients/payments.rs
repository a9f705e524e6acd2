//! The client of the capabilities for payments.

use serde::de::DeserializeOwned;
use tillhouse_plugin::payments::{
    CancelOutcome, ChargeOrder, Finding, News, Notice, Outcome, Page, ProcessorProfile, RefundOutcome, VoidOutcome,
};
use tillhouse_plugin::types::Money;
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::card::Card;
use crate::env::Env;

/// Client of `payments` and the optional `payments-…` capabilities.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
/// assert_eq!(outcome, approved(45_98, "usd"));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Payments<'e>(pub(crate) &'e Env);

impl<'e> Payments<'e> {
    /// `payments.profile`: name and idempotency of the processor.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let profile = env.payments().profile().await.unwrap();
    /// assert!(profile.idempotency.is_some());
    /// # }
    /// ```
    pub fn profile(self) -> Call<'e, ProcessorProfile> {
        Call::new(self.0, Function::Profile)
    }

    /// `payments.charge`: charges an order to a card.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let charge = env.payments().charge(order().total(45_98, "usd"), card::network_token());
    /// assert_eq!(charge.operation(&operation("1")).await, approved(45_98, "usd").captured(true));
    /// # }
    /// ```
    pub fn charge(self, order: impl Into<ChargeOrder>, card: Card) -> Call<'e, Outcome> {
        self.charge_of(order.into(), card)
    }

    fn charge_of(self, order: ChargeOrder, card: Card) -> Call<'e, Outcome> {
        let call = Call::new(self.0, Function::Charge).acting();
        call.with("order", &order).paid_with(card)
    }

    /// `payments.lookup`: asks the processor for the status of the charge with the operation's reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::Finding;
    /// # async fn test(env: Env) {
    /// let list = get("/v1/charges").query("reference", "ref_test");
    /// let _ = env.upstream("acquirer").expect(list).reply(200, json!({"data": []}));
    /// assert_eq!(env.payments().lookup(money(45_98, "usd")).await.unwrap(), Finding::Absent);
    /// # }
    /// ```
    pub fn lookup(self, amount: Money) -> Call<'e, Finding> {
        Call::new(self.0, Function::Lookup).acting().with("amount", &amount)
    }

    /// `payments-void.void`: voids the charge with this processor reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::VoidOutcome;
    /// # async fn test(env: Env) {
    /// assert_eq!(env.payments().void("ch_1").await.unwrap(), VoidOutcome::Voided);
    /// # }
    /// ```
    pub fn void(self, processor_reference: &str) -> Call<'e, VoidOutcome> {
        self.of_charge(Function::Void, processor_reference)
    }

    /// `payments-refund.refund`: refunds part or all of the charge with this processor reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::RefundOutcome;
    /// # async fn test(env: Env) {
    /// let refunded = env.payments().refund("ch_1", money(10_00, "usd")).await.unwrap();
    /// assert_eq!(refunded, RefundOutcome::Refunded("re_1".into()));
    /// # }
    /// ```
    pub fn refund(self, processor_reference: &str, amount: Money) -> Call<'e, RefundOutcome> {
        self.of_charge(Function::Refund, processor_reference)
            .with("amount", &amount)
    }

    /// `payments-cancel-by-reference.cancel-by-reference`: makes sure that no money moves for the operation's
    /// reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::CancelOutcome;
    /// # async fn test(env: Env) {
    /// let canceled = env.payments().cancel_by_reference().operation(&operation("1")).await.unwrap();
    /// assert_eq!(canceled, CancelOutcome::Canceled);
    /// # }
    /// ```
    pub fn cancel_by_reference(self) -> Call<'e, CancelOutcome> {
        Call::new(self.0, Function::CancelByReference).acting()
    }

    /// `payments-list.list-charges`: charges made from `since` until before `until`, in epoch milliseconds.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let page = env.payments().list(0, 1_767_225_600_000, None).await.unwrap();
    /// let rest = env.payments().list(0, 1_767_225_600_000, page.next.as_deref()).await.unwrap();
    /// assert_eq!(rest.next, None);
    /// # }
    /// ```
    pub fn list(self, since: u64, until: u64, cursor: Option<&str>) -> Call<'e, Page> {
        let call = Call::new(self.0, Function::ListCharges).acting();
        call.with("since", &since).with("until", &until).with("cursor", &cursor)
    }

    /// `payments-notices.read`: reads a webhook of the processor, with header names in lower case and the raw body.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let forged = env.payments().notice(&[("x-signature", "t=1,v1=00")], r#"{"id":"n1"}"#).await;
    /// assert!(matches!(forged, Err(Failure::Rejected(_))));
    /// # }
    /// ```
    pub fn notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Call<'e, Vec<News>> {
        self.notice_of(headers, body.into())
    }

    fn notice_of(self, headers: &[(&str, &str)], body: Vec<u8>) -> Call<'e, Vec<News>> {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let notice = Notice {
            headers: headers.iter().map(header).collect(),
            body,
        };
        Call::new(self.0, Function::ReadNotice).with("notice", &notice)
    }

    fn of_charge<T: DeserializeOwned>(self, function: Function, processor_reference: &str) -> Call<'e, T> {
        Call::new(self.0, function)
            .acting()
            .with("processor_reference", &processor_reference)
    }
}
