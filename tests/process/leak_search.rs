//! Searches for card numbers and keys in everything that a host leaves behind, after every kind of payment, with all logging on; and for
//! buyers in its log.

mod called_by_adyen;
mod delegated;
mod haystack;
mod hooked_by_stripe;
mod needle;

use libtest_mimic::Trial;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_sandbox::card::TEST_CARDS;
use tillhouse_sandbox::{Fault, Sandbox};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Acp, Builder, HttpResponse, Merchant, TestFolder, TestHost, hostile};

use crate::{block_on, trial};
use delegated::Delegated;
use haystack::Haystack;
use needle::Needle;

/// Name of the merchant; makes its key and its signing secret unique texts.
const SHOP: &str = "canary7q2x";
/// Name of the merchant whose plugin traps after the charge.
const TRAPS: &str = "trapping7q2x";

const STRIPE_KEY: &str = "sk_test_Canary51Qx7WvZkP0m";
const ACQUIRER_KEY: &str = "acq+Canary/9tLr3YbUe==";

/// All targets except the compiler, which logs gigabytes and never handles a payment.
const FILTER: &str = "trace,cranelift_codegen=off,cranelift_frontend=off,regalloc2=off,wasmtime_internal_cranelift=off";

const CARD: &str = "pm_card_canary";
const SINGLE_USE: &str = "pm_card_mastercard";
const DECLINED: &str = "pm_card_chargeDeclined";
const TRAPPED: &str = "pm_card_visa";
const CARDS: [&str; 4] = [CARD, SINGLE_USE, DECLINED, TRAPPED];

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "leak_search::the_search_finds_every_planted_secret",
            planted_needles_are_found,
        ),
        trial("leak_search::no_card_and_no_key_is_left_anywhere", || {
            block_on(nothing_is_left())
        }),
    ]
}

fn plan() -> Builder {
    let shop = Merchant::named(SHOP)
        .acquirer("timeout_ms = 2000")
        .set("vault.per_minute = 100")
        .set(delegated::ADYEN)
        .set(&called_by_adyen::settings());
    TestHost::builder()
        .merchant(shop)
        .merchant(hostile::merchant(TRAPS, "charge-mode = \"trap-after\""))
        .api_keys(STRIPE_KEY, ACQUIRER_KEY)
        .set(&format!("telemetry.filter = \"{FILTER}\""))
        .set(&delegated::settings())
}

async fn nothing_is_left() {
    let mut host = HostProcess::start(plan(), &[]).await;
    let mut delegated = Delegated::default();
    succeeds(&host).await;
    delegated.succeeds(&host).await;
    is_declined(&host).await;
    traps(&host).await;
    times_out(&host).await;
    // A card that waits in the vault is searched for like any other.
    delegated.waits(&host).await;
    delegated.waits_in_the_shape_of_adyen(&host).await;
    called_by_adyen::calls(&host).await;
    hooked_by_stripe::calls(&host).await;
    is_clean(&host, &delegated, "while the host runs");
    let sessions = crashes(&mut host, &mut delegated).await;
    is_clean(&host, &delegated, "after the crash");
    host.start_again().await;
    for session in sessions {
        is_settled(host.acp(), session.id(), "completed").await;
    }
    is_clean(&host, &delegated, "after the recovery");
    host.stop();
    is_clean(&host, &delegated, "at the end");
}

/// Pays with a network token over ACP, and with a single-use number over Stripe.
async fn succeeds(host: &HostProcess) {
    let session = host.acp().ready(ITEM).await;
    let _ = pay(host, &host.acp(), &session, CARD).await.expect(200).is("completed");
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(ITEM).await;
    let token = host.token_of(SINGLE_USE, checkout.total("total")).await;
    let _ = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
}

async fn is_declined(host: &HostProcess) {
    let session = host.acp().ready(ITEM).await;
    let declined = pay(host, &host.acp(), &session, DECLINED).await;
    assert_ne!(declined.json["status"], "completed", "{}", declined.text());
    is_settled(host.acp(), session.id(), "ready_for_payment").await;
}

async fn traps(host: &HostProcess) {
    let agent = host.acp_at(TRAPS);
    let session = agent.ready(ITEM).await;
    let _ = pay(host, &agent, &session, TRAPPED)
        .await
        .expect(200)
        .is("complete_in_progress");
    is_settled(agent, session.id(), "completed").await;
}

async fn times_out(host: &HostProcess) {
    let session = host.acp().ready(ITEM).await;
    host.sandbox.acquirer.fail_next(Operation::Charge, Fault::Hang);
    let _ = pay(host, &host.acp(), &session, CARD)
        .await
        .expect(200)
        .is("complete_in_progress");
}

/// Kills the host while the processor works on a charge of a token, and on one of a delegated card.
async fn crashes(host: &mut HostProcess, delegated: &mut Delegated) -> [HttpResponse; 2] {
    let session = host.acp().ready(ITEM).await;
    let token = host.token_of(CARD, session.total("total")).await;
    let other = host.acp().ready(ITEM).await;
    let of_vault = delegated.token(host, &other).await;
    let hold = host.sandbox.acquirer.hold(Operation::Charge);
    let paying = [
        host.acp().completion(session.id(), &token),
        delegated::completion(host, &other, &of_vault),
    ];
    let paying = paying.map(|request| tokio::spawn(request.try_send()));
    hold.arrived(2).await;
    host.kill();
    hold.release();
    paying.iter().for_each(tokio::task::JoinHandle::abort);
    [session, other]
}

