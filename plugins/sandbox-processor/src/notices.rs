//! Processor events: webhooks that the acquirer sends.
//!
//! The header `Acquirer-Signature: t=<unix seconds>,v1=<hex>` contains an HMAC-SHA256 of the time, a dot and the raw body. The
//! body is not parsed before the signature is verified.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tillhouse_plugin::{
    payments::{ProcessorEvent, Reading, Report},
    prelude::*,
};

use crate::{
    Processor, answer, settings,
    wire::{self, NoticeBody},
};

const SIGNATURE: &str = "acquirer-signature";

/// Maximum number of signatures of one header that are compared.
const MAX_CANDIDATES: usize = 8;

/// Maximum difference between the time of a signature and the host's clock, in seconds, in either direction.
const TOLERANCE_S: u64 = 300;

impl PaymentsNotices for Processor {
    fn read(notice: Notice) -> Result<Reading, Failure> {
        let secret = settings::notice_secret()?;
        let mut signatures = notice.headers.iter().filter(|(name, _)| name == SIGNATURE);
        // Reject duplicate headers: a proxy in front of the host may have checked the other one.
        let signature = match (signatures.next(), signatures.next()) {
            (Some((_, header)), None) => Some(header),
            _ => None,
        };
        if !signature.is_some_and(|header| is_signed(header, &secret, &notice.body)) {
            return Err(Failure::forged("the event has no valid signature of the acquirer"));
        }
        let event = wire::read_bytes::<NoticeBody>(&notice.body).and_then(event);
        let event = event.ok_or_else(|| rejected("the body is not an event of the acquirer"))?;
        Ok(Reading::of(vec![event]))
    }
}

/// The acquirer reports charges and refunds, each with its current status; `None` for anything else.
fn event(body: NoticeBody) -> Option<ProcessorEvent> {
    let NoticeBody { id, charge, refund } = body;
    Some(match (charge, refund) {
        (Some(charge), None) => ProcessorEvent {
            reference: charge.reference.clone(),
            processor_reference: Some(charge.id.clone()),
            amount: Some(charge.money()),
            ..ProcessorEvent::new(id, Report::Charge(answer::outcome_of_charge(charge)))
        },
        (None, Some(refund)) => ProcessorEvent {
            reference: refund.charge_reference.clone(),
            processor_reference: refund.charge.clone(),
            amount: refund.money(),
            ..ProcessorEvent::new(id, Report::Refund(answer::outcome_of_refund(refund)))
        },
        _ => return None,
    })
}

/// Whether one of the first eight `v1` signatures of the header is valid and recent.
///
/// The body is hashed once, regardless of the number of signatures, because the sender is not authenticated yet. Signatures
/// are compared in constant time; values of another length are skipped.
fn is_signed(header: &str, secret: &str, body: &[u8]) -> bool {
    let fields = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let time = fields().rfind(|(name, _)| *name == "t");
    let Some((time, seconds)) = time.and_then(|(_, time)| Some((time, time.parse::<u64>().ok()?))) else {
        return false;
    };
    if seconds.abs_diff(clock::now() / 1_000) > TOLERANCE_S {
        return false;
    }
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    let mac = mac.chain_update(time).chain_update(b".").chain_update(body);
    let expected = hex::encode(mac.finalize().into_bytes());
    let candidates = fields().filter(|(name, value)| *name == "v1" && value.len() == expected.len());
    let mut matched = false;
    for (_, candidate) in candidates.take(MAX_CANDIDATES) {
        matched |= equals_in_constant_time(expected.as_bytes(), candidate.as_bytes());
    }
    matched
}

/// Compares two byte strings in constant time.
fn equals_in_constant_time(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differing) == 0
}

