//! Asking for a refund: it is durable, and within what is left of the payment, before anything is sent.

use tillhouse_checkout::attempt::{Attempt, AttemptState, RetrySchedule};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::decision::LineUnits;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, OrderId, ProcessorReference, RefundId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::ports::{CommitError, RefundFilter};
use tillhouse_checkout::refund::{Refund, RefundBalance, RefundBalanceError, RefundBasis, RefundState, RefundWrite};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::text::{TextForm, is_blank};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Refunding;
use super::settlement::TRIES;

/// Longest name of a refund and longest code of a reason, in characters.
const NAME_MAX: usize = 64;
/// Longest reason, in characters.
const REASON_MAX: usize = 255;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Merchant that sold the order.
    pub merchant: MerchantId,
    /// The order to refund.
    pub order: OrderId,
    /// What the operator calls the refund, unique within the order: the same name never refunds twice.
    pub name: String,
    /// Amount to refund, tax included; `None` for all that is left.
    pub amount: Option<Money>,
    /// Lines that it is about; empty for the order as a whole. They need an amount: what a line is worth is the operator's to say.
    pub lines: Vec<LineUnits>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason: `damaged`, `not_received` …
    pub code: Option<String>,
}

/// A refund that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRefund {
    /// The refund as it is stored.
    pub refund: Refund,
    /// Whether it was asked for now; `false` for one that was asked for before.
    pub is_new: bool,
}

