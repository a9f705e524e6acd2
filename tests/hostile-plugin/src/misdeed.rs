//! What a guest can do against its host from any function.

use std::hint::black_box;

/// Misbehave as the mode says; come back where the mode is of another kind.
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

/// End as a panic of a plugin does.
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

#[allow(unconditional_recursion, reason = "what it is for")]
fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 64]);
    recurse(depth + 1) + here.iter().sum::<u64>()
}
