//! The attribute of `tillhouse-harness`, which re-exports it.

mod expand;

/// A test of the plugin of this package, as a component: `async fn name(env: Env)`.
///
/// The component is built once for all tests; each test has an `Env` and a runtime of its own. A test may answer with a
/// `Result`, as others may, and other attributes (`#[ignore]`, `#[should_panic]`) hold.
#[proc_macro_attribute]
pub fn test(attribute: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let expanded = expand::test(&attribute.into(), item.into());
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}
