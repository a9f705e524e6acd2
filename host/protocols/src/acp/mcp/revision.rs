//! Revisions of MCP, and what each demands of a request beside its body.
//!
//! Up to 2025-11-25 a client opens with `initialize`; this host keeps no session, so that every request stands alone there too. From
//! 2026-07-28 on there is no handshake, and headers repeat what intermediaries route by:
//! <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http>.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::json_rpc::{Params, RpcRequest};
use super::rpc_error::RpcError;
use crate::json::JsonValue;

pub(super) const VERSION_HEADER: &str = "mcp-protocol-version";
pub(super) const METHOD_HEADER: &str = "mcp-method";
pub(super) const NAME_HEADER: &str = "mcp-name";

/// Member of `params` with the metadata of a request.
const META: &str = "_meta";
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// A revision of MCP, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Revision {
    /// The only one with batches, and without a header for the revision.
    V2025_03_26,
    V2025_06_18,
    V2025_11_25,
    /// The first one without a handshake, and with headers that repeat the body.
    V2026_07_28,
}

impl Revision {
    /// Every revision that is spoken, newest first.
    pub(super) const ALL: [Self; 4] = [
        Self::V2026_07_28,
        Self::V2025_11_25,
        Self::V2025_06_18,
        Self::V2025_03_26,
    ];

    pub(super) const fn date(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    fn of_date(date: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.date() == date)
    }

    /// Whether clients open with `initialize`.
    pub(super) fn has_handshake(self) -> bool {
        self < Self::V2026_07_28
    }

    /// Whether a body may have several messages.
    pub(super) fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }

    /// The revision that `initialize` agrees on: the one that the client asks for, or else the newest with a handshake.
    pub(super) fn agreed(requested: &str) -> Self {
        Self::of_date(requested)
            .filter(|revision| revision.has_handshake())
            .unwrap_or(Self::V2025_11_25)
    }

    /// The revision in the header of a request; 2025-03-26, which has no such header, if there is none.
    ///
    /// # Errors
    /// When the header names a revision that is not spoken.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, RpcError> {
        match headers.get(VERSION_HEADER) {
            None => Ok(Self::V2025_03_26),
            Some(value) => {
                let date = value.to_str().unwrap_or_default().trim();
                Self::of_date(date).ok_or_else(|| RpcError::unsupported_revision(date))
            }
        }
    }

    /// Check what a request says of itself outside of its parameters.
    ///
    /// # Errors
    /// From 2026-07-28 on, when the metadata is missing or a header says something else than the body; before, when the body names a
    /// revision that the headers do not.
    pub(super) fn check(self, headers: &HeaderMap, request: &RpcRequest) -> Result<(), RpcError> {
        let meta = match request.params.get(META) {
            Some(JsonValue::Object(meta)) => meta,
            Some(_) => return Err(RpcError::missing_metadata("params._meta must be an object")),
            None => &Params::new(),
        };
        let named = match meta.get(META_VERSION) {
            Some(JsonValue::Text(date)) => Some(date.as_str()),
            Some(_) => return Err(RpcError::missing_metadata(format!("{META_VERSION} must be a string"))),
            None => None,
        };
        match named {
            Some(date) if date == self.date() => {}
            Some(date) if Self::of_date(date).is_none() => return Err(RpcError::unsupported_revision(date)),
            Some(_) => {
                return Err(RpcError::header_mismatch(format!(
                    "the MCP-Protocol-Version header and {META_VERSION} must name the same version"
                )));
            }
            None if self.has_handshake() => {}
            None => {
                return Err(RpcError::missing_metadata(format!(
                    "params._meta must have {META_VERSION}"
                )));
            }
        }
        if self.has_handshake() {
            return Ok(());
        }
        if !matches!(meta.get(META_CAPABILITIES), Some(JsonValue::Object(_))) {
            let message = format!("params._meta must have {META_CAPABILITIES}, an object");
            return Err(RpcError::missing_metadata(message));
        }
        check_header(headers, METHOD_HEADER, &request.method, "the method")?;
        match request.params.get("name") {
            Some(JsonValue::Text(name)) if request.method == "tools/call" => {
                check_header(headers, NAME_HEADER, name, "params.name")
            }
            _ => Ok(()),
        }
    }
}

fn check_header(headers: &HeaderMap, header: &str, said: &str, what: &str) -> Result<(), RpcError> {
    let value = headers.get(header).and_then(|value| value.to_str().ok());
    let Some(value) = value else {
        return Err(RpcError::header_mismatch(format!(
            "the {header} header is required, with {what}"
        )));
    };
    let encoded = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let is_same = match encoded {
        Some(encoded) => STANDARD.decode(encoded).is_ok_and(|decoded| decoded == said.as_bytes()),
        None => value == said,
    };
    match is_same {
        true => Ok(()),
        false => Err(RpcError::header_mismatch(format!(
            "the {header} header is not {what} of the body"
        ))),
    }
}
