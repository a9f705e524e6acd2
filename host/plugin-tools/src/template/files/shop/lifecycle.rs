//! Lifecycle: name and version of the release, and validation of its configuration.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Lifecycle for Shop {
    fn describe() -> Info {
        let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        Info::new(name, version, "Custom rules of a shop.")
    }

    /// Validates the configuration before the release receives calls. A host does not start with
    /// a configuration that gets a diagnostic.
    fn validate_config() -> Vec<Diagnostic> {
        let all = config::table("").into_iter();
        let empty = all.filter(|(_, value)| value.is_empty());
        empty
            .map(|(key, _)| Diagnostic::new(key, "is empty: give it a value or remove it"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_named_by_its_key() {
        let host = testing::Host::new().config("notice", "");
        let _host = host.config("other", "1").install();
        let diagnostics = Shop::validate_config();
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].key, "notice");
    }
}
