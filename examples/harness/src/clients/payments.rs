//! The client of the capabilities for payments.

use serde::de::DeserializeOwned;
use tillhouse_plugin::payments::{
    CancelOutcome, CaptureLookup, CaptureOutcome, ChargeLookup, ChargeOrder, Outcome, Page, ProcessorProfile, Reading,
    RefundLookup, RefundOutcome, VoidLookup, VoidOutcome,
};
use tillhouse_plugin::types::{Money, ThreeDSecure};
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::card::Card;
use crate::env::Env;
use crate::notice::notice;

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
    /// # use tillhouse_plugin::payments::ChargeLookup;
    /// # async fn test(env: Env) {
    /// let list = get("/v1/charges").query("reference", "ref_test");
    /// let _ = env.upstream("acquirer").expect(list).reply(200, json!({"data": []}));
    /// assert_eq!(env.payments().lookup(money(45_98, "usd")).await.unwrap(), ChargeLookup::Absent);
    /// # }
    /// ```
    pub fn lookup(self, amount: Money) -> Call<'e, ChargeLookup> {
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

    /// `payments-void.lookup-void`: asks the processor for the void with the operation's reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::{VoidLookup, VoidOutcome};
    /// # async fn test(env: Env) {
    /// let voided = get("/v1/charges/ch_1");
    /// let _ = env.upstream("acquirer").expect(voided).reply(200, json!({"status": "voided"}));
    /// let voided = VoidLookup::Found(VoidOutcome::Voided);
    /// assert_eq!(env.payments().lookup_void("ch_1").await.unwrap(), voided);
    /// # }
    /// ```
    pub fn lookup_void(self, processor_reference: &str) -> Call<'e, VoidLookup> {
        self.of_charge(Function::LookupVoid, processor_reference)
    }

    /// `payments-refund.refund`: refunds part or all of the charge with this processor reference, without a reason.
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
        self.of_amount(Function::Refund, processor_reference, &amount)
    }

    /// Like [`refund`](Self::refund), with a reason for the buyer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let refund = post("/v1/charges/ch_1/refunds").json("/reason", "It arrived broken.");
    /// let refund = env.upstream("acquirer").expect(refund).reply(201, json!({"id": "re_1"}));
    /// env.payments().refund_because("ch_1", money(10_00, "usd"), "It arrived broken.").await.unwrap();
    /// refund.assert_called_once();
    /// # }
    /// ```
    pub fn refund_because(self, processor_reference: &str, amount: Money, reason: &str) -> Call<'e, RefundOutcome> {
        self.refund(processor_reference, amount).with("reason", &reason)
    }

    /// `payments-refund.lookup-refund`: asks the processor for the refund with the operation's reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::RefundLookup;
    /// # async fn test(env: Env) {
    /// let list = get("/v1/refunds").query("reference", "ref_test");
    /// let _ = env.upstream("acquirer").expect(list).reply(200, json!({"data": []}));
    /// let found = env.payments().lookup_refund("ch_1", money(10_00, "usd")).await.unwrap();
    /// assert_eq!(found, RefundLookup::Absent);
    /// # }
    /// ```
    pub fn lookup_refund(self, processor_reference: &str, amount: Money) -> Call<'e, RefundLookup> {
        self.of_amount(Function::LookupRefund, processor_reference, &amount)
    }

    /// `payments-capture.capture`: captures part or all of the authorization with this processor reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::CaptureOutcome;
    /// # async fn test(env: Env) {
    /// let captured = env.payments().capture("ch_1", money(45_98, "usd")).await.unwrap();
    /// assert_eq!(captured, CaptureOutcome::Captured);
    /// # }
    /// ```
    pub fn capture(self, processor_reference: &str, amount: Money) -> Call<'e, CaptureOutcome> {
        self.of_amount(Function::Capture, processor_reference, &amount)
    }

    /// `payments-capture.lookup-capture`: asks the processor for the capture with the operation's reference.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::payments::{CaptureLookup, CaptureOutcome};
    /// # async fn test(env: Env) {
    /// let found = env.payments().lookup_capture("ch_1", money(45_98, "usd")).await.unwrap();
    /// assert_eq!(found, CaptureLookup::Found(CaptureOutcome::Captured));
    /// # }
    /// ```
    pub fn lookup_capture(self, processor_reference: &str, amount: Money) -> Call<'e, CaptureLookup> {
        self.of_amount(Function::LookupCapture, processor_reference, &amount)
    }

    /// `payments-authentication.requirements`: what an agent needs for 3-D Secure, or `None` if this payment needs none.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let large = order().total(980_00, "eur");
    /// let needed = env.payments().requirements(large, card::visa()).await.unwrap().unwrap();
    /// assert_eq!(needed.directory_server, "visa");
    /// # }
    /// ```
    pub fn requirements(
        self,
        order: impl Into<ChargeOrder>,
        card: impl Into<Option<Card>>,
    ) -> Call<'e, Option<ThreeDSecure>> {
        self.requirements_of(&order.into(), card.into().as_ref())
    }

    fn requirements_of(self, order: &ChargeOrder, card: Option<&Card>) -> Call<'e, Option<ThreeDSecure>> {
        let call = Call::new(self.0, Function::AuthenticationRequirements).acting();
        call.with("order", order).with("card", &card.map(Card::display))
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
    pub fn notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Call<'e, Reading> {
        Call::new(self.0, Function::ReadNotice).with("notice", &notice(headers, body.into()))
    }

    /// Gives the [conformance suite](mod@crate::conformance) a webhook that the plugin accepts with these settings.
    ///
    /// ```no_run
    /// use tillhouse_harness::prelude::*;
    ///
    /// fn signed(env: &Env) {
    ///     env.config("notice-key", "k1");
    ///     env.payments().example_notice(&[("x-signature", "k1")], r#"{"id":"evt_1"}"#);
    /// }
    ///
    /// tillhouse_harness::conformance!(signed);
    /// # fn main() {}
    /// ```
    pub fn example_notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) {
        self.0.add_example(Function::ReadNotice, notice(headers, body.into()));
    }

    fn of_charge<T: DeserializeOwned>(self, function: Function, processor_reference: &str) -> Call<'e, T> {
        Call::new(self.0, function)
            .acting()
            .with("processor_reference", &processor_reference)
    }

    fn of_amount<T: DeserializeOwned>(
        self,
        function: Function,
        processor_reference: &str,
        amount: &Money,
    ) -> Call<'e, T> {
        self.of_charge(function, processor_reference).with("amount", amount)
    }
}
