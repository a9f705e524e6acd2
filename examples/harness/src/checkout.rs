//! Finds the sources of Tillhouse's own plugins.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Environment variable that names a checkout of Tillhouse, for a harness that is not part of one.
const CHECKOUT: &str = "TILLHOUSE_CHECKOUT";

/// A folder that may be a checkout of Tillhouse.
#[derive(Debug)]
pub(crate) struct Checkout {
    folder: PathBuf,
    /// Whether the environment variable names it.
    is_named: bool,
}

/// Error: the sources of a plugin were not found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CheckoutError {
    looked_for: PathBuf,
    package: &'static str,
    is_named: bool,
}

impl std::fmt::Display for CheckoutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            looked_for, package, ..
        } = self;
        write!(f, "{package} not found in {}; ", looked_for.display())?;
        if self.is_named {
            write!(f, "set {CHECKOUT} to the folder of a checkout of Tillhouse")
        } else {
            write!(
                f,
                "a released harness does not include it: set {CHECKOUT} to the folder of a checkout of Tillhouse"
            )
        }
    }
}

impl Checkout {
    /// The checkout that the environment variable names, or else the one that this crate is part of.
    pub(crate) fn of_this_process() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Self::choose(env::var_os(CHECKOUT), own)
    }

    fn choose(named: Option<OsString>, own: PathBuf) -> Self {
        let named = named.filter(|folder| !folder.is_empty());
        Self {
            is_named: named.is_some(),
            folder: named.map_or(own, |folder| {
                let folder = PathBuf::from(folder);
                // Built components are looked up by path, from any working directory.
                std::path::absolute(&folder).unwrap_or(folder)
            }),
        }
    }

    /// Whether the environment variable names it; then there is no other place to look.
    pub(crate) const fn is_named(&self) -> bool {
        self.is_named
    }

    /// The folder of one of the plugins in the checkout.
    pub(crate) fn plugin(&self, package: &'static str) -> Result<PathBuf, CheckoutError> {
        let folder = self.folder.join("plugins").join(package);
        if folder.join("Cargo.toml").is_file() {
            return Ok(folder);
        }
        Err(CheckoutError {
            looked_for: folder,
            package,
            is_named: self.is_named,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn a_harness_in_a_checkout_finds_the_plugins_beside_it() {
        let found = Checkout::choose(None, own()).plugin("reference-shop").unwrap();
        assert!(found.join("plugin.toml").is_file());
    }

    #[test]
    fn a_named_checkout_is_searched_first() {
        let found = Checkout::choose(Some(own().into_os_string()), PathBuf::from("/nowhere"));
        assert!(found.plugin("reference-shop").is_ok());
        let empty = Checkout::choose(Some(OsString::new()), own());
        assert!(
            empty.plugin("reference-shop").is_ok(),
            "an empty variable names nothing"
        );
    }

    #[test]
    fn a_released_harness_reports_where_it_looked_and_which_variable_to_set() {
        let missing = Checkout::choose(None, PathBuf::from("/registry/tillhouse-harness")).plugin("reference-shop");
        assert_eq!(
            missing.unwrap_err().to_string(),
            "reference-shop not found in /registry/tillhouse-harness/plugins/reference-shop; a released harness does not \
             include it: set TILLHOUSE_CHECKOUT to the folder of a checkout of Tillhouse"
        );
    }

    #[test]
    fn a_named_folder_that_is_not_a_checkout_is_reported() {
        let missing = Checkout::choose(Some("/elsewhere".into()), own()).plugin("sandbox-processor");
        assert_eq!(
            missing.unwrap_err().to_string(),
            "sandbox-processor not found in /elsewhere/plugins/sandbox-processor; set TILLHOUSE_CHECKOUT to the \
             folder of a checkout of Tillhouse"
        );
    }
}
