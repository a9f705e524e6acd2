//! Every rule with a row that breaks it, and the table of all of them: `RULES.md`. `UPDATE=1` writes it again.

mod document;
mod examples;

use tillhouse_checkout::feed::FeedType;

use super::problems;
use crate::{Problem, ReadOptions, Rule, Scope};
use examples::{EXAMPLES, Example};

/// The problem that breaks the rule, and all others of the example.
fn found(example: &Example) -> (Problem, Vec<Problem>) {
    let options = ReadOptions {
        max_record_bytes: 60_000,
        ..ReadOptions::new(example.feed())
    };
    let mut all = problems(&example.file(), &options);
    let of_rule = all.iter().position(|problem| problem.rule == example.rule);
    let of_rule = of_rule.unwrap_or_else(|| panic!("{} is not broken by its example: {all:?}", example.rule));
    (all.remove(of_rule), all)
}

#[test]
fn every_rule_has_an_example_that_breaks_it_alone() {
    for rule in Rule::ALL.iter().filter(|rule| !examples::found_by_the_store(**rule)) {
        assert!(
            EXAMPLES.iter().any(|example| example.rule == *rule),
            "{rule} has no example"
        );
    }
    for example in EXAMPLES {
        let (problem, others) = found(example);
        assert_eq!(others, [], "beside {problem}");
    }
}

#[test]
fn the_document_has_every_column_and_every_rule() {
    document::check();
}

#[test]
fn a_strict_reader_refuses_what_stripe_would_refuse() {
    for example in EXAMPLES {
        let strict = ReadOptions {
            strict: true,
            ..ReadOptions::new(example.feed())
        };
        let (problem, _) = found(example);
        let file = example.file();
        let refused = match crate::FeedReader::open(file.as_slice(), &strict) {
            Err(_) => true,
            Ok(reader) => reader
                .into_iter()
                .any(|record| !matches!(record, Ok(crate::FeedRecord::Row { .. }))),
        };
        assert_eq!(refused, problem.scope != Scope::Advice, "{problem}");
    }
}

#[test]
fn four_columns_are_enough_to_sell_and_what_stripe_lacks_is_said_once() {
    let rows: String = (0..100).map(|row| format!("{row},Item,1.00 EUR,in_stock\n")).collect();
    let file = format!("id,title,price,availability\n{rows}");
    let found = problems(file.as_bytes(), &ReadOptions::default());
    assert!(
        found
            .iter()
            .all(|problem| problem.line == 1 && problem.scope == Scope::Feed),
        "{found:?}"
    );
    let columns: Vec<&str> = found.iter().map(|problem| &*problem.column).collect();
    assert_eq!(
        columns,
        [
            "description",
            "link",
            "image_link",
            "brand",
            "mpn",
            "product_category",
            "shipping"
        ]
    );
}

#[test]
fn a_stored_row_is_checked_by_itself() {
    let file = b"id,title,price,availability\ntee,Tee,1.00 EUR,preorder\n";
    let mut reader = crate::FeedReader::open(&file[..], &ReadOptions::default()).unwrap();
    let Some(Ok(crate::FeedRecord::Row { row, problems })) = reader.next() else {
        panic!("the row is good enough to be sold");
    };
    assert_eq!(problems.len(), 1, "of the row itself");
    let all = crate::check(&FeedType::Product, &row);
    assert_eq!(all.len(), 8, "with what the header lacks: {all:?}");
}

#[test]
fn ids_of_rules_are_stable_and_read_back() {
    for rule in Rule::ALL {
        assert_eq!(Rule::from_id(rule.id()), Some(*rule));
        assert!(
            rule.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{rule}"
        );
    }
}
