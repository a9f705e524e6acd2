//! Presentation: the shop's pages, and a notice to the buyer.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Presentation for Shop {
    /// Returns links and messages around a checkout. Titles and images come from the catalog.
    fn page(_ctx: Context, _cart: Cart) -> Result<PageContent, Failure> {
        let pages = config::table("links.").into_iter();
        let notice = config::get("notice");
        Ok(PageContent {
            links: pages.map(|(kind, url)| Link::new(kind, url)).collect(),
            messages: notice
                .map(|text| Message::info(Subject::session(), text))
                .into_iter()
                .collect(),
            ..PageContent::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_links_and_the_notice_of_the_configuration() {
        let host = testing::Host::new().config("links.faq", "https://shop.example/faq");
        let _host = host.config("notice", "Closed on Sundays.").install();
        let page = Shop::page(testing::context("USD"), testing::cart(&[])).unwrap();
        assert_eq!((page.links.len(), page.messages.len()), (1, 1));
        assert_eq!(page.links[0].kind, "faq");
    }
}
