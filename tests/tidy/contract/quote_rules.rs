//! The table of the rules of a quote is the host's, and the host checks each rule where the table says.

use tillhouse_checkout::quote::QuoteRule;
use tillhouse_runtime::function::Function;

use super::super::source::sources;
use super::{chapter, declared, page, read};

#[test]
fn the_page_has_every_rule_of_a_quote_as_the_host_checks_it() {
    let page = page();
    let chapter = chapter(&page, "Rules of a quote");
    let declared = declared("merchant");
    for rule in QuoteRule::ALL {
        let functions: Vec<String> = rule.functions().iter().map(|name| format!("`{name}`")).collect();
        let cells = [
            format!("`{rule}`"),
            rule.formula().to_owned(),
            functions.join(", "),
            rule.help().to_owned(),
        ];
        let row = format!("| {} |", cells.join(" | "));
        assert!(chapter.contains(&format!("\n{row}\n")), "wit/README.md needs: {row}");
        for function in rule.functions() {
            assert!(
                declared.contains(*function),
                "{rule}: {function} is not in the contract"
            );
        }
    }
    let rows = chapter.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(
        rows,
        QuoteRule::ALL.len(),
        "wit/README.md has rules that the host does not have"
    );
}

/// The name that the sources of the arithmetic have for a function.
fn name_in_sources(function: &str) -> Option<&'static str> {
    Some(match function {
        "pricing.price" => "PRICE",
        "inventory.check" => "CHECK",
        "fulfillment.options" => "OPTIONS",
        "tax.assess" => "ASSESS",
        _ => return None,
    })
}

/// The host blames a rule on the functions that the table names, and each of them for something.
#[test]
fn each_rule_is_checked_in_the_functions_that_the_table_names() {
    let arithmetic = sources(&["host/checkout/src/quote"]).into_iter();
    let arithmetic: Vec<String> = arithmetic
        .filter(|source| !source.of_tests)
        .map(|source| source.code.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let names = |text: &str| arithmetic.iter().any(|source| source.contains(text));
    let identity = read("host/payments/src/paying/order_identity.rs");
    let blamed = |function: &str, rule: QuoteRule| {
        let Some(name) = name_in_sources(function) else {
            return identity.contains(&format!("function: \"{function}\",\n        rule: QuoteRule::{rule:?}"));
        };
        // Whole amounts are added up for `tax.assess`, and a rounding rule is read for the function that named it.
        names(&format!("({name}, QuoteRule::{rule:?},"))
            || names(&format!("( {name}, QuoteRule::{rule:?},"))
            || (name == "ASSESS" && names(&format!("too_large(QuoteRule::{rule:?})")))
            || (rule == QuoteRule::R2 && names(&format!("rounding::rule({name},")))
    };
    let mut differences = Vec::new();
    for function in Function::ALL.iter().map(|function| function.name()) {
        for rule in QuoteRule::ALL {
            match (blamed(function, rule), rule.functions().contains(&function)) {
                (true, false) => differences.push(format!("{rule} of {function}: in the sources, not in the table")),
                (false, true) => differences.push(format!("{rule} of {function}: in the table, not in the sources")),
                _ => {}
            }
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}
