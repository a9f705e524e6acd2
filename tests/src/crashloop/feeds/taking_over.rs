//! A host is killed while it sends a file: another one goes on with the upload once the lease is over.

use std::sync::atomic::Ordering;

use tillhouse_sandbox::stripe::Operation;

use super::super::random::Random;
use super::uploading;
use super::{Run, SELLERS};

/// Runs on one host, which is killed in the middle of an upload; then on another one.
pub(super) async fn check(run: &Run, random: &mut Random) {
    let nodes = &run.shop.nodes;
    for (number, node) in nodes.iter().enumerate().skip(1) {
        run.shop.close(number);
        node.kill();
    }
    let seller = run.sellers.iter().find(|seller| seller.name == SELLERS[1].0);
    let seller = seller.expect("the sellers are those of the run");
    let held = run.shop.sandbox.stripe.hold(Operation::PutFeed);
    uploading::ask(run, seller, uploading::DESTINATIONS[0], random).await;
    held.arrived(1).await;
    nodes[1].start();
    run.shop.ready(1).await;
    run.shop.close(0);
    nodes[0].kill();
    held.release();
    uploading::wait_until_over(run, seller, uploading::DESTINATIONS[0]).await;
    if run.shop.sandbox.stripe.feed_imports().len() == 1 {
        run.counts.take_overs.fetch_add(1, Ordering::Relaxed);
    } else {
        run.violated("an upload was made again by the host that took it over");
    }
    for number in (0..nodes.len()).filter(|number| *number != 1) {
        nodes[number].start();
        run.shop.ready(number).await;
    }
}
