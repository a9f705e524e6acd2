//! The text that the demo prints, and its JSON.

use serde_json::{Value, json};
use tillhouse_sandbox::agent::{Exchange, Interrupted, Purchase};

use super::Books;
use super::calls::Call;
use tillhouse_checkout::money::stated;
use tillhouse_console::bundled::BundledPlugins;
use tillhouse_console::local::{AGENT_KEY, Local, MERCHANT};
use tillhouse_console::output::{Story, span};
use tillhouse_runtime::CallOutcome;

/// Print the plugins and the servers that take part.
pub(super) fn cast(story: &Story, plugins: &BundledPlugins, local: &Local) {
    story.heading("Plugins");
    for plugin in [&plugins.shop, &plugins.processor] {
        story.line(&format!(
            "  {:<20} {:>4} KB",
            plugin.package,
            plugin.component.len().div_ceil(1024)
        ));
    }
    story.heading("Servers");
    story.line(&format!(
        "  host                 {}  (merchant {MERCHANT}, SQLite in {})",
        local.url(),
        local.data.display()
    ));
    story.line(&format!("  simulated Stripe     {}", local.sandbox.stripe.url()));
    story.line(&format!("  simulated acquirer   {}", local.sandbox.acquirer.url()));
}

/// Print one purchase: requests and responses, plugin calls, and totals.
pub(super) fn purchase(story: &Story, purchase: &Purchase, calls: &[Call]) {
    let version = purchase.version.map_or(String::new(), |version| format!(" {version}"));
    story.heading(&format!("Purchase over {}{version}", purchase.protocol));
    exchanges(story, &purchase.exchanges);
    story.line("  plugin calls");
    for call in calls {
        let outcome = match call.outcome {
            CallOutcome::Success => "",
            outcome => outcome.as_str(),
        };
        story.line(&format!(
            "    {:<28} {:>10}  {} {outcome}",
            call.function,
            span(call.elapsed),
            story.dim(&call.plugin)
        ));
    }
    totals(story, purchase);
    let order = purchase.order_id.as_deref().unwrap_or("none");
    let permalink = purchase.order_permalink.as_deref().unwrap_or_default();
    story.line(&format!(
        "  {} order {order}  {permalink}",
        story.bold(&purchase.status)
    ));
}

/// Print a purchase that failed.
pub(super) fn interrupted(story: &Story, interrupted: &Interrupted) {
    story.heading("Failed purchase");
    exchanges(story, &interrupted.exchanges);
    story.line(&format!("  {}", interrupted.error));
}

fn exchanges(story: &Story, exchanges: &[Exchange]) {
    for exchange in exchanges {
        story.line(&format!(
            "  {:<24} {:<4} {:<52} {}  {:>9}",
            exchange.title,
            exchange.method,
            exchange.path,
            exchange.status,
            span(exchange.elapsed)
        ));
    }
}

/// Print the totals of the last response that has any.
fn totals(story: &Story, purchase: &Purchase) {
    let with_totals = purchase
        .exchanges
        .iter()
        .rev()
        .find_map(|exchange| exchange.response.get("totals")?.as_array());
    for total in with_totals.into_iter().flatten() {
        let (Some(kind), Some(amount)) = (
            total.get("type").and_then(serde_json::Value::as_str),
            total.get("amount").and_then(serde_json::Value::as_i64),
        ) else {
            continue;
        };
        let text = total
            .get("display_text")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        story.line(&format!(
            "    {kind:<20} {:>14}  {}",
            stated(amount, purchase.currency.as_str()),
            story.dim(text)
        ));
    }
}

