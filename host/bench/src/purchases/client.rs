//! One client: an agent that buys over one connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use hyper::StatusCode;
use serde::Deserialize;

use crate::connection::Connection;
use crate::figures::Samples;
use crate::load::Tickets;
use crate::request_templates::RequestTemplates;
use tillhouse_console::CommandError;

/// Maximum number of attempts while the host answers 503.
const MAX_ATTEMPTS: usize = 50;

/// Backoff before a retry.
const BACKOFF: Duration = Duration::from_millis(20);

/// The members of a response that a client reads.
#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    status: String,
}

/// Create sessions until there are no more tickets.
pub(super) async fn create_only(
    mut client: Connection,
    tickets: Tickets,
    templates: Arc<RequestTemplates>,
) -> Result<[Samples; 1], CommandError> {
    let mut created = Samples::default();
    while tickets.take().is_some() {
        create(&mut client, &templates, &mut created).await?;
    }
    Ok([created])
}

/// Make purchases (create, update, complete) until there are no more tickets or tokens.
pub(super) async fn buy(
    mut client: Connection,
    tickets: Tickets,
    templates: Arc<RequestTemplates>,
    tokens: Arc<Vec<String>>,
) -> Result<[Samples; 3], CommandError> {
    let [mut created, mut updated, mut completed]: [Samples; 3] = Default::default();
    while let Some(token) = tickets.take().and_then(|number| tokens.get(number)) {
        let id = create(&mut client, &templates, &mut created).await?;
        let path = format!("/checkout_sessions/{id}");
        let updating = (path.as_str(), StatusCode::OK, "ready_for_payment");
        step(&mut client, &templates, updating, templates.update(), &mut updated).await?;
        let path = format!("{path}/complete");
        let completing = (path.as_str(), StatusCode::OK, "completed");
        step(
            &mut client,
            &templates,
            completing,
            templates.complete(token),
            &mut completed,
        )
        .await?;
    }
    Ok([created, updated, completed])
}

async fn create(
    client: &mut Connection,
    templates: &RequestTemplates,
    samples: &mut Samples,
) -> Result<String, CommandError> {
    let creating = ("/checkout_sessions", StatusCode::CREATED, "not_ready_for_payment");
    step(client, templates, creating, templates.create(), samples).await
}

/// Perform one operation, with its path and the expected status of response and session.
///
/// Retries while the host answers 503; the measured time includes the retries.
async fn step(
    client: &mut Connection,
    templates: &RequestTemplates,
    (path, expected, state): (&str, StatusCode, &str),
    body: Bytes,
    samples: &mut Samples,
) -> Result<String, CommandError> {
    let began = Instant::now();
    let mut tries = 1;
    let (status, answer) = loop {
        let (status, answer) = client.post(path, &templates.headers()?, body.clone()).await?;
        if status != StatusCode::SERVICE_UNAVAILABLE || tries == MAX_ATTEMPTS {
            break (status, answer);
        }
        templates.count_refusal();
        tries += 1;
        tokio::time::sleep(BACKOFF).await;
    };
    samples.push(began.elapsed());
    let unexpected = || {
        let answer = String::from_utf8_lossy(&answer);
        CommandError(format!("{path} was answered {status} at attempt {tries}: {answer}"))
    };
    if status != expected {
        return Err(unexpected());
    }
    let session: Session = serde_json::from_slice(&answer)?;
    if session.status != state {
        return Err(unexpected());
    }
    Ok(session.id)
}
