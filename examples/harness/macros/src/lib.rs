//! The attribute macro of `tillhouse-harness`, which re-exports it.

mod expand;

// Ignored here and compiled in the harness instead: a dependency on the harness would be circular.
/// Marks a test of the plugin of this package, which runs as a component: `async fn name(env: Env)`.
///
/// The component is built once for all tests; each test has its own `Env` and runtime. A test may return a `Result`,
/// and other attributes (`#[ignore]`, `#[should_panic]`) work as usual.
///
/// ```ignore
/// use tillhouse_harness::prelude::*;
///
/// #[tillhouse_harness::test]
/// async fn two_tees_cost_what_two_tees_cost(env: Env) {
///     let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
///     assert_eq!(priced.lines[0].unit_price, 25_00);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(attribute: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let expanded = expand::test(&attribute.into(), item.into());
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}
