//! Empty crate: its manifest lists the dependencies that several crates of the workspace share, with the union of their features.
//!
//! Cargo unifies features over the packages that a command selects. Every crate of the host depends on this one, so that the
//! demo, the tests, and the tests of a single crate select the same features, and each dependency is compiled once. Dependencies
//! that macros or build scripts use as well are listed again as build dependencies.
