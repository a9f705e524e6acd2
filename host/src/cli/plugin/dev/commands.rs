//! How to buy manually: requests to paste into a shell, over both protocols.

use tillhouse_checkout::money::Currency;
use tillhouse_console::local_host::{AGENT_KEY, LocalHost, SIGNING_SECRET};
use tillhouse_console::output::Printer;

/// Print the requests as shell commands.
pub(super) fn print(local: &LocalHost, item: &str, currency: Currency) {
    let printer = Printer::new(false);
    let host = local.url();
    let currency = currency.to_string().to_ascii_lowercase();
    let acp = format!("-H 'Authorization: Bearer {AGENT_KEY}' -H 'API-Version: 2026-04-17'");
    let post = "-H 'Content-Type: application/json' -H \"Idempotency-Key: $(uuidgen)\"";
    let address = "\"name\":\"Jane Doe\",\"line_one\":\"1 Main St\",\"city\":\"San Francisco\",\"state\":\"CA\",\
                   \"country\":\"US\",\"postal_code\":\"94105\"";
    printer.heading("Buy over ACP (take SESSION and TOKEN from the responses)");
    printer.line(&format!(
        "  curl -s {host}/checkout_sessions {acp} {post} \\
    -d '{{\"line_items\":[{{\"id\":\"{item}\"}}],\"currency\":\"{currency}\",\"capabilities\":{{}}}}'
  curl -s {host}/checkout_sessions/SESSION {acp} {post} \\
    -d '{{\"fulfillment_details\":{{\"address\":{{{address}}}}}}}'
{token}
  curl -s {host}/checkout_sessions/SESSION/complete {acp} {post} \\
    -d '{{\"payment_data\":{{\"handler_id\":\"card_tokenized\",\"instrument\":{{\"type\":\"card\",\"credential\":{{\"type\":\"spt\",\"token\":\"TOKEN\"}}}}}}}}'",
        token = token(local, &currency),
    ));
    printer.heading("Buy like Stripe on behalf of an agent (each request is signed)");
    printer.line(&format!(
        "  hook() {{ t=$(date +%s); s=$(printf '%s.%s' \"$t\" \"$2\" | openssl dgst -sha256 -hmac {SIGNING_SECRET} -r | cut -d' ' -f1)
    curl -s {host}/agentic/checkouts$1 -H \"Stripe-Signature: t=$t,v1=$s\" {post} -d \"$2\"; }}
  hook '' '{{\"currency\":\"{currency}\",\"line_items\":[{{\"sku_id\":\"{item}\",\"quantity\":1}}],\"fulfillment_details\":{{\"address\":{{{address}}}}}}}'
{token}
  hook /CHECKOUT/confirm '{{\"payment_data\":{{\"token\":\"TOKEN\",\"provider\":\"stripe\"}}}}'",
        token = token(local, &currency),
    ));
    printer.line("\n  b + Enter lets the built-in agent buy; Ctrl-C stops the host.\n");
}

fn token(local: &LocalHost, currency: &str) -> String {
    let (stripe, key) = (local.sandbox.stripe.url(), local.sandbox.stripe.secret_key().reveal());
    format!(
        "  curl -s {stripe}/v1/test_helpers/shared_payment/granted_tokens -u {key}: -d payment_method=pm_card_visa \\
    -d 'usage_limits[currency]={currency}' -d 'usage_limits[max_amount]=1000000' -d \"usage_limits[expires_at]=$(($(date +%s)+3600))\""
    )
}
