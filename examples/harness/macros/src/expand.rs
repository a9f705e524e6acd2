//! Expansion of the attribute `test`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Error, ItemFn, Result};

/// The expanded test, or an error about its form.
pub(crate) fn test(attribute: &TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new(
            attribute.span(),
            "takes no arguments; change the settings of the test on its Env",
        ));
    }
    let ItemFn { attrs, vis, sig, block } = syn::parse2(item)?;
    let wrong =
        |what: &dyn quote::ToTokens| Error::new(what.span(), "expected a test of the form `async fn name(env: Env)`");
    if sig.asyncness.is_none() || !sig.generics.params.is_empty() {
        return Err(wrong(&sig));
    }
    let mut inputs = sig.inputs.iter();
    let (Some(syn::FnArg::Typed(env)), None) = (inputs.next(), inputs.next()) else {
        return Err(wrong(&sig));
    };
    let (name, output) = (&sig.ident, &sig.output);
    let (pattern, ty) = (&env.pat, &env.ty);
    Ok(quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        #vis fn #name() #output {
            async fn test(#pattern: #ty) #output #block
            ::tillhouse_harness::run(::tillhouse_harness::this_plugin!(), test)
        }
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    fn refused(attribute: TokenStream, item: TokenStream) -> String {
        super::test(&attribute, item).unwrap_err().to_string()
    }

    #[test]
    fn a_test_keeps_its_name_its_attributes_and_its_result() {
        let item = quote! {
            #[ignore]
            async fn sells(env: Env) -> Result<(), Failure> { Ok(()) }
        };
        let expanded = super::test(&TokenStream::new(), item).unwrap().to_string();
        for part in [
            "# [ignore]",
            "fn sells () -> Result < () , Failure >",
            "async fn test (env : Env)",
        ] {
            assert!(expanded.contains(part), "{part}: {expanded}");
        }
    }

    #[test]
    fn an_invalid_test_function_is_an_error_that_shows_a_valid_one() {
        for item in [
            quote! { fn sells(env: Env) {} },
            quote! { async fn sells() {} },
            quote! { async fn sells(env: Env, other: u8) {} },
            quote! { async fn sells<T>(env: Env) {} },
        ] {
            let error = refused(TokenStream::new(), item);
            assert!(error.contains("async fn name(env: Env)"), "{error}");
        }
        let item = quote! { async fn sells(env: Env) {} };
        assert!(refused(quote! { flavor = "multi_thread" }, item).contains("takes no arguments"));
    }
}
