//! What `wit/members.md` says of the contract is in the `.wit` files.

use std::collections::BTreeMap;
use std::fs;

use super::super::source::root;
use super::read;

/// The members of each record, variant, enum and function of the contract, by `interface.name`, each with its type. A function has
/// no members.
fn types() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut types = BTreeMap::new();
    for package in ["host", "merchant"] {
        for entry in fs::read_dir(root().join("wit").join(package)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            read_types(&text, &mut types);
        }
    }
    assert!(types.len() > 100, "found {} types only", types.len());
    types
}

fn read_types(text: &str, types: &mut BTreeMap<String, BTreeMap<String, String>>) {
    let (mut interface, mut open) = ("", None);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("///")) {
        let declares = |kind: &str| line.strip_prefix(kind)?.strip_suffix(" {");
        if let Some(name) = declares("interface ") {
            interface = name;
        } else if let Some(name) = ["record ", "variant ", "enum "].into_iter().find_map(declares) {
            let name = format!("{interface}.{name}");
            types.insert(name.clone(), BTreeMap::new());
            open = Some(name);
        } else if line == "}" {
            open = None;
        } else if let Some((name, _)) = line.split_once(": func(") {
            types.insert(format!("{interface}.{name}"), BTreeMap::new());
        } else if let Some(members) = open.as_ref().and_then(|name| types.get_mut(name)) {
            let member = line.trim_end_matches(',').trim_start_matches('%');
            let (name, of) = member
                .split_once(": ")
                .or_else(|| member.trim_end_matches(')').split_once('('))
                .unwrap_or((member, ""));
            members.insert(name.to_owned(), of.to_owned());
        }
    }
}

/// The type inside of options and lists: `list<option<address>>` is `address`.
fn innermost(of: &str) -> &str {
    of.rsplit('<').next().unwrap().trim_end_matches('>')
}

/// Whether a path such as `types.cart.buyer.company.tax-id` leads to a member.
fn leads_somewhere(types: &BTreeMap<String, BTreeMap<String, String>>, path: &str) -> bool {
    let mut parts = path.split('.');
    let (Some(interface), Some(name)) = (parts.next(), parts.next()) else {
        return false;
    };
    let mut at = format!("{interface}.{name}");
    let mut members = types.get(&at);
    for part in parts {
        let Some(of) = members.and_then(|members| members.get(part)) else {
            return false;
        };
        let (interface, _) = at.split_once('.').unwrap();
        let own = format!("{interface}.{}", innermost(of));
        let suffix = format!(".{}", innermost(of));
        let shared = types.keys().find(|name| name.ends_with(&suffix)).cloned();
        at = if types.contains_key(&own) {
            own
        } else {
            shared.unwrap_or_default()
        };
        members = types.get(&at).or(Some(&NONE));
    }
    members.is_some()
}

/// The members of a type that has none, such as a text.
static NONE: BTreeMap<String, String> = BTreeMap::new();

#[test]
fn a_path_leads_through_options_lists_and_other_interfaces() {
    let types = types();
    for path in [
        "types.cart.buyer.company.tax-id",
        "orders-types.event.cart.groups.destination.postal-code",
        "pricing-types.discount.reduction.rate.rounding.scope",
        "types.choice.option",
        "risk.decision.challenge",
        "catalog.item.tax-included",
        "tax.assess",
    ] {
        assert!(leads_somewhere(&types, path), "{path}");
    }
    for path in [
        "types",
        "types.cart.buyer.vat",
        "types.cart.codes.code",
        "types.nothing",
        "tax.assess.lines",
    ] {
        assert!(!leads_somewhere(&types, path), "{path}");
    }
}

#[test]
fn every_place_of_a_member_is_in_the_contract() {
    let page = read("wit/members.md");
    let types = types();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.trim_end_matches(" |").rsplit(" | ").next())
        .collect();
    assert!(rows.len() > 200, "found {} rows only", rows.len());
    let mut places = 0;
    for cell in rows {
        // Text in code marks is every second part.
        for path in cell.split('`').skip(1).step_by(2).filter(|code| is_place(code)) {
            assert!(leads_somewhere(&types, path), "wit/members.md: {path} in: {cell}");
            places += 1;
        }
    }
    assert!(places > 200, "found {places} places only");
}

/// Whether text in code marks names a place of the contract: `interface.name`, with hyphens and without underscores.
fn is_place(code: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    code.contains('.') && !code.starts_with("tillhouse.") && code.split('.').all(is_name)
}
