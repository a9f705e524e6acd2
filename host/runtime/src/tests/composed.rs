//! Composed components, as `wac` and `wasm-tools compose` produce them.

use super::components::{REALLOC, TYPES, names};

/// Parts of a composed component: a shop, relays and a counter.
pub(crate) struct Composed<'a> {
    /// Number of relay components between the shop and the counter. Each passes the text on.
    pub(crate) relays: usize,
    /// Initial memory of each part except the shop, in pages.
    pub(crate) pages: usize,
    /// Code of the shop before it returns. `$count` takes a text and returns the sum of its first byte and its length.
    pub(crate) body: &'a str,
    /// Code of the counter before it returns.
    pub(crate) counting: &'a str,
}

impl Default for Composed<'_> {
    fn default() -> Self {
        Self {
            relays: 0,
            pages: 2,
            body: ASKING,
            counting: "",
        }
    }
}

/// Code that traps unless the text reached the counter's memory and the sum came back. 104 is `h`.
pub(crate) const ASKING: &str =
    "(if (i32.ne (call $count (i32.const 4096) (i32.const 5)) (i32.const 109)) (then unreachable))";

/// Build the composed component. Shop, counter and each relay have a memory of their own.
pub(crate) fn composed(of: &Composed<'_>) -> Vec<u8> {
    let relays: String = (0..of.relays)
        .map(|n| {
            format!(
                "(instance $c{} (instantiate $relay (with \"count\" (func $c{n} \"count\"))))\n",
                n + 1
            )
        })
        .collect();
    wat::parse_str(format!(
        r#"(component
            {counter}
            {relay}
            {shop}
            (instance $c0 (instantiate $counter))
            {relays}
            (instance $shop (instantiate $shop (with "count" (func $c{last} "count"))))
            (export "tillhouse:merchant/pricing@0.2.0" (instance $shop "tillhouse:merchant/pricing@0.2.0")))"#,
        counter = counter(of),
        relay = relay(of.pages),
        shop = shop(of.body),
        last = of.relays,
    ))
    .unwrap()
}

fn counter(of: &Composed<'_>) -> String {
    let Composed { pages, counting, .. } = of;
    format!(
        r#"(component $counter
            (core module $m
                (memory (export "memory") {pages})
                {REALLOC}
                (func (export "count") (param i32 i32) (result i32)
                    {counting}
                    (i32.add (i32.load8_u (local.get 0)) (local.get 1))))
            (core instance $i (instantiate $m))
            (func (export "count") (param "text" string) (result u32)
                (canon lift (core func $i "count") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#
    )
}

fn relay(pages: usize) -> String {
    format!(
        r#"(component $relay
            (import "count" (func $count (param "text" string) (result u32)))
            {memory}
            (core module $m
                (import "shop" "count" (func $count (param i32 i32) (result i32)))
                (func (export "count") (param i32 i32) (result i32) (call $count (local.get 0) (local.get 1))))
            (core instance $i (instantiate $m (with "shop" (instance (export "count" (func $lowered))))))
            (func (export "count") (param "text" string) (result u32)
                (canon lift (core func $i "count") (memory $memory) (realloc $realloc))))"#,
        memory = memory(pages),
    )
}

fn shop(body: &str) -> String {
    let named: String = names()
        .map(|name| format!("(export \"{name}\" (type ${name}))\n"))
        .collect();
    format!(
        r#"(component $shop
            (import "count" (func $count (param "text" string) (result u32)))
            {memory}
            (core module $m
                (import "shop" "memory" (memory 2))
                (import "shop" "count" (func $count (param i32 i32) (result i32)))
                (data (i32.const 4096) "hello")
                (func (export "price") (param i32) (result i32) {body} (i32.const 0)))
            (core instance $i (instantiate $m
                (with "shop" (instance (export "memory" (memory $memory)) (export "count" (func $lowered))))))
            {TYPES}
            (func $price (param "ctx" $context) (param "cart" $cart) (result (result $priced-cart (error $failure)))
                (canon lift (core func $i "price") (memory $memory) (realloc $realloc)))
            (instance $pricing {named} (export "price" (func $price)))
            (export "tillhouse:merchant/pricing@0.2.0" (instance $pricing)))"#,
        memory = memory(2),
    )
}

/// A module that holds the memory, and `count` lowered with it.
fn memory(pages: usize) -> String {
    format!(
        r#"(core module $libc (memory (export "memory") {pages}) {REALLOC})
        (core instance $libc (instantiate $libc))
        (alias core export $libc "memory" (core memory $memory))
        (alias core export $libc "realloc" (core func $realloc))
        (core func $lowered (canon lower (func $count) (memory $memory)))"#
    )
}

/// Build a shop with additional, independent core instances, each with these fields.
pub(crate) fn beside_a_shop(instances: usize, fields: &str) -> Vec<u8> {
    let more = "(core instance (instantiate $more))\n".repeat(instances);
    let shop = shop("").replacen("(component $shop", "(component", 1);
    let shop = shop.replacen(
        r#"(import "count" (func $count (param "text" string) (result u32)))"#,
        &format!("(core module $more {fields})\n{more}{}", counter_inside()),
        1,
    );
    wat::parse_str(shop).unwrap()
}

/// The counter as a component nested in the shop.
fn counter_inside() -> String {
    let counter = counter(&Composed::default());
    format!("{counter} (instance $c (instantiate $counter)) (alias export $c \"count\" (func $count))")
}
