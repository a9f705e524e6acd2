//! Domain errors as error responses to the client, and as log messages for the operator.

use std::time::Duration;

use axum::http::StatusCode;

use super::request_fields::{RequestFields, RequestedLines};
use super::{ErrorResponse, ErrorType};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::message::Message;
use tillhouse_checkout::ports::{CommitError, DecisionError, PluginFault};

const CONFLICT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// `Retry-After` of what was not finished in time.
pub(crate) const TIME_RETRY_AFTER: Duration = Duration::from_secs(1);

/// Maximum `Retry-After`, even if the service that the host waits for asks for more.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The error response for a domain error.
///
/// Internal details are not sent to the client; they are logged, with the plugin and the function.
pub(crate) fn from_checkout_error(
    error: &CheckoutError,
    fields: &RequestFields,
    requested: &RequestedLines,
) -> ErrorResponse {
    let bad = |code: &str| ErrorResponse::request(StatusCode::BAD_REQUEST, code, error.to_string());
    let conflict = |code: &str| ErrorResponse::request(StatusCode::CONFLICT, code, error.to_string());
    match error {
        CheckoutError::UnknownSession(_) | CheckoutError::UnknownCart(_) | CheckoutError::UnknownMerchant(_) => {
            ErrorResponse::not_found(error.to_string())
        }
        CheckoutError::TooManyOpenSessions { retry_after, .. } => {
            let error_response = ErrorResponse {
                status: StatusCode::TOO_MANY_REQUESTS,
                code: "rate_limited".to_owned(),
                ..ErrorResponse::busy(error.to_string())
            };
            error_response.with_retry_after(*retry_after)
        }
        CheckoutError::TooManyCarts { .. } => ErrorResponse {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "rate_limited".to_owned(),
            ..ErrorResponse::busy(error.to_string())
        },
        CheckoutError::NothingAvailable => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            ErrorResponse::request(status, "out_of_stock", error.to_string()).not_recorded()
        }
        CheckoutError::InvalidState { .. }
        | CheckoutError::ForeignSession(_)
        | CheckoutError::PaidAfterEnd { .. }
        | CheckoutError::PaidAmountDiffers { .. }
        | CheckoutError::PaymentOfAnother => conflict("invalid_state"),
        CheckoutError::NotReady(messages) => not_ready("invalid_state", error, messages, fields, requested),
        CheckoutError::ApprovalPending(messages) => not_ready("approval_required", error, messages, fields, requested),
        CheckoutError::EscalationRequired(_) => conflict("intervention_required").not_recorded(),
        CheckoutError::InFlight | CheckoutError::OtherTokenInFlight => {
            conflict("in_flight").with_retry_after(CONFLICT_RETRY_AFTER)
        }
        CheckoutError::Cart(cart) => bad("invalid").with_param(fields.cart_path(cart, requested)),
        CheckoutError::UnknownItem { item } => bad("invalid_item_id").with_param(fields.item_id_path(item, requested)),
        CheckoutError::UnknownOption(option) => bad("invalid").with_param(fields.option_path(option, requested)),
        CheckoutError::OptionNotForLine { line, .. } => {
            bad("invalid").with_param(fields.choice_path(line, 0, requested))
        }
        CheckoutError::OptionKind { index, .. } => {
            bad("invalid").with_param(fields.option_kind_path(*index, requested))
        }
        CheckoutError::Currency { .. } => bad("invalid").with_param("$.currency"),
        // Recorded under the idempotency key: a retry of the same request is not consent to another price.
        CheckoutError::TotalChanged { .. } | CheckoutError::PartsChanged { .. } | CheckoutError::MustReadAgain => {
            conflict("conflict")
        }
        CheckoutError::OutOfStock => conflict("out_of_stock").not_recorded(),
        CheckoutError::CodeUsedUp { position, reason, .. } => conflict(reason)
            .with_param(format!("{}[{position}]", fields.codes))
            .not_recorded(),
        CheckoutError::LimitReached => conflict("conflict").not_recorded(),
        CheckoutError::Rejected(rejection) => with_path(bad(&rejection.code), fields.path(&rejection.about, requested)),
        CheckoutError::Token(error) => token_error(error, fields),
        CheckoutError::Declined { code } => {
            tracing::info!(code, "payment declined");
            declined()
        }
        CheckoutError::OrderDeclined => {
            ErrorResponse::request(StatusCode::PAYMENT_REQUIRED, "payment_declined", error.to_string())
                .with_type(ErrorType::ProcessingError)
        }
        CheckoutError::ChargeNotSent => ErrorResponse::busy(error.to_string()),
        CheckoutError::AuthenticationRequired => bad("requires_3ds").with_param(fields.authentication),
        CheckoutError::AuthenticationResultMissing => bad("requires_3ds").with_param(fields.authentication),
        CheckoutError::AuthenticationFailed(_) => {
            ErrorResponse::request(StatusCode::PAYMENT_REQUIRED, "payment_declined", error.to_string())
                .with_type(ErrorType::ProcessingError)
                .with_param(fields.authentication)
        }
        CheckoutError::AuthenticationPending(_) => conflict("conflict").not_recorded(),
        CheckoutError::AuthenticationExpired => bad("expired").with_param(fields.authentication),
        CheckoutError::UnsupportedPayment(_) => bad("unsupported").with_param(fields.provider),
        CheckoutError::Conflict(commit) => commit_conflict(commit, fields),
        CheckoutError::Contract(_)
        | CheckoutError::Decision(_)
        | CheckoutError::TokenService { .. }
        | CheckoutError::Store(_) => internal_error(error),
        CheckoutError::DeadlineExceeded(_) => ErrorResponse::unavailable(Some(TIME_RETRY_AFTER)),
    }
}

