//! Requests and responses, case by case, against the official schemas.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::agent::{Acp as Agent, Basket, Exchange, Step, Wallet};
use tillhouse_tests::official::{self, Official, fixes};
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, Shared, TestHost, fixtures};

use crate::coverage::{self, Operation};

static HOST: Shared = Shared::of(TestHost::builder);

pub(crate) type Outcome = Result<(), Failed>;

/// Validates the bodies of one release against its official schemas.
pub(crate) struct Bodies {
    pub(crate) release: Release,
    /// Name of the trial.
    trial: &'static str,
    official: Official,
    newest: PathBuf,
}

impl Bodies {
    pub(crate) fn of(release: Release, trial: &'static str, folder: &Path) -> Self {
        Self {
            release,
            trial,
            official: Official::read(release, &official::file(folder, release)),
            newest: official::file(folder, Release::V2026_04_17),
        }
    }

    async fn acp(&self) -> Acp<'static> {
        HOST.get().await.acp(self.release)
    }

    /// Check a session as returned by an operation, which has to have this status.
    pub(crate) fn session(&self, operation: Operation, answer: &HttpResponse, status: &str) -> Outcome {
        if answer["status"] != status {
            return Err(format!("expected status {status}, got: {}", answer.text()).into());
        }
        self.body(operation, &answer.json)
    }

    fn body(&self, operation: Operation, body: &Value) -> Outcome {
        let definition = match operation {
            Operation::Complete => "CheckoutSessionWithOrder",
            _ => "CheckoutSession",
        };
        self.official.check(definition, body)?;
        let status = body["status"].as_str().ok_or("a session has a status")?;
        coverage::saw(self.release, operation, status, self.trial);
        Ok(())
    }

    pub(crate) fn check_error(&self, answer: &HttpResponse, status: u16) -> Outcome {
        if answer.status != status {
            return Err(format!("expected {status}, got {}: {}", answer.status, answer.text()).into());
        }
        self.official.check("Error", &answer.json)
    }

    /// Check the request and the response of one exchange of the sandbox's agent.
    fn exchange(&self, exchange: &Exchange) -> Outcome {
        let (operation, request) = match exchange.step {
            Step::IssueToken | Step::Authenticate => return Ok(()),
            Step::Create => (Operation::Create, Some("CheckoutSessionCreateRequest")),
            Step::Address | Step::SelectOption => (Operation::Update, Some("CheckoutSessionUpdateRequest")),
            Step::Complete => (Operation::Complete, Some("CheckoutSessionCompleteRequest")),
            Step::Retrieve => (Operation::Retrieve, None),
            Step::Cancel => (Operation::Cancel, None),
        };
        if let Some(definition) = request {
            let body = exchange.request.clone().ok_or("the request has no body")?;
            self.official
                .check(definition, &fixes::fix_request(self.release, body))?;
        }
        self.body(operation, &exchange.response)
    }

    async fn check_purchase(&self, basket: Basket) -> Outcome {
        let host = HOST.get().await;
        let wallet = Wallet::at(&host.sandbox.stripe, host.sandbox.clock())?;
        let key = Secret::from(Merchant::acp_key("demo"));
        let agent = Agent::new(&host.url(), key, self.release, wallet)?;
        let purchase = agent.purchase(&basket).await?;
        if !purchase.is_completed() {
            return Err(format!("unexpected status of the purchase: {}", purchase.status).into());
        }
        purchase
            .exchanges
            .iter()
            .try_for_each(|exchange| self.exchange(exchange))?;
        let later = agent.retrieve(&purchase.session_id).await?;
        self.exchange(&later)
    }

    /// A test of the tests: an invalid body must be refused, which an empty schema would not do.
    pub(crate) async fn the_schemas_can_refuse(&self) -> Outcome {
        let session = self.acp().await.ready(&[("tee-classic", 1)]).await.json;
        self.body(Operation::Create, &session)?;
        for broken in [
            fixtures::with(session.clone(), &json!({"surprise": 1})),
            fixtures::with(session.clone(), &json!({"status": "nearly_ready"})),
            fixtures::with(session.clone(), &json!({"totals": [{"type": "total", "amount": 1}]})),
            fixtures::with(session.clone(), &json!({"order": {"id": 7}})),
        ] {
            if self.official.accepts("CheckoutSession", &broken) {
                return Err(format!("accepted: {broken:#}").into());
            }
        }
        Ok(())
    }

    pub(crate) async fn a_purchase(&self) -> Outcome {
        let basket = Basket::of("hoodie-zip", 1).and("mug-enamel", 2);
        self.check_purchase(basket.shipped_by("express")).await
    }

    pub(crate) async fn a_purchase_of_digital_goods(&self) -> Outcome {
        self.check_purchase(Basket::of("album-field", 1).and("giftcard-25", 2))
            .await
    }

    pub(crate) async fn a_purchase_to_europe(&self) -> Outcome {
        let mut basket = Basket::of("lamp-desk", 1);
        basket.address.country = "FR".into();
        basket.address.state = "75".into();
        self.check_purchase(basket).await
    }

    pub(crate) async fn a_payment_under_way(&self) -> Outcome {
        let host = TestHost::builder()
            .set("server.request_timeout_ms = 1000")
            .start()
            .await;
        let acp = host.acp(self.release);
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let token = host.token(session.total("total")).await;
        let hold = host.sandbox.acquirer.hold_charges();
        let answered = acp.complete(session.id(), &token).await;
        hold.arrived(1).await;
        let read = acp.retrieve(session.id()).await;
        let refused = acp.cancel(session.id()).await;
        hold.release();
        host.stop().await;
        let name = if self.release.has_payment_handlers() {
            "complete_in_progress"
        } else {
            "in_progress"
        };
        self.session(Operation::Complete, &answered, name)?;
        self.session(Operation::Retrieve, &read, name)?;
        self.check_error(&refused, 409)
    }

    pub(crate) async fn a_decline(&self) -> Outcome {
        let acp = self.acp().await;
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let token = HOST
            .get()
            .await
            .token_of("pm_card_chargeDeclined", session.total("total"))
            .await;
        self.check_error(&acp.complete(session.id(), &token).await, 402)?;
        self.session(
            Operation::Retrieve,
            &acp.retrieve(session.id()).await,
            "ready_for_payment",
        )
    }

    pub(crate) async fn a_cancellation(&self) -> Outcome {
        let acp = self.acp().await;
        let session = acp.open(&[("tee-classic", 1)]).await;
        self.session(Operation::Cancel, &acp.cancel(session.id()).await, "canceled")?;
        self.check_error(&acp.cancel(session.id()).await, 405)?;
        self.session(Operation::Retrieve, &acp.retrieve(session.id()).await, "canceled")
    }

    pub(crate) async fn a_cart_that_cannot_be_sold(&self) -> Outcome {
        let acp = self.acp().await;
        let items = &[
            ("keyboard-75", 1),
            ("print-last", 5),
            ("mug-enamel", 21),
            ("camera-mini", 1),
        ];
        let session = acp.open(items).await;
        self.session(Operation::Create, &session, "not_ready_for_payment")?;
        let nowhere = fixtures::delivery(self.release, &fixtures::address_in("KP", "", "999093"));
        self.session(
            Operation::Update,
            &acp.update(session.id(), &nowhere).await,
            "not_ready_for_payment",
        )
    }

    /// 2025-09-29 has neither discounts nor metadata: there the session is created in the newest release and read in the older.
    pub(crate) async fn discounts_and_fees(&self) -> Outcome {
        let newest = HOST.get().await.acp(Release::V2026_04_17);
        let cart = fixtures::cart(newest.release, &[("tee-classic", 2), ("album-field", 1)]);
        let body = fixtures::with(cart, &fixtures::delivery(newest.release, &fixtures::address()));
        let codes = [
            "SAVE10", "FIVEOFF", "ORDER3", "save10", "SUMMER23", "NOSUCH", "MEMBER", "STAFF", "SPEND100",
        ];
        let extras = json!({"discounts": {"codes": codes}, "metadata": {"gift_wrap": "true"}, "locale": "en-US"});
        let session = newest.create(&fixtures::with(body, &extras)).await;
        if session.status != 201 {
            return Err(session.text().into());
        }
        self.session(
            Operation::Retrieve,
            &self.acp().await.retrieve(session.id()).await,
            "ready_for_payment",
        )
    }

    pub(crate) async fn refusals(&self) -> Outcome {
        let acp = self.acp().await;
        let cart = fixtures::cart(self.release, &[("tee-classic", 1)]);
        let create = acp.post("/checkout_sessions").json(&cart);
        let unknown = fixtures::cart(self.release, &[("no-such-item", 1)]);
        for (request, status) in [
            (create.clone().bearer("wrong"), 401),
            (create.clone().body("{"), 400),
            (create.clone().json(&json!({})), 400),
            (
                create
                    .clone()
                    .json(&fixtures::with(cart.clone(), &json!({"surprise": 1}))),
                400,
            ),
            (create.clone().json(&unknown), 400),
            (create.clone().header("content-type", "text/plain"), 415),
            (create.clone().body("x".repeat(300_000)), 413),
            (acp.get("/checkout_sessions/missing"), 404),
            (acp.get("/nothing"), 404),
            (acp.get("/checkout_sessions"), 405),
            (acp.get(&format!("/checkout_sessions/{}", "x".repeat(9000))), 414),
            (
                acp.get("/checkout_sessions/x").header("x-long", &"x".repeat(20_000)),
                431,
            ),
        ] {
            self.check_error(&request.send().await, status)?;
        }
        Ok(())
    }

    /// A request without a supported release is answered in the newest one: older schemas have no `supported_versions`.
    pub(crate) async fn refusals_of_a_release(&self) -> Outcome {
        let newest = Official::read(Release::V2026_04_17, &self.newest);
        let get = self.acp().await.get("/checkout_sessions/x");
        for request in [
            get.clone().without("api-version"),
            get.header("api-version", "2099-01-01"),
        ] {
            let refused = request.send().await;
            if refused.status != 400 {
                return Err(refused.text().into());
            }
            newest.check("Error", &refused.json)?;
        }
        Ok(())
    }

    pub(crate) async fn conflicts(&self) -> Outcome {
        let acp = self.acp().await;
        let session = acp.open(&[("tee-classic", 1)]).await;
        self.check_error(&acp.complete(session.id(), "spt_x").await, 409)?;
        let ready = acp.ready(&[("tee-classic", 1)]).await;
        self.check_error(&acp.complete(ready.id(), "spt_unknown").await, 400)?;
        let create = acp.post("/checkout_sessions");
        let one = create
            .clone()
            .json(&fixtures::cart(self.release, &[("tee-classic", 1)]))
            .send()
            .await;
        self.body(Operation::Create, &one.json)?;
        let two = create
            .json(&fixtures::cart(self.release, &[("tee-classic", 2)]))
            .send()
            .await;
        let status = if self.release == Release::V2026_04_17 { 422 } else { 409 };
        self.check_error(&two, status)
    }
}
