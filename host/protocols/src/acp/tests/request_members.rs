//! What the members of a request become, in every release that has them.

use serde_json::{Value, json};

use super::super::Release;
use super::official_requests::{Read, read};
use crate::acp::{Completion, Creation};
use crate::testing::acp_requests::{Operation, RELEASES, body};
use tillhouse_checkout::authentication::AuthenticationOutcome;
use tillhouse_checkout::cart::{CartEdit, ExpectedKind, FulfillmentKind};

fn created(release: Release) -> Creation {
    let body = body(release, Operation::Create).unwrap().to_string();
    match read(release, Operation::Create, &body) {
        Ok(Read::Create(creation)) => *creation,
        other => panic!("{release:?}: {other:?}"),
    }
}

fn updated(release: Release) -> CartEdit {
    let body = body(release, Operation::Update).unwrap().to_string();
    match read(release, Operation::Update, &body) {
        Ok(Read::Update(edit)) => *edit,
        other => panic!("{release:?}: {other:?}"),
    }
}

fn completed(release: Release, body: &Value) -> Completion {
    match read(release, Operation::Complete, &body.to_string()) {
        Ok(Read::Complete(completion)) => *completion,
        other => panic!("{release:?}: {other:?}"),
    }
}

const FROM_2026_01_30: [Release; 2] = [Release::V2026_01_30, Release::V2026_04_17];

#[test]
fn every_release_says_who_gets_what_where() {
    for release in RELEASES {
        let creation = created(release);
        let is_late = FROM_2026_01_30.contains(&release);
        let items = creation.edit.items.unwrap();
        let items: Vec<_> = items.iter().map(|item| (item.item.as_str(), item.quantity)).collect();
        let mugs = if is_late { 1 } else { 2 };
        assert_eq!(items, [("mug", mugs), ("shirt", 1)], "{release:?}");
        assert_eq!(
            creation.currency.is_some(),
            is_late,
            "earlier releases have the merchant's currency"
        );
        let recipient = creation.edit.recipient.new_value().unwrap().apply(None).unwrap();
        let company = if release == Release::V2026_04_17 { "Acme" } else { "" };
        let address = recipient.address.unwrap();
        assert_eq!(
            (address.line_one.as_str(), address.company.as_str()),
            ("123 Main St", company)
        );
        let buyer = creation.edit.buyer.new_value().unwrap();
        assert_eq!(buyer.email.as_deref(), Some("jane@example.com"));
        assert_eq!(
            buyer.company.is_some() && buyer.tax_exemption.is_some() && buyer.loyalty.is_some(),
            is_late
        );
    }
}

#[test]
fn an_affiliate_is_of_the_touch_that_the_agent_names_or_else_of_the_moment() {
    for release in RELEASES.into_iter().skip(1) {
        let first = created(release).attribution.unwrap();
        assert_eq!(
            (first.touch.as_str(), first.provider.as_str()),
            ("first", "affiliates.example")
        );
        assert_eq!(first.token.as_deref(), Some("atp_1"));
        let fields: Vec<_> = first.fields.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "publisher_id",
            "campaign_id",
            "creative_id",
            "sub_id",
            "source.type",
            "source.url",
            "issued_at",
            "expires_at",
            "metadata.paid",
            "metadata.placement",
            "metadata.rank",
        ];
        assert_eq!(fields, expected, "{release:?}");
        let mut body = body(release, Operation::Complete).unwrap();
        body["affiliate_attribution"]
            .as_object_mut()
            .unwrap()
            .remove("touchpoint");
        assert_eq!(completed(release, &body).attribution.unwrap().touch, "last");
    }
}