async fn pay(host: &HostProcess, agent: &Acp<'_>, session: &HttpResponse, card: &str) -> HttpResponse {
    let token = host.token_of(card, session.total("total")).await;
    agent.complete(session.id(), &token).await
}

async fn is_settled(agent: Acp<'_>, session: &str, status: &str) {
    wait_until(&format!("the session is {status}"), async || {
        agent.retrieve(session).await["status"] == status
    })
    .await;
}

/// Texts that must not be found: the number of every card used, and every key.
fn needles(sandbox: &Sandbox, delegated: &Delegated) -> Vec<Needle> {
    let numbers = TEST_CARDS
        .iter()
        .filter(|card| CARDS.contains(&card.payment_method))
        .map(|card| Needle::number(card.payment_method, card.number));
    let cryptograms = sandbox.stripe.tokens().into_iter();
    let cryptograms = cryptograms.map(|token| Needle::encoded("cryptogram", &token.cryptogram()));
    let keys = [
        ("Stripe key", STRIPE_KEY.to_owned()),
        ("acquirer key", ACQUIRER_KEY.to_owned()),
        ("agent key", Merchant::acp_key(SHOP)),
        ("signing secret", Merchant::signing_secret(SHOP)),
        ("agent key", Merchant::acp_key(TRAPS)),
    ];
    let keys = keys.into_iter().map(|(name, key)| Needle::text(name, &key));
    numbers
        .chain(cryptograms)
        .chain(keys)
        .chain(delegated.needles())
        .chain(called_by_adyen::needles())
        .collect()
}

fn found(needles: &[Needle], haystacks: &[Haystack]) -> Vec<String> {
    let pairs = haystacks
        .iter()
        .flat_map(|hay| needles.iter().map(move |needle| (hay, needle)));
    pairs
        .flat_map(|(hay, needle)| {
            let forms = needle.found_in(&hay.bytes);
            forms.map(move |form| format!("{} as {form} in {}", needle.name, hay.name))
        })
        .collect()
}

fn is_clean(host: &HostProcess, delegated: &Delegated, when: &str) {
    let haystacks = haystack::of(host);
    let kept = |place: &str| haystacks.iter().any(|hay| hay.name == place && !hay.bytes.is_empty());
    assert!(kept("table vault"), "{when}: there is a card to search for");
    assert!(!kept("backup: table vault"), "{when}: no card is in a backup");
    assert!(
        when != "after the crash" || kept("tillhouse.db-wal"),
        "a host that was killed leaves its log of writes"
    );
    for place in [
        "tillhouse.db",
        "table outbox",
        "table idempotency",
        "table attempt",
        "log",
        "backup: tillhouse.db",
        "backup: table attempt",
    ] {
        let size: usize = haystacks
            .iter()
            .filter(|hay| hay.name == place)
            .map(|hay| hay.bytes.len())
            .sum();
        assert!(size > 0, "{when}: {place} is missing or empty: {:?}", names(&haystacks));
    }
    let log = host.log();
    let level = b"TRACE";
    assert!(
        log.windows(level.len()).any(|window| window == level),
        "the log has no lines at TRACE"
    );
    let mut leaks = found(&needles(&host.sandbox, delegated), &haystacks);
    leaks.extend(found(&hooked_by_stripe::buyer(), &[Haystack::new("log", log)]));
    assert!(leaks.is_empty(), "{when}:\n{}", leaks.join("\n"));
}

fn names(haystacks: &[Haystack]) -> Vec<&str> {
    haystacks.iter().map(|hay| hay.name.as_str()).collect()
}

/// Plants each needle in each of its forms in the middle of a file, across two pages of a database, and in a log.
fn planted_needles_are_found() {
    let needles = [
        Needle::number("card", "4539578763621486"),
        Needle::encoded("cryptogram", "3q2+7wABAgMEBQYHCAkKCwwNDg8="),
        Needle::text("key", ACQUIRER_KEY),
    ];
    for needle in &needles {
        for (form, planted) in needle.plantings() {
            let folder = TestFolder::new();
            folder.write("some.file", [b"before ", planted.as_slice(), b" after"].concat());
            haystack::plant_in_database(folder.path(), &planted);
            let haystacks = haystack::below(folder.path());
            for place in ["some.file", "table outbox"] {
                let there: Vec<_> = haystacks.iter().filter(|hay| hay.name == place).cloned().collect();
                let found = found(&needles, &there);
                assert!(
                    found.iter().any(|found| found.starts_with(needle.name)),
                    "{form} in {place}: {found:?}"
                );
            }
        }
        let innocent = Haystack::new(
            "innocent",
            b"tok_1 4242 total 45.98 USD sk_test_[redacted] [card]".to_vec(),
        );
        assert!(found(&needles, &[innocent]).is_empty());
    }
}
