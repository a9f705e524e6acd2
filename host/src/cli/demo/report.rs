//! The text that the demo prints, and its JSON.

use serde_json::{Value, json};
use tillhouse_sandbox::agent::{Exchange, Purchase, PurchaseError};

use super::ledgers::LedgerTotals;
use super::purchases::Bought;
use tillhouse_checkout::money::format_minor;
use tillhouse_console::bundled::BundledPlugins;
use tillhouse_console::local_host::{AGENT_KEY, LocalHost, MERCHANT, adyen};
use tillhouse_console::output::{Printer, format_duration};
use tillhouse_runtime::CallOutcome;
use tillhouse_runtime::function::Function;

/// Print the plugins and the servers that take part.
pub(super) fn print_participants(printer: &Printer, plugins: &BundledPlugins, local: &LocalHost) {
    printer.heading("Plugins");
    for plugin in [&plugins.shop, &plugins.processor] {
        printer.line(&format!(
            "  {:<20} {:>4} KB",
            plugin.package,
            plugin.component.len().div_ceil(1024)
        ));
    }
    printer.heading("Servers");
    printer.line(&format!(
        "  host                 {}  (merchant {MERCHANT}, SQLite in {})",
        local.url(),
        local.data.display()
    ));
    printer.line(&format!("  simulated Stripe     {}", local.sandbox.stripe.url()));
    printer.line(&format!("  simulated acquirer   {}", local.sandbox.acquirer.url()));
    printer.line(&format!(
        "  simulated Adyen      {}  (merchant {}, at {})",
        local.sandbox.adyen.url(),
        adyen::MERCHANT,
        adyen::merchant_url(&local.url())
    ));
}

/// Print one purchase: requests and responses, plugin calls, and totals.
pub(super) fn print_purchase(printer: &Printer, bought: &Bought) {
    let Bought { purchase, flow, calls } = bought;
    let version = purchase.version.map_or(String::new(), |version| format!(" {version}"));
    let flow = flow.map_or(String::new(), |flow| format!(", {flow} flow"));
    printer.heading(&format!("Purchase over {}{version}{flow}", purchase.protocol));
    print_exchanges(printer, &purchase.exchanges);
    printer.line("  plugin calls");
    for call in calls {
        let outcome = match call.outcome {
            CallOutcome::Success => "",
            outcome => outcome.as_str(),
        };
        printer.line(&format!(
            "    {:<28} {:>10}  {} {outcome}",
            call.function,
            format_duration(call.elapsed),
            printer.dim(&call.plugin)
        ));
    }
    let quote = Function::QuoteWhole.name();
    if calls.iter().any(|call| call.function == quote) {
        printer.line(&printer.dim(&format!(
            "    {quote} answers stock, prices, fulfillment, taxes and page of a quote at once"
        )));
    }
    print_totals(printer, purchase);
    let order = purchase.order_id.as_deref().unwrap_or("none");
    let permalink = purchase.order_permalink.as_deref().unwrap_or_default();
    printer.line(&format!(
        "  {} order {order}  {permalink}",
        printer.bold(&purchase.status)
    ));
}

/// Print a purchase that failed.
pub(super) fn print_interrupted(printer: &Printer, interrupted: &PurchaseError) {
    printer.heading("Failed purchase");
    print_exchanges(printer, &interrupted.exchanges);
    printer.line(&format!("  {}", interrupted.error));
}

fn print_exchanges(printer: &Printer, exchanges: &[Exchange]) {
    for exchange in exchanges {
        printer.line(&format!(
            "  {:<29} {:<4} {:<52} {}  {:>9}",
            exchange.title,
            exchange.method,
            exchange.path,
            exchange.status,
            format_duration(exchange.elapsed)
        ));
    }
}

/// Print the totals of the last response that has any.
fn print_totals(printer: &Printer, purchase: &Purchase) {
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
        printer.line(&format!(
            "    {kind:<20} {:>14}  {}",
            format_minor(amount, purchase.currency.as_str()),
            printer.dim(text)
        ));
    }
}

/// Print the ledgers, and whether they agree.
pub(super) fn print_ledgers(printer: &Printer, local: &LocalHost, ledgers: &LedgerTotals) {
    printer.heading("Ledgers");
    for charge in local.sandbox.acquirer.ledger().charges() {
        let amount = format_minor(charge.amount, charge.currency.as_str());
        printer.line(&format!(
            "  acquirer  charge          {:<40} {amount:>12}",
            charge.id.as_str()
        ));
    }
    for record in local.sandbox.stripe.payment_records() {
        let amount = format_minor(
            record.amount_guaranteed.value,
            record.amount_guaranteed.currency.as_str(),
        );
        printer.line(&format!(
            "  Stripe    payment record  {:<40} {amount:>12}",
            record.id.as_str()
        ));
    }
    for payment in local.sandbox.adyen.ledger().captures() {
        let amount = format_minor(payment.captured, payment.amount.currency.as_str());
        printer.line(&format!(
            "  Adyen     payment         {:<40} {amount:>12}",
            payment.psp_reference.as_str()
        ));
    }
    for event in local.sandbox.receiver.events() {
        printer.line(&format!("  Receiver  {:<15} {}", event.kind(), event.id));
    }
    let verdict = if ledgers.agree {
        "the ledgers agree"
    } else {
        "the ledgers do not agree"
    };
    printer.line(&format!(
        "  {}: {} charges, {} payment records, {} payments of Adyen, {} payments through Stripe, {} order events",
        printer.bold(verdict),
        ledgers.charges,
        ledgers.records,
        ledgers.adyen_payments,
        ledgers.stripe_payments,
        ledgers.events
    ));
}

/// One purchase as JSON, for `--json`.
pub(super) fn purchase_json(bought: &Bought) -> Value {
    let Bought { purchase, flow, calls } = bought;
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
        "flow": flow,
        "session_id": purchase.session_id,
        "status": purchase.status,
        "order_id": purchase.order_id,
        "total": purchase.total,
        "currency": purchase.currency.as_str(),
        "plugin_calls": calls,
    })
}

/// Print requests to try while the host keeps serving.
pub(super) fn print_requests_to_try(printer: &Printer, local: &LocalHost) {
    let (host, stripe) = (local.url(), local.sandbox.stripe.url());
    let key = local.sandbox.stripe.secret_key().reveal();
    let acp = format!("-H 'Authorization: Bearer {AGENT_KEY}' -H 'API-Version: 2026-04-17'");
    let post = "-H 'Content-Type: application/json' -H \"Idempotency-Key: $(uuidgen)\"";
    let sandbox = &local.sandbox.adyen;
    let at_adyen = sandbox.agent_url(adyen::COMPANY_ACCOUNT);
    let adyen_key = sandbox.config().agent_key.reveal();
    printer.heading("Requests to try (Ctrl-C stops the host)");
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
        (
            "create a checkout session at Adyen, which asks the merchant",
            format!(
                "curl -s {at_adyen}/checkout_sessions -H 'Authorization: Bearer {adyen_key}' {post} \\\n    -d '{{\"items\":[{{\"id\":\"tee-classic\",\"quantity\":1}}],\"currency\":\"USD\"}}'"
            ),
        ),
        (
            "look at what Adyen, its agents and the merchant have sent",
            format!("curl -s {}/sandbox/transcript", sandbox.url()),
        ),
    ] {
        printer.line(&format!("\n  # {what}\n  {command}"));
    }
}
