//! Host import `tillhouse:host/egress`: HTTP requests of plugins to their upstreams.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::component::Resource;

use crate::api::bindings::CredentialHandle;
use crate::api::bindings::tillhouse::host::egress as wit;
use crate::api::function::Function;
use crate::guest::charge_guard::{ChargeGuard, evidence_of};
use crate::guest::grants::Grants;
use crate::guest::record::SentRequest;
use crate::guest::state::GuestState;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::credential::Credential;
use tillhouse_egress::fill::TemplateFiller;
use tillhouse_egress::redact::Redactor;
use tillhouse_egress::template::{FillValue, HmacPart, HmacSpec, SlotFill, Template, TemplateBody};
use tillhouse_egress::{
    Client, Connection, EgressError, EgressErrorKind, HeaderText, HttpRequest, HttpResponse, Method,
};

impl wit::Host for GuestState {
    async fn send(
        &mut self,
        request: wit::Request,
        credential: Option<Resource<CredentialHandle>>,
    ) -> wasmtime::Result<Result<wit::Response, wit::Error>> {
        let credential = credential.and_then(|_| self.credential().cloned());
        Ok(match self.exchange(request, credential).await {
            Ok(response) => Ok(response),
            Err(error) => Err(wit::Error {
                code: error.kind.code().to_owned(),
                sent: error.wire.may_have_arrived(),
                message: error.message,
            }),
        })
    }
}

impl GuestState {
    async fn exchange(
        &mut self,
        request: wit::Request,
        credential: Option<Arc<Credential>>,
    ) -> Result<wit::Response, EgressError> {
        let recorder = self.host.recorder.clone();
        let sent = recorder.as_ref().map(|_| described(&request));
        let exchange = match self.prepare_exchange(request, credential) {
            Ok(exchange) => exchange,
            Err(error) => {
                if let (Some(recorder), Some(sent)) = (recorder, sent) {
                    let answer = Err(error.message.clone());
                    recorder.deny(SentRequest { answer, ..sent });
                }
                return Err(error);
            }
        };
        let acts = exchange.template.method != Method::Get;
        let began = Instant::now();
        // Host functions run on the guest's fiber, whose stack is small; TLS and JSON run in a task on the host's own stack.
        let exchange = self.call.cpu.clone().of_host(Box::pin(exchange.run()));
        let (guard, answer) = match tokio::spawn(exchange).await {
            Ok(done) => done,
            Err(_) => {
                let error = EgressError {
                    kind: EgressErrorKind::Interrupted,
                    wire: WireEvidence::SomeBytesWritten,
                    message: "internal error of the host while sending the request".to_owned(),
                };
                (None, Err(error))
            }
        };
        if let (Some(recorder), Some(sent)) = (recorder, sent) {
            let answer = answer
                .as_ref()
                .map(|answer| answer.status)
                .map_err(|error| error.message.clone());
            let elapsed = began.elapsed();
            recorder.update(|record| {
                record.requests.push(SentRequest {
                    answer,
                    elapsed,
                    ..sent
                })
            });
        }
        if let Some(call_state) = &mut self.call_state {
            call_state.charge = guard;
            let answer = answer.as_ref().map(|it| it.status).map_err(|error| error.wire);
            call_state.traffic.record(acts, answer);
        }
        answer
    }

    /// Check the request against the function's permissions and limits, and take what the exchange needs.
    fn prepare_exchange(
        &mut self,
        request: wit::Request,
        credential: Option<Arc<Credential>>,
    ) -> Result<Exchange, EgressError> {
        self.check_permission()?;
        let limit = self.request_time();
        if limit.is_zero() {
            return Err(EgressError {
                kind: EgressErrorKind::Timeout,
                wire: WireEvidence::NothingSent,
                message: "the call has no time left for a request; nothing was sent".to_owned(),
            });
        }
        self.check_limits()?;
        let (upstream, template) = read(request)?;
        if upstream.len() + template.size() > self.call.limits.http_request_bytes {
            return Err(EgressError::invalid(format!(
                "the request is larger than {} bytes",
                self.call.limits.http_request_bytes
            )));
        }
        Ok(Exchange {
            call_credential: self.credential().cloned(),
            charging: self.call.function == Function::Charge,
            client: self.host.client.clone(),
            grants: Arc::clone(&self.host.grants),
            upstream,
            credential,
            template,
            limit,
            max_response_bytes: self.call.limits.http_response_bytes,
            charge: self.call_state.as_mut().and_then(|call_state| call_state.charge.take()),
        })
    }

    fn check_permission(&self) -> Result<(), EgressError> {
        let name = self.call.function.name();
        let denied = || format!("egress.send may not be used by {name}; the contract says which functions may");
        let allowed = self.call.function.egress().then_some(());
        allowed.ok_or_else(|| EgressError::denied(denied()))
    }

