//! The operation that computes a whole quote.

use tillhouse_plugin_protocol::quote::{Quote, Quoted};
use tillhouse_plugin_protocol::{Kind, Problem};

use super::answer::{Answered, problem};
use super::look::currency;
use super::program::Program;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::trial::MERCHANT;

impl Answered for Quote {
    async fn answer(self, program: &Program) -> Result<Quoted, Problem> {
        let running = program.trials.get(self.trial.0)?;
        // The fields of both are the same.
        let cart = serde_json::to_value(&self.cart).and_then(serde_json::from_value::<Cart>);
        let cart = cart.map_err(|error| problem(Kind::Protocol)(&error))?;
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new(self.session),
            kind: PhaseKind::Quote,
            now: Timestamp(self.now_ms),
            currency: currency(&self.currency)?,
            locale: self.locale,
        };
        let _turn = running.turn.lock().await;
        Ok(match Box::pin(running.trial.quote(scope, &cart)).await {
            Ok(quote) => Quoted::Quote(serde_json::to_value(quote).map_err(|error| problem(Kind::Machine)(&error))?),
            Err(CheckoutError::Broken(rule)) => Quoted::Broken(rule.to_string()),
            Err(CheckoutError::Decision(error @ DecisionError::Fault { .. })) => Quoted::Fault(error.to_string()),
            Err(
                refused @ (CheckoutError::Rejected(_) | CheckoutError::Decision(DecisionError::Misconfigured { .. })),
            ) => Quoted::Refused(refused.to_string()),
            Err(other) => Quoted::No(other.to_string()),
        })
    }
}
