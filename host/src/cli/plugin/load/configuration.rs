//! The merchant's configuration of a plugin against the schema of a release.

use std::path::Path;

use crate::cli::plugin::error::VerbError;
use crate::cli::plugin::target_plugin::BuiltPlugin;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_plugin_tools::check;
use tillhouse_runtime::Manifest;
use tillhouse_server::config::{Config, MerchantConfig};
use toml::{Table, Value};

/// Check the configuration that the release would get against its schema, if it has one.
pub(super) fn check_configuration(file: &Path, merchant: &str, plugin: &BuiltPlugin) -> Result<(), VerbError> {
    if plugin.manifest.schema.is_none() {
        return Ok(());
    }
    let config = Config::load(file).map_err(|errors| VerbError::Usage(errors.to_string()))?;
    let Some(configured) = config.merchants.get(&MerchantId::new(merchant)) else {
        // The host says that there is no such merchant.
        return Ok(());
    };
    let Some(index) = index_of(configured, plugin) else {
        return Ok(());
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| VerbError::Usage(format!("{}: {error}", file.display())))?;
    let table = plugin_table(&text, merchant, index).unwrap_or_default();
    let name = format!("{}: merchants.{merchant}.plugins[{index}].config", file.display());
    let found = check::configured(&plugin.artifact, &name, &table.to_string(), configured.currency);
    if found.is_empty() {
        return Ok(());
    }
    // The lines are those of the table alone.
    let placed = |it: Diagnostic| Diagnostic {
        place: it.place.clone().with_line(None),
        ..it
    };
    Err(VerbError::Diagnostics(found.into_iter().map(placed).collect()))
}

/// Which of the merchant's plugins the release replaces: the one with its id.
fn index_of(merchant: &MerchantConfig, plugin: &BuiltPlugin) -> Option<usize> {
    merchant.plugins.iter().position(|configured| {
        let text = std::fs::read_to_string(&configured.manifest);
        let manifest = text.ok().and_then(|text| Manifest::parse(&text).ok());
        manifest.is_some_and(|manifest| manifest.id == plugin.manifest.id)
    })
}

fn plugin_table(text: &str, merchant: &str, index: usize) -> Option<Table> {
    let document: Table = text.parse().ok()?;
    let plugins = document.get("merchants")?.get(merchant)?.get("plugins")?;
    match plugins.get(index)?.get("config")? {
        Value::Table(table) => Some(table.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_a_plugin_is_found_by_merchant_and_place() {
        let text = "[[merchants.acme.plugins]]\ncomponent = \"a.wasm\"\n[[merchants.acme.plugins]]\ncomponent = \"b.wasm\"\n\
                    [merchants.acme.plugins.config]\nrate = \"7\"\n";
        let found = plugin_table(text, "acme", 1).unwrap();
        assert_eq!(found.to_string(), "rate = \"7\"\n");
        assert!(plugin_table(text, "acme", 0).is_none() && plugin_table(text, "other", 1).is_none());
    }
}
