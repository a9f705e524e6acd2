//! What the releases of ACP have in common, and how they differ.

mod adyen;
mod authentication;
mod line_facts;
mod official_requests;
mod order_events;
mod request_members;
mod sessions;
mod shapes;
mod sixth_release;
mod statuses;
