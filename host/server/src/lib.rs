//! A Tillhouse host as a process: its configuration, the parts put together, the operators' socket, the log, and what the machine
//! gives it.

pub mod admin;
pub mod config;
pub mod files;
pub mod host;
pub mod memory;
pub mod system;
pub mod telemetry;
