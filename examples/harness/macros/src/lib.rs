//! The attribute of `tillhouse-harness`, which re-exports it.

mod expand;

// Its example is ignored here, and its like is compiled for the harness: a dependency on that would go round in a circle.
/// A test of the plugin of this package, as a component: `async fn name(env: Env)`.
///
/// The component is built once for all tests; each test has an `Env` and a runtime of its own. A test may answer with a
/// `Result`, as others may, and other attributes (`#[ignore]`, `#[should_panic]`) hold.
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