    fn check_limits(&mut self) -> Result<(), EgressError> {
        let function = self.call.function;
        let limit = self.call.limits.http_calls;
        let Some(call_state) = self.call_state.as_mut() else {
            return Err(EgressError::denied("egress.send may not be used outside a call"));
        };
        if call_state.traffic.calls >= limit {
            return Err(EgressError::denied(format!(
                "over {limit} requests in one phase, the limit of {}; fetch more data with each request",
                function.name()
            )));
        }
        call_state.traffic.calls += 1;
        call_state.traffic.used = true;
        Ok(())
    }
}

/// One request and its response, independent of the guest's store so that it can run in a task of its own.
struct Exchange {
    client: Client,
    grants: Arc<dyn Grants>,
    upstream: String,
    /// Credential that fills the request. `None` when the plugin did not pass its handle.
    credential: Option<Arc<Credential>>,
    /// Credential of the call, passed or not: the response is redacted of its values.
    call_credential: Option<Arc<Credential>>,
    /// Whether the request is sent within `payments.charge`.
    charging: bool,
    template: Template,
    limit: Duration,
    max_response_bytes: usize,
    charge: Option<ChargeGuard>,
}

impl Exchange {
    async fn run(mut self) -> (Option<ChargeGuard>, Result<wit::Response, EgressError>) {
        let mut guard = self.charge.take();
        let answer = self.send(guard.as_mut()).await;
        (guard, answer)
    }

    async fn send(&self, guard: Option<&mut ChargeGuard>) -> Result<wit::Response, EgressError> {
        let name = &self.upstream;
        let upstream = self.grants.upstream(name).ok_or_else(|| {
            EgressError::denied(format!(
                "upstream {name} is not granted; name it in the manifest and set its base_url for this merchant"
            ))
        })?;
        let filler = TemplateFiller {
            upstream,
            secrets: self.grants.secrets(),
            credential: self.credential.as_deref(),
        };
        let (mut request, mut redactor) = filler.complete(&self.template)?;
        for (_, value) in self.call_credential.iter().flat_map(|held| &held.slots) {
            redactor.add(value.reveal());
        }
        request.timeout = request.timeout.min(self.limit);
        request.max_response_bytes = self.max_response_bytes;
        // Filling in and signing took time of a thread that others wait for.
        tokio::task::yield_now().await;
        let acts = self.template.method != Method::Get;
        if acts && self.charging && guard.is_none() {
            return Err(EgressError::denied(
                "an earlier request of this charge failed inside the host; this request was not sent",
            ));
        }
        let charge = guard.filter(|_| acts);
        request.connection = if charge.is_some() {
            Connection::Fresh
        } else {
            Connection::Pooled
        };
        let answer = match charge {
            None => self.client.send(upstream, request).await.and_then(readable),
            Some(guard) => {
                request.timeout_starts = Some(Instant::now());
                guard.admit(self.template.digest(name)).await?;
                if let Some((header, key)) = guard.idempotency_header() {
                    set_header(&mut request, header, key);
                }
                let answer = self.client.send(upstream, request).await.and_then(readable);
                guard.record_evidence(match &answer {
                    Ok(response) => evidence_of(response.status),
                    Err(error) => error.wire,
                });
                answer
            }
        };
        let answer = answer?;
        tokio::task::yield_now().await;
        Ok(scrub(&answer, &redactor))
    }
}

/// Reject a compressed response: its body cannot be redacted, and its outcome is unknown.
fn readable(response: HttpResponse) -> Result<HttpResponse, EgressError> {
    match response.header("content-encoding") {
        None | Some("identity") => Ok(response),
        Some(_) => Err(EgressError {
            kind: EgressErrorKind::Refused,
            wire: WireEvidence::StatusLineSeen,
            message: "the response is compressed; only uncompressed responses are supported".to_owned(),
        }),
    }
}

fn set_header(request: &mut HttpRequest, name: &str, value: &str) {
    request.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
    request.headers.push((name.to_owned(), HeaderText::from(value)));
}

fn scrub(response: &HttpResponse, redactor: &Redactor) -> wit::Response {
    wit::Response {
        status: response.status,
        headers: response
            .headers
            .iter()
            .filter(|(name, _)| name != "set-cookie")
            .map(|(name, value)| (name.clone(), redactor.scrub_text(value)))
            .collect(),
        body: redactor.scrub(&response.body),
    }
}

/// Maximum number of headers of a request, of fills of a body and of query parameters. Bounded because each costs the host more
/// than its bytes, and because the response is searched for each fill.
const MAX_HEADERS: usize = 64;
const MAX_FILLS: usize = 256;
const MAX_PARAMETERS: usize = 256;
/// Maximum number of signatures of a request, and of parts of each: a signature hashes the whole body again.
const MAX_SIGNATURES: usize = 4;
const MAX_PARTS: usize = 16;
/// Maximum length of a name that an error repeats, in characters.
const REPEATED: usize = 64;

