//! A session keeps the version of the catalog that it was quoted with, as long as that is kept for sessions.

use std::time::Duration;

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::operation::CheckoutOperations;

use crate::testing::{ITEM, TestHost, caller, completion, creation, recorder, usd};

/// A shop whose catalog has one version, with this price.
fn host(price: i64) -> TestHost {
    let host = TestHost::start();
    host.shop.set(|shop| shop.catalog = vec![Some(price)]);
    host
}

/// The next version comes into force.
fn import(host: &TestHost, price: Option<i64>) {
    host.shop.set(|shop| shop.catalog.push(price));
}

async fn update(host: &TestHost, id: &SessionId) -> Result<(), CheckoutError> {
    let edit = creation().edit;
    host.checkout.update(&caller(), id, edit, recorder()).await.map(|_| ())
}

async fn quoted(host: &TestHost, id: &SessionId) -> (Option<CatalogVersion>, tillhouse_checkout::money::Money) {
    let session = host.stored(id).await;
    (session.catalog, session.total())
}

const FIRST: Option<CatalogVersion> = Some(CatalogVersion(1));
const SECOND: Option<CatalogVersion> = Some(CatalogVersion(2));

#[tokio::test]
async fn a_completion_pays_the_price_of_the_version_that_was_quoted() {
    let host = host(1000);
    let id = host.session().await;
    import(&host, Some(1500));
    host.complete(completion(&id)).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.amount, usd(1000));
    assert_eq!(quoted(&host, &id).await, (FIRST, usd(1000)));
    let next = host.session().await;
    assert_eq!(quoted(&host, &next).await, (SECOND, usd(1500)));
}

#[tokio::test]
async fn an_update_and_a_read_keep_the_version_too() {
    let host = host(1000);
    let id = host.session().await;
    import(&host, Some(1500));
    update(&host, &id).await.unwrap();
    assert_eq!(quoted(&host, &id).await, (FIRST, usd(1000)));
    host.clock.advance(Duration::from_secs(61));
    let asked = host.shop.state().priced;
    host.api().retrieve(&caller(), &id).await.unwrap();
    assert_eq!(host.shop.state().priced, asked + 1, "the plugins were asked again");
    assert_eq!(quoted(&host, &id).await, (FIRST, usd(1000)));
}

#[tokio::test]
async fn after_the_grace_time_a_changed_price_is_shown_before_it_is_paid() {
    let host = host(1000);
    let id = host.session().await;
    import(&host, Some(1500));
    host.shop.set(|shop| shop.without_grace = true);
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::TotalChanged { .. }), "{refused}");
    assert_eq!(quoted(&host, &id).await, (SECOND, usd(1500)));
    host.api().retrieve(&caller(), &id).await.unwrap();
    host.complete(completion(&id)).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.amount, usd(1500));
}

#[tokio::test]
async fn an_item_that_is_newer_than_the_version_of_the_session_can_be_added() {
    let host = host(1000);
    let id = host.session().await;
    host.shop.set(|shop| shop.catalog = vec![None, Some(1500)]);
    update(&host, &id).await.unwrap();
    assert_eq!(quoted(&host, &id).await, (SECOND, usd(1500)));
    host.shop.set(|shop| shop.catalog = vec![None, None]);
    let unknown = update(&host, &id).await.unwrap_err();
    let item = ItemId::new(ITEM);
    assert!(
        matches!(&unknown, CheckoutError::UnknownItem { item: named } if *named == item),
        "{unknown}"
    );
    assert_eq!(
        quoted(&host, &id).await,
        (SECOND, usd(1500)),
        "a refused update changes nothing"
    );
}

#[tokio::test]
async fn a_shop_without_versions_pins_nothing() {
    let host = TestHost::start();
    let id = host.session().await;
    assert_eq!(quoted(&host, &id).await, (None, usd(1000)));
    host.shop.set(|shop| shop.price = 1200);
    host.complete(completion(&id)).await.unwrap_err();
    assert_eq!(quoted(&host, &id).await, (None, usd(1200)));
}