/// The refusal to complete a session as it is, with the first of what prevents it. Not recorded: it may be ready later.
fn not_ready(
    code: &str,
    error: &CheckoutError,
    messages: &[Message],
    fields: &RequestFields,
    requested: &RequestedLines,
) -> ErrorResponse {
    let (message, path) = match messages.first() {
        None => (error.to_string(), None),
        Some(first) => (format!("{error}: {}", first.text), fields.path(&first.about, requested)),
    };
    with_path(
        ErrorResponse::request(StatusCode::CONFLICT, code, message).not_recorded(),
        path,
    )
}

fn with_path(error_response: ErrorResponse, path: Option<String>) -> ErrorResponse {
    match path {
        Some(path) => error_response.with_param(path),
        None => error_response,
    }
}

/// The response to a declined payment. It gives no reason: neither the issuer nor the risk rules are quoted.
fn declined() -> ErrorResponse {
    let message = "the payment was declined; ask the buyer for another payment method and issue a new token";
    ErrorResponse::request(StatusCode::PAYMENT_REQUIRED, "payment_declined", message)
        .with_type(ErrorType::ProcessingError)
}

fn token_error(error: &PaymentTokenError, fields: &RequestFields) -> ErrorResponse {
    let code = match error {
        PaymentTokenError::Unknown => "token_unknown",
        PaymentTokenError::Expired => "token_expired",
        PaymentTokenError::Deactivated => "token_deactivated",
        PaymentTokenError::AmountExceeded { .. } => "token_amount_exceeded",
        PaymentTokenError::CurrencyMismatch { .. } => "token_currency_mismatch",
        PaymentTokenError::Unusable(_)
        | PaymentTokenError::UnsupportedCredential { .. }
        | PaymentTokenError::RefusedByProcessor
        | PaymentTokenError::NoCredential(_) => "token_unusable",
        PaymentTokenError::Used | PaymentTokenError::ConsumedByEarlierAttempt => "token_used",
    };
    ErrorResponse::request(StatusCode::BAD_REQUEST, code, error.to_string()).with_param(fields.token)
}

