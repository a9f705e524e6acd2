//! The operation that calls one function of a plugin.

use tillhouse_plugin_protocol::call::{self, Call, CaseStyle, Fault, LogLine, SentRequest};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};

use super::agents::agent;
use super::engine::instructions;
use super::lookups::currency;
use super::perform::{Perform, problem};
use super::server_state::ServerState;
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::Limits;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::manifest::SLOTS;
use tillhouse_runtime::record::{self, Record};
use tillhouse_runtime::trial::{self, TrialAnswer, TrialError, TrialReport, TrialRequest};

impl Perform for Call {
    async fn perform(self, state: &ServerState) -> Result<call::CallReport, RequestError> {
        let open_trial = state.trials.get(self.trial.0)?;
        let request = trial_request(self.request)?;
        let _guard = open_trial.call_lock.lock().await;
        let tried = open_trial.trial.call(request).await.map_err(|error| {
            let kind = match &error {
                TrialError::Absent { .. } => RequestErrorKind::Absent,
                TrialError::Argument(_) => RequestErrorKind::Argument,
                TrialError::Commit(_) => RequestErrorKind::Commit,
            };
            problem(kind)(&error)
        })?;
        Ok(outcome_to_protocol(tried))
    }
}

fn trial_request(asked: call::CallRequest) -> Result<TrialRequest, RequestError> {
    let name = asked.function.name();
    let function = Function::named(name)
        .ok_or_else(|| RequestError::new(RequestErrorKind::Absent, format!("the contract has no function {name}")))?;
    let mut request = TrialRequest::of(function, currency(&asked.currency)?);
    request.arguments = asked.arguments;
    request.session = asked.session;
    request.rng_seed = asked.rng_seed;
    request.now = Timestamp(asked.now_ms);
    request.locale = asked.locale;
    request.time_zone = asked.time_zone;
    request.agent = agent(asked.agent);
    request.credential = asked.credential.map(credential).transpose()?;
    request.case_style = match asked.case_style {
        CaseStyle::Snake => trial::CaseStyle::Snake,
        CaseStyle::Rust => trial::CaseStyle::Rust,
    };
    request.search_for = asked.search_for.iter().map(|text| text.reveal().to_owned()).collect();
    // The time limits of the engine are relaxed for busy machines; these limits apply instead.
    let limits = Limits::default().of(function.kind()).clone();
    request.instructions = Some(instructions(limits.cpu_ms));
    request.waiting = Some(limits.wall);
    Ok(request)
}

fn credential(card: call::Credential) -> Result<Credential, RequestError> {
    let slot = |(name, value): (String, tillhouse_plugin_protocol::Sensitive)| {
        let known = SLOTS.iter().find(|slot| **slot == name).ok_or_else(|| {
            let there_are = SLOTS.join(", ");
            RequestError::new(
                RequestErrorKind::Card,
                format!("unknown slot of the credential; expected one of: {there_are}"),
            )
        })?;
        Ok((*known, Secret::new(value.reveal().to_owned())))
    };
    let display = card.display;
    Ok(Credential {
        kind: card.kind,
        display: CardDisplay {
            brand: display.brand,
            last4: display.last4,
            funding: display.funding,
            country: display.country,
            exp_month: display.exp_month,
            exp_year: display.exp_year,
            fingerprint: display.fingerprint,
            iin: display.iin,
            wallet: display.wallet,
        },
        slots: card.slots.into_iter().map(slot).collect::<Result<_, _>>()?,
    })
}

fn outcome_to_protocol(tried: TrialReport) -> call::CallReport {
    call::CallReport {
        answer: match tried.answer {
            TrialAnswer::Value(value) => call::CallAnswer::Value(value),
            TrialAnswer::Failure(value) => call::CallAnswer::Failure(value),
            TrialAnswer::Fault(error) => call::CallAnswer::Fault(fault_to_protocol(error)),
        },
        record: record_to_protocol(tried.record),
        elapsed: tried.elapsed,
        answer_bytes: tried.answer_bytes,
    }
}

fn fault_to_protocol(error: DecisionError) -> Fault {
    match error {
        DecisionError::Fault { fault, detail, .. } => Fault {
            name: fault.to_string(),
            detail,
        },
        other => Fault {
            name: PluginFault::Host.to_string(),
            detail: other.to_string(),
        },
    }
}

pub(super) fn record_to_protocol(record: Record) -> call::Record {
    let sent = |requests: Vec<record::SentRequest>| requests.into_iter().map(request_to_protocol).collect();
    let line = |line: record::LogLine| LogLine {
        level: line.level.to_owned(),
        text: line.text,
    };
    call::Record {
        lines: record.lines.into_iter().map(line).collect(),
        lines_dropped: record.lines_dropped,
        requests: sent(record.requests),
        denied: sent(record.denied),
        memory_bytes: record.memory_bytes,
        instructions: record.instructions,
        found_in_memory: record.found_in_memory.into_iter().map(Into::into).collect(),
    }
}

fn request_to_protocol(request: record::SentRequest) -> SentRequest {
    SentRequest {
        upstream: request.upstream,
        method: request.method,
        path: request.path,
        answer: request.answer,
        elapsed: request.elapsed,
    }
}
