//! Uploads of the feeds, one after the other to each destination.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::feed::{FeedStatus, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_payments::operator::feed_changes::UploadChanges;
use tillhouse_payments::operator::feeds::UploadFeed;
use tokio::time::sleep;

use super::super::random::Random;
use super::operating::products_of;
use super::{Run, Seller};

/// Name of the agent's endpoint.
pub(super) const AGENT: &str = "agent";

/// Where each merchant uploads to.
pub(super) const DESTINATIONS: [&str; 2] = ["stripe", AGENT];

/// Uploads after which the destination must have taken everything: the disturbances of earlier ones are used up.
const MAX_LAST_UPLOADS: u32 = 12;

/// Uploads until the run is over; the last upload is over then, too.
pub(super) async fn work(run: Arc<Run>, seller: Arc<Seller>, destination: &'static str, mut random: Random) {
    while !run.is_over() {
        if random.one_in(4) {
            ask_for_changes(&run, &seller, destination, &mut random).await;
        } else {
            ask(&run, &seller, destination, &mut random).await;
        }
        wait_until_over(&run, &seller, destination).await;
        sleep(Duration::from_millis(random.below(100))).await;
    }
}

/// Uploads the catalog in force to every destination, until all of it was taken.
pub(super) async fn upload_all(run: &Run, random: &mut Random) {
    for seller in &run.sellers {
        for destination in DESTINATIONS {
            let mut is_taken = false;
            for _ in 0..MAX_LAST_UPLOADS {
                let asked = ask(run, seller, destination, random).await;
                wait_until_over(run, seller, destination).await;
                let last = of_destination(run, seller, destination).await.pop();
                is_taken = last.is_some_and(|last| Some(last.id) == asked && last.status == FeedStatus::Succeeded);
                if is_taken {
                    break;
                }
            }
            if !is_taken {
                run.violated(format!("{destination} never takes everything of {}", seller.name));
            }
        }
    }
}

/// Asks for an upload of all products; its id. Without an answer it may have been asked for.
pub(super) async fn ask(run: &Run, seller: &Seller, destination: &str, random: &mut Random) -> Option<FeedUploadId> {
    let request = UploadFeed {
        target: products_of(seller, destination),
        beside: false,
        actor: "ada".to_owned(),
    };
    let asked = run.operate(&request, random).await.ok()?;
    if !run.uploads().await.iter().any(|upload| upload.id == asked.id) {
        run.violated(format!("{} was asked for, and is not there", asked.id));
    }
    Some(asked.id)
}

async fn ask_for_changes(run: &Run, seller: &Seller, destination: &str, random: &mut Random) {
    let request = UploadChanges {
        merchant: Some(MerchantId::new(seller.name)),
        destination: Some(destination.to_owned()),
    };
    // It waits for an upload of all products, and import sets take none; then nothing is asked for.
    let _ = run.operate(&request, random).await;
}

pub(super) async fn wait_until_over(run: &Run, seller: &Seller, destination: &str) {
    let wait = run.wait(format!("the upload of {} to {destination} is over", seller.name));
    loop {
        let mut open = of_destination(run, seller, destination).await;
        open.retain(|upload| upload.status.is_open());
        if open.len() > 1 {
            run.violated(format!(
                "uploads of {} to {destination} are open at once: {open:?}",
                seller.name
            ));
        }
        if open.is_empty() {
            return;
        }
        if !wait.goes_on().await {
            return run.violated(format!("what is open is {open:?}"));
        }
    }
}

async fn of_destination(run: &Run, seller: &Seller, destination: &str) -> Vec<FeedUpload> {
    let mut uploads = run.uploads().await;
    uploads.retain(|upload| upload.merchant.as_str() == seller.name && upload.destination == destination);
    uploads
}
