//! Events as they happen: text for people, or one JSON object per line.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_sandbox::agent::{Purchase, PurchaseError};

use crate::cli::plugin::faults;
use crate::cli::plugin::target_plugin::BuiltPlugin;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::money::format_minor;
use tillhouse_console::local_host::{AGENT_KEY, LocalHost, MERCHANT, SIGNING_SECRET};
use tillhouse_console::output::{self, Printer, format_duration};
use tillhouse_console::table;
use tillhouse_protocols::{ObservedRequest, RequestObserver};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::{CallOutcome, Capability, Limits, Observer, PluginCall};
use tillhouse_server::host::swap::SwapResult;

/// Prints events, as text or as JSON lines.
#[derive(Debug)]
pub(super) struct EventPrinter {
    json: bool,
    printer: Printer,
}

impl EventPrinter {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            printer: Printer::new(json),
        }
    }

    pub(super) const fn is_json(&self) -> bool {
        self.json
    }

    fn event(&self, event: &Value) {
        if self.json {
            table::print_line(&event.to_string());
        }
    }

    /// Report that the host is listening.
    pub(super) fn serving(&self, plugin: &BuiltPlugin, local: &LocalHost, built_in: Duration) {
        let manifest = &plugin.manifest;
        let merchant = tillhouse_checkout::ids::MerchantId::new(MERCHANT);
        let installed = local.host.plugins.inventory(&merchant);
        self.printer.heading("Plugins");
        for it in &installed {
            let serves: Vec<&str> = it.serves.iter().map(|capability| capability.name()).collect();
            if !serves.is_empty() {
                let line = format!("  {:<20} {:<8} {}", it.plugin, it.version, serves.join(", "));
                self.printer.line(&line);
            }
        }
        self.printer.heading("Servers");
        self.printer.line(&format!("  host                 {}", local.url()));
        self.printer
            .line(&format!("  simulated Stripe     {}", local.sandbox.stripe.url()));
        self.printer
            .line(&format!("  simulated acquirer   {}", local.sandbox.acquirer.url()));
        self.event(&json!({
            "event": "serving",
            "url": local.url(),
            "plugin": manifest.id.as_str(),
            "version": manifest.version,
            "bytes": plugin.artifact.bytes.len(),
            "built_ms": millis(built_in),
            "agent_key": AGENT_KEY,
            "signing_secret": SIGNING_SECRET,
            "stripe": {"url": local.sandbox.stripe.url(), "key": local.sandbox.stripe.secret_key().reveal()},
            "acquirer": {"url": local.sandbox.acquirer.url()},
        }));
    }

    /// Report that a new release is active.
    pub(super) fn swapped(&self, swapped: &SwapResult, built_in: Duration, swapped_in: Duration) {
        let same = if swapped.digest == swapped.before {
            ", component unchanged"
        } else {
            ""
        };
        let text = format!(
            "{} {} {} is now active (built in {}, swapped in {}{same})",
            self.printer.bold("swapped"),
            swapped.plugin,
            swapped.version,
            format_duration(built_in),
            format_duration(swapped_in)
        );
        self.printer.line(&text);
        for withheld in &swapped.not_granted {
            self.printer
                .line(&format!("  not granted until the host is restarted: {withheld}"));
        }
        let names = |capabilities: &[Capability]| capabilities.iter().map(|one| one.name()).collect::<Vec<_>>();
        let (gained, lost) = (names(&swapped.gained), names(&swapped.lost));
        for (what, which) in [("now decides", &gained), ("no longer decides", &lost)] {
            if !which.is_empty() {
                self.printer.line(&format!("  {what}: {}", which.join(", ")));
            }
        }
        self.event(&json!({
            "event": "swapped",
            "plugin": swapped.plugin.as_str(),
            "version": swapped.version,
            "sha256": swapped.digest.to_string(),
            "built_ms": millis(built_in),
            "swapped_ms": millis(swapped_in),
            "withheld": swapped.not_granted,
            "gained": gained,
            "lost": lost,
        }));
    }

    /// Report why the active release was not replaced.
    pub(super) fn refused(&self, why: &str) {
        self.printer.line(&format!(
            "{} {why}\n  the previous release stays active",
            self.printer.bold("not swapped")
        ));
        self.event(&json!({"event": "refused", "why": why}));
    }

    /// Report the result of a purchase.
    pub(super) fn bought(&self, protocol: &str, bought: Result<Purchase, PurchaseError>) {
        match bought {
            Ok(purchase) => {
                let text = format!(
                    "{} over {protocol}: {} {} order {}",
                    self.printer.bold("bought"),
                    format_minor(purchase.total, purchase.currency.as_str()),
                    purchase.status,
                    purchase.order_id.as_deref().unwrap_or("none")
                );
                self.printer.line(&text);
                self.print_totals(&purchase);
                self.event(&json!({
                    "event": "bought",
                    "protocol": protocol,
                    "status": purchase.status,
                    "session": purchase.session_id,
                    "order": purchase.order_id,
                    "total": purchase.total,
                    "currency": purchase.currency.as_str(),
                }));
            }
            Err(interrupted) => {
                let why = interrupted.error.to_string();
                self.printer
                    .line(&format!("{} over {protocol}: {why}", self.printer.bold("not bought")));
                self.event(&json!({"event": "not_bought", "protocol": protocol, "why": why}));
            }
        }
    }

    /// Print the totals of the last response that has any.
    fn print_totals(&self, purchase: &Purchase) {
        let mut answers = purchase.exchanges.iter().rev();
        let totals = answers.find_map(|exchange| exchange.response.get("totals")?.as_array());
        for total in totals.into_iter().flatten() {
            let kind = total.get("type").and_then(Value::as_str);
            let amount = total.get("amount").and_then(Value::as_i64);
            if let (Some(kind), Some(amount)) = (kind, amount) {
                let amount = format_minor(amount, purchase.currency.as_str());
                self.printer.line(&format!("    {kind:<20} {amount:>14}"));
            }
        }
    }

    pub(super) fn stopping(&self) {
        if !self.json {
            output::print_progress("stopping");
        }
        self.event(&json!({"event": "stopping"}));
    }
}

