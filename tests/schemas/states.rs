//! States of a session that it needs more than an agent and a buyer to reach.

use std::time::Duration;

use serde_json::json;
use tillhouse_tests::{Acp, HttpResponse, Release, TestHost, fixtures, witness};

use crate::bodies::{Bodies, Outcome};
use crate::coverage::Operation;

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

/// A session that is ready for payment, of an agent that can have its buyer authenticate.
async fn of_authenticating_agent(acp: &Acp<'_>) -> HttpResponse {
    let mut body = fixtures::with(
        fixtures::cart(acp.release, ITEM),
        &fixtures::delivery(acp.release, &fixtures::address()),
    );
    if acp.release.has_payment_handlers() {
        body["capabilities"] = json!({"interventions": {"supported": ["3ds"]}});
    }
    acp.create(&body).await.expect(201)
}

impl Bodies {
    /// The name that the release has for a status, or that of a session which is not ready for payment.
    fn since_2026_01_30(&self, status: &'static str) -> &'static str {
        if self.release.has_payment_handlers() {
            status
        } else {
            "not_ready_for_payment"
        }
    }

    /// 2025-09-29 has no authentication: there a payment of another release is read.
    pub(crate) async fn an_authentication(&self) -> Outcome {
        let host = TestHost::builder().start().await;
        let (own, newest) = (host.acp(self.release), host.acp(Release::V2026_04_17));
        let has_own = self.release.has_authentication();
        let paying = if has_own { &own } else { &newest };
        let session = of_authenticating_agent(paying).await;
        let token = host
            .token_of("pm_card_authenticationRequired", session.total("total"))
            .await;
        let answered = paying.complete(session.id(), &token).await;
        let read = own.retrieve(session.id()).await;
        let again = own.complete(session.id(), &token).await;
        let canceled = own.cancel(session.id()).await;
        host.stop().await;
        let status = if has_own {
            "authentication_required"
        } else {
            "not_ready_for_payment"
        };
        if has_own {
            self.session(Operation::Complete, &answered, status)?;
        }
        self.session(Operation::Retrieve, &read, status)?;
        self.check_error(&again, 400)?;
        self.session(Operation::Cancel, &canceled, "canceled")
    }

    pub(crate) async fn an_expired_session(&self) -> Outcome {
        let host = TestHost::builder().frozen().start().await;
        let acp = host.acp(self.release);
        let session = acp.open(ITEM).await;
        host.clock.advance(Duration::from_secs(7 * 3600));
        host.payments().expiry().run_once().await?;
        let read = acp.retrieve(session.id()).await;
        let refused = acp.cancel(session.id()).await;
        host.stop().await;
        let status = if self.release.has_payment_handlers() {
            "expired"
        } else {
            "canceled"
        };
        self.session(Operation::Retrieve, &read, status)?;
        self.check_error(&refused, 405)
    }

    pub(crate) async fn a_session_for_the_buyer(&self) -> Outcome {
        let status = self.since_2026_01_30("requires_escalation");
        self.demanded("requires_sign_in", status).await
    }

    pub(crate) async fn a_session_for_approval(&self) -> Outcome {
        let status = self.since_2026_01_30("pending_approval");
        self.demanded("approval_required", status).await
    }

    /// A session of a merchant who demands something of every buyer, by this code.
    async fn demanded(&self, code: &str, status: &str) -> Outcome {
        let merchant = witness::merchant("demo", &format!("demand = \"{code}\""));
        let host = witness::builder().merchant(merchant).start().await;
        let acp = host.acp(self.release);
        let delivery = fixtures::delivery(self.release, &fixtures::address());
        let created = acp
            .create(&fixtures::with(fixtures::cart(self.release, ITEM), &delivery))
            .await;
        let updated = acp.update(created.id(), &delivery).await;
        let read = acp.retrieve(created.id()).await;
        let refused = acp.complete(created.id(), &host.token(10_000).await).await;
        let canceled = acp.cancel(created.id()).await;
        host.stop().await;
        self.session(Operation::Create, &created, status)?;
        self.session(Operation::Update, &updated, status)?;
        self.session(Operation::Retrieve, &read, status)?;
        self.check_error(&refused, 409)?;
        self.session(Operation::Cancel, &canceled, "canceled")
    }
}
