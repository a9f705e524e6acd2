//! What must be so in the end: every upload got to the other party once and is told as it ended there, and both parties have the catalogs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedUpload};
use tillhouse_sandbox::acp_feed::HostedFeed;
use tillhouse_sandbox::stripe::feeds::{FeedImport, ImportStatus};

use super::super::random::Random;
use super::{Generation, Run, Seller};

/// Checks everything; returns the uploads.
pub(super) async fn check(run: &Run, random: &mut Random) -> Vec<FeedUpload> {
    let uploads = run.uploads().await;
    let imports = run.shop.sandbox.stripe.feed_imports();
    for upload in &uploads {
        check_upload(run, upload, &imports).await;
    }
    check_imports(run, &uploads, &imports);
    for seller in &run.sellers {
        let in_force = run.generation_in_force(seller, random).await;
        if in_force != Some(seller.known()) {
            run.violated(format!("{} has {in_force:?} and not {}", seller.name, seller.known()));
        }
        check_stripe(run, seller);
    }
    check_agent(run);
    uploads
}

/// An upload is over, and told as it ended.
async fn check_upload(run: &Run, upload: &FeedUpload, imports: &[FeedImport]) {
    let id = &upload.id;
    if upload.status.is_open() || upload.ended.is_none() {
        run.violated(format!("{id} is not over: {upload:?}"));
    }
    if upload.transport == FeedTransport::AcpFeed {
        return;
    }
    let import = upload.remote.import.as_deref();
    let import = imports.iter().find(|known| Some(known.id.as_str()) == import);
    let told = (upload.status.as_str(), upload.counts.taken, upload.counts.refused);
    let expected = match import.map(|import| &import.status) {
        Some(ImportStatus::Ended { successes, errors, .. }) => {
            let status = match errors.len() {
                0 => FeedStatus::Succeeded,
                _ => FeedStatus::SucceededWithErrors,
            };
            let rows = run.refused_rows(upload).await;
            if rows != errors.len() {
                run.violated(format!(
                    "{id} has {rows} refused rows, and Stripe refused {}",
                    errors.len()
                ));
            }
            (status, Some(*successes as u64), Some(errors.len() as u64))
        }
        // A file without rows is not sent.
        Some(ImportStatus::Failed(_)) | None => (FeedStatus::Failed, None, told.2),
        Some(other) => return run.violated(format!("{id} is over, and at Stripe {other:?}")),
    };
    if told != (expected.0.as_str(), expected.1, expected.2) {
        run.violated(format!("{id} is told as {told:?}, and ended as {expected:?}"));
    }
}

/// Stripe got no file, and began no import, but those that the uploads know; and each once.
fn check_imports(run: &Run, uploads: &[FeedUpload], imports: &[FeedImport]) {
    let files = run.shop.sandbox.stripe.feed_files();
    let mut sent: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.is_error_file) {
        *sent.entry(file.filename.as_str()).or_default() += 1;
    }
    let known: BTreeSet<&str> = uploads
        .iter()
        .filter_map(|upload| upload.remote.import.as_deref())
        .collect();
    for import in imports {
        if !known.contains(import.id.as_str()) {
            run.violated(format!("an import of which no upload knows: {import:?}"));
        }
        if import.uploads > 1 {
            run.violated(format!("a file was put {} times: {import:?}", import.uploads));
        }
    }
    for (name, times) in sent
        .into_iter()
        .filter(|(name, times)| name.starts_with("feed_") && *times > 1)
    {
        run.violated(format!("the file {name} was uploaded {times} times"));
    }
    let mut begun: BTreeMap<&str, u32> = BTreeMap::new();
    for id in imports.iter().filter_map(|import| import.metadata.get("upload")) {
        *begun.entry(id).or_default() += 1;
    }
    for (id, times) in begun.into_iter().filter(|(_, times)| *times > 1) {
        run.violated(format!("{times} imports of {id}"));
    }
}

/// Stripe has what the catalog has, and nothing that is gone.
fn check_stripe(run: &Run, seller: &Seller) {
    let expected = seller.generation(seller.known());
    let catalog = run.shop.sandbox.stripe.catalog();
    let all = Generation::all_items(seller.name);
    let there: BTreeSet<String> = catalog.items.keys().filter(|id| all.contains(*id)).cloned().collect();
    differ(
        run,
        &format!("Stripe's items of {}", seller.name),
        &there,
        &expected.items(),
    );
    for id in there.intersection(&expected.items()) {
        let price = catalog.items[id].column("price");
        if price != Some(expected.price().as_str()) {
            run.violated(format!(
                "Stripe has {id} for {price:?}, and not for {}",
                expected.price()
            ));
        }
    }
}

/// The agent has one feed of each merchant, with what the catalog has; what is gone cannot be bought.
fn check_agent(run: &Run) {
    let feeds = run.shop.sandbox.acp_feed.feeds();
    if feeds.len() != run.sellers.len() {
        run.violated(format!("the agent has {} feeds", feeds.len()));
    }
    for feed in &feeds {
        let keys: Vec<&str> = feed.upserts.iter().filter_map(|upsert| upsert.key.as_deref()).collect();
        if keys.len() != keys.iter().collect::<BTreeSet<_>>().len() || keys.len() != feed.upserts.len() {
            run.violated(format!("a batch was taken twice, or had no key: {keys:?}"));
        }
    }
    for seller in &run.sellers {
        let of_seller = |feed: &&HostedFeed| feed.variant(&format!("{}-00", seller.name)).is_some();
        match feeds.iter().find(of_seller) {
            Some(feed) => check_hosted(run, seller, feed),
            None => run.violated(format!("the agent has no feed of {}", seller.name)),
        }
    }
}

fn check_hosted(run: &Run, seller: &Seller, feed: &HostedFeed) {
    let expected = seller.generation(seller.known());
    let all = Generation::all_items(seller.name);
    let variants: BTreeMap<&String, &Value> = all.iter().filter_map(|id| Some((id, feed.variant(id)?))).collect();
    let is_offered = |variant: &Value| variant["availability"]["available"] == true;
    let offered = variants.iter().filter(|(_, variant)| is_offered(variant));
    let offered: BTreeSet<String> = offered.map(|(id, _)| (*id).clone()).collect();
    differ(
        run,
        &format!("the agent's items of {}", seller.name),
        &offered,
        &expected.items(),
    );
    for id in &offered {
        let price = &variants[id]["price"]["amount"];
        if *price != expected.cents() {
            run.violated(format!(
                "the agent has {id} for {price}, and not for {}",
                expected.cents()
            ));
        }
    }
}

fn differ(run: &Run, what: &str, there: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let more: Vec<_> = there.difference(expected).collect();
    let missing: Vec<_> = expected.difference(there).collect();
    if !more.is_empty() || !missing.is_empty() {
        run.violated(format!("{what}: {more:?} should be gone, {missing:?} are missing"));
    }
}
