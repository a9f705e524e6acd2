//! Order events as a webhook endpoint receives them, against the official schemas.

use std::path::Path;
use std::time::Duration;

use jsonschema::Validator;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind};
use tillhouse_checkout::time::Clock;
use tillhouse_tests::{Merchant, Release, TestHost};

use crate::openapi::{CHECKOUT, folder_of, read};

const WEBHOOK: &str = "openapi.agentic_checkout_webhook.yaml";

/// The official schema of a release's webhook body.
pub(crate) struct Events {
    release: Release,
    validator: Validator,
}

/// Rewrite references to the checkout specification as references within this document.
fn localize(schema: &mut Value) {
    match schema {
        Value::String(text) => *text = text.replace(&format!("./{CHECKOUT}#"), "#"),
        Value::Object(fields) => fields.values_mut().for_each(localize),
        Value::Array(items) => items.iter_mut().for_each(localize),
        _ => {}
    }
}

impl Events {
    /// Whether the specification file is missing.
    pub(crate) fn is_absent(folder: &Path, release: Release) -> bool {
        !folder_of(folder, release).join(WEBHOOK).is_file()
    }

    /// Read the schema: `OpenAPI` 3.1 is JSON Schema 2020-12. Newer releases refer to the checkout specification for the order.
    pub(crate) fn of(release: Release, folder: &Path) -> Self {
        let folder = folder_of(folder, release);
        let mut schemas = if release.has_payment_handlers() {
            read(&folder.join(CHECKOUT))["components"]["schemas"].take()
        } else {
            json!({})
        };
        let mut own = read(&folder.join(WEBHOOK))["components"]["schemas"].take();
        localize(&mut own);
        if let (Some(all), Some(own)) = (schemas.as_object_mut(), own.as_object_mut()) {
            all.append(own);
        }
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/components/schemas/WebhookEvent",
            "components": {"schemas": schemas},
        });
        let options = jsonschema::options().should_validate_formats(true);
        Self {
            release,
            validator: options.build(&schema).expect("the schema is valid"),
        }
    }

    fn check(&self, body: &Value) -> Result<(), Failed> {
        let errors = self.validator.iter_errors(body);
        let problems: Vec<String> = errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(format!("not a WebhookEvent:\n{}\n{body:#}", problems.join("\n")).into())
    }

    /// Check the events of a new order, and of the same order canceled and refunded.
    pub(crate) async fn an_order_and_its_change(&self) -> Result<(), Failed> {
        let merchant = Merchant::named("demo").webhook("agent", self.release, &[]);
        let host = TestHost::builder().merchant(merchant).start().await;
        let bought = host
            .acp(self.release)
            .buy(&[("hoodie-zip", 1), ("mug-enamel", 2)])
            .await;
        change(&host, bought.id()).await?;
        let events = loop {
            let events = host.sandbox.receiver.events();
            if events.len() == 2 {
                break events;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        host.stop().await;
        for event in &events {
            self.check(&event.body)?;
        }
        // A test of the test: an unknown field must be refused.
        let mut broken = events[0].body.clone();
        broken["data"]["surprise"] = json!(1);
        if self.validator.is_valid(&broken) {
            return Err(format!("accepted: {broken:#}").into());
        }
        Ok(())
    }
}

async fn change(host: &TestHost, session: &str) -> Result<(), Failed> {
    let session = host
        .checkout()
        .load(&MerchantId::new("demo"), &SessionId::new(session))
        .await?;
    let order = session.order().ok_or("the session has no order")?;
    let now = host.clock.now();
    let cancellation = Adjustment {
        id: "c_1".into(),
        kind: "cancellation".into(),
        status: "completed".into(),
        lines: Vec::new(),
        amount: Some(order.total),
        reason: Some("Not wanted any more".into()),
        code: Some("changed_mind".into()),
        at: now,
    };
    let change = OrderChange {
        source: ChangeSource::Operator,
        id: "1".into(),
        at: now,
        what: OrderChangeKind::Adjusted(Box::new(cancellation)),
    };
    let ordering = host.payments().ordering();
    ordering.change(&order.merchant, &order.id, &change, |_| None).await?;
    Ok(())
}
