#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod refunds;

use std::time::Duration;

use super::compare::{Window, compare};
use crate::testing::three_d_secure;
use tillhouse_checkout::attempt::AttemptStatus::{self, *};
use tillhouse_checkout::attempt::{
    Attempt, AttemptHistory, AttemptState, AuthenticationWait, Paid, RetrySchedule, SentCharge, Unpaid, WireEvidence,
};
use tillhouse_checkout::decision::{ListedCharge, OrderIdentity, Reservation};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{AttemptId, MerchantId, ProcessorReference, ReservationId, SessionId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::time::Timestamp;

const SENT: Timestamp = Timestamp(1_700_000_100_000);
const INVISIBLE: Duration = Duration::from_secs(60);

fn window() -> Window {
    Window {
        since: SENT.before(Duration::from_secs(600)),
        until: SENT.after(Duration::from_secs(600)),
        now: SENT.after(Duration::from_secs(3600)),
    }
}

fn ours(status: AttemptStatus) -> Attempt {
    Attempt {
        reference: "ref_1".into(),
        id: AttemptId::new("pa_1"),
        merchant: MerchantId::new("acme"),
        session: SessionId::new("cs_1"),
        payer: Payer::Token(PaymentToken::stripe("spt_1")),
        amount: Money {
            amount: Amount::new(4598).unwrap(),
            currency: Currency::new("usd").unwrap(),
        },
        resolve_key: "resolve".into(),
        charge_key: "charge".into(),
        report_key: "report".into(),
        order: OrderIdentity {
            id: "order-1".into(),
            number: None,
            permalink: "https://shop.example/orders/1".into(),
            confirmation: None,
        },
        reservation: Reservation {
            id: ReservationId::new("pa_1"),
            lines: Vec::new(),
            expires: SENT,
        },
        redeemed: Vec::new(),
        billing: None,
        device: Device::default(),
        initiated: SENT,
        state: state(status),
        history: AttemptHistory {
            charge: Some(charge()),
            wire: WireEvidence::Answered,
            ..AttemptHistory::default()
        },
        retry: RetrySchedule::default(),
        epoch: 0,
    }
}

fn charge() -> SentCharge {
    SentCharge {
        digest: "d1".into(),
        sent: SENT,
    }
}

fn state(status: AttemptStatus) -> AttemptState {
    let (reason, since, settled) = (String::new(), SENT, SENT);
    match status {
        Charging => AttemptState::Charging(charge()),
        Approved => AttemptState::Approved {
            paid: Paid::Charge(ProcessorReference::new("ch_1")),
            settled,
        },
        Declined => AttemptState::Declined { code: reason, settled },
        Unknown => AttemptState::Unknown { since, reason },
        NeedsReview => AttemptState::NeedsReview { since, reason },
        Voiding => AttemptState::Voiding {
            charge: ProcessorReference::new("ch_1"),
            reason,
        },
        Voided => AttemptState::Voided { reason, settled },
        Failed => Unpaid::failed(reason).at(settled),
        Reserved => AttemptState::Reserved,
        AuthenticationRequired => AttemptState::AuthenticationRequired(AuthenticationWait {
            requirements: Box::new(three_d_secure()),
            until: SENT,
            token_resolved: false,
        }),
        Awaiting => AttemptState::Awaiting { until: SENT },
        Resolving => AttemptState::Resolving,
    }
}

fn theirs(id: &str, state: &str) -> ListedCharge {
    ListedCharge {
        reference: Some("ref_1".into()),
        processor_reference: id.into(),
        minor: 4598,
        currency: "USD".into(),
        state: state.into(),
        created: SENT,
    }
}

fn kinds(window: &Window, theirs: &[ListedCharge], ours: &[Attempt]) -> Vec<String> {
    let found = compare(&MerchantId::new("acme"), window, INVISIBLE, theirs, ours);
    found
        .discrepancies
        .into_iter()
        .map(|it| it.kind.as_str().to_owned())
        .collect()
}

#[test]
fn ledgers_that_agree_have_no_discrepancy() {
    for (state, there) in [
        (Approved, "approved"),
        (Approved, "refunded"),
        (Declined, "declined"),
        (Voided, "voided"),
        (Failed, "pending"),
    ] {
        assert_eq!(
            kinds(&window(), &[theirs("ch_1", there)], &[ours(state)]),
            [""; 0],
            "{state:?}"
        );
    }
}

#[test]
fn a_charge_without_a_known_attempt_is_found() {
    assert_eq!(
        kinds(&window(), &[theirs("ch_1", "approved")], &[]),
        ["charged_elsewhere"]
    );
    for state in [Declined, Failed, Voided] {
        let found = kinds(&window(), &[theirs("ch_1", "approved")], &[ours(state)]);
        assert_eq!(found, ["charged_elsewhere"], "{state:?}");
    }
}

#[test]
fn an_attempt_that_is_being_settled_is_open_and_no_break() {
    for state in [Charging, Unknown, NeedsReview, Voiding] {
        let found = compare(
            &MerchantId::new("acme"),
            &window(),
            INVISIBLE,
            &[theirs("ch_1", "approved")],
            &[ours(state)],
        );
        assert_eq!((found.discrepancies.len(), found.open), (0, 1), "{state:?}");
    }
}

#[test]
fn an_order_without_a_charge_is_found_once_the_charge_must_be_visible() {
    assert_eq!(kinds(&window(), &[], &[ours(Approved)]), ["missing_at_processor"]);
    let early = Window {
        now: SENT.after(Duration::from_secs(59)),
        ..window()
    };
    assert_eq!(kinds(&early, &[], &[ours(Approved)]), [""; 0]);
    // What is on the list as something else is visible already.
    let found = kinds(&early, &[theirs("ch_1", "voided")], &[ours(Approved)]);
    assert_eq!(found, ["missing_at_processor"]);
}

#[test]
fn other_amounts_currencies_and_references_are_found() {
    let less = ListedCharge {
        minor: 4597,
        ..theirs("ch_1", "approved")
    };
    let euros = ListedCharge {
        currency: "eur".into(),
        ..theirs("ch_1", "approved")
    };
    for other in [less, euros] {
        assert_eq!(kinds(&window(), &[other], &[ours(Approved)]), ["amount_differs"]);
    }
    let found = kinds(&window(), &[theirs("ch_2", "approved")], &[ours(Approved)]);
    assert_eq!(found, ["reference_differs"]);
}

#[test]
fn amounts_are_told_with_the_decimals_of_their_currencies() {
    let details = |minor, currency: &str, state| {
        let charge = ListedCharge {
            minor,
            currency: currency.into(),
            ..theirs("ch_1", "approved")
        };
        let found = compare(
            &MerchantId::new("acme"),
            &window(),
            INVISIBLE,
            &[charge],
            &[ours(state)],
        );
        found.discrepancies.into_iter().map(|it| it.detail).collect::<Vec<_>>()
    };
    for (minor, currency, worth) in [
        (2700, "usd", "27.00 USD"),
        (5000, "isk", "5000 ISK"),
        (5000, "JPY", "5000 JPY"),
        (1234, "kwd", "1.234 KWD"),
    ] {
        let differs = format!("{worth} there, and 45.98 USD here");
        assert_eq!(details(minor, currency, Approved), [differs]);
        let elsewhere = format!("charged {worth} there, and declined here");
        assert_eq!(details(minor, currency, Declined), [elsewhere]);
    }
}

#[test]
fn two_charges_under_one_reference_are_found() {
    let both = [theirs("ch_1", "approved"), theirs("ch_2", "approved")];
    assert_eq!(kinds(&window(), &both, &[ours(Approved)]), ["charged_twice"]);
    assert_eq!(kinds(&window(), &both, &[ours(Unknown)]), ["charged_twice"]);
}

#[test]
fn charges_without_our_reference_match_by_the_processors_reference() {
    let unnamed = ListedCharge {
        reference: None,
        ..theirs("ch_1", "approved")
    };
    assert_eq!(kinds(&window(), &[unnamed], &[ours(Approved)]), [""; 0]);
}

#[test]
fn what_lies_outside_of_the_time_is_a_witness_and_not_judged() {
    let later = Window {
        since: SENT.after(Duration::from_secs(1)),
        ..window()
    };
    assert_eq!(kinds(&later, &[theirs("ch_9", "approved")], &[]), [""; 0]);
    assert_eq!(kinds(&later, &[], &[ours(Approved)]), [""; 0]);
    // Booked there a moment later than it was sent from here: each finds the other.
    let booked = ListedCharge {
        created: SENT.after(Duration::from_secs(5)),
        ..theirs("ch_1", "approved")
    };
    assert_eq!(kinds(&later, &[booked], &[ours(Approved)]), [""; 0]);
}
