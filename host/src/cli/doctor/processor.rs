//! Whether a merchant has the processor that the protocols need over which it is paid.

use super::checks::Checks;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_runtime::Capability;
use tillhouse_server::config::MerchantConfig;

const CHECK: &str = "processor";

/// Report what the merchant's plugins cannot do of its payments. `has` is whether one of them exports a capability.
pub(super) fn check(id: &MerchantId, merchant: &MerchantConfig, has: impl Fn(Capability) -> bool, checks: &mut Checks) {
    let (charging, paid_elsewhere) = (charging(merchant), paid_elsewhere(merchant));
    if has(Capability::Payments) {
        of_processor(id, &has, checks);
    } else if charging.is_empty() && !paid_elsewhere.is_empty() {
        let by = paid_elsewhere.join(" and ");
        checks.ok(
            CHECK,
            format!("{id}: needs no processor of its own: {by} takes every payment"),
        );
    } else {
        let needs = match charging.is_empty() {
            true => String::new(),
            false => format!(", which {} needs", charging.join(", ")),
        };
        checks.fail(
            CHECK,
            format!("{id}: no plugin provides {}{needs}", Capability::Payments),
            "add a plugin that exports it: the processor that charges the tokens of these protocols, with its credentials",
        );
    }
    let is_told_by_adyen_alone = merchant
        .adyen
        .as_ref()
        .and_then(|adyen| adyen.merchant.as_ref())
        .is_some_and(|calls| calls.flow.has_commit());
    if is_told_by_adyen_alone && !has(Capability::PaymentsNotices) {
        checks.warn(
            CHECK,
            format!("{id}: what became of Adyen's payment is known by its finalize call alone: one that is lost is for the operator"),
            "use a plugin that exports payments-notices and have Adyen send its Standard webhook to /webhooks/processor as well",
        );
    }
}

fn of_processor(id: &MerchantId, has: impl Fn(Capability) -> bool, checks: &mut Checks) {
    if !has(Capability::PaymentsList) {
        checks.warn(
            CHECK,
            format!("{id}: its processor cannot list charges"),
            "tillhouse reconcile has nothing to compare with; use a plugin that exports payments-list",
        );
    }
    if !has(Capability::PaymentsVoid) && !has(Capability::PaymentsRefund) {
        checks.warn(
            CHECK,
            format!("{id}: its processor can neither void nor refund"),
            "a charge whose order cannot be created waits for manual settlement; use a plugin that exports payments-void",
        );
    }
}

/// The sections over whose protocols the merchant charges by itself.
fn charging(merchant: &MerchantConfig) -> Vec<&'static str> {
    let adyen = merchant.adyen.as_ref();
    let agents = adyen.and_then(|adyen| adyen.agent.as_ref());
    let calls = adyen.and_then(|adyen| adyen.merchant.as_ref());
    let sections = [
        ("[acp]", merchant.acp.is_some()),
        ("[stripe_acs]", merchant.stripe_acs.is_some()),
        ("[adyen.agent]", agents.is_some()),
        ("[adyen.merchant]", calls.is_some_and(|calls| calls.flow.has_token())),
    ];
    sections
        .into_iter()
        .filter_map(|(section, is)| is.then_some(section))
        .collect()
}

/// The parties that take payments for the merchant.
fn paid_elsewhere(merchant: &MerchantConfig) -> Vec<&'static str> {
    let hooks = merchant.stripe.as_ref().and_then(|stripe| stripe.hooks.as_ref());
    let calls = merchant.adyen.as_ref().and_then(|adyen| adyen.merchant.as_ref());
    let parties = [
        ("Stripe", hooks.is_some()),
        ("Adyen", calls.is_some_and(|calls| calls.flow.has_commit())),
    ];
    parties
        .into_iter()
        .filter_map(|(party, is)| is.then_some(party))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_server::config::{Config, Sources};

    const HOOKS: &str = "[merchants.acme.stripe]\nsecret_key = \"x\"\nhook_secrets = [\"h\"]\n";

    fn adyen(flow: &str) -> String {
        format!(
            "[merchants.acme.adyen]\ncompany_account = \"a\"\nmerchant_account = \"b\"\n[merchants.acme.adyen.merchant]\nauth = \"bearer\"\n\
             keys = [{{ name = \"adyen\", secret = \"k\" }}]\nflow = \"{flow}\"\n"
        )
    }

    fn levels_of(sections: &str, capabilities: &[Capability]) -> Vec<&'static str> {
        let text = format!("[merchants.acme]\ncurrency = \"usd\"\n{sections}");
        let sources = Sources::new("/", |_| None, |_| Err(std::io::ErrorKind::NotFound.into()));
        let config = Config::parse(&text, &sources).unwrap();
        let mut checks = Checks::default();
        for (id, merchant) in &config.merchants {
            check(id, merchant, |it| capabilities.contains(&it), &mut checks);
        }
        checks.levels()
    }

    #[test]
    fn who_is_paid_elsewhere_needs_no_processor_and_who_charges_does() {
        let acp = "[merchants.acme.acp]\nkeys = [{ name = \"agent\", secret = \"k\" }]\n";
        for (sections, levels) in [
            (HOOKS.to_owned(), &["ok"][..]),
            (adyen("standard"), &["ok", "warn"]),
            (format!("{HOOKS}{acp}"), &["fail"]),
            (adyen("advanced"), &["fail"]),
            (adyen("both"), &["fail", "warn"]),
            (String::new(), &["fail"]),
        ] {
            assert_eq!(levels_of(&sections, &[]), levels, "{sections}");
        }
    }

    #[test]
    fn a_processor_that_reads_adyens_webhook_knows_of_lost_calls() {
        use Capability::{Payments, PaymentsList, PaymentsNotices, PaymentsVoid};
        let whole = [Payments, PaymentsList, PaymentsVoid, PaymentsNotices];
        assert!(levels_of(&adyen("both"), &whole).is_empty());
        assert_eq!(levels_of(&adyen("standard"), &[PaymentsNotices]), ["ok"]);
        assert_eq!(levels_of(&adyen("standard"), &whole[..3]), ["warn"]);
        assert_eq!(levels_of(&adyen("advanced"), &[Payments]), ["warn", "warn"]);
    }
}