/// Why a refund was not accepted. Nothing was changed and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum AskRefundError {
    /// The merchant has no such order.
    #[error("merchant {merchant} has no order {order}")]
    Absent {
        /// Merchant that was asked.
        merchant: MerchantId,
        /// Order that it does not have.
        order: OrderId,
    },
    /// The order was not paid with a charge that was captured.
    #[error("order {order} has no captured charge: {why}")]
    NotCaptured {
        /// Order that was named.
        order: OrderId,
        /// What there is instead, and what to do.
        why: String,
    },
    /// The merchant's processor cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// Another refund of the order has this name.
    #[error(
        "refund {} of order {} was asked for before with other content ({}); nothing was changed: use another --id",
        .0.name, .0.order, .0.amount
    )]
    Differs(Box<Refund>),
    /// The amount is not one that can be refunded.
    #[error("amount: {0}")]
    Amount(#[from] RefundBalanceError),
    /// The issuer of the token cannot be told the amount.
    #[error("amount: {0}; the refund could not be reported to the issuer of the payment token")]
    Units(#[from] UnitsError),
    /// A field that is not well-formed. Carries its name, and what is wrong with it.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// The store gave no answer.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}

impl Refunding {
    /// Ask for a refund. Asking again under the same name changes nothing, and returns the refund as it is now.
    ///
    /// # Errors
    /// When the order, its payment or its processor do not allow it, or more would be refunded than was captured.
    pub async fn ask(
        &self,
        request: RefundRequest,
        entry: impl Fn(&Refund) -> AuditEntry + Send + Sync,
    ) -> Result<AskedRefund, AskRefundError> {
        check_texts(&request)?;
        for _ in 0..TRIES {
            match Box::pin(self.ask_once(request.clone(), &entry)).await {
                // The order was changed meanwhile: what is left of it may be less.
                Err(AskRefundError::Checkout(CheckoutError::Conflict(CommitError::Order))) => {}
                decided => return decided,
            }
        }
        Err(CheckoutError::Conflict(CommitError::Order).into())
    }

    async fn ask_once(
        &self,
        request: RefundRequest,
        entry: &(impl Fn(&Refund) -> AuditEntry + Send + Sync),
    ) -> Result<AskedRefund, AskRefundError> {
        let found = self.context.order_named(&request.merchant, &request.order).await?;
        let (session, order) = found.ok_or_else(|| AskRefundError::Absent {
            merchant: request.merchant.clone(),
            order: request.order.clone(),
        })?;
        let (attempt, charge) = self.captured_charge(&order).await?;
        let id = RefundId::of(&attempt.id, &request.name);
        if let Some(before) = self.context.store().refund(&id).await.map_err(CheckoutError::from)? {
            return repeated(&request, before);
        }
        self.check_processor(&attempt)?;
        let refunds = self.refunds_of(&order).await?;
        check_lines(&request, &session, &refunds)?;
        let balance = RefundBalance::of_order(&order, &refunds).map_err(RefundBalanceError::from)?;
        let amount = balance.admit(request.amount)?;
        check_units(&attempt, amount)?;
        let refund = self.refund(request, &order, &attempt, charge, amount);
        let basis = RefundBasis {
            revision: order.revision(),
            most: balance.most(),
        };
        let unit = UnitOfWork {
            audit: Some(entry(&refund)),
            refund: Some(RefundWrite::new(refund.clone(), basis)),
            ..UnitOfWork::default()
        };
        match self.context.commit_outcome(&unit).await {
            Ok(()) => {
                self.context.recovery_wake.notify_one();
                Ok(AskedRefund { refund, is_new: true })
            }
            Err(CommitError::RefundExceedsCapture) => Err(self.exceeded(&order, amount).await?.into()),
            // Another request was faster; or the answer of an earlier try of this commit was lost.
            Err(CommitError::Refund) => match self.context.store().refund(&id).await.map_err(CheckoutError::from)? {
                Some(before) if before.is_same_request(&refund) => Ok(AskedRefund {
                    refund: before,
                    is_new: false,
                }),
                Some(before) => Err(AskRefundError::Differs(Box::new(before))),
                None => Err(CheckoutError::Conflict(CommitError::Refund).into()),
            },
            Err(error) => Err(CheckoutError::from(error).into()),
        }
    }

    /// Every refund of an order, oldest first.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn refunds_of(&self, order: &Order) -> Result<Vec<Refund>, CheckoutError> {
        let filter = RefundFilter::of_order(&order.merchant, &order.id);
        Ok(self.context.store().list_refunds(&filter).await?)
    }

    /// The charge that paid an order. Every order of this host is of an approved attempt, and an approval counts only once it is
    /// captured: an amount that is only authorized has no order, and is voided or captured by its attempt.
    async fn captured_charge(&self, order: &Order) -> Result<(Attempt, ProcessorReference), AskRefundError> {
        let attempt = self.context.store().attempt(&order.attempt).await;
        let not_captured = |why: String| AskRefundError::NotCaptured {
            order: order.id.clone(),
            why,
        };
        let Some(attempt) = attempt.map_err(CheckoutError::from)? else {
            return Err(not_captured(format!("its attempt {} was purged", order.attempt)));
        };
        match &attempt.state {
            AttemptState::Approved { paid, .. } => match paid.reference().cloned() {
                Some(charge) => Ok((attempt, charge)),
                None if attempt.payer.is_elsewhere() => Err(not_captured(
                    "the party that took the payment named no reference of it; refund it there".to_owned(),
                )),
                None => Err(not_captured("nothing was due; cancel the order instead".to_owned())),
            },
            other => Err(not_captured(format!(
                "its attempt {} is {}; settle the attempt instead (tillhouse attempts show {})",
                attempt.id,
                other.status().name(),
                attempt.id
            ))),
        }
    }

    /// The money goes back where it came from.
    fn check_processor(&self, attempt: &Attempt) -> Result<(), AskRefundError> {
        let merchant = &attempt.merchant;
        if attempt.payer.is_refunded_there() {
            return Err(AskRefundError::Unsupported(
                "Stripe took the payment: refund it there, in its dashboard or with its Refunds API; the order follows its events".to_owned(),
            ));
        }
        if let Some(outage) = self.context.checkout.outages.get(merchant) {
            return Err(AskRefundError::Unsupported(format!(
                "merchant {merchant} is out of service: {}; ask again once it is served",
                outage.reason()
            )));
        }
        if !self.context.processor.capabilities(merchant).refund {
            return Err(AskRefundError::Unsupported(format!(
                "the processor's plugin of merchant {merchant} does not export payments-refund; refund the charge in the \
                 processor's dashboard, or use a plugin that exports it"
            )));
        }
        let now = self.context.processor.destination(merchant);
        match &attempt.history.destination {
            Some(made_at) if now.as_ref() != Some(made_at) => Err(AskRefundError::Unsupported(format!(
                "the charge was made at {made_at}, and merchant {merchant} has another processor now; refund it in the \
                 dashboard of the former"
            ))),
            _ => Ok(()),
        }
    }

    fn refund(
        &self,
        request: RefundRequest,
        order: &Order,
        attempt: &Attempt,
        charge: ProcessorReference,
        amount: Money,
    ) -> Refund {
        Refund {
            id: RefundId::of(&attempt.id, &request.name),
            name: request.name,
            merchant: order.merchant.clone(),
            session: order.session.clone(),
            order: order.id.clone(),
            attempt: attempt.id.clone(),
            charge,
            destination: attempt.history.destination.clone(),
            amount,
            lines: request.lines,
            reason: request.reason,
            code: request.code,
            asked: self.context.now(),
            state: RefundState::Asked,
            retry: RetrySchedule::default(),
            epoch: 0,
        }
    }

    /// What is left now, after another refund was faster.
    async fn exceeded(&self, order: &Order, asked: Money) -> Result<RefundBalanceError, CheckoutError> {
        let refunds = self.refunds_of(order).await?;
        let (left, captured) = match RefundBalance::of_order(order, &refunds) {
            Ok(balance) => (balance.left(), order.total),
            Err(error) => return Ok(error.into()),
        };
        Ok(RefundBalanceError::Exceeded { asked, left, captured })
    }
}

/// The refund that was asked for before, if this is the same request. An amount that is left out is the one that was chosen then.
fn repeated(request: &RefundRequest, before: Refund) -> Result<AskedRefund, AskRefundError> {
    let is_same = request.amount.is_none_or(|amount| amount == before.amount)
        && request.lines == before.lines
        && request.reason == before.reason
        && request.code == before.code;
    if !is_same {
        return Err(AskRefundError::Differs(Box::new(before)));
    }
    Ok(AskedRefund {
        refund: before,
        is_new: false,
    })
}

fn check_texts(request: &RefundRequest) -> Result<(), AskRefundError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let named = |text: &str| !text.is_empty() && text.len() <= NAME_MAX && text.chars().all(plain);
    let rule = || format!("write 1 to {NAME_MAX} letters, digits, '-', '_' and '.'");
    if !named(&request.name) {
        return Err(AskRefundError::Invalid("id", rule()));
    }
    if request.code.as_deref().is_some_and(|code| !named(code)) {
        return Err(AskRefundError::Invalid("code", rule()));
    }
    if let Some(reason) = &request.reason {
        let read = TextForm::Line.read(reason);
        let read = read.map_err(|error| AskRefundError::Invalid("reason", error.to_string()))?;
        if is_blank(&read) || reason.chars().count() > REASON_MAX {
            return Err(AskRefundError::Invalid(
                "reason",
                format!("write 1 to {REASON_MAX} visible characters"),
            ));
        }
    }
    Ok(())
}

