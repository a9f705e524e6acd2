use super::*;

fn flat(text: &str) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    flatten(text, None, None).map(|flat| flat.into_iter().collect())
}

/// The key and the number of each rejected float.
fn refused(text: &str) -> Vec<(String, String)> {
    let errors = flat(text).unwrap_err();
    let each = errors.iter().map(|error| {
        let number = error.message.strip_prefix("is ").and_then(|rest| rest.split_once(','));
        let number = number.unwrap_or_else(|| panic!("{error}")).0;
        (error.place.key().unwrap().to_owned(), number.to_owned())
    });
    each.collect()
}

fn remedy(number: &str, currency: &str) -> String {
    let errors = flatten(&format!("price = {number}"), None, Currency::new(currency).ok()).unwrap_err();
    errors[0].help.clone().unwrap()
}

#[test]
fn nested_tables_become_dotted_keys() {
    let seen = flat(
        "a = 1\nb = { c = true, d = [\"x\", { e = \"2.5\" }], f = {} }\nzones = [\"EU\", \"US\"]\nday = 2026-11-21\nnone = []",
    );
    let expected = [
        ("a", "1"),
        ("b.c", "true"),
        ("b.d.0", "x"),
        ("b.d.1.e", "2.5"),
        ("day", "2026-11-21"),
        ("none", ""),
        ("zones", "EU, US"),
    ];
    assert_eq!(
        seen.unwrap(),
        expected.map(|(key, text)| (key.to_owned(), text.to_owned()))
    );
}

#[test]
fn a_key_that_is_given_twice_is_refused() {
    let twice = flat("\"a.b\" = 1\n[a]\nb = 2").unwrap_err();
    let shown: Vec<String> = twice.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["line 1: a.b: is defined twice; keep one of the two"]);
}

#[test]
fn a_number_with_a_fraction_is_refused_however_it_is_written() {
    for (written, number) in [
        ("6.00", "6.0"),
        ("6.0", "6.0"),
        ("5.99", "5.99"),
        ("1e2", "100.0"),
        ("1E+2", "100.0"),
        ("6_0.0", "60.0"),
        ("-0.0", "-0.0"),
        ("+3.0", "3.0"),
        ("inf", "inf"),
        ("-inf", "-inf"),
        ("nan", "NaN"),
    ] {
        assert_eq!(
            refused(&format!("price = {written}")),
            [("price".into(), number.into())]
        );
    }
    assert!(Document::parse("price = 6.", None).is_err(), "TOML has no such number");
}

#[test]
fn a_number_with_a_fraction_is_refused_wherever_it_stands() {
    for (text, key) in [
        ("[shipping.zone.w.six]\nprice = 6.0", "shipping.zone.w.six.price"),
        ("fees = { gift-wrap = { price = 3.0 } }", "fees.gift-wrap.price"),
        ("prices = [1, 2.0]", "prices"),
        ("steps = [{ from = 1, price = 2.0 }]", "steps.0.price"),
        ("steps = [[1, 2.0], [3]]", "steps.0"),
        ("[[steps]]\nfrom = 1\n[[steps]]\nprice = 1e2", "steps.1.price"),
    ] {
        let keys: Vec<String> = refused(text).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [key], "{text}");
    }
    let all = refused("a = 1.0\nb = 2\n[c]\nd = 3.5");
    assert_eq!(all.len(), 2, "all of them at once: {all:?}");
}

#[test]
fn the_way_out_is_spelled_in_the_minor_units_of_the_currency() {
    for (number, currency, minor) in [
        ("6.00", "usd", "600"),
        ("5.99", "usd", "599"),
        ("0.5", "eur", "50"),
        ("1e2", "usd", "10000"),
        ("5000.0", "JPY", "5000"),
        ("5000.0", "isk", "5000"),
        ("1.5", "kwd", "1500"),
        ("0.001", "KWD", "1"),
    ] {
        let remedy = remedy(number, currency);
        assert!(
            remedy.starts_with(&format!("write {minor} (minor units of ")),
            "{remedy}"
        );
    }
    for (number, currency) in [
        ("7.125", "usd"),
        ("0.5", "jpy"),
        ("-0.0", "usd"),
        ("-6.0", "usd"),
        ("inf", "usd"),
        ("nan", "usd"),
        ("1e300", "usd"),
    ] {
        let remedy = remedy(number, currency);
        assert!(remedy.starts_with("write minor units of "), "{remedy}");
    }
    assert!(remedy("6.00", "?").starts_with("write 600 (minor units of a currency with two decimals"));
    assert!(remedy("7.5", "usd").contains("\"7.5\" in quotes"));
}

#[test]
fn each_error_names_the_line_of_its_value() {
    let errors = flatten(
        "a = [\n  1,\n  2.0,\n]\nb = 99999999999999999999\n",
        Some("shop.toml"),
        None,
    )
    .unwrap_err();
    let places: Vec<String> = errors.iter().map(|error| error.place.to_string()).collect();
    assert_eq!(places, ["shop.toml:3: a", "shop.toml:5: b"]);
    let syntax = flatten("a = \n", Some("shop.toml"), None).unwrap_err();
    assert_eq!(syntax[0].place.location(), "shop.toml:1");
}
