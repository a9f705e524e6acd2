//! Releases of ACP, and their selection by the `API-Version` header.

use std::fmt;

use axum::http::{HeaderMap, StatusCode};

use super::carts::CartDefinition;
use super::delegate_payment::DelegationRules;
use super::release_definition::{ReleaseDefinition, RenderContext};
use super::{Completion, Creation, v2025_09_29, v2025_12_12, v2026_01_16, v2026_01_30, v2026_04_17};
use crate::error_response::{ErrorResponse, RequestFields};
use crate::idempotency::KeyRules;
use crate::json::{BodyError, JsonValue};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::order_snapshot::OrderSnapshot;
use tillhouse_checkout::session::Session;

/// Request header with the release.
const HEADER: &str = "api-version";

/// A release of ACP: 2025-09-29 is the first one, 2026-04-17 the newest.
///
/// A session may be read in another release than the one that it was created in. The specification of each release is at
/// <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>.
#[derive(Clone, Copy)]
pub struct Release(pub(super) &'static ReleaseDefinition);

impl Release {
    /// ACP 2025-09-29, the first release.
    pub const V2025_09_29: Self = Self(&v2025_09_29::RELEASE);
    /// ACP 2025-12-12, with authentication and affiliates.
    pub const V2025_12_12: Self = Self(&v2025_12_12::RELEASE);
    /// ACP 2026-01-16, with other outcomes of an authentication.
    pub const V2026_01_16: Self = Self(&v2026_01_16::RELEASE);
    /// ACP 2026-01-30, with capabilities and payment handlers.
    pub const V2026_01_30: Self = Self(&v2026_01_30::RELEASE);
    /// ACP 2026-04-17, with whole orders and carts.
    pub const V2026_04_17: Self = Self(&v2026_04_17::RELEASE);
}

/// Supported releases, newest first (schema `Error.supported_versions`).
const SUPPORTED: [Release; 5] = [
    Release::V2026_04_17,
    Release::V2026_01_30,
    Release::V2026_01_16,
    Release::V2025_12_12,
    Release::V2025_09_29,
];

/// Dates of the supported releases that have carts, newest first.
const DATES_WITH_CARTS: &[&str] = &[Release::V2026_04_17.date()];

/// Dates of the supported releases, newest first.
const SUPPORTED_DATES: [&str; SUPPORTED.len()] = dates(&SUPPORTED);

const fn dates<const COUNT: usize>(releases: &[Release; COUNT]) -> [&'static str; COUNT] {
    let mut dates = [""; COUNT];
    let mut left: (&[Release], &mut [&'static str]) = (releases, &mut dates);
    while let ([release, releases @ ..], [date, dates @ ..]) = left {
        *date = release.date();
        left = (releases, dates);
    }
    dates
}

impl Release {
    /// The dates of the supported releases, newest first.
    pub(crate) const fn supported() -> &'static [&'static str] {
        &SUPPORTED_DATES
    }

    /// The date by which the header names the release.
    pub(crate) const fn date(self) -> &'static str {
        self.0.date
    }

    /// The release in the `API-Version` header of a request.
    ///
    /// # Errors
    /// 400 with the list of supported releases when the header is missing or the release is not supported.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ErrorResponse> {
        Self::among(&SUPPORTED, &SUPPORTED_DATES, headers)
    }

    /// The release that a request names, among these with these dates.
    pub(super) fn among(
        releases: &[Self],
        dates: &'static [&'static str],
        headers: &HeaderMap,
    ) -> Result<Self, ErrorResponse> {
        let refuse = |code, message: String| ErrorResponse {
            supported_versions: dates,
            ..ErrorResponse::request(StatusCode::BAD_REQUEST, code, message).not_recorded()
        };
        let list = dates.join(", ");
        let Some(value) = headers.get(HEADER) else {
            return Err(refuse(
                "missing_api_version",
                format!("the API-Version header is required; use one of: {list}"),
            ));
        };
        let date = value.to_str().unwrap_or_default().trim();
        let release = releases.iter().find(|release| release.date() == date);
        release.copied().ok_or_else(|| {
            refuse(
                "unsupported_api_version",
                format!("the API-Version header does not name a supported release; use one of: {list}"),
            )
        })
    }

    pub(crate) const fn key_rules(self) -> KeyRules {
        self.0.key_rules
    }

    pub(crate) const fn delegation(self) -> &'static DelegationRules {
        &self.0.delegation
    }

    /// `JSONPath`s of the release's request fields, for error responses.
    pub(crate) const fn fields(self) -> &'static RequestFields {
        &self.0.fields
    }

    pub(crate) fn read_create(self, body: &JsonValue) -> Result<Creation, BodyError> {
        (self.0.read_create)(body)
    }

    pub(crate) fn read_update(self, body: &JsonValue) -> Result<CartEdit, BodyError> {
        (self.0.read_update)(body)
    }

    pub(crate) fn read_complete(self, body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
        (self.0.read_complete)(body, settings)
    }

    pub(crate) fn read_cancel(self, body: Option<&JsonValue>) -> Result<Option<IntentTrace>, BodyError> {
        (self.0.read_cancel)(body)
    }

    /// Render a session as a response body.
    pub(crate) fn render(self, session: &Session, context: RenderContext<'_>) -> Vec<u8> {
        (self.0.render)(session, context)
    }

    /// The carts of the release; `None` if it has none.
    pub(crate) const fn carts(self) -> Option<&'static CartDefinition> {
        self.0.carts.as_ref()
    }

    /// The dates of the supported releases that have carts, newest first.
    pub(crate) const fn with_carts() -> &'static [&'static str] {
        DATES_WITH_CARTS
    }

    /// Render an order event as a webhook body: `order_create` or `order_update`, as JSON.
    #[must_use]
    pub fn order_event(self, snapshot: &OrderSnapshot<'_>) -> Vec<u8> {
        (self.0.order_event)(snapshot)
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Self) -> bool {
        self.date() == other.date()
    }
}

impl Eq for Release {}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.date())
    }
}
