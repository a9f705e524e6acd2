//! What is offered of ACP beside checkouts.

use super::*;

fn services(keys: &str) -> Result<AcpServicesConfig, ConfigErrors> {
    let text = format!("[merchants.acme.acp]\nkeys = [{{ name = \"a\", secret = \"s\" }}]\n{keys}");
    let mut config = parse(&with(&text))?;
    let merchant = config.merchants.remove(&MerchantId::new("acme"));
    Ok(merchant.and_then(|merchant| merchant.acp).unwrap().services)
}

#[test]
fn carts_and_mcp_are_on_unless_they_are_turned_off() {
    let default = services("").unwrap();
    assert!(default.carts && default.mcp && default.mcp_origins.is_empty() && default.public_url.is_none());
    assert_eq!(default.cart_ttl, Duration::from_secs(72 * 3600));
    let off = services("carts = false\nmcp = false\ncart_ttl_hours = 1").unwrap();
    assert!(!off.carts && !off.mcp);
    assert_eq!(off.cart_ttl, Duration::from_secs(3600));
}

#[test]
fn addresses_are_held_to_what_they_are_used_for() {
    let found =
        services("public_url = \"https://shop.example/m/acme/\"\nmcp_origins = [\"http://localhost:3000\"]").unwrap();
    assert_eq!(found.public_url.as_deref(), Some("https://shop.example/m/acme"));
    assert_eq!(found.mcp_origins, ["http://localhost:3000"]);
    for (keys, path) in [
        ("public_url = \"shop.example\"", "public_url"),
        ("public_url = \"https://shop.example/?m=acme\"", "public_url"),
        ("public_url = \"https://user@shop.example\"", "public_url"),
        ("public_url = \"https://:secret@shop.example\"", "public_url"),
        ("mcp_origins = [\"shop.example\"]", "mcp_origins"),
        ("mcp_origins = [\"https://shop.example/\"]", "mcp_origins"),
        ("mcp_origins = [\"https://shop.example:443\"]", "mcp_origins"),
        ("mcp_origins = [\"*\"]", "mcp_origins"),
        ("cart_ttl_hours = 0", "cart_ttl_hours"),
        ("carts = \"yes\"", "carts"),
    ] {
        let errors = services(keys).unwrap_err();
        let keys = errors.diagnostics().iter().filter_map(|error| error.place.key());
        let found: Vec<_> = keys.collect();
        assert_eq!(found, [format!("merchants.acme.acp.{path}")], "{errors}");
    }
}
