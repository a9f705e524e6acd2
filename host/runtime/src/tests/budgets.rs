//! What an import costs the host is charged to the call, and bounded before it is spent.

use std::time::{Duration, Instant};

use super::importing::{CATALOG_GET, Import, LOG_WRITE, STDOUT_WRITE, pricing_with};
use super::support::{self, host_with, quote, scope};
use crate::guest::limits::CATALOG_IDS;
use crate::{Limits, Recorder};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ports::{DecisionError, Decisions, PluginFault};

/// The fault of a call, with its detail, when only its CPU budget can end it.
async fn fault_of(import: &Import, body: &str) -> (PluginFault, String) {
    let plugins = host_with(|settings| settings.limits.decision.wall = Duration::from_secs(3600));
    support::install(&plugins, pricing_with(import, body)).await;
    match quote(&plugins).await.unwrap_err() {
        DecisionError::Fault { fault, detail, .. } => (fault, detail),
        other => panic!("{other:?}"),
    }
}

/// A body of `price` that calls the host for ever, after filling the memory with a byte.
fn for_ever(fill: u8, arguments: &str) -> String {
    format!(
        "(memory.fill (i32.const 0) (i32.const {fill}) (i32.const 1000000))
         (loop $again (call $host {arguments}) (br $again)) unreachable"
    )
}

const MEGABYTE: &str = "(i32.const 0) (i32.const 1000000) (i32.const 2000000)";

#[tokio::test]
async fn writing_megabytes_to_stdout_for_ever_ends_by_the_cpu_budget() {
    // One line without an end, nothing but ends of lines, nothing but blanks.
    for byte in [b'a', b'\n', b' '] {
        let (fault, detail) = fault_of(&STDOUT_WRITE, &for_ever(byte, MEGABYTE)).await;
        assert_eq!(fault, PluginFault::CpuBudget, "{byte}: {detail}");
    }
}

#[tokio::test]
async fn what_stdout_costs_is_bounded_by_what_may_be_logged() {
    let recorder = Recorder::default();
    let plugins = host_with(|settings| {
        settings.limits.decision.wall = Duration::from_secs(3600);
        settings.limits.decision.cpu_ms = 60_000;
        settings.recorder = Some(recorder.clone());
    });
    let once = format!(
        "(memory.fill (i32.const 0) (i32.const 97) (i32.const 1000000))
         (call $host {MEGABYTE})
         (memory.fill (i32.const 0) (i32.const 10) (i32.const 1000000))
         (call $host {MEGABYTE})
         (memory.fill (i32.const 0) (i32.const 0) (i32.const 1000000)) (i32.const 0)"
    );
    support::install(&plugins, pricing_with(&STDOUT_WRITE, &once)).await;
    quote(&plugins).await.unwrap();
    let record = recorder.take();
    let lengths: Vec<usize> = record.lines.iter().map(|line| line.text.len()).collect();
    assert_eq!(lengths, [1024], "a line is cut, and an empty one is none");
    let looked_at = Limits::default().decision.log_lines as u64 * 4;
    assert_eq!(record.lines_dropped, 1_000_000 - (looked_at - 1));
}

#[tokio::test]
async fn logging_thousands_of_empty_fields_for_ever_ends_by_the_cpu_budget() {
    let arguments = "(i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 20000)";
    let (fault, detail) = fault_of(&LOG_WRITE, &for_ever(0, arguments)).await;
    assert_eq!(fault, PluginFault::CpuBudget, "{detail}");
}

#[tokio::test]
async fn a_list_over_its_limit_ends_the_call_before_anything_is_looked_up() {
    for count in [CATALOG_IDS + 1, 40_000] {
        let arguments = format!("(i32.const 0) (i32.const {count}) (i32.const 2000000)");
        let (fault, detail) = fault_of(&CATALOG_GET, &for_ever(0, &arguments)).await;
        assert_eq!(fault, PluginFault::OutputTooLarge);
        assert_eq!(detail, format!("passed {count} ids to catalog.get; the limit is 500"));
    }
}

#[tokio::test]
async fn looking_up_the_largest_list_for_ever_ends_by_the_cpu_budget() {
    let arguments = format!("(i32.const 0) (i32.const {CATALOG_IDS}) (i32.const 2000000)");
    let (fault, detail) = fault_of(&CATALOG_GET, &for_ever(0, &arguments)).await;
    assert_eq!(fault, PluginFault::CpuBudget, "{detail}");
}

#[tokio::test]
async fn no_call_is_made_for_a_caller_whose_time_is_over() {
    let plugins = support::host();
    support::install(&plugins, super::pricing("unreachable")).await;
    let late = tillhouse_checkout::ports::PhaseScope {
        deadline: Some(Instant::now()),
        ..scope("acme")
    };
    let error = plugins
        .open(late)
        .await
        .unwrap()
        .price(&Cart::default())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            DecisionError::Unavailable {
                retry_after: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_call_ends_with_the_time_of_its_caller_which_is_no_fault_of_the_plugin() {
    let plugins = host_with(|settings| {
        settings.limits.decision.wall = Duration::from_secs(3600);
        settings.limits.decision.cpu_ms = u64::MAX;
    });
    support::install(&plugins, super::pricing("(loop $forever (br $forever)) unreachable")).await;
    let soon = tillhouse_checkout::ports::PhaseScope {
        deadline: Some(Instant::now() + Duration::from_millis(50)),
        ..scope("acme")
    };
    let error = plugins
        .open(soon)
        .await
        .unwrap()
        .price(&Cart::default())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            DecisionError::Unavailable {
                retry_after: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
}
