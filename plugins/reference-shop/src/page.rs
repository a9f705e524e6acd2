//! Links to the merchant's pages.

use tillhouse_plugin::prelude::*;

use crate::Shop;

/// Kinds of pages that the contract defines.
pub(crate) const KINDS: [&str; 8] = [
    "terms_of_use",
    "privacy_policy",
    "return_policy",
    "shipping_policy",
    "contact_us",
    "about_us",
    "faq",
    "support",
];

impl Presentation for Shop {
    /// Returns the links of the table `links`, such as `links.terms_of_use = "https://…"`.
    fn page(_ctx: Context, _cart: Cart) -> Result<PageContent, Failure> {
        let links = config::table("links.")
            .into_iter()
            .map(|(kind, url)| Link::new(kind, url))
            .collect();
        Ok(PageContent {
            links,
            ..PageContent::default()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn links_come_from_the_configuration() {
        let url = "https://shop.example/terms";
        let _host = testing::Host::new().config("links.terms_of_use", url).install();
        let page = Shop::page(testing::context("USD"), testing::cart(&[])).unwrap();
        assert_eq!(page.links, [Link::new("terms_of_use", url)]);
        assert!(Shop::describe_items().is_empty());
    }

    impl Shop {
        fn describe_items() -> Vec<Description> {
            <Self as Presentation>::describe(testing::context("USD"), vec!["tee".into()]).unwrap()
        }
    }
}
