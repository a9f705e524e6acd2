//! Why the agent cancels (schemas `CancelSessionRequest` and `IntentTrace`). Write-only: it is never returned. Both schemas allow
//! additional fields, which have no meaning.

use serde::Deserialize;

use crate::fields::{FlatMetadata, Id, Lines};
use crate::json::{BodyError, JsonValue, Nulls, read};
use tillhouse_checkout::intent_trace;

/// Maximum characters of `trace_summary`.
const MAX_SUMMARY: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct CancelRequest {
    intent_trace: Option<IntentTrace>,
}

/// The reasons are not a closed list for the host: a newer agent may have others.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct IntentTrace {
    reason_code: Id,
    trace_summary: Option<Lines>,
    metadata: Option<FlatMetadata>,
}

/// The trace in the body of cancel.
pub(crate) fn trace(body: &JsonValue, nulls: Nulls) -> Result<Option<intent_trace::IntentTrace>, BodyError> {
    let request: CancelRequest = read(body, nulls)?;
    let Some(trace) = request.intent_trace else {
        return Ok(None);
    };
    let summary = trace.trace_summary.map(|Lines(text)| text);
    if summary.as_ref().is_some_and(|text| text.chars().count() > MAX_SUMMARY) {
        let error = BodyError::invalid(format!("must not be longer than {MAX_SUMMARY} characters"));
        return Err(error.in_field("trace_summary").in_field("intent_trace"));
    }
    let metadata = trace.metadata.unwrap_or_default().0;
    Ok(Some(intent_trace::IntentTrace {
        reason: trace.reason_code.0,
        summary,
        metadata: metadata.into_iter().collect(),
    }))
}
