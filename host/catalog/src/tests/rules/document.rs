//! `RULES.md`, made of the tables.

use std::fmt::Write;
use std::path::Path;

use tillhouse_checkout::feed::FeedType;

use super::examples::{self, EXAMPLES};
use crate::rule::RuleScope;
use crate::{COLUMNS, Column, Rule};

const INTRODUCTION: &str = "\
# Columns and rules of the feed

The product, inventory, price and promotion feeds of <https://docs.stripe.com/agentic-commerce/product-feed>, as far as they can be
checked without a request. Made from the tables of this crate by a test; `UPDATE=1 cargo test -p tillhouse-catalog rules` writes it
again.

What follows from a broken rule is its scope:

- `checkout`: the item is not sold. Its row is refused, or the whole file.
- `feed`: the item is sold and not uploaded, because Stripe would refuse it. With `--strict` it is refused as well.
- `advice`: the item is sold and uploaded.

Promotions are not sold: of them, `checkout` means that the row is not kept.

A catalog with `id`, `title`, `price` and `availability` alone can be sold from. The other columns that Stripe needs are reported of
the header, once.

Columns that are not in the table are kept for plugins under their names.
";

pub(super) fn check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RULES.md");
    let document = document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == document,
        "RULES.md is not what the tables say; UPDATE=1 writes it again"
    );
}

fn document() -> String {
    let mut text = INTRODUCTION.to_owned();
    for (title, feed) in [
        ("Product feed", FeedType::Product),
        ("Inventory feed", FeedType::Inventory),
        ("Price feed", FeedType::Pricing),
        ("Promotion feed", FeedType::Promotion),
    ] {
        write!(
            text,
            "\n## {title}\n\n| column | needed | what a cell may be | a wrong cell |\n|---|---|---|---|\n"
        )
        .unwrap();
        let product = feed == FeedType::Product;
        let of_host =
            |column: &&Column| product && COLUMNS.iter().all(|other| other.code != column.code || !any(column));
        for column in COLUMNS
            .iter()
            .filter(|column| column.feeds.has(&feed) || of_host(column))
        {
            writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                column.name,
                needed(column, &feed),
                column.limit(),
                if column.sells { "checkout" } else { "feed" }
            )
            .unwrap();
        }
    }
    text.push_str("\n## Rules\n\n| rule | scope | what it wants | what it says |\n|---|---|---|---|\n");
    for rule in Rule::ALL {
        writeln!(
            text,
            "| `{rule}` | {} | {} | {} |",
            scope(*rule),
            rule.meaning(),
            said(*rule)
        )
        .unwrap();
    }
    text
}

fn any(column: &Column) -> bool {
    FeedType::KNOWN.iter().any(|feed| column.feeds.has(feed))
}

/// When a column is needed: to sell, or by Stripe only.
fn needed(column: &Column, feed: &FeedType) -> String {
    if column.essential.has(feed) {
        "to sell".to_owned()
    } else if column.required.has(feed) {
        "always".to_owned()
    } else if column.requirement.starts_with("always") {
        String::new()
    } else {
        column.requirement.to_owned()
    }
}

fn scope(rule: Rule) -> &'static str {
    match rule.scope() {
        RuleScope::Fixed(scope) => scope.as_str(),
        RuleScope::OfColumn => "of the column",
    }
}

/// What the examples of a rule are told.
fn said(rule: Rule) -> String {
    let examples = EXAMPLES.iter().filter(|example| example.rule == rule);
    let told: Vec<String> = examples.map(|example| super::found(example).0.to_string()).collect();
    let told = if told.is_empty() {
        vec![examples::told_by_the_store(rule)]
    } else {
        told
    };
    told.join("<br>").replace('|', "\\|")
}
