//! A Tillhouse host as a process: configuration, assembly, admin socket, log, and limits of the process.

pub mod admin;
pub mod config;
pub mod files;
pub mod host;
pub mod memory;
pub mod system;
pub mod telemetry;
