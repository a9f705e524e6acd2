//! A product as ACP's feed schema has it (`schema.feed.json` of 2026-04-17), rendered from items of the catalog.
//! <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>

use serde::Serialize;
use url::Url;

use tillhouse_catalog::Item;

use super::variant::{Variant, VariantSource};

/// A product with the variants of it that can be bought.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Product {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<Media>,
    variants: Vec<Variant>,
}

/// A text in the only form that the catalog has.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Description {
    plain: String,
}

/// An image, a video or a model.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Media {
    r#type: &'static str,
    url: String,
}

impl Product {
    /// Renders a product; `None` without variants. What variants share is that of the first one, and of the group's title.
    pub(crate) fn render(id: &str, variants: &[VariantSource<'_>]) -> Option<Self> {
        let first = variants.first()?.item;
        let group_title = variants
            .iter()
            .find_map(|variant| variant.item.column("item_group_title"));
        let title = group_title.unwrap_or(&first.description.title);
        Some(Self {
            id: id.to_owned(),
            title: Some(title.to_owned()),
            description: description(first),
            url: link(first),
            media: media(first).into_iter().take(1).collect(),
            variants: variants.iter().map(Variant::render).collect(),
        })
    }
}

/// The id of the product that an item is a variant of: its group, or itself.
pub(crate) fn product_id(item: &Item) -> &str {
    item.column("item_group_id").unwrap_or_else(|| item.id.as_str())
}

pub(super) fn description(item: &Item) -> Option<Description> {
    let plain = item.description.description.clone()?;
    Some(Description { plain })
}

/// The page of an item. The schema has no place for what is not a URL.
pub(super) fn link(item: &Item) -> Option<String> {
    item.description.url.clone().filter(|url| is_url(url))
}

/// Images first, the primary one in front.
pub(super) fn media(item: &Item) -> Vec<Media> {
    let images = item.description.images.iter().map(|url| ("image", url.as_str()));
    let video = item.column("video_link").map(|url| ("video", url));
    let model = item.column("model_3d_link").map(|url| ("model", url));
    let all = images.chain(video).chain(model).filter(|(_, url)| is_url(url));
    let media = all.map(|(r#type, url)| Media {
        r#type,
        url: url.to_owned(),
    });
    media.collect()
}

fn is_url(text: &str) -> bool {
    Url::parse(text).is_ok()
}
