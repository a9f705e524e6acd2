//! Imports of one generation of a catalog after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::catalogs::ImportCatalog;
use tokio::time::sleep;

use super::super::random::Random;
use super::{Run, Seller};

/// Longest pause between two generations, in milliseconds.
const MAX_PAUSE_MS: u64 = 250;

/// Imports until the run is over.
pub(super) async fn work(run: Arc<Run>, seller: Arc<Seller>, mut random: Random) {
    while !run.is_over() {
        let number = seller.known() + 1;
        seller.asked.store(number, Ordering::SeqCst);
        if random.one_in(3) {
            // The hosts look at the configured file.
            write(&run, &format!("{}.csv", seller.name), &seller.generation(number).file());
        } else {
            import(&run, &seller, number, &mut random).await;
        }
        let wait = run.wait(format!("generation {number} of {} is in force", seller.name));
        while run.generation_in_force(&seller, &mut random).await != Some(number) && wait.goes_on().await {}
        seller.in_force.store(number, Ordering::SeqCst);
        run.counts.imports.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(random.below(MAX_PAUSE_MS))).await;
    }
}

/// Asks until it was done. Without an answer it may have been done; then the same import again changes nothing.
async fn import(run: &Run, seller: &Seller, number: u32, random: &mut Random) {
    let name = format!("{}-by-operator.csv", seller.name);
    write(run, &name, &seller.generation(number).file());
    let request = ImportCatalog {
        merchant: MerchantId::new(seller.name),
        file: run.shop.folder().join(name),
        feed: FeedType::Product,
        mode: ImportMode::Replace,
        encoding: None,
        separator: None,
        strict: true,
        keep_good: false,
        incomplete: false,
        stock_as_counted: false,
        errors: None,
        actor: "ada".to_owned(),
    };
    let wait = run.wait(format!("generation {number} of {} is imported", seller.name));
    while !is_imported(run, &request, random).await && wait.goes_on().await {}
}

async fn is_imported(run: &Run, request: &ImportCatalog, random: &mut Random) -> bool {
    let answer = run.operate(request, random).await;
    answer.is_ok_and(|done| done.refusal.is_none())
}

/// Writes a file all at once.
fn write(run: &Run, name: &str, content: &str) {
    let path = run.shop.folder().join(name);
    let written = path.with_extension("written");
    std::fs::write(&written, content).expect("the file can be written");
    std::fs::rename(written, path).expect("the file can be renamed");
}