/// Lines of the order, each with no more units than were bought and not refunded before.
fn check_lines(request: &RefundRequest, session: &Session, refunds: &[Refund]) -> Result<(), AskRefundError> {
    let invalid = |why: String| Err(AskRefundError::Invalid("lines", why));
    if !request.lines.is_empty() && request.amount.is_none() {
        return invalid("say with --amount how much of the lines is refunded".to_owned());
    }
    for (at, units) in request.lines.iter().enumerate() {
        if request.lines.iter().take(at).any(|other| other.line == units.line) {
            return invalid(format!("line {} is named twice", units.line));
        }
        let bought = session.cart.lines.iter().find(|line| line.id.as_str() == units.line);
        let Some(bought) = bought else {
            return invalid(format!("the order has no line {}", units.line));
        };
        let held = refunds.iter().filter(|refund| refund.status().holds_money());
        let before: u32 = held
            .flat_map(|refund| &refund.lines)
            .filter(|other| other.line == units.line)
            .map(|other| other.quantity)
            .sum();
        let left = bought.quantity.saturating_sub(before);
        if units.quantity == 0 || units.quantity > left {
            return invalid(format!(
                "{} units of line {}; write 1 to {left}, which are bought and not refunded",
                units.quantity, units.line
            ));
        }
    }
    Ok(())
}

/// The issuer of the token keeps a record of the payment, and is told of the refund.
fn check_units(attempt: &Attempt, amount: Money) -> Result<(), AskRefundError> {
    let token = attempt.payer.payment_token();
    if token.is_some_and(|token| token.issuer.keeps_payment_records()) {
        Party::Stripe.payment(amount)?;
    }
    Ok(())
}
