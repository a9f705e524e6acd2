//! Version and type-only interfaces of the contract, each written once.

/// Version of the contract that this host supports, as a literal for `concat!`.
macro_rules! contract_version {
    () => {
        "0.2"
    };
}
pub(crate) use contract_version;

/// Version of `tillhouse:host` and `tillhouse:merchant` that this host supports, without the patch number. The SDK has the same.
pub const CONTRACT_VERSION: &str = contract_version!();

/// What to do with a plugin that was built for another version, as a literal for `concat!`.
macro_rules! rebuild {
    () => {
        concat!(
            "rebuild the plugin with tillhouse-plugin ",
            $crate::api::interface::contract_version!()
        )
    };
}
pub(crate) use rebuild;

/// What to do with a plugin that was built for another version of the contract.
pub const REBUILD: &str = rebuild!();

/// Interfaces of `tillhouse:merchant` that have no functions, as components import them.
pub(crate) const TYPES_OF_MERCHANT: [&str; 9] = [
    "tillhouse:merchant/fulfillment-types",
    "tillhouse:merchant/inventory-types",
    "tillhouse:merchant/orders-types",
    "tillhouse:merchant/payments-types",
    "tillhouse:merchant/presentation-types",
    "tillhouse:merchant/pricing-types",
    "tillhouse:merchant/purchase",
    "tillhouse:merchant/tax-types",
    "tillhouse:merchant/types",
];

/// Whether this host supports the version of an interface, given with its patch number, e.g. `0.2.0`.
pub(crate) fn is_supported(version: &str) -> bool {
    let patch = version.strip_prefix(CONTRACT_VERSION);
    patch.is_some_and(|patch| patch.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_of_the_same_version_is_supported_and_no_other_version_is() {
        assert!(is_supported("0.2.0") && is_supported("0.2.17"));
        for other in ["", "0.2", "0.1.0", "0.20.0", "0.3.0", "1.0.2"] {
            assert!(!is_supported(other), "{other}");
        }
    }
}
