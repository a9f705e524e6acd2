//! Attacks on the host that are possible from any function.

use std::hint::black_box;

/// Returns the attack that an item of the cart requests, such as `price:trap`.
pub(crate) fn named<'a>(prefix: &str, items: impl Iterator<Item = &'a str>) -> &'a str {
    items
        .filter_map(|item| item.strip_prefix(prefix))
        .next()
        .unwrap_or_default()
}

/// Runs the attack of this mode; returns if the mode is not one of them.
pub(crate) fn commit(mode: &str) {
    match mode {
        "trap" => trap(),
        "spin" => spin(),
        "memory" => hoard(),
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

fn spin() {
    let mut turns = 0_u64;
    while black_box(turns) < u64::MAX {
        turns = turns.wrapping_add(1) % 1_000;
    }
}

fn hoard() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![7; 1 << 20]);
        black_box(&hoard);
    }
}

#[allow(unconditional_recursion, reason = "exhausts the stack on purpose")]
fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 64]);
    recurse(depth + 1) + here.iter().sum::<u64>()
}