#[test]
fn an_authentication_has_the_outcomes_of_its_release() {
    use AuthenticationOutcome::{AttemptAcknowledged, Authenticated, Denied, Failed, Unavailable};
    for release in RELEASES.into_iter().skip(1) {
        let with_outcome = |outcome: &str| {
            let mut body = body(release, Operation::Complete).unwrap();
            body["authentication_result"]["outcome"] = json!(outcome);
            read(release, Operation::Complete, &body.to_string())
        };
        let is_own = release == Release::V2026_01_16;
        for (name, outcome, is_known) in [
            ("authenticated", Authenticated, true),
            ("attempt", AttemptAcknowledged, is_own),
            ("failed", Failed, is_own),
            ("unavailable", Unavailable, is_own),
            ("attempt_acknowledged", AttemptAcknowledged, !is_own),
            ("denied", Denied, !is_own),
        ] {
            match with_outcome(name) {
                Ok(Read::Complete(completion)) => {
                    let result = completion.authentication.unwrap();
                    assert!(is_known && result.outcome == outcome, "{release:?} {name}");
                    assert_eq!(result.eci.as_deref(), Some("05"));
                    assert!(result.cryptogram.is_some() && result.transaction_id.is_some());
                }
                Err(error) => {
                    assert!(!is_known, "{release:?} {name}: {error}");
                    assert_eq!(error.path(), "$.authentication_result.outcome");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn an_option_is_chosen_for_its_items_and_by_its_kind() {
    for (release, kinds) in [
        (
            Release::V2025_12_12,
            vec![
                ExpectedKind::NotDigital,
                ExpectedKind::Exactly(FulfillmentKind::Digital),
            ],
        ),
        (
            Release::V2026_01_16,
            vec![
                ExpectedKind::NotDigital,
                ExpectedKind::Exactly(FulfillmentKind::Digital),
            ],
        ),
        (
            Release::V2026_01_30,
            vec![ExpectedKind::Exactly(FulfillmentKind::LocalDelivery)],
        ),
        (
            Release::V2026_04_17,
            vec![ExpectedKind::Exactly(FulfillmentKind::LocalDelivery)],
        ),
    ] {
        let edit = updated(release);
        let choices = edit.choices.unwrap();
        assert_eq!(choices.len(), kinds.len(), "{release:?}");
        assert_eq!(choices[0].lines[0].as_str(), "mug");
        let chosen: Vec<_> = edit.chosen_kinds.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(chosen, kinds);
    }
    let both = json!({"selected_fulfillment_options": [{"type": "shipping",
        "shipping": {"option_id": "std", "item_ids": []}, "digital": {"option_id": "dl", "item_ids": []}}]});
    let refused = read(Release::V2025_12_12, Operation::Update, &both.to_string()).unwrap_err();
    assert_eq!(refused.path(), "$.selected_fulfillment_options[0].digital");
}

#[test]
fn the_releases_of_business_buyers_say_more() {
    for release in FROM_2026_01_30 {
        let creation = created(release);
        let agent = creation.agent;
        assert_eq!(
            (agent.interventions, agent.extensions),
            (vec!["3ds".into(), "biometric".into()], vec!["discount".into()])
        );
        let interaction = agent.interaction;
        assert_eq!(
            (interaction.display.as_deref(), interaction.redirect.as_deref()),
            (Some("webview"), Some("in_app"))
        );
        assert_eq!((interaction.max_redirects, interaction.max_depth), (Some(3), Some(2)));
        let edit = creation.edit;
        let expected = &edit.expected[0];
        assert_eq!(
            (expected.name.as_deref(), expected.unit_amount),
            (Some("Mug"), Some(1000))
        );
        assert_eq!(edit.expected.len(), 1, "of the shirt the agent says nothing");
        let groups = edit.groups.unwrap();
        assert_eq!(
            (groups[0].kind.as_str(), groups[0].location.as_deref()),
            ("pickup", Some("store_1"))
        );
        assert_eq!(groups[0].instructions.as_deref(), Some("Ask for Joe"));
        assert!(groups[0].destination.is_some() && groups[0].recipient.is_some());
        assert_eq!(edit.metadata.unwrap().0["po"], json!({"lines": [1, 2.5, null]}));
        assert_eq!(
            (edit.quote_id.as_deref(), edit.time_zone.as_deref()),
            (Some("offer_1"), Some("America/New_York"))
        );
        let completion = completed(release, &body(release, Operation::Complete).unwrap());
        assert_eq!(completion.device.ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(completion.edit.purchase_order.as_deref(), Some("PO-7"));
    }
    for release in [Release::V2025_12_12, Release::V2026_01_16] {
        assert_eq!(
            created(release).agent.interventions,
            ["3ds"],
            "every agent can authenticate"
        );
    }
}

#[test]
fn a_cancellation_says_why() {
    for release in RELEASES {
        let body = body(Release::V2026_04_17, Operation::Cancel).unwrap().to_string();
        let trace = match read(release, Operation::Cancel, &body) {
            Ok(Read::Cancel(trace)) => trace,
            other => panic!("{other:?}"),
        };
        let Some(trace) = trace else {
            assert_eq!(release, Release::V2025_09_29, "the first release has no body of cancel");
            continue;
        };
        assert_eq!(
            (trace.reason.as_str(), trace.summary.as_deref()),
            ("shipping_cost", Some("Too dear"))
        );
        assert_eq!(trace.metadata.len(), 3);
    }
}
