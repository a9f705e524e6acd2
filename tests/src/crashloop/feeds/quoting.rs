//! Agents that read a catalog: each quote is of one generation, and a session stays with its own, at every host.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::acp::Release;
use crate::client::{Client, Request};
use crate::fixtures;
use crate::http_response::HttpResponse;

use super::super::random::Random;
use super::{Generation, Run, Seller};

const RELEASE: Release = Release::V2026_04_17;

/// Sessions that are quoted again later.
const KEPT: usize = 4;

/// Quotes until the run is over.
pub(super) async fn work(run: Arc<Run>, seller: Arc<Seller>, mut random: Random) {
    let client = run.shop.client(seller.name);
    let mut kept: Vec<(String, u32)> = Vec::new();
    while !run.is_over() {
        if random.one_in(3) {
            if run.generation_in_force(&seller, &mut random).await.is_some() {
                run.counts.whole_reads.fetch_add(1, Ordering::Relaxed);
            }
        } else if let Some(quoted) = quote(&run, &seller, &client, &mut random).await {
            kept.push(quoted);
        }
        if kept.len() > KEPT {
            let (session, number) = kept.remove(0);
            quote_again(&run, &seller, &client, &session, number, &mut random).await;
        }
        sleep(Duration::from_millis(random.below(40))).await;
    }
}

/// A new session, and the generation that it was quoted from.
async fn quote(run: &Run, seller: &Seller, client: &Client, random: &mut Random) -> Option<(String, u32)> {
    let known = seller.known();
    let cart = Generation::cart(seller.name);
    let cart: Vec<(&str, u32)> = cart.iter().map(|(id, units)| (id.as_str(), *units)).collect();
    let request = client.post("/checkout_sessions").json(&fixtures::cart(RELEASE, &cart));
    let session = send(run, request, 201, random).await?;
    let seen = generation(seller, &session);
    match seen {
        Some(seen) if seller.may_show(known, seen) => {
            run.counts.quotes.fetch_add(1, Ordering::Relaxed);
            Some((session.id().to_owned(), seen))
        }
        _ => {
            run.violated(format!(
                "{} quotes {seen:?} after {known}: {}",
                seller.name,
                totals(&session)
            ));
            None
        }
    }
}

/// A session that was quoted before, at any host, after other generations came into force.
async fn quote_again(run: &Run, seller: &Seller, client: &Client, session: &str, number: u32, random: &mut Random) {
    let address = fixtures::delivery(RELEASE, &fixtures::address());
    let request = client.post(&format!("/checkout_sessions/{session}")).json(&address);
    let Some(session) = send(run, request, 200, random).await else {
        return;
    };
    if generation(seller, &session) == Some(number) {
        run.counts.kept_quotes.fetch_add(1, Ordering::Relaxed);
    } else {
        run.violated(format!(
            "a session of generation {number} of {} is quoted anew: {}",
            seller.name,
            totals(&session)
        ));
    }
}

/// The answer of any host; `None` if it was killed meanwhile.
async fn send(run: &Run, request: Request, status: u16, random: &mut Random) -> Option<HttpResponse> {
    let host = run.hosts.any(random).await;
    let request = request.acp(RELEASE).key(&crate::client::fresh_key()).to(host);
    let answer = request.try_send().await.ok()?;
    if answer.status != status && answer.status < 500 {
        run.violated(format!("{} instead of {status}: {}", answer.status, answer.json));
    }
    (answer.status == status).then_some(answer)
}

fn generation(seller: &Seller, session: &HttpResponse) -> Option<u32> {
    Generation::of_cart(seller.name, session.total("items_base_amount")).map(|generation| generation.number)
}

fn totals(session: &HttpResponse) -> &Value {
    &session["totals"]
}
