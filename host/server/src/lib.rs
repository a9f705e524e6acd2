//! A Tillhouse host as a process: configuration, assembly, admin socket, log, and limits of the process.

pub mod admin;
pub mod adyen_registration;
pub mod catalog_documents;
pub mod clock_and_ids;
pub mod config;
pub mod file_limit;
pub mod hardening;
pub mod host;
pub mod privacy;
pub mod telemetry;
