//! Agents: each begins one purchase after another, until enough were begun.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tillhouse_sandbox::agent::Wallet;
use tokio::sync::watch;

use crate::client::Client;

use super::Settings;
use super::outside::{MadePayment, OutsideCheckout, OutsidePurchase};
use super::purchase::Purchase;
use super::random::Random;
use super::recording_client::RecordingClient;
use super::shop::{Shop, TENANTS};

/// State shared by all agents.
#[derive(Debug)]
pub(super) struct Agents {
    pub(super) recorder: RecordingClient,
    pub(super) wallet: Wallet,
    /// One client for each of [`TENANTS`].
    pub(super) clients: [Client; 2],
    /// Payment requests that were sent at least once.
    pub(super) payments: AtomicU64,
    checkouts: Mutex<Vec<Checkout>>,
    outside_checkouts: Mutex<Vec<OutsideCheckout>>,
    begun: watch::Sender<u64>,
    purchases: u64,
    /// Whether agents buy through Adyen only.
    only_adyen: bool,
    /// Whether agents go on although enough purchases were begun.
    more: AtomicBool,
}

/// A checkout that an agent created.
#[derive(Clone, Debug)]
pub(super) struct Checkout {
    pub(super) id: String,
    /// Index of the merchant in [`TENANTS`].
    pub(super) tenant: usize,
    pub(super) protocol: super::purchase::Protocol,
    /// Whether it was paid with the card whose charges have a wrong amount.
    pub(super) wrong_amount: bool,
}

impl Agents {
    pub(super) fn new(shop: &Shop, settings: Settings) -> Self {
        Self {
            recorder: RecordingClient::new(shop.host_pool()),
            wallet: shop.wallet(),
            clients: TENANTS.map(|tenant| shop.client(tenant)),
            payments: AtomicU64::new(0),
            checkouts: Mutex::default(),
            outside_checkouts: Mutex::default(),
            begun: watch::Sender::new(0),
            purchases: settings.purchases,
            only_adyen: settings.only_adyen,
            more: AtomicBool::new(settings.nodes > 1),
        }
    }

    /// Buys until enough purchases were begun, and as long as more are wanted.
    pub(super) async fn work(&self, number: u32, mut random: Random) {
        loop {
            let mut mine = false;
            self.begun.send_modify(|begun| {
                mine = *begun < self.purchases || self.more.load(Ordering::Relaxed);
                *begun += u64::from(mine);
            });
            if !mine {
                return;
            }
            if self.only_adyen || random.one_in(5) {
                OutsidePurchase::of(self, &mut random).make().await;
            } else {
                Purchase::of(self, number, &mut random).make().await;
            }
        }
    }

    /// Ends the extra purchases: agents stop as soon as the number asked for was begun.
    pub(super) fn stop_extra_purchases(&self) {
        self.more.store(false, Ordering::Relaxed);
    }

    /// Waits until this many purchases were begun.
    pub(super) async fn begun(&self, count: u64) {
        let mut begun = self.begun.subscribe();
        let _ = begun.wait_for(|begun| *begun >= count).await;
    }

    /// Number of purchases begun so far.
    pub(super) fn purchases(&self) -> u64 {
        *self.begun.borrow()
    }

    pub(super) fn opened(&self, checkout: Checkout) {
        self.checkouts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(checkout);
    }

    /// Every checkout created so far.
    pub(super) fn checkouts(&self) -> Vec<Checkout> {
        self.checkouts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn opened_elsewhere(&self, checkout: OutsideCheckout) {
        self.outside().push(checkout);
    }

    /// Every checkout of Adyen so far, with its payments.
    pub(super) fn outside_checkouts(&self) -> Vec<OutsideCheckout> {
        self.outside().clone()
    }

    /// Records that Adyen has made a payment, before it reports it.
    pub(super) fn paid_elsewhere(&self, id: &str, payment: MadePayment) {
        let mut checkouts = self.outside();
        if let Some(checkout) = checkouts.iter_mut().rev().find(|checkout| checkout.id == id) {
            checkout.payments.push(payment);
        }
    }

    fn outside(&self) -> std::sync::MutexGuard<'_, Vec<OutsideCheckout>> {
        self.outside_checkouts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the card with a wrong amount is about to be used for this checkout.
    pub(super) fn mark_wrong_amount(&self, id: &str) {
        let mut checkouts = self.checkouts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(checkout) = checkouts.iter_mut().rev().find(|checkout| checkout.id == id) {
            checkout.wrong_amount = true;
        }
    }

    pub(super) fn paid(&self) {
        self.payments.fetch_add(1, Ordering::Relaxed);
    }
}
