//! A store that is not writable: the host sells nothing and reports not ready.

use tillhouse_tests::TestHost;

use super::eventually::wait_until;

#[tokio::test]
async fn a_host_whose_store_takes_no_writes_is_not_ready() {
    let host = TestHost::start().await;
    let status = async || host.client().get("/readyz").send().await.status;
    assert_eq!(status().await, 200);
    host.host().store.close().await;
    wait_until("the host reports not ready", async || status().await == 503).await;
    let _ = host.client().get("/healthz").send().await.expect(200);
}