fn commit_conflict(commit: &CommitError, fields: &RequestFields) -> ErrorResponse {
    let conflict = |code: &str| ErrorResponse::request(StatusCode::CONFLICT, code, commit.to_string());
    match commit {
        CommitError::TokenUsed => token_error(&PaymentTokenError::Used, fields),
        CommitError::LiveAttempt => conflict("in_flight").with_retry_after(CONFLICT_RETRY_AFTER),
        CommitError::Idempotency => conflict("idempotency_in_flight").with_retry_after(CONFLICT_RETRY_AFTER),
        CommitError::Session | CommitError::SavedCart => conflict("conflict").with_retry_after(CONFLICT_RETRY_AFTER),
        // Whose counter it is, and what it counts, only its plugin knows.
        CommitError::Insufficient { .. } => ErrorResponse::request(
            StatusCode::CONFLICT,
            "conflict",
            CheckoutError::LimitReached.to_string(),
        )
        .not_recorded(),
        CommitError::PluginData => {
            tracing::warn!("conflicting writes to plugin data: {commit}");
            ErrorResponse::unavailable(Some(CONFLICT_RETRY_AFTER))
        }
        CommitError::ReferenceSeen
        | CommitError::Attempt
        | CommitError::EventSeen
        | CommitError::Refund
        | CommitError::RefundExceedsCapture
        | CommitError::Feed
        | CommitError::Order
        | CommitError::Store(_) => {
            tracing::error!("commit failed: {commit}");
            ErrorResponse::internal()
        }
    }
}

/// Errors of the host, its plugins and services: the log names the plugin and the function, the response does not.
fn internal_error(error: &CheckoutError) -> ErrorResponse {
    match error {
        CheckoutError::Decision(decision) => decision_error(decision),
        CheckoutError::Contract(error) => {
            let Diagnostic { message, help, .. } = Diagnostic::from(error);
            tracing::error!(
                function = error.function,
                rule = error.rule.id(),
                detail = message,
                remedy = help,
                "plugin output violates the contract"
            );
            ErrorResponse::internal()
        }
        CheckoutError::TokenService { detail, retry_after } => {
            tracing::error!(detail, "token service is unavailable");
            ErrorResponse::unavailable(retry_after.map(|delay| delay.min(MAX_RETRY_AFTER)))
        }
        CheckoutError::Store(store) => {
            tracing::error!("{store}");
            ErrorResponse::unavailable(None)
        }
        other => {
            tracing::error!("{other}");
            ErrorResponse::internal()
        }
    }
}

fn decision_error(decision: &DecisionError) -> ErrorResponse {
    match decision {
        DecisionError::Rejected(rejection) => {
            ErrorResponse::request(StatusCode::BAD_REQUEST, &rejection.code, rejection.message.clone())
        }
        DecisionError::Unavailable {
            plugin,
            function,
            retry_after,
        } => {
            tracing::error!(plugin, function, "plugin is unavailable");
            ErrorResponse::unavailable(retry_after.map(|delay| delay.min(MAX_RETRY_AFTER)))
        }
        DecisionError::Misconfigured {
            plugin,
            function,
            detail,
        } => {
            tracing::error!(
                plugin,
                function,
                detail,
                "plugin configuration is invalid or incomplete"
            );
            ErrorResponse::internal()
        }
        DecisionError::Unsupported { plugin, function } => {
            tracing::error!(
                plugin,
                function,
                "plugin does not implement this function, and the host has no default"
            );
            ErrorResponse::internal()
        }
        DecisionError::Fault {
            plugin,
            function,
            fault,
            detail,
        } => {
            let code = fault.as_str();
            tracing::error!(plugin, function, fault = code, detail, "plugin failed");
            match fault {
                // What took too long now may be quick the next time.
                PluginFault::WallClock => ErrorResponse::unavailable(Some(TIME_RETRY_AFTER)),
                _ => ErrorResponse::internal(),
            }
        }
    }
}
