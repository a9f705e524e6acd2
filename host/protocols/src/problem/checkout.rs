//! What a domain error says to a caller, and what to the operator.

use std::time::Duration;

use axum::http::StatusCode;

use super::{Kind, Problem};
use tillhouse_checkout::cart::{CartError, Wish};
use tillhouse_checkout::error::{CheckoutError, TokenProblem};
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::ports::{CommitError, DecisionError};

/// How a protocol names the fields of its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The list of items.
    pub(crate) items: &'static str,
    /// The id of an item, within the item.
    pub(crate) item_id: &'static str,
    /// The discount codes.
    pub(crate) codes: &'static str,
    /// The choice of a fulfillment option.
    pub(crate) choice: &'static str,
    /// The address.
    pub(crate) address: &'static str,
    /// The payment.
    pub(crate) payment: &'static str,
    /// The payment token.
    pub(crate) token: &'static str,
    /// Who issued the token.
    pub(crate) provider: &'static str,
    /// How the buyer authenticated; the payment, in protocols that have no field for it.
    pub(crate) authentication: &'static str,
}

const SOON: Duration = Duration::from_secs(1);

/// The longest time that a caller is asked to leave us alone for, whatever a service behind us asks for.
const LONGEST: Duration = Duration::from_secs(300);

impl Fields {
    /// The field that a subject is about; the items are those of the request.
    fn path(&self, about: &Subject, items: &[Wish]) -> Option<String> {
        let line = |id: &str| match items.iter().position(|wish| wish.item.as_str() == id) {
            Some(index) => format!("{}[{index}]", self.items),
            None => self.items.to_owned(),
        };
        Some(match about {
            Subject::Session => return None,
            Subject::Currency => "$.currency".to_owned(),
            Subject::Lines => self.items.to_owned(),
            Subject::Line(id) => line(id.as_str()),
            Subject::Quantity(id) => format!("{}.quantity", line(id.as_str())),
            Subject::Code(_) => self.codes.to_owned(),
            Subject::Buyer(field) => inside("$.buyer", field.as_deref()),
            Subject::Address(field) => inside(self.address, field.as_deref()),
            Subject::Choice | Subject::Option(_) => self.choice.to_owned(),
            Subject::Payment => self.payment.to_owned(),
        })
    }
}

fn inside(object: &str, field: Option<&str>) -> String {
    field.map_or_else(|| object.to_owned(), |field| format!("{object}.{field}"))
}

/// The answer for a domain error (protocol reference §5.2). What the caller must not know is logged instead, with the plugin
/// and function that it is about.
pub(crate) fn of_checkout(error: &CheckoutError, fields: &Fields, items: &[Wish]) -> Problem {
    let bad = |code: &str| Problem::request(StatusCode::BAD_REQUEST, code, error.to_string());
    let conflict = |code: &str| Problem::request(StatusCode::CONFLICT, code, error.to_string());
    match error {
        CheckoutError::UnknownSession(_) | CheckoutError::UnknownMerchant(_) => Problem::not_found(error.to_string()),
        CheckoutError::InvalidState { .. } => conflict("invalid_state"),
        CheckoutError::NotReady(messages) => {
            let problem = conflict("invalid_state").passing();
            let Some(first) = messages.first() else {
                return problem;
            };
            let problem = Problem {
                message: format!("{error}: {}", first.text),
                ..problem
            };
            with_path(problem, fields.path(&first.about, items))
        }
        CheckoutError::InFlight => conflict("in_flight").retry(SOON),
        CheckoutError::Cart(cart) => bad("invalid").param(match cart {
            CartError::Quantity(index) => format!("{}[{index}].quantity", fields.items),
            CartError::Empty | CartError::TooManyLines => fields.items.to_owned(),
            CartError::ItemTooLong(index) => format!("{}[{index}].{}", fields.items, fields.item_id),
            CartError::TooManyCodes => fields.codes.to_owned(),
            CartError::CodeTooLong(index) => format!("{}[{index}]", fields.codes),
        }),
        CheckoutError::UnknownItem { item } => {
            let index = items.iter().position(|wish| wish.item == *item);
            bad("invalid_item_id").param(match index {
                Some(index) => format!("{}[{index}].{}", fields.items, fields.item_id),
                None => fields.items.to_owned(),
            })
        }
        CheckoutError::UnknownOption(_) => bad("invalid").param(fields.choice),
        CheckoutError::Currency { .. } => bad("invalid").param("$.currency"),
        // Recorded under the key for good: a retry of the same request is not consent to another price.
        CheckoutError::TotalChanged { .. } | CheckoutError::LookNeeded => conflict("conflict"),
        CheckoutError::OutOfStock => conflict("out_of_stock").passing(),
        CheckoutError::Rejected(rejection) => with_path(bad(&rejection.code), fields.path(&rejection.about, items)),
        CheckoutError::Token(problem) => token(problem, fields),
        CheckoutError::Declined { code } => {
            tracing::info!(code, "payment declined");
            declined()
        }
        CheckoutError::OrderDeclined => {
            Problem::request(StatusCode::PAYMENT_REQUIRED, "payment_declined", error.to_string())
                .of_kind(Kind::ProcessingError)
        }
        CheckoutError::AuthenticationRequired => bad("requires_3ds").param(fields.authentication),
        CheckoutError::AuthenticationUnsupported(_) => bad("unsupported").param(fields.authentication),
        CheckoutError::UnsupportedPayment(_) => bad("unsupported").param(fields.provider),
        CheckoutError::Conflict(commit) => commit_conflict(commit, fields),
        CheckoutError::Broken(_)
        | CheckoutError::Decision(_)
        | CheckoutError::TokenService { .. }
        | CheckoutError::Store(_) => ours(error),
    }
}

