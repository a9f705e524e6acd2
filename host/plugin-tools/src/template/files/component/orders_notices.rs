//! Tests of notices about orders.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn a_notice_without_a_signature_is_refused(env: Env) {
    let forged = env.orders().notice(&[], r#"{"order":"ord_1"}"#).await;
    assert!(matches!(forged, Err(Failure::Rejected(_))));
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
