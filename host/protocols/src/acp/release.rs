//! Releases of ACP, and their selection by the `API-Version` header.

use axum::http::{HeaderMap, StatusCode};

use super::{Completion, Creation, v2025_09_29, v2026_04_17};
use crate::error_response::{ErrorResponse, ErrorType, RequestFields};
use crate::idempotency::KeyRules;
use crate::json::{BodyError, JsonValue};
use crate::rendering::RequestKind;
use crate::settings::{AcpSettings, MerchantSettings};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::order_snapshot::OrderSnapshot;
use tillhouse_checkout::session::Session;

/// Request header with the release.
const HEADER: &str = "api-version";

/// Supported releases, newest first (schema `Error.supported_versions`).
const SUPPORTED: &[&str] = &[Release::V2026_04_17.date(), Release::V2025_09_29.date()];

/// A release of ACP, which selects the parser and the serializer.
///
/// A session may be read in another release than the one that it was created in. The specification of each release is at
/// <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// ACP 2025-09-29, the first release.
    V2025_09_29,
    /// ACP 2026-04-17, the newest supported release.
    V2026_04_17,
}

impl Release {
    /// The date by which the header names the release.
    pub(crate) const fn date(self) -> &'static str {
        match self {
            Self::V2025_09_29 => "2025-09-29",
            Self::V2026_04_17 => "2026-04-17",
        }
    }

    /// The release in the `API-Version` header of a request.
    ///
    /// # Errors
    /// 400 with the list of supported releases when the header is missing or the release is not supported.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ErrorResponse> {
        let refuse = |code, message: String| ErrorResponse {
            supported_versions: SUPPORTED,
            ..ErrorResponse::request(StatusCode::BAD_REQUEST, code, message).not_recorded()
        };
        let list = SUPPORTED.join(", ");
        match headers
            .get(HEADER)
            .map(|value| value.to_str().unwrap_or_default().trim())
        {
            Some("2025-09-29") => Ok(Self::V2025_09_29),
            Some("2026-04-17") => Ok(Self::V2026_04_17),
            Some(_) => Err(refuse(
                "unsupported_api_version",
                format!("the API-Version header does not name a supported release; use one of: {list}"),
            )),
            None => Err(refuse(
                "missing_api_version",
                format!("the API-Version header is required; use one of: {list}"),
            )),
        }
    }

    /// Rules of the release for idempotency keys: 2025-09-29 does not require them, 2026-04-17 requires them on every POST.
    pub(crate) const fn key_rules(self) -> KeyRules {
        match self {
            Self::V2025_09_29 => KeyRules {
                required: false,
                conflict: StatusCode::CONFLICT,
                conflict_kind: ErrorType::RequestNotIdempotent,
            },
            Self::V2026_04_17 => KeyRules {
                required: true,
                conflict: StatusCode::UNPROCESSABLE_ENTITY,
                conflict_kind: ErrorType::InvalidRequest,
            },
        }
    }

    /// `JSONPath`s of the release's request fields, for error responses.
    pub(crate) const fn fields(self) -> &'static RequestFields {
        match self {
            Self::V2025_09_29 => &v2025_09_29::FIELDS,
            Self::V2026_04_17 => &v2026_04_17::FIELDS,
        }
    }

    pub(crate) fn read_create(self, body: &JsonValue) -> Result<Creation, BodyError> {
        match self {
            Self::V2025_09_29 => v2025_09_29::from_wire::create(body),
            Self::V2026_04_17 => v2026_04_17::from_wire::create(body),
        }
    }

    pub(crate) fn read_update(self, body: &JsonValue) -> Result<CartEdit, BodyError> {
        match self {
            Self::V2025_09_29 => v2025_09_29::from_wire::update(body),
            Self::V2026_04_17 => v2026_04_17::from_wire::update(body),
        }
    }

    pub(crate) fn read_complete(self, body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
        match self {
            Self::V2025_09_29 => v2025_09_29::from_wire::complete(body),
            Self::V2026_04_17 => v2026_04_17::from_wire::complete(body, &settings.handler),
        }
    }

    /// Check the body of cancel. 2025-09-29 does not define one, so it is ignored there.
    pub(crate) fn read_cancel(self, body: Option<&JsonValue>) -> Result<(), BodyError> {
        match (self, body) {
            (Self::V2026_04_17, Some(body)) => v2026_04_17::from_wire::cancel(body),
            _ => Ok(()),
        }
    }

    /// Render a session as a response body.
    pub(crate) fn render(
        self,
        session: &Session,
        merchant: &MerchantSettings,
        settings: &AcpSettings,
        request_kind: RequestKind,
    ) -> Vec<u8> {
        match self {
            Self::V2025_09_29 => body(&v2025_09_29::to_wire::session(session, merchant, request_kind)),
            Self::V2026_04_17 => body(&v2026_04_17::to_wire::session(
                session,
                merchant,
                settings,
                request_kind,
            )),
        }
    }

    /// Render an order event as a webhook body: `order_create` or `order_update`, as JSON.
    #[must_use]
    pub fn order_event(self, snapshot: &OrderSnapshot<'_>) -> Vec<u8> {
        match self {
            Self::V2025_09_29 => body(&v2025_09_29::to_wire::order::event(snapshot)),
            Self::V2026_04_17 => body(&v2026_04_17::to_wire::order::event(snapshot)),
        }
    }
}

/// Serialize a wire type. It cannot fail, because wire types contain only strings, numbers and lists.
fn body(session: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(session).unwrap_or_default()
}