/// The record of a request before it has a response.
fn described(request: &wit::Request) -> SentRequest {
    let method = Method::parse(&request.method);
    SentRequest {
        upstream: request.upstream.clone(),
        method: method.map_or_else(|| request.method.clone(), |method| method.name().to_owned()),
        path: request.path.clone(),
        answer: Err(String::new()),
        elapsed: Duration::ZERO,
    }
}

/// Convert a request of the contract into the upstream's name and a template.
///
/// # Errors
/// When the method is unknown, a list is too long, or a `GET` has a body.
fn read(request: wit::Request) -> Result<(String, Template), EgressError> {
    let method = Method::parse(&request.method).ok_or_else(|| {
        let given: String = request.method.chars().take(REPEATED).collect();
        EgressError::invalid(format!("method {given:?}: use GET, POST, PUT, PATCH or DELETE"))
    })?;
    check_counts(&request)?;
    let body = match request.body {
        wit::Body::Empty => TemplateBody::Empty,
        wit::Body::Bytes((content_type, bytes)) => TemplateBody::Bytes(content_type, bytes),
        wit::Body::Form(fields) => TemplateBody::Form(fills(fields)),
        wit::Body::Json(json) => TemplateBody::Json(json.document, fills(json.fills)),
    };
    if method == Method::Get && body != TemplateBody::Empty {
        return Err(EgressError::invalid("a GET request must not have a body"));
    }
    let template = Template {
        method,
        path: request.path,
        query: request.query,
        headers: fills(request.headers),
        body,
        timeout: request.timeout_ms.map(|ms| Duration::from_millis(ms.into())),
    };
    Ok((request.upstream, template))
}

/// Check the lengths of all lists of a request, before anything in them is converted.
fn check_counts(request: &wit::Request) -> Result<(), EgressError> {
    let fills_of_body = match &request.body {
        wit::Body::Empty | wit::Body::Bytes(_) => 0,
        wit::Body::Form(fields) => fields.len(),
        wit::Body::Json(json) => json.fills.len(),
    };
    if request.headers.len() > MAX_HEADERS || fills_of_body > MAX_FILLS {
        return Err(EgressError::invalid(format!(
            "a request has at most {MAX_HEADERS} headers, and its body at most {MAX_FILLS} fields or fills"
        )));
    }
    if request.query.len() > MAX_PARAMETERS {
        let given = request.query.len();
        return Err(EgressError::invalid(format!(
            "a request has at most {MAX_PARAMETERS} query parameters, not {given}"
        )));
    }
    let mut signatures = 0;
    for (name, value) in &request.headers {
        if let wit::Fill::Hmac(spec) = value {
            signatures += 1;
            check_parts(name, &spec.parts)?;
        }
    }
    if signatures > MAX_SIGNATURES {
        return Err(EgressError::invalid(format!(
            "a request has at most {MAX_SIGNATURES} headers with an hmac, not {signatures}"
        )));
    }
    Ok(())
}

fn check_parts(header: &str, parts: &[wit::HmacPart]) -> Result<(), EgressError> {
    let header: String = header.chars().take(REPEATED).collect();
    if parts.len() > MAX_PARTS {
        let given = parts.len();
        return Err(EgressError::invalid(format!(
            "header {header}: an hmac has at most {MAX_PARTS} parts, not {given}"
        )));
    }
    let bodies = parts.iter().filter(|part| matches!(part, wit::HmacPart::Body)).count();
    if bodies > 1 {
        return Err(EgressError::invalid(format!(
            "header {header}: an hmac has the body at most once among its parts, not {bodies} times"
        )));
    }
    Ok(())
}

fn fills(fields: Vec<(String, wit::Fill)>) -> Vec<(String, FillValue)> {
    fields.into_iter().map(|(name, value)| (name, fill(value))).collect()
}

fn fill(fill: wit::Fill) -> FillValue {
    match fill {
        wit::Fill::Text(text) => FillValue::Text(text),
        wit::Fill::Secret(name) => FillValue::Secret(name),
        wit::Fill::Bearer(name) => FillValue::Bearer(name),
        wit::Fill::Slot(slot) => FillValue::Slot(SlotFill {
            field: slot.field,
            format: slot.format,
        }),
        wit::Fill::Hmac(spec) => FillValue::Hmac(HmacSpec {
            secret: spec.secret,
            algorithm: spec.algorithm,
            encoding: spec.encoding,
            parts: spec.parts.into_iter().map(part).collect(),
        }),
    }
}

fn part(part: wit::HmacPart) -> HmacPart {
    match part {
        wit::HmacPart::Text(text) => HmacPart::Text(text),
        wit::HmacPart::Body => HmacPart::Body,
        wit::HmacPart::Path => HmacPart::Path,
    }
}
