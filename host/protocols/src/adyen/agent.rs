//! The agent's side: create, get, update, complete and cancel below `/commerce-suite/acp/v1/{companyAccount}/checkout_sessions`.
//!
//! The key of the caller is in the `Authorization` header and nowhere else: a query is not read. There is no `API-Version`; one that is sent
//! has no meaning.

mod call;
pub(crate) mod handlers;
mod operation;
mod requests;

#[cfg(test)]
mod tests;
