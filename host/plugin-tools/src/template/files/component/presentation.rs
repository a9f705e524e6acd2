//! Tests of links and messages.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn the_page_has_the_links_of_the_configuration(env: Env) {
    let page = env.presentation().page(cart()).await.unwrap();
    assert_eq!((page.links.len(), page.messages.len()), (2, 0));
}

#[tillhouse_harness::test]
async fn a_link_that_is_taken_away_is_gone(env: Env) {
    env.without_config("links.terms_of_use");
    let page = env.presentation().page(cart()).await.unwrap();
    assert_eq!(page.links[0].kind, "return_policy");
}

#[tillhouse_harness::test]
async fn a_full_cart_is_shown_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.presentation().page(full).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
