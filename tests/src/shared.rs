//! Hosts that several tests of a process share.

use std::sync::OnceLock;

use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::host::{Builder, TestHost};

/// A host for tests that do not interfere with each other, started by the first of them. It has its own runtime, because a test's
/// runtime ends with the test, and it lives until the process ends.
///
/// ```
/// # use tillhouse_tests::{Shared, TestHost};
/// static HOST: Shared = Shared::of(TestHost::builder);
/// ```
#[derive(Debug)]
pub struct Shared {
    plan: fn() -> Builder,
    host: OnceCell<TestHost>,
}

impl Shared {
    /// A host that is started from this plan when first used.
    #[must_use]
    pub const fn of(plan: fn() -> Builder) -> Self {
        Self {
            plan,
            host: OnceCell::const_new(),
        }
    }

    /// The host; starts it if necessary.
    pub async fn get(&self) -> &TestHost {
        let start = || async {
            let builder = (self.plan)();
            let started = runtime().spawn(async move { builder.start().await });
            started.await.expect("the shared host starts")
        };
        self.host.get_or_init(start).await
    }
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("an async runtime can be started"))
}
