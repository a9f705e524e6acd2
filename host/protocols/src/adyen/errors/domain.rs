//! Errors of the domain as answers: what was refused is 422, a session in another state 409.

use axum::http::StatusCode;

use super::{body_of, in_messages, path_of};
use crate::adyen::refusals;
use crate::adyen::rendering::{INVALID_ADDRESS, OUT_OF_STOCK, upper_snake};
use crate::adyen::shape::message::Message;
use crate::adyen::shape::session::{Session, SessionContext};
use crate::error_response::{ErrorResponse, RequestFields, RequestedLines, from_checkout_error};
use tillhouse_checkout::decision::{Consent, Rejection};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session;

const FIELDS: RequestFields = RequestFields {
    items: "$.items",
    item_id: "id",
    codes: "$.discounts.codes",
    choice: "$.fulfillment_option_id",
    choice_members: None,
    address: "$.fulfillment_address",
    groups: None,
    payment: "$.payment_data",
    token: "$.payment_data.token",
    provider: "$.payment_data.provider",
    authentication: "$.payment_data",
    consents: Some("$.marketing_consents"),
};

/// What an error may point into.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefusedRequest {
    pub(crate) lines: RequestedLines,
    pub(crate) consents: Vec<Consent>,
}

impl From<RequestedLines> for RefusedRequest {
    fn from(lines: RequestedLines) -> Self {
        Self {
            lines,
            ..Self::default()
        }
    }
}

/// The refusal of an update that names another currency than that of the session.
pub(crate) fn currency_mismatch(session: &session::Session, context: SessionContext<'_>) -> ErrorResponse {
    let text = format!("The checkout is in {}, which cannot change.", session.currency.upper());
    let message = Message::error("CURRENCY_MISMATCH", text, Some("currency".to_owned()));
    unprocessable(vec![message], Some((session, context)))
}

