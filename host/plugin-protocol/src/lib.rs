//! Protocol between a test harness and `tillhouse plugin serve`: JSON Lines on standard input and output.
//!
//! `README.md` documents every message with an example, for harnesses in other languages. This crate has the same messages as
//! Rust types. It does not depend on the host, so that clients stay small.
//!
//! ```
//! use tillhouse_plugin_protocol::{Operation, Request, VERSION, hello::Hello};
//!
//! let hello = Hello { protocol: VERSION, client: "my-harness 1.0".into() };
//! let line = serde_json::to_string(&Request::new(1, &hello)?)?;
//! assert_eq!(line, r#"{"id":1,"op":"hello","with":{"client":"my-harness 1.0","protocol":1}}"#);
//! assert_eq!(Hello::NAME, "hello");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod agent;
pub mod call;
pub mod capability;
pub mod cart;
pub mod component;
pub mod data;
mod envelope;
pub mod function;
pub mod hello;
pub mod lookups;
pub mod quote;
mod request_error;
mod sensitive;
pub mod shop;
pub mod trial;

pub use agent::Agent;
pub use capability::Capability;
pub use envelope::{Done, Operation, Request, Response};
pub use function::Function;
pub use request_error::{RequestError, RequestErrorKind};
pub use sensitive::Sensitive;

/// Protocol version, increased with each breaking change.
pub const VERSION: u32 = 1;
