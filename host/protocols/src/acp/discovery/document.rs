//! The discovery document, in the shape of ACP 2026-04-17, which brought it.

use serde::Serialize;

use crate::acp::release::Release;
use crate::acp::rendering::DISCOUNT_EXTENSION;
use crate::settings::{AcpSettings, MerchantSettings};

/// Schema `DiscoveryResponse`: the whole document.
#[derive(Debug, Serialize)]
pub(super) struct DiscoveryDocument<'a> {
    protocol: DiscoveryProtocol,
    api_base_url: &'a str,
    transports: Vec<&'static str>,
    capabilities: DiscoveryCapabilities,
}

/// Schema `DiscoveryProtocol`: the releases, oldest first.
#[derive(Debug, Serialize)]
struct DiscoveryProtocol {
    name: &'static str,
    version: &'static str,
    supported_versions: Vec<&'static str>,
}

/// Schema `DiscoveryCapabilities`: what there is in each list, and nothing that differs by session.
#[derive(Debug, Serialize)]
struct DiscoveryCapabilities {
    services: Vec<&'static str>,
    extensions: Vec<DiscoveryExtension>,
    intervention_types: Vec<&'static str>,
    supported_currencies: [String; 1],
}

/// Schema `DiscoveryExtension`: an extension by its name.
#[derive(Debug, Serialize)]
struct DiscoveryExtension {
    name: &'static str,
}

impl<'a> DiscoveryDocument<'a> {
    pub(super) fn new(merchant: &MerchantSettings, acp: &AcpSettings, url: &'a str) -> Self {
        // The header of a version error names the newest first.
        let supported_versions: Vec<&str> = Release::supported().iter().rev().copied().collect();
        Self {
            protocol: DiscoveryProtocol {
                name: "acp",
                version: supported_versions.last().copied().unwrap_or_default(),
                supported_versions,
            },
            api_base_url: url,
            transports: offered([("rest", true), ("mcp", acp.services.mcp)]),
            capabilities: DiscoveryCapabilities {
                services: offered([
                    ("checkout", true),
                    ("orders", acp.services.orders),
                    ("delegate_payment", acp.has_vault()),
                    ("carts", acp.services.carts),
                ]),
                extensions: vec![DiscoveryExtension {
                    name: DISCOUNT_EXTENSION,
                }],
                intervention_types: offered([("3ds", acp.takes_authentications())]),
                supported_currencies: [merchant.currency.lower()],
            },
        }
    }
}

fn offered<const N: usize>(all: [(&'static str, bool); N]) -> Vec<&'static str> {
    let offered = all.into_iter().filter(|(_, is_offered)| *is_offered);
    offered.map(|(name, _)| name).collect()
}
