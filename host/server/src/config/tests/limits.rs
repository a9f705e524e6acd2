//! Limits of plugins: of all merchants, of one, and the most that one may have.

use super::*;

/// Errors of a file, each with its help.
fn errors(text: &str) -> Vec<String> {
    let errors = parse(text).unwrap_err();
    errors.diagnostics().iter().map(|error| format!("{error:#}")).collect()
}

#[test]
fn every_limit_can_be_set_for_all_for_one_merchant_and_as_a_maximum() {
    for key in LimitKey::ALL {
        let (name, value) = (key.name(), 1_000_000.min(MaximumLimits::default().of(key)));
        let text = format!(
            "[plugins.maximum]\n{name} = {value}\n{}[merchants.acme.limits]\n{name} = {value}",
            with("")
        );
        let config = parse(&format!("[plugins]\n{name} = {value}\n{text}")).unwrap();
        let set = SandboxLimits::default().with(key, value);
        assert_eq!(config.plugins.sandbox, set, "{name}");
        assert_eq!(config.plugins.maximum.of(key), value, "{name}");
        assert_eq!(config.merchants[&MerchantId::new("acme")].limits, set, "{name}");
    }
}

#[test]
fn a_limit_over_the_maximum_names_its_key_its_value_and_the_maximum() {
    for key in LimitKey::ALL {
        let (name, maximum) = (key.name(), MaximumLimits::default().of(key));
        let text = with(&format!("[merchants.acme.limits]\n{name} = {}", maximum + 1));
        let [error] = errors(&text).try_into().unwrap();
        for words in [
            format!("merchants.acme.limits.{name}"),
            format!("is {}, and this host allows at most {maximum}", maximum + 1),
            format!("raise {name} in [plugins.maximum]"),
        ] {
            assert!(error.contains(&words), "{error}: {words}");
        }
    }
}

#[test]
fn a_merchant_with_too_high_a_limit_does_not_keep_another_from_being_served() {
    let text = with("[merchants.acme.limits]\ntable_elements = 60000\n[merchants.other]\ncurrency = \"usd\"");
    let config = parse(&text).unwrap();
    assert_eq!(config.merchants[&MerchantId::new("acme")].plugin_errors.len(), 1);
    assert!(config.merchants[&MerchantId::new("other")].plugin_errors.is_empty());
}

#[test]
fn a_maximum_can_be_raised_and_lowered() {
    let limit = |maximum: u32, value: u32| {
        let own = with(&format!("[merchants.acme.limits]\ntable_elements = {value}"));
        format!("[plugins.maximum]\ntable_elements = {maximum}\n{own}")
    };
    parse(&limit(90_000, 60_000)).unwrap();
    assert_eq!(paths(&limit(9_000, 10_000)), ["merchants.acme.limits.table_elements"]);
}

#[test]
fn what_all_have_is_within_the_maximum_and_raises_the_built_in_one() {
    let all = |maximum: &str| {
        with("").replace(
            "[merchants",
            &format!("[plugins]\nmemory_bytes = 536870912\n{maximum}[merchants"),
        )
    };
    let config = parse(&all("")).unwrap();
    assert_eq!(config.plugins.maximum.of(LimitKey::Memory), 512 << 20);
    assert_eq!(
        paths(&all("[plugins.maximum]\nmemory_bytes = 268435456\n")),
        ["plugins.memory_bytes"]
    );
}

#[test]
fn what_no_host_can_do_with_is_refused_everywhere() {
    for table in ["plugins", "plugins.maximum", "merchants.acme.limits"] {
        for (key, value) in [
            ("memory_bytes", "1"),
            ("cpu_ms", "0"),
            ("payment_cpu_ms", "100"),
            ("answer_bytes", "\"1 MiB\""),
        ] {
            let text = format!("[merchants.acme]\ncurrency = \"usd\"\n[{table}]\n{key} = {value}");
            assert_eq!(paths(&text), [format!("{table}.{key}")]);
        }
    }
    assert_eq!(
        paths(&with("[merchants.acme.limits]\nmax_instances = 5")),
        ["merchants.acme.limits.max_instances"]
    );
}