impl Observer for EventPrinter {
    fn called(&self, session: &SessionId, call: &PluginCall) {
        let outcome = match call.outcome {
            CallOutcome::Success => "",
            outcome => outcome.as_str(),
        };
        self.printer.line(&format!(
            "    {:<40} {:>10}  {} {outcome}",
            call.function,
            format_duration(call.elapsed),
            self.printer.dim(&call.plugin)
        ));
        let remedy = remedy(call);
        for line in call.detail.iter().flat_map(|detail| detail.lines()).chain(remedy) {
            self.printer.line(&format!("      {line}"));
        }
        self.event(&json!({
            "event": "call",
            "session": session.as_str(),
            "plugin": call.plugin,
            "function": call.function,
            "elapsed_us": u64::try_from(call.elapsed.as_micros()).unwrap_or(u64::MAX),
            "outcome": call.outcome.as_str(),
            "detail": call.detail,
            "remedy": remedy,
        }));
    }
}

/// What the plugin author can do about a fault; `None` for calls that returned an answer.
fn remedy(call: &PluginCall) -> Option<&'static str> {
    let CallOutcome::Fault(fault) = call.outcome else {
        return None;
    };
    let function = Function::named(call.function)?;
    let detail = call.detail.as_deref().unwrap_or_default();
    Some(faults::explain(fault, detail, function, &Limits::default()).remedy)
}

impl RequestObserver for EventPrinter {
    fn on_response(&self, request: &ObservedRequest<'_>) {
        self.printer.line(&format!(
            "{:<4} {:<60} {}  {:>9}",
            request.method,
            request.path,
            request.status,
            format_duration(request.elapsed)
        ));
        self.event(&json!({
            "event": "request",
            "method": request.method,
            "path": request.path,
            "status": request.status,
            "elapsed_us": u64::try_from(request.elapsed.as_micros()).unwrap_or(u64::MAX),
        }));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
