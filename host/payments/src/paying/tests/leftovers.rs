//! What a completion leaves in the checkout when it ends unpaid: nothing that came with its payment, and nothing at all if it was
//! refused.

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::cart::{CartEdit, Change};
use tillhouse_checkout::decision::{ChargeOutcome, Consent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutOperations as _, CompleteRequest};

use crate::testing::{TestHost, address, caller, completion, completion_with, recorder};

/// With a billing address, a purchase order and notes of its own.
fn detailed(session: &SessionId) -> CompleteRequest {
    CompleteRequest {
        billing: Some(address("FR")),
        edit: CartEdit {
            purchase_order: Some("PO-1".into()),
            notes: Change::Set("ring twice".into()),
            ..CartEdit::default()
        },
        ..completion(session)
    }
}

fn decline(host: &TestHost) {
    let declined = ChargeOutcome::Declined {
        code: "do_not_honor".into(),
        retryable: true,
    };
    host.processor
        .set(|script| script.charges.push_back((declined, WireEvidence::Answered)));
}

#[tokio::test]
async fn billing_address_and_purchase_order_are_of_one_payment() {
    for before in [None, Some(address("US"))] {
        let host = TestHost::start();
        let id = host.session().await;
        let edit = CartEdit {
            billing: before.clone(),
            ..CartEdit::default()
        };
        host.api().update(&caller(), &id, edit, recorder()).await.unwrap();
        decline(&host);
        host.complete(detailed(&id)).await.unwrap_err();
        host.complete(completion_with(&id, "spt_2")).await.unwrap();
        let [declined, paid] = host.attempts(&id).await.try_into().unwrap();
        assert_eq!(declined.billing.unwrap().country, "FR");
        let country = |address: &tillhouse_checkout::contact::Address| address.country.clone();
        assert_eq!(paid.billing.as_ref().map(country), before.as_ref().map(country));
        assert_eq!(host.stored(&id).await.cart.purchase_order, None);
    }
}

#[tokio::test]
async fn an_update_after_a_decline_forgets_the_payment() {
    let host = TestHost::start();
    let id = host.session().await;
    decline(&host);
    host.complete(detailed(&id)).await.unwrap_err();
    let edit = CartEdit::default();
    host.api().update(&caller(), &id, edit, recorder()).await.unwrap();
    let cart = host.stored(&id).await.cart;
    assert_eq!((cart.billing, cart.purchase_order), (None, None));
}

#[tokio::test]
async fn a_completion_that_is_refused_for_its_consents_changes_nothing() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await;
    let request = CompleteRequest {
        consents: vec![Consent {
            channel: "fax".into(),
            granted: true,
        }],
        ..detailed(&id)
    };
    let refused = host.complete(request).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Rejected(_)), "{refused}");
    assert_eq!(host.stored(&id).await, before);
}

#[tokio::test]
async fn a_completion_of_what_is_sold_out_leaves_the_cart_as_it_was() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await.cart;
    host.shop.set(|shop| shop.offer.available = Some(0));
    host.complete(detailed(&id)).await.unwrap_err();
    assert_eq!(host.stored(&id).await.cart, before);
}
