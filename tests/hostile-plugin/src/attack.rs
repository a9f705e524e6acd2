//! Attacks on the host that are possible from any function.

use std::hint::black_box;

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

#[allow(unconditional_recursion, reason = "exhausts the stack on purpose")]
fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 64]);
    recurse(depth + 1) + here.iter().sum::<u64>()
}
