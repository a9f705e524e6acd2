//! A purchase at a merchant whose payments Adyen takes, in every release.
//!
//! The releases before 2026-01-30 have a list of payment providers with Stripe alone. Their bodies are held to the schema with that list
//! widened, and are counted apart; that nothing else of them differs is checked by the schema as it is, which refuses them.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use tillhouse_tests::{Merchant, Release, Shared, TestHost, fixtures};
use tokio::runtime::Runtime;

use crate::coverage;
use crate::official::{self, Official};

static HOST: Shared = Shared::of(|| {
    let merchant = Merchant::named("demo").adyen();
    TestHost::builder().merchant(merchant.set("adyen.acp.older_releases = true"))
});

/// Trials of every release; reported as ignored without its schema.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let trial = |release: Release| {
        let file = official::file(folder, release);
        let is_absent = !file.is_file();
        let run = move || {
            let strict = Official::read(release, &file);
            let widened = Official::read(release, &file).with_provider("adyen");
            Runtime::new()?.block_on(a_purchase_at_adyen(release, &strict, &widened))
        };
        Trial::test(format!("{}::a_purchase_at_adyen", release.as_str()), run).with_ignored_flag(is_absent)
    };
    Release::ALL.into_iter().map(trial).collect()
}

async fn a_purchase_at_adyen(release: Release, strict: &Official, widened: &Official) -> Result<(), Failed> {
    let host = HOST.get().await;
    let agent = host.acp(release);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host
        .adyen()
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let payment = fixtures::payment_at_adyen(release, &token);
    let path = format!("/checkout_sessions/{}/complete", session.id());
    let done = agent
        .post(&path)
        .json(&payment)
        .send()
        .await
        .expect(200)
        .is("completed");
    let read = agent.retrieve(session.id()).await;
    let check = |definition: &str, body: &Value| {
        widened.check(definition, body)?;
        if strict.accepts(definition, body) != release.has_payment_handlers() {
            return Err(Failed::from(format!("{definition} does not name Adyen: {body:#}")));
        }
        coverage::saw_at_adyen(release);
        Ok(())
    };
    check("CheckoutSession", &session.json)?;
    check("CheckoutSessionCompleteRequest", &payment)?;
    check("CheckoutSessionWithOrder", &done.json)?;
    check("CheckoutSession", &read.json)
}