fn with_path(problem: Problem, path: Option<String>) -> Problem {
    match path {
        Some(path) => problem.param(path),
        None => problem,
    }
}

/// A decline is the answer to a well-formed request and never says more: neither issuer nor risk rules are quoted.
fn declined() -> Problem {
    let message = "the payment was declined; ask the buyer for another way of paying and issue a new token";
    Problem::request(StatusCode::PAYMENT_REQUIRED, "payment_declined", message).of_kind(Kind::ProcessingError)
}

fn token(problem: &TokenProblem, fields: &Fields) -> Problem {
    let code = match problem {
        TokenProblem::Unknown => "token_unknown",
        TokenProblem::Expired => "token_expired",
        TokenProblem::Deactivated => "token_deactivated",
        TokenProblem::AmountExceeded { .. } => "token_amount_exceeded",
        TokenProblem::CurrencyMismatch { .. } => "token_currency_mismatch",
        TokenProblem::Unusable(_) => "token_unusable",
        TokenProblem::Used | TokenProblem::Spent => "token_used",
    };
    Problem::request(StatusCode::BAD_REQUEST, code, problem.to_string()).param(fields.token)
}

fn commit_conflict(commit: &CommitError, fields: &Fields) -> Problem {
    let conflict = |code: &str| Problem::request(StatusCode::CONFLICT, code, commit.to_string());
    match commit {
        CommitError::TokenUsed => token(&TokenProblem::Used, fields),
        CommitError::LiveAttempt => conflict("in_flight").retry(SOON),
        CommitError::Idempotency => conflict("idempotency_in_flight").retry(SOON),
        CommitError::Session => conflict("conflict").retry(SOON),
        CommitError::Insufficient { .. } => Problem::request(
            StatusCode::CONFLICT,
            "out_of_stock",
            CheckoutError::OutOfStock.to_string(),
        )
        .passing(),
        CommitError::PluginData => {
            tracing::warn!("plugin data is contended: {commit}");
            Problem::unavailable(Some(SOON))
        }
        CommitError::ReferenceSeen
        | CommitError::Attempt
        | CommitError::EventSeen
        | CommitError::Order
        | CommitError::Store(_) => {
            tracing::error!("commit refused: {commit}");
            Problem::internal()
        }
    }
}

/// Errors on our side of the wire. They name plugin and function to the operator and nothing to the caller.
fn ours(error: &CheckoutError) -> Problem {
    match error {
        CheckoutError::Decision(decision) => undecided(decision),
        CheckoutError::Broken(broken) => {
            let (function, rule, detail) = (broken.function, broken.rule, &broken.detail);
            tracing::error!(
                function,
                rule,
                detail,
                remedy = broken.remedy(),
                "plugin broke the contract"
            );
            Problem::internal()
        }
        CheckoutError::TokenService { detail, retry_after } => {
            tracing::error!(detail, "token service is not available");
            Problem::unavailable(retry_after.map(|asked| asked.min(LONGEST)))
        }
        CheckoutError::Store(store) => {
            tracing::error!("{store}");
            Problem::unavailable(None)
        }
        other => {
            tracing::error!("{other}");
            Problem::internal()
        }
    }
}

fn undecided(decision: &DecisionError) -> Problem {
    match decision {
        DecisionError::Rejected(rejection) => {
            Problem::request(StatusCode::BAD_REQUEST, &rejection.code, rejection.message.clone())
        }
        DecisionError::Unavailable {
            plugin,
            function,
            retry_after,
        } => {
            tracing::error!(plugin, function, "plugin is not available");
            Problem::unavailable(retry_after.map(|asked| asked.min(LONGEST)))
        }
        DecisionError::Misconfigured {
            plugin,
            function,
            detail,
        } => {
            tracing::error!(plugin, function, detail, "plugin is not configured as it needs to be");
            Problem::internal()
        }
        DecisionError::Unsupported { plugin, function } => {
            tracing::error!(
                plugin,
                function,
                "plugin does not decide this, and the host has no default"
            );
            Problem::internal()
        }
        DecisionError::Fault {
            plugin,
            function,
            fault,
            detail,
        } => {
            tracing::error!(plugin, function, fault, detail, "plugin failed");
            Problem::internal()
        }
    }
}
