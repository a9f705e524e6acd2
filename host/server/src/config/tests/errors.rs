//! Errors, their locations, and the merchants that they affect.

use super::*;

#[test]
fn a_problem_names_the_line_of_the_file() {
    let text = "[server]\nlisten = \"here\"\n\n[merchants.acme]\ncurrency = \"usd\"\ncatalogue = \"x.csv\"\n";
    let sources = || Sources::new("/etc/tillhouse", environment, file);
    let named = Config::parse_file(text, &sources(), Path::new("shop/tillhouse.toml")).unwrap_err();
    let message = named.to_string();
    assert!(
        message.contains("\n  shop/tillhouse.toml:2: server.listen: "),
        "{message}"
    );
    assert!(
        message.contains("\n  shop/tillhouse.toml:6: merchants.acme.catalogue: "),
        "{message}"
    );
    let unnamed = Config::parse(text, &sources()).unwrap_err().to_string();
    assert!(unnamed.contains("\n  line 2: server.listen: "), "{unnamed}");
    let nowhere = Config::parse("", &sources()).unwrap_err().to_string();
    assert!(
        nowhere.contains("\n  merchants: no merchant is configured"),
        "{nowhere}"
    );
}

#[test]
fn an_error_of_an_item_names_the_line_of_the_item() {
    let text =
        with("hosts = [\n  \"shop.example\",\n  7,\n]\n[server]\ntrusted_proxies = [\n  \"::1\",\n  \"*\",\n]\n");
    let errors = parse(&text).unwrap_err().to_string();
    assert!(
        errors.contains("\n  line 5: merchants.acme.hosts[1]: is a whole number"),
        "{errors}"
    );
    assert!(errors.contains("\n  line 10: server.trusted_proxies[1]: "), "{errors}");
}

#[test]
fn a_fraction_in_a_plugins_table_is_refused_with_its_line_and_the_right_spelling() {
    let plugin = "[[merchants.acme.plugins]]\ncomponent = \"x\"\n[merchants.acme.plugins.config";
    for (config, line, message) in [
        (
            ".shipping.zone.w.six]\nprice = 6.00",
            6,
            "config.shipping.zone.w.six.price: is 6.0, a number with a fraction",
        ),
        ("]\nprices = [1, 2.5]", 6, "config.prices: is 2.5"),
        (
            "]\n\nsteps = [{ price = 1 }, { price = 1e2 }]",
            7,
            "config.steps.1.price: is 100.0",
        ),
        ("]\nprice = inf", 6, "config.price: is inf"),
    ] {
        let errors = parse(&with(&format!("{plugin}{config}"))).unwrap_err().to_string();
        let place = format!("line {line}: merchants.acme.plugins[0].{message}");
        assert!(errors.contains(&place), "{errors}");
    }
    let errors = parse(&with(&format!("{plugin}]\nprice = 6.00")))
        .unwrap_err()
        .to_string();
    assert!(
        errors.contains("write 600 (minor units of USD, an integer)"),
        "{errors}"
    );
    let yen = format!("{plugin}]\nprice = 5000.0");
    let yen = with(&yen).replace("\"usd\"", "\"jpy\"");
    let errors = parse(&yen).unwrap_err().to_string();
    assert!(
        errors.contains("write 5000 (minor units of JPY, an integer)"),
        "{errors}"
    );
    for good in ["price = 600", "rate = \"7.5\"", "days = \"3-5\""] {
        let _ = parse(&with(&format!("{plugin}]\n{good}"))).unwrap();
    }
}

/// The errors of a merchant's plugins, while another merchant can be served.
fn plugin_errors(plugins: &str) -> Vec<String> {
    let text = format!("[merchants.good]\ncurrency = \"usd\"\n{}", with(plugins));
    let config = parse(&text).unwrap();
    assert!(config.merchants[&MerchantId::new("good")].plugin_errors.is_empty());
    let plugin_errors = &config.merchants[&MerchantId::new("acme")].plugin_errors;
    plugin_errors.iter().map(ToString::to_string).collect()
}

#[test]
fn an_error_in_the_plugins_of_a_merchant_affects_only_that_merchant() {
    for (plugins, message) in [
        ("plugins = {}", "line 5: merchants.acme.plugins: "),
        (
            "[[merchants.acme.plugins]]\nmanifest = \"x\"",
            "line 5: merchants.acme.plugins[0].component: ",
        ),
        (
            "[[merchants.acme.plugins]]\ncomponent = \"x\"\nconfig = { price = 6.0 }",
            "line 7: merchants.acme.plugins[0].config.price: ",
        ),
        (
            "[[merchants.acme.plugins]]\ncomponent = \"x\"\nsecrets = { key = { env = \"NOPE\" } }",
            "line 7: merchants.acme.plugins[0].secrets.key: ",
        ),
        (
            "[[merchants.acme.plugins]]\ncomponent = \"x\"\ncolour = 1",
            "line 7: merchants.acme.plugins[0].colour: ",
        ),
    ] {
        let found = plugin_errors(plugins);
        assert!(found.len() == 1 && found[0].starts_with(message), "{found:#?}");
        let alone = parse(&with(plugins)).unwrap_err();
        assert_eq!(alone.diagnostics().len(), 1, "no merchant could be served: {alone}");
    }
}

#[test]
fn an_error_of_the_host_rejects_the_whole_configuration_with_all_errors() {
    let text =
        "[merchants.good]\ncurrency = \"usd\"\nhosts = [1]\n[merchants.acme]\ncurrency = \"usd\"\nplugins = [{}]";
    assert_eq!(
        paths(text),
        ["merchants.acme.plugins[0].component", "merchants.good.hosts[0]"]
    );
}
