//! What approvals are answered: once per id, and with the reason of a decline.

use serde_json::{Value, json};
use tillhouse_checkout::session::SessionState;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Decision, Hook, HookFault};

use super::{approved, basket, customized, discrepancies, reason, session, start, start_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_hook_gets_the_same_answer_and_holds_once() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    for (hook, data) in [
        (Hook::Approval, checkout.approval()),
        (Hook::Customization, checkout.customization()),
        (Hook::PriceAvailability, json!({"sku_id": "tee-classic"})),
    ] {
        let id = format!("hook-{}", hook.name());
        let first = stripe.send(hook, &id, &data).await.unwrap();
        let (again, at_once) = tokio::join!(stripe.send(hook, &id, &data), stripe.send(hook, &id, &data));
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!((&again.unwrap(), &at_once.unwrap()), (&first, &first));
    }
    // Another hook about the same checkout: what is held is not released in between.
    let other = stripe
        .send(Hook::Approval, "another", &checkout.approval())
        .await
        .unwrap();
    assert_eq!(other.body["manual_approval_details"]["type"], "approved");
    assert_eq!(host.attempts_of(&checkout.id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_the_same_id_is_refused_by_name() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    let other = stripe.approve(&mut checkout, Some(HookFault::OtherBody)).await;
    assert!(reason(&other).contains("hook_id_reused"), "{other:?}");
    let repeated = stripe.approve(&mut checkout, Some(HookFault::Repeated)).await;
    assert_eq!(repeated, Decision::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_spellings_of_the_lines_are_read_and_the_sku_may_be_the_id() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let lines = checkout.approval()["line_items_details"].clone();
    let with_id = json!([{"id": "tee-classic", "quantity": 2, "unit_amount": lines[0]["unit_amount"], "name": "Tee"}]);
    for (index, (name, lines)) in [("line_item_details", &lines), ("line_items_details", &with_id)]
        .into_iter()
        .enumerate()
    {
        let mut data = checkout.approval();
        let members = data.as_object_mut().unwrap();
        members.remove("line_items_details");
        members.insert("checkout_session".into(), format!("cs_{index}").into());
        members.insert(name.into(), lines.clone());
        let answer = stripe.send(Hook::Approval, &format!("h{index}"), &data).await.unwrap();
        assert_eq!(
            answer.body["manual_approval_details"]["type"], "approved",
            "{name}: {answer:?}"
        );
        assert_eq!(session(&host, &format!("cs_{index}")).await.cart.lines[0].quantity, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_without_a_checkout_session_holds_under_its_own_id() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    let mut data = checkout.approval();
    data.as_object_mut().unwrap().remove("checkout_session");
    let answer = stripe.send(Hook::Approval, "hook_1", &data).await.unwrap();
    assert_eq!(answer.body["metadata"]["tillhouse_checkout_session"], "hook_1");
    checkout.metadata = answer.body["metadata"].clone();
    checkout.pay();
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    assert_eq!(host.order_of("hook_1").await.total.amount.minor(), checkout.total());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sold_is_declined_with_the_reason() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let changed = |path: &str, value: Value| {
        let mut data = checkout.approval();
        *data.pointer_mut(path).unwrap() = value;
        data
    };
    for (index, (data, expected)) in [
        (
            changed("/line_items_details/0/sku_id", json!("none")),
            "invalid_item_id: ",
        ),
        (
            changed("/line_items_details/0/quantity", json!(100_000)),
            "out_of_stock: ",
        ),
        (changed("/currency", json!("eur")), "invalid: "),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = stripe.send(Hook::Approval, &format!("h{index}"), &data).await.unwrap();
        let details = &answer.body["manual_approval_details"];
        assert_eq!(
            (answer.status, &details["type"]),
            (200, &json!("declined")),
            "{answer:?}"
        );
        let reason = details["declined"]["reason"].as_str().unwrap();
        assert!(reason.starts_with(expected), "{reason}");
        let again = stripe.send(Hook::Approval, &format!("h{index}"), &data).await.unwrap();
        assert_eq!(again, answer);
    }
    assert!(host.attempts_of(&checkout.id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_than_the_plugins_is_declined_and_says_what_differs() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    checkout.lines[0].unit_amount -= 100;
    let declined = stripe.approve(&mut checkout, None).await;
    let reason = reason(&declined);
    assert!(
        reason.starts_with("price_differs: unit price of tee-classic: Stripe takes "),
        "{reason}"
    );
    assert!(
        reason.contains("; total: Stripe takes ") && reason.contains("; tax: Stripe takes "),
        "{reason}"
    );
    assert!(host.attempts_of(&checkout.id).await.is_empty());
    assert!(discrepancies(&host).await.is_empty(), "nothing was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_is_held_and_reported_where_the_merchant_wants_that() {
    let host = start_with("stripe.hooks.on_difference = \"report\"").await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    checkout.lines[0].unit_amount -= 100;
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    assert_eq!(
        discrepancies(&host).await,
        [tillhouse_checkout::discrepancy::DiscrepancyKind::AmountDiffers]
    );
    checkout.pay();
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    assert_eq!(host.order_of(&checkout.id).await.total.amount.minor(), checkout.total());
    assert_eq!(discrepancies(&host).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tax_of_stripe_is_not_compared_where_stripe_assesses_it() {
    let host = start_with("stripe.hooks.tax = \"stripe\"").await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    checkout.lines[0].rates = vec![(90_000, false)];
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    checkout.pay();
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    assert_eq!(host.order_of(&checkout.id).await.total.amount.minor(), checkout.total());
    assert!(discrepancies(&host).await.is_empty());
    let mut dearer = customized(&stripe, &basket()).await;
    dearer.lines[0].unit_amount += 1;
    let declined = stripe.approve(&mut dearer, None).await;
    assert!(reason(&declined).starts_with("price_differs: "), "{declined:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_option_is_the_one_whose_price_stripe_takes() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let first = customized(&stripe, &basket()).await;
    let dearest = first.shipping_options.iter().max_by_key(|rate| rate.amount).unwrap();
    assert_ne!(Some(dearest), first.shipping.as_ref());
    let checkout = approved(
        &stripe,
        &Basket {
            option: Some(dearest.name.clone()),
            ..basket()
        },
    )
    .await;
    let held = session(&host, &checkout.id).await;
    assert!(matches!(held.state, SessionState::Held { .. }));
    assert_eq!(held.quote.selected_option().unwrap().title, dearest.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_declines_at_stripe_and_the_stock_is_back_after_the_hold() {
    let host = start_with("stripe.hooks.hold_seconds = 60").await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    let late = stripe.approve(&mut checkout, Some(HookFault::Late)).await;
    assert_eq!(reason(&late), "no answer in four seconds");
    let held = session(&host, &checkout.id).await;
    let SessionState::Held { until, .. } = held.state else {
        panic!("{:?}", held.state)
    };
    assert!(until.seconds() <= held.updated.seconds() + 60);
    stripe
        .tell(&checkout.session_event("checkout.session.expired", "unpaid"))
        .await
        .unwrap();
    assert_eq!(session(&host, &checkout.id).await.state, SessionState::Open);
    assert!(discrepancies(&host).await.is_empty());
    // A repeated hook does not say "approved" of what is held no longer, without holding it again.
    assert_eq!(
        stripe.approve(&mut checkout, Some(HookFault::Repeated)).await,
        Decision::Approved
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_is_repeated_is_true_of_what_is_held_now() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let two = customized(&stripe, &basket()).await;
    let mut one = customized(&stripe, &Basket::of("tee-classic", 1)).await;
    one.id.clone_from(&two.id);
    for (hook, checkout, units) in [("h2", &two, 2), ("h1", &one, 1), ("h2", &two, 2)] {
        let answer = stripe.send(Hook::Approval, hook, &checkout.approval()).await.unwrap();
        assert_eq!(answer.body["manual_approval_details"]["type"], "approved", "{answer:?}");
        let held = session(&host, &two.id).await;
        assert!(matches!(held.state, SessionState::Held { .. }));
        assert_eq!(held.cart.lines[0].quantity, units);
        let attempt = host.attempts_of(&two.id).await.pop().unwrap();
        assert_eq!(attempt.amount.amount.minor(), checkout.total());
    }
}
