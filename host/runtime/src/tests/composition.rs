//! Tests that composed components work as plugins, within limits for all of their parts together.

use super::composed::{ASKING, Composed, beside_a_shop, composed};
use super::support::{host, install, quote};
use crate::component::package::{ComponentPart, PackageError};
use crate::guest::limits::{CORE_INSTANCES, MEMORIES, TABLES};
use tillhouse_checkout::ports::{DecisionError, PluginFault};

/// Fault of pricing an empty cart, `None` for a success, and its message.
async fn outcome(bytes: Vec<u8>) -> (Option<PluginFault>, String) {
    let plugins = host();
    install(&plugins, bytes).await;
    match quote(&plugins).await {
        Ok(_) => (None, String::new()),
        Err(DecisionError::Fault { fault, detail, .. }) => (Some(fault), detail),
        Err(other) => panic!("{other:?}"),
    }
}

async fn refusal(bytes: Vec<u8>) -> PackageError {
    host().load(bytes).await.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn components_that_pass_texts_between_their_memories_answer() {
    for relays in [0, 1, 2, MEMORIES as usize - 2] {
        let bytes = composed(&Composed {
            relays,
            ..Composed::default()
        });
        assert_eq!(outcome(bytes).await.0, None, "{relays} between the two");
    }
}

#[tokio::test]
async fn core_modules_with_a_memory_each_are_one_component() {
    for modules in 1..=3 {
        let bytes = beside_a_shop(modules, "(memory 1) (table 1 funcref)");
        // Only installed, not called: the counter is nested in the shop, and a component may not call its own parts.
        install(&host(), bytes).await;
    }
}

#[tokio::test]
async fn as_many_instances_at_once_as_a_host_has_each_with_all_its_memories() {
    let plugins = host();
    let bytes = composed(&Composed {
        relays: MEMORIES as usize - 2,
        ..Composed::default()
    });
    install(&plugins, bytes).await;
    for _ in 0..50 {
        quote(&plugins).await.unwrap();
    }
}

#[tokio::test]
async fn more_memories_than_the_limit_are_refused_by_name() {
    for relays in [MEMORIES as usize - 1, 20] {
        let error = refusal(composed(&Composed {
            relays,
            ..Composed::default()
        }))
        .await;
        let (found, limit) = (relays + 2, MEMORIES as usize);
        let what = ComponentPart::Memory;
        assert_eq!(error, PackageError::TooMany { what, found, limit });
        assert!(
            error
                .to_string()
                .contains(&format!("{found} memories; the limit is {limit}")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn more_core_instances_or_tables_than_the_limit_are_refused_by_name() {
    for (instances, fields, part, most) in [
        (CORE_INSTANCES, "", ComponentPart::CoreInstance, CORE_INSTANCES),
        (500, "", ComponentPart::CoreInstance, CORE_INSTANCES),
        (TABLES + 1, "(table 1 funcref)", ComponentPart::Table, TABLES),
        (MEMORIES, "(memory 0)", ComponentPart::Memory, MEMORIES),
    ] {
        let error = refusal(beside_a_shop(instances as usize, fields)).await;
        let is_named =
            matches!(error, PackageError::TooMany { what, limit, .. } if what == part && limit == most as usize);
        assert!(is_named, "{instances} with {fields:?}: {error:?}");
    }
}

/// 32 MiB are 512 pages.
#[tokio::test]
async fn the_limit_of_memory_is_of_all_memories_together() {
    for (pages, relays, expected) in [
        (250, 0, None),
        (250, 1, None),
        (250, 2, Some(PluginFault::Memory)),
        (100, 6, Some(PluginFault::Memory)),
        (510, 0, None),
        (511, 0, Some(PluginFault::Memory)),
    ] {
        let (fault, detail) = outcome(composed(&Composed {
            relays,
            pages,
            ..Composed::default()
        }))
        .await;
        assert_eq!(fault, expected, "{relays} with {pages} pages: {detail}");
    }
}

#[tokio::test]
async fn memories_that_grow_alternately_reach_their_limit_together() {
    // Two memories of 300 pages: each alone would be within the limit.
    let grow = "(if (i32.eq (memory.grow (i32.const 300)) (i32.const -1)) (then unreachable))";
    let (fault, detail) = outcome(composed(&Composed {
        body: &format!("{grow} {ASKING}"),
        counting: grow,
        ..Composed::default()
    }))
    .await;
    assert_eq!(fault, Some(PluginFault::Memory), "{detail}");
    assert!(detail.contains("in total"), "{detail}");
}

#[tokio::test]
async fn the_limit_of_table_elements_is_of_all_tables_together() {
    for (elements, expected) in [(10_000, Some(PluginFault::Memory)), (5_300, None)] {
        let bytes = beside_a_shop(3, &format!("(table {elements} funcref)"));
        let (fault, detail) = outcome(bytes).await;
        assert_eq!(fault, expected, "{elements}: {detail}");
    }
}
