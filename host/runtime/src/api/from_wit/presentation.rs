//! Content around a checkout, and descriptions of items.

use super::messages;
use crate::api::bindings::tillhouse::merchant::presentation_types as wit;
use crate::api::check;
use tillhouse_checkout::decision::{ConsentOption, ItemDescription, ItemFacts, ItemProperty, Link, Page, Support};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::time::Timestamp;

/// Key of the extension that says when the offer ends which the cart's quote id names, in milliseconds since 1970.
const QUOTE_EXPIRES: &str = "tillhouse.quote-expires";

pub(crate) fn page(page: wit::PageContent) -> Result<Page, String> {
    let (own, metadata) = page.extensions.into_iter().partition(|(key, _)| key == QUOTE_EXPIRES);
    Ok(Page {
        quote_expires: quote_expires(own)?,
        links: check::list("links", page.links, check::FEW, link)?,
        messages: messages(page.messages)?,
        consents: check::list("consents", page.consents, check::FEW, consent)?,
        continue_url: check::optional_web_url("continue-url", page.continue_url)?,
        support: page.support.map(support).transpose()?,
        metadata: check::metadata("extensions", metadata)?,
    })
}

fn quote_expires(given: Vec<(String, String)>) -> Result<Option<Timestamp>, String> {
    let Some((key, value)) = given.into_iter().next_back() else {
        return Ok(None);
    };
    let millis: u64 = value
        .parse()
        .map_err(|_| format!("{key} is {value:?}; give milliseconds since 1970, in digits"))?;
    Ok(Some(Timestamp(millis)))
}

fn link(link: wit::Link) -> Result<Link, String> {
    Ok(Link {
        kind: check::text("link.kind", link.kind, check::ID)?,
        url: check::web_url("link.url", link.url)?,
        title: check::optional("link.title", link.title, check::TEXT)?,
    })
}

fn consent(consent: wit::ConsentOption) -> Result<ConsentOption, String> {
    Ok(ConsentOption {
        channel: check::text("consent.channel", consent.channel, check::ID)?,
        text: check::text("consent.text", consent.text, check::TEXT)?,
        privacy_policy: check::web_url("consent.privacy-policy", consent.privacy_policy)?,
        subscribed: consent.subscribed,
    })
}

fn support(support: wit::Support) -> Result<Support, String> {
    Ok(Support {
        email: check::optional("support.email", support.email, check::ID)?,
        phone: check::optional("support.phone", support.phone, check::ID)?,
        hours: check::optional("support.hours", support.hours, check::TEXT)?,
        help_center: check::optional_web_url("support.help-center", support.help_center)?,
    })
}

pub(crate) fn descriptions(list: Vec<wit::Description>) -> Result<Vec<(ItemId, ItemDescription)>, String> {
    check::list("descriptions", list, check::LINES, |item| {
        let id = ItemId::new(check::text("item", item.item, check::ID)?);
        let description = ItemDescription {
            title: check::text("title", item.title, check::TEXT)?,
            description: check::optional("description", item.description, check::LONG_TEXT)?,
            images: check::list("images", item.images, check::FEW, |url| check::web_url("image", url))?,
            url: check::optional_web_url("url", item.url)?,
            facts: ItemFacts {
                attributes: check::metadata("extensions", item.extensions)?
                    .into_iter()
                    .map(|(name, value)| ItemProperty { name, value })
                    .collect(),
                ..ItemFacts::default()
            },
        };
        Ok((id, description))
    })
}
