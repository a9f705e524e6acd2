//! Running cargo as if a person had typed the command.

use std::process::Command;

/// Variables that cargo sets for the programs of a package.
const PER_PACKAGE: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// Removes the variables that cargo sets for the program it runs. Build scripts that depend on them would run again, and most of
/// the host would be built a second time.
pub fn without_cargo_variables(command: &mut Command) -> &mut Command {
    let of_package = |name: &str| PER_PACKAGE.iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(&name);
        }
    }
    command
}