/// The answer to a request that the domain has refused, with the session as it is now; `None` if there is none.
pub(crate) fn answer(
    error: &CheckoutError,
    request: &RefusedRequest,
    session: Option<(&session::Session, SessionContext<'_>)>,
) -> ErrorResponse {
    if let CheckoutError::NotReady(_) | CheckoutError::OutOfStock = error
        && let Some((stored, context)) = session
    {
        // The session shows what is left, or where nothing can be sent to.
        let refused = refusals::of(stored, &request.lines);
        if !refused.is_empty() {
            return unprocessable(refused, Some((stored, context)));
        }
    }
    match error {
        CheckoutError::InvalidState { state: "expired", .. } => {
            let id = session.map(|(session, _)| session.id.clone());
            let unknown = id.map_or_else(|| error.clone(), CheckoutError::UnknownSession);
            recorded_by_status(from_checkout_error(&unknown, &FIELDS, &request.lines))
        }
        CheckoutError::NotReady(blockers) | CheckoutError::ApprovalPending(blockers) => {
            not_ready(error, blockers, request, session)
        }
        _ => match refusal(error, request) {
            Some(message) => unprocessable(vec![message], session),
            None => recorded_by_status(from_checkout_error(error, &FIELDS, &request.lines)),
        },
    }
}

/// A refusal with these messages: nothing was done, and the session is as it was.
pub(crate) fn unprocessable(
    messages: Vec<Message<'_>>,
    session: Option<(&session::Session, SessionContext<'_>)>,
) -> ErrorResponse {
    let body = match session {
        Some((session, context)) => Session::of(session, context).with_messages(messages).to_json(),
        None => body_of(&messages),
    };
    ErrorResponse::request(StatusCode::UNPROCESSABLE_ENTITY, "refused", "refused").with_body(body)
}

/// The session cannot be paid as it is: that, and then all that prevents it.
fn not_ready(
    error: &CheckoutError,
    blockers: &[tillhouse_checkout::message::Message],
    request: &RefusedRequest,
    session: Option<(&session::Session, SessionContext<'_>)>,
) -> ErrorResponse {
    let code = match error {
        CheckoutError::ApprovalPending(_) => "APPROVAL_REQUIRED",
        _ => "INVALID_STATE",
    };
    let mut messages = vec![Message::error(code, error.to_string(), None)];
    if let Some((session, _)) = session {
        let blockers = blockers.iter().map(|blocker| {
            let path = FIELDS.path(&blocker.about, &request.lines).as_deref().and_then(path_of);
            Message::of(session, blocker, path)
        });
        messages.extend(blockers);
    }
    let body = body_of(&messages);
    ErrorResponse::request(StatusCode::CONFLICT, "invalid_state", error.to_string()).with_body(body)
}

/// What the dialect answers with 422; `None` for any other error.
fn refusal(error: &CheckoutError, request: &RefusedRequest) -> Option<Message<'static>> {
    let at = |code: &'static str, path: &str| Message::error(code, error.to_string(), path_of(path));
    let plain = |code: &'static str, text: String| Message::error(code, text, None);
    Some(match error {
        CheckoutError::UnknownItem { item } => {
            let index = request.lines.item_index(item.as_str());
            let path = index.map_or_else(|| "items".to_owned(), |index| format!("items[{index}]"));
            Message::error(OUT_OF_STOCK, "The item is no longer available.", Some(path))
        }
        CheckoutError::UnknownOption(_) | CheckoutError::OptionNotForLine { .. } | CheckoutError::OptionKind { .. } => {
            at("INVALID_FULFILLMENT_OPTION", FIELDS.choice)
        }
        CheckoutError::Currency { .. } => at("CURRENCY_NOT_SUPPORTED", "$.currency"),
        CheckoutError::TotalChanged { shown, now } => plain(
            "PRICE_MISMATCH",
            format!("The total has changed from {shown} to {now}."),
        ),
        CheckoutError::PartsChanged { .. } | CheckoutError::MustReadAgain => plain(
            "PRICE_MISMATCH",
            "The checkout has changed since it was last shown.".to_owned(),
        ),
        CheckoutError::OutOfStock => plain(OUT_OF_STOCK, "An item is no longer available.".to_owned()),
        CheckoutError::LimitReached | CheckoutError::Conflict(CommitError::Insufficient { .. }) => {
            plain("LIMIT_REACHED", CheckoutError::LimitReached.to_string())
        }
        CheckoutError::CodeUsedUp {
            position,
            reason,
            message,
            ..
        } => Message::error(
            upper_snake(reason),
            message.clone(),
            Some(format!("discounts.codes[{position}]")),
        ),
        CheckoutError::Rejected(rejection) => rejected(rejection, request),
        CheckoutError::Token(error) => token_refusal(error),
        CheckoutError::Conflict(CommitError::TokenUsed) => token_refusal(&PaymentTokenError::Used),
        CheckoutError::Declined { code } => {
            tracing::info!(code, "payment refused before the charge");
            risk_rejected()
        }
        CheckoutError::OrderDeclined => risk_rejected(),
        CheckoutError::AuthenticationRequired
        | CheckoutError::AuthenticationResultMissing
        | CheckoutError::AuthenticationFailed(_)
        | CheckoutError::AuthenticationExpired => at("AUTHENTICATION_REQUIRED", FIELDS.payment),
        CheckoutError::UnsupportedPayment(_) => at("UNSUPPORTED_PROVIDER", FIELDS.provider),
        _ => return None,
    })
}

/// Why is not said: neither by the rules nor by the text.
fn risk_rejected() -> Message<'static> {
    let text = "This payment cannot be accepted. Nothing was charged.";
    Message::error("RISK_REJECTED", text, None)
}

fn rejected(rejection: &Rejection, request: &RefusedRequest) -> Message<'static> {
    let (code, path) = match &rejection.about {
        Subject::Consent(channel) => {
            let mut answers = request.consents.iter();
            let index = answers.position(|answer| Some(&answer.channel) == channel.as_ref());
            let path = index.map(|index| format!("marketing_consents[{index}].channel"));
            ("INVALID_CONSENT".to_owned(), path)
        }
        about => {
            let path = FIELDS.path(about, &request.lines).as_deref().and_then(path_of);
            let is_address = matches!(about, Subject::Address(_) | Subject::GroupAddress(..));
            let code = if is_address {
                INVALID_ADDRESS.to_owned()
            } else {
                upper_snake(&rejection.code)
            };
            (code, path)
        }
    };
    Message::error(code, rejection.message.clone(), path)
}

/// A token that is unknown, of another merchant or session, or used elsewhere, has one text: tokens cannot be probed.
fn token_refusal(error: &PaymentTokenError) -> Message<'static> {
    let code = match error {
        PaymentTokenError::Expired => "TOKEN_EXPIRED",
        PaymentTokenError::AmountExceeded { .. } => "TOKEN_AMOUNT_EXCEEDED",
        PaymentTokenError::CurrencyMismatch { .. } => "TOKEN_CURRENCY_MISMATCH",
        PaymentTokenError::Unknown
        | PaymentTokenError::Deactivated
        | PaymentTokenError::Unusable(_)
        | PaymentTokenError::Used
        | PaymentTokenError::ConsumedByEarlierAttempt
        | PaymentTokenError::UnsupportedCredential { .. }
        | PaymentTokenError::RefusedByProcessor
        | PaymentTokenError::NoCredential(_) => "INVALID_TOKEN",
    };
    let text = match error {
        PaymentTokenError::Used => PaymentTokenError::Unknown.to_string(),
        error => error.to_string(),
    };
    Message::error(code, text, path_of(FIELDS.token))
}

/// Of what is not 422, only that the session is in another state is recorded under an idempotency key.
fn recorded_by_status(error_response: ErrorResponse) -> ErrorResponse {
    let is_of_state = error_response.status == StatusCode::CONFLICT && error_response.code == "invalid_state";
    in_messages(if is_of_state {
        error_response
    } else {
        error_response.not_recorded()
    })
}