/// Print the ledgers, and whether they agree.
pub(super) fn books(story: &Story, local: &Local, books: &Books) {
    story.heading("Ledgers");
    for charge in local.sandbox.acquirer.ledger().charges() {
        let amount = stated(charge.amount, charge.currency.as_str());
        story.line(&format!(
            "  acquirer  charge          {:<40} {amount:>12}",
            charge.id.as_str()
        ));
    }
    for record in local.sandbox.stripe.payment_records() {
        let amount = stated(
            record.amount_guaranteed.value,
            record.amount_guaranteed.currency.as_str(),
        );
        story.line(&format!(
            "  Stripe    payment record  {:<40} {amount:>12}",
            record.id.as_str()
        ));
    }
    for event in local.sandbox.receiver.events() {
        story.line(&format!("  Receiver  {:<15} {}", event.kind(), event.id));
    }
    let verdict = if books.agree {
        "the ledgers agree"
    } else {
        "the ledgers do not agree"
    };
    story.line(&format!(
        "  {}: {} charges, {} payment records, {} order events",
        story.bold(verdict),
        books.charges,
        books.records,
        books.events
    ));
}

/// One purchase as JSON, for `--json`.
pub(super) fn json(purchase: &Purchase, calls: &[Call]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|call| {
            json!({
                "plugin": call.plugin,
                "function": call.function,
                "micros": u64::try_from(call.elapsed.as_micros()).unwrap_or(u64::MAX),
                "outcome": call.outcome.as_str(),
            })
        })
        .collect();
    json!({
        "protocol": purchase.protocol,
        "version": purchase.version,
        "session_id": purchase.session_id,
        "status": purchase.status,
        "order_id": purchase.order_id,
        "total": purchase.total,
        "currency": purchase.currency.as_str(),
        "plugin_calls": calls,
    })
}

/// Print requests to try while the host keeps serving.
pub(super) fn things_to_try(story: &Story, local: &Local) {
    let (host, stripe) = (local.url(), local.sandbox.stripe.url());
    let key = local.sandbox.stripe.secret_key().reveal();
    let acp = format!("-H 'Authorization: Bearer {AGENT_KEY}' -H 'API-Version: 2026-04-17'");
    let post = "-H 'Content-Type: application/json' -H \"Idempotency-Key: $(uuidgen)\"";
    story.heading("Requests to try (Ctrl-C stops the host)");
    for (what, command) in [
        (
            "create a checkout session",
            format!(
                "curl -s {host}/checkout_sessions {acp} {post} \\\n    -d '{{\"line_items\":[{{\"id\":\"tee-classic\"}}],\"currency\":\"usd\",\"capabilities\":{{}}}}'"
            ),
        ),
        (
            "give it an address",
            format!(
                "curl -s {host}/checkout_sessions/SESSION {acp} {post} \\\n    -d '{{\"fulfillment_details\":{{\"address\":{{\"name\":\"Jane Doe\",\"line_one\":\"1 Main St\",\"city\":\"San Francisco\",\"state\":\"CA\",\"country\":\"US\",\"postal_code\":\"94105\"}}}}}}'"
            ),
        ),
        (
            "issue a payment token",
            format!(
                "curl -s {stripe}/v1/test_helpers/shared_payment/granted_tokens -u {key}: \\\n    -d payment_method=pm_card_visa -d 'usage_limits[currency]=usd' -d 'usage_limits[max_amount]=10000' -d \"usage_limits[expires_at]=$(($(date +%s)+3600))\""
            ),
        ),
        (
            "pay",
            format!(
                "curl -s {host}/checkout_sessions/SESSION/complete {acp} {post} \\\n    -d '{{\"payment_data\":{{\"handler_id\":\"card_tokenized\",\"instrument\":{{\"type\":\"card\",\"credential\":{{\"type\":\"spt\",\"token\":\"TOKEN\"}}}}}}}}'"
            ),
        ),
        (
            "look at the session",
            format!("curl -s {host}/checkout_sessions/SESSION {acp}"),
        ),
        (
            "look at the acquirer's ledger",
            format!("curl -s {}/sandbox/ledger", local.sandbox.acquirer.url()),
        ),
        (
            "look at the order events",
            format!("curl -s http://{}/sandbox/ledger", local.sandbox.receiver.address()),
        ),
    ] {
        story.line(&format!("\n  # {what}\n  {command}"));
    }
}
