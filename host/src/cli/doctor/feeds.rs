//! Whether the merchants' feeds can be uploaded as they are configured. Nothing is sent.

use super::checks::Checks;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_server::config::{AcpFeedConfig, Config, FeedConfig, MerchantConfig};

const CHECK: &str = "feeds";

/// Check every merchant whose catalog is uploaded.
pub(super) fn check(config: &Config, checks: &mut Checks) {
    for (id, merchant) in &config.merchants {
        if let Some(feed) = &merchant.feed {
            to_stripe(id, merchant, feed, checks);
        }
        for feed in &merchant.acp_feeds {
            to_agent(id, feed, checks);
        }
    }
}

fn to_stripe(id: &MerchantId, merchant: &MerchantConfig, feed: &FeedConfig, checks: &mut Checks) {
    let (way, documented) = (feed.way.name(), feed.way.documented_version());
    let mut fits = true;
    if feed.version != documented {
        fits = false;
        checks.warn(
            CHECK,
            format!(
                "{id}: Stripe documents {way} with version {documented}, and {} is asked for",
                feed.version
            ),
            format!("remove {way}_version from [merchants.{id}.feed], unless Stripe has told you to use this version"),
        );
    }
    fits &= is_scheduled(id, "stripe", feed.full_at.is_some(), feed.increments.is_some(), checks);
    if merchant
        .stripe
        .as_ref()
        .is_some_and(|stripe| stripe.webhook_secrets.is_empty())
    {
        fits = false;
        checks.warn(
            CHECK,
            format!("{id}: Stripe's events are rejected, so that the end of an import is learned by asking, up to 5 minutes late"),
            format!("add webhook_secrets to [merchants.{id}.stripe]"),
        );
    }
    if fits {
        checks.ok(
            CHECK,
            format!("{id}: to Stripe by {way}, with a documented version of the API"),
        );
    }
}

fn to_agent(id: &MerchantId, feed: &AcpFeedConfig, checks: &mut Checks) {
    if is_scheduled(
        id,
        &feed.name,
        feed.full_at.is_some(),
        feed.increments.is_some(),
        checks,
    ) {
        checks.ok(
            CHECK,
            format!("{id}: to {} at {}", feed.name, feed.url.host_str().unwrap_or_default()),
        );
    }
}

/// Increments are compared with an upload of all products, and delete nothing.
fn is_scheduled(id: &MerchantId, name: &str, full: bool, increments: bool, checks: &mut Checks) -> bool {
    let is_half = increments && !full;
    if is_half {
        checks.warn(
            CHECK,
            format!("{id}: changes of stock and prices go to {name} by themselves, and whole products do not"),
            "add full_at, so that new, changed and deleted products are uploaded each day",
        );
    }
    !is_half
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_server::config::Sources;

    /// The levels of what is found about one merchant.
    fn levels(stripe: &str, settings: &str) -> Vec<&'static str> {
        let text = format!(
            "[merchants.acme]\ncurrency = \"usd\"\n[merchants.acme.stripe]\nsecret_key = \"x\"\n{stripe}\n{settings}"
        );
        let sources = Sources::new("/", |_| None, |_| Err(std::io::ErrorKind::NotFound.into()));
        let mut checks = Checks::default();
        check(&Config::parse(&text, &sources).unwrap(), &mut checks);
        checks.levels()
    }

    #[test]
    fn a_feed_is_fine_or_is_warned_of_for_each_reason() {
        let heard = "webhook_secrets = [\"whsec_x\"]";
        let feed = "[merchants.acme.feed]\ntransport = \"catalog_imports\"\n";
        assert_eq!(levels(heard, ""), [""; 0], "there is none");
        assert_eq!(levels(heard, feed), ["ok"]);
        assert_eq!(levels("", feed), ["warn"]);
        let old = format!("{feed}catalog_imports_version = \"2025-12-15.preview\"");
        assert_eq!(levels(heard, &old), ["warn"]);
        let half = format!("{feed}increments_seconds = 60");
        assert_eq!(levels(heard, &half), ["warn"]);
        let agent = "[[merchants.acme.acp_feeds]]\nname = \"agent\"\nurl = \"https://agent.example\"\nkey = \"k\"\n";
        assert_eq!(levels("", agent), ["ok"]);
        assert_eq!(levels("", &format!("{agent}increments_seconds = 60")), ["warn"]);
    }
}
