//! Configuration: one TOML file plus environment, parsed once, every error reported together.
