//! Attacks on the host that are possible from any function.

use std::hint::black_box;

use tillhouse_plugin::prelude::*;

/// Returns the attack that an item of the cart requests, such as `price:trap`.
pub(crate) fn requested<'a>(prefix: &str, items: impl Iterator<Item = &'a str>) -> &'a str {
    items
        .filter_map(|item| item.strip_prefix(prefix))
        .next()
        .unwrap_or_default()
}

/// Runs the attack of this mode; returns if the mode is not one of them.
pub(crate) fn run(mode: &str) {
    match mode {
        "trap" => trap(),
        "spin" => loop_forever(),
        "memory" => exhaust_memory(),
        "stdout" => flood_stdout(),
        "log" => flood_log(),
        "catalog" => look_up_for_ever(),
        "deep-recursion" => {
            black_box(recurse(black_box(1)));
        }
        _ => {}
    }
}

/// Traps like a panic of a plugin.
pub(crate) fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}

fn loop_forever() {
    let mut count = 0_u64;
    while black_box(count) < u64::MAX {
        count = count.wrapping_add(1) % 1_000;
    }
}

fn exhaust_memory() {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    loop {
        blocks.push(vec![7; 1 << 20]);
        black_box(&blocks);
    }
}

/// Each write costs the host more than it costs the plugin.
#[expect(clippy::print_stdout, reason = "it is the attack")]
fn flood_stdout() {
    let lines = "a\n".repeat(500_000);
    loop {
        print!("{lines}");
    }
}

fn flood_log() {
    let fields = vec![(String::new(), String::new()); 20_000];
    loop {
        log::info("", &fields);
    }
}

fn look_up_for_ever() {
    let ids: Vec<String> = (0..40_000).map(|id| id.to_string()).collect();
    loop {
        black_box(catalog::get(&ids));
    }
}

#[allow(unconditional_recursion, reason = "exhausts the stack on purpose")]
fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 64]);
    recurse(depth + 1) + here.iter().sum::<u64>()
}
