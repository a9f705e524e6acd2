//! The operation that computes a whole quote.

use tillhouse_plugin_protocol::quote::{Quote, QuoteResult};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};

use super::lookups::currency;
use super::perform::{Perform, problem};
use super::server_state::ServerState;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::trial::MERCHANT;

impl Perform for Quote {
    async fn perform(self, state: &ServerState) -> Result<QuoteResult, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        // The fields of both are the same.
        let cart = serde_json::to_value(&self.cart).and_then(serde_json::from_value::<Cart>);
        let cart = cart.map_err(|error| problem(RequestErrorKind::Protocol)(&error))?;
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new(self.session),
            kind: PhaseKind::Quote,
            now: Timestamp(self.now_ms),
            currency: currency(&self.currency)?,
            locale: self.locale,
        };
        let _guard = open_trial.call_lock.lock().await;
        Ok(match Box::pin(open_trial.trial.quote(scope, &cart)).await {
            Ok(quote) => QuoteResult::Quote(
                serde_json::to_value(quote).map_err(|error| problem(RequestErrorKind::Machine)(&error))?,
            ),
            Err(CheckoutError::Contract(rule)) => QuoteResult::Broken(rule.to_string()),
            Err(CheckoutError::Decision(error @ DecisionError::Fault { .. })) => QuoteResult::Fault(error.to_string()),
            Err(
                refused @ (CheckoutError::Rejected(_) | CheckoutError::Decision(DecisionError::Misconfigured { .. })),
            ) => QuoteResult::Refused(refused.to_string()),
            Err(other) => QuoteResult::Rejected(other.to_string()),
        })
    }
}
