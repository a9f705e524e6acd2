//! An agent's endpoint for feeds, as the operator configured it.

use std::sync::Arc;

use url::Url;

use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;

/// Release of ACP whose Feed API is spoken.
pub const API_VERSION: &str = "2026-04-17";

/// How an agent's endpoint is called.
#[derive(Clone, Debug)]
pub struct AcpFeedSettings {
    /// Where the API is; `/feeds` is below it.
    pub upstream: Upstream,
    /// Key that the agent gave the merchant, sent as Bearer token.
    pub key: Arc<Secret>,
    /// Country that the feed is for, ISO 3166-1 alpha-2; `None` for any.
    pub target_country: Option<String>,
    /// Id of a feed that the agent has made already; `None`: the host makes one, and remembers its id.
    pub feed_id: Option<String>,
    /// Who sells the items; `None` to leave that out.
    pub seller: Option<Seller>,
    /// What an increment sends of a product.
    pub increments: IncrementForm,
    /// Most products in one request.
    pub batch_products: usize,
    /// Most bytes of one request. A product that is larger is sent by itself.
    pub batch_bytes: usize,
}

/// What an increment sends of a product of which a variant has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IncrementForm {
    /// The product with all of its variants, which works with every agent: most replace the product that they have.
    #[default]
    Products,
    /// The variants that have changed, for an agent that says that it merges them into the product that it has.
    Variants,
}

/// Who sells, as agents show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seller {
    /// Name of the seller.
    pub name: Option<String>,
    /// Pages with policies of the seller.
    pub links: Vec<SellerLink>,
}

/// A page with a policy of the seller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellerLink {
    /// `privacy_policy`, `terms_of_service`, `refund_policy`, `shipping_policy`, `faq` or another.
    pub kind: String,
    /// Title of the page.
    pub title: Option<String>,
    /// Address of the page.
    pub url: Url,
}
