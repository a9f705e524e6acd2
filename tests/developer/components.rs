//! Minimal components that are assembled without a compiler.

use crate::author::Author;

/// A manifest that asks for no upstreams and no capabilities.
pub(crate) const MANIFEST: &str = "[plugin]\nid = \"acme\"\nversion = \"1.0.0\"\napi = \"tillhouse:merchant@0.2\"\n";

/// A component with these imports and exports, all of them empty instances.
pub(crate) fn empty_component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let imports: String = imports
        .iter()
        .map(|name| format!("(import \"{name}\" (instance))"))
        .collect();
    let exports: String = exports
        .iter()
        .map(|name| format!("(export \"{name}\" (instance $i))"))
        .collect();
    wat::parse_str(format!("(component {imports} (instance $i) {exports})")).unwrap()
}

/// An author in a folder with a component `acme.wasm` and its manifest.
pub(crate) fn release(name: &str, component: &[u8], manifest: &str) -> Author {
    let author = Author::of(name);
    author.write("acme.wasm", component);
    author.write("plugin.toml", manifest);
    author
}

pub(crate) const PRICING: &str = "tillhouse:merchant/pricing@0.2.0";
pub(crate) const FULFILLMENT: &str = "tillhouse:merchant/fulfillment@0.2.0";
pub(crate) const PAYMENTS: &str = "tillhouse:merchant/payments@0.2.0";
pub(crate) const EGRESS: &str = "tillhouse:host/egress@0.2.0";