fn rejected(why: &str) -> Failure {
    Failure::rejected("invalid_notice", Subject::session(), why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tillhouse_plugin::payments::RefundOutcome;

    use super::*;

    const BODY: &str = r#"{"id":"nt_1","object":"notice","charge":{"id":"ch_1","status":"approved","amount":5,
        "currency":"usd","reference":"ref_1","captured":true,"created":1}}"#;

    fn header(secret: &str, time: u64, body: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let mac = mac.chain_update(format!("{time}.")).chain_update(body);
        format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn read(header: &str, body: &str) -> Result<Reading, Failure> {
        Processor::read(testing::notice(&[(SIGNATURE, header)], body))
    }

    fn host() -> testing::Installed {
        let host = testing::Host::new().at(1_000_000).config("notice-secret", "new");
        host.install()
    }

    #[test]
    fn a_signed_notice_reports_the_outcome_of_its_charge() {
        let _host = host();
        let amount = Money {
            minor: 5,
            currency: "USD".into(),
        };
        let expected = ProcessorEvent {
            processor_reference: Some("ch_1".into()),
            amount: Some(amount.clone()),
            ..ProcessorEvent::charge("nt_1", "ref_1", Outcome::captured("ch_1", amount))
        };
        let reading = read(&header("new", 1_000, BODY), BODY).unwrap();
        assert_eq!(reading, Reading::of(vec![expected.clone()]));
        let foreign = BODY.replace(r#""reference":"ref_1","#, "");
        let reading = read(&header("new", 1_000, &foreign), &foreign).unwrap();
        let of_another_system = ProcessorEvent {
            reference: None,
            ..expected
        };
        assert_eq!(reading.events, [of_another_system]);
    }

    #[test]
    fn a_signed_notice_reports_the_outcome_of_its_refund() {
        let _host = host();
        for (status, outcome) in [
            ("succeeded", RefundOutcome::Refunded("re_1".into())),
            ("pending", RefundOutcome::Pending("re_1".into())),
            ("failed", RefundOutcome::Declined("failed".into())),
        ] {
            let body = format!(
                r#"{{"id":"nt_2","object":"notice","refund":{{"id":"re_1","status":"{status}","amount":3,"currency":"usd",
                "reference":"ref_2","charge":"ch_1","charge_reference":"ref_1"}}}}"#
            );
            let expected = ProcessorEvent {
                reference: Some("ref_1".into()),
                processor_reference: Some("ch_1".into()),
                amount: Some(Money {
                    minor: 3,
                    currency: "USD".into(),
                }),
                ..ProcessorEvent::new("nt_2", Report::Refund(outcome))
            };
            let reading = read(&header("new", 1_000, &body), &body).unwrap();
            assert_eq!(reading.events, [expected]);
        }
        let neither = r#"{"id":"nt_3","object":"notice"}"#;
        assert!(matches!(
            read(&header("new", 1_000, neither), neither),
            Err(Failure::Rejected(_))
        ));
    }

    #[test]
    fn a_notice_without_a_current_signature_is_rejected() {
        let _host = host();
        let good = header("new", 1_000, BODY);
        for (header, body) in [
            (header("old", 1_000, BODY), BODY.to_owned()),
            (header("new", 699, BODY), BODY.to_owned()),
            (header("new", 1_301, BODY), BODY.to_owned()),
            (good.clone(), BODY.replace(":5", ":6")),
            (good.replace("v1=", "v0="), BODY.to_owned()),
            (String::new(), BODY.to_owned()),
            (header("new", 1_000, "{}"), "{}".to_owned()),
        ] {
            let is_signed = body == "{}";
            assert!(
                matches!(read(&header, &body), Err(Failure::Rejected(rejection)) if (rejection.code == "forged") != is_signed),
                "{header} {body}"
            );
        }
        for time in [700, 1_300] {
            assert!(read(&header("new", time, BODY), BODY).is_ok(), "{time}");
        }
    }

    #[test]
    fn at_most_eight_candidates_of_the_right_length_are_compared() {
        let _host = host();
        let good = header("new", 1_000, BODY);
        let (time, good) = good.split_once(',').unwrap();
        for (before, filler, read_it) in [
            (7, "00".repeat(32), true),
            (8, "00".repeat(32), false),
            (2_600, "0a".to_owned(), true),
            (2_600, String::new(), true),
        ] {
            let header = format!("{time}{},{good}", format!(",v1={filler}").repeat(before));
            assert_eq!(read(&header, BODY).is_ok(), read_it, "{before} of {filler:?}");
        }
    }

    #[test]
    fn two_signature_headers_are_rejected() {
        let _host = host();
        let signed = header("new", 1_000, BODY);
        let notice = testing::notice(&[(SIGNATURE, &signed), (SIGNATURE, &signed)], BODY);
        assert!(matches!(Processor::read(notice), Err(Failure::Rejected(_))));
    }

    #[test]
    fn without_a_secret_every_notice_fails() {
        let _host = testing::Host::new().install();
        assert!(matches!(read("", BODY), Err(Failure::Misconfigured(text)) if text.contains("notice-secret")));
    }
}
