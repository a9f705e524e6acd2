//! Empty. Its manifest asks for the crates that different parts of the workspace share, with the features that any of them turns on.
//!
//! Cargo unites features over the packages that a command selects. Every crate of the host depends on this one, so that the demo, the
//! tests, and the tests of a single crate select the same features, and each dependency is compiled once. The same crates are asked
//! for again as build dependencies, for those that are parts of the program and of macros or build scripts as well.
