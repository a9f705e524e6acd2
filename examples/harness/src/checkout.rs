//! Where the sources of Tillhouse's own plugins are.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names a checkout of Tillhouse, for a harness that does not come with one.
const CHECKOUT: &str = "TILLHOUSE_CHECKOUT";

/// A folder that may be a checkout.
#[derive(Debug)]
pub(crate) struct Checkout {
    folder: PathBuf,
    /// Whether the environment names it.
    is_named: bool,
}

/// The sources of a plugin are not where they were looked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoCheckout {
    looked_for: PathBuf,
    package: &'static str,
    is_named: bool,
}

impl std::fmt::Display for NoCheckout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            looked_for, package, ..
        } = self;
        write!(f, "there is no {package} in {}; ", looked_for.display())?;
        if self.is_named {
            write!(f, "{CHECKOUT} has to name the folder of a checkout of Tillhouse")
        } else {
            write!(
                f,
                "a released harness does not come with it: set {CHECKOUT} to the folder of a checkout of Tillhouse"
            )
        }
    }
}

impl Checkout {
    /// The one that the environment names, or else the one that this crate is in.
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
                // What is built there is looked for by its place, wherever that is done.
                std::path::absolute(&folder).unwrap_or(folder)
            }),
        }
    }

    /// Whether the environment names it; then it has to be one.
    pub(crate) const fn is_named(&self) -> bool {
        self.is_named
    }

    /// The folder of one of its plugins.
    pub(crate) fn plugin(&self, package: &'static str) -> Result<PathBuf, NoCheckout> {
        let folder = self.folder.join("plugins").join(package);
        if folder.join("Cargo.toml").is_file() {
            return Ok(folder);
        }
        Err(NoCheckout {
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
    fn a_checkout_that_is_named_is_the_one_that_is_looked_into() {
        let found = Checkout::choose(Some(own().into_os_string()), PathBuf::from("/nowhere"));
        assert!(found.plugin("reference-shop").is_ok());
        let empty = Checkout::choose(Some(OsString::new()), own());
        assert!(
            empty.plugin("reference-shop").is_ok(),
            "an empty variable names nothing"
        );
    }

    #[test]
    fn a_released_harness_says_where_it_looked_and_what_to_set() {
        let missing = Checkout::choose(None, PathBuf::from("/registry/tillhouse-harness")).plugin("reference-shop");
        assert_eq!(
            missing.unwrap_err().to_string(),
            "there is no reference-shop in /registry/tillhouse-harness/plugins/reference-shop; a released harness does not \
             come with it: set TILLHOUSE_CHECKOUT to the folder of a checkout of Tillhouse"
        );
    }

    #[test]
    fn a_folder_that_is_named_and_is_no_checkout_is_told_so() {
        let missing = Checkout::choose(Some("/elsewhere".into()), own()).plugin("sandbox-processor");
        assert_eq!(
            missing.unwrap_err().to_string(),
            "there is no sandbox-processor in /elsewhere/plugins/sandbox-processor; TILLHOUSE_CHECKOUT has to name the \
             folder of a checkout of Tillhouse"
        );
    }
}
