//! Listing of charges, for reconciliation.

use super::{Failure, Operation};
pub use crate::bindings::payments_list::exports::tillhouse::merchant::payments_list::{Entry, Page};
use crate::{bindings::payments_list::exports::tillhouse::merchant::payments_list, export::Adapter};

/// Lists charges, for reconciliation. Capability `payments_list`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::payments::Page;
///
/// struct Acme;
///
/// impl PaymentsList for Acme {
///     fn list_charges(_op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure> {
///         let request = egress::get("processor", "/charges").query("since", since.to_string()).query("until", until.to_string());
///         let request = cursor.into_iter().fold(request, |request, cursor| request.query("after", cursor));
///         match request.send()?.status {
///             200 => Ok(Page { entries: vec![], next: None }), // parse the body here
///             _ => Err(Failure::Unavailable(None)), // never return an empty page for an error
///         }
///     }
/// }
///
/// let _host = testing::Host::new().answer(503, "").install();
/// assert!(Acme::list_charges(testing::operation("1"), 0, 1, None).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `payments_list` and does not implement `PaymentsList`",
    note = "implement `PaymentsList` for `{Self}`, or leave `payments_list` out of `export!`"
)]
pub trait PaymentsList {
    /// Lists charges created in a time range, starting at the cursor.
    ///
    /// `since` is inclusive, `until` exclusive; both are epoch milliseconds.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `egress`.
    /// Limits: 200 ms of CPU, 10 s in all, 64 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`].
    fn list_charges(op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure>;
}

impl<T: PaymentsList> payments_list::Guest for Adapter<T> {
    fn list_charges(op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure> {
        T::list_charges(op, since, until, cursor)
    }
}
