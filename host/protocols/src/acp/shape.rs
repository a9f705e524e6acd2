//! Objects of ACP, each with its shapes: a shape is named after the release that brought it, and used by every later release that did
//! not change it.
//!
//! A shape of a request is a file `request_vYYYY_MM_DD.rs` with what it means to the domain; one of a response is a file
//! `response_vYYYY_MM_DD.rs` with how the domain is shown in it.
