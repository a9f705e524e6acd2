//! Host import `tillhouse:host/credentials`.
//!
//! The handle carries no data: the credential is in the state of the store, for the duration of one call.

use wasmtime::AsContextMut;
use wasmtime::component::{Resource, ResourceAny};

use crate::api::bindings::CredentialHandle;
use crate::api::bindings::tillhouse::host::credentials::{CardDisplay as WitDisplay, Host, HostCredential};
use crate::api::to_wit::card_display;
use crate::guest::state::GuestState;

impl Host for GuestState {}

impl HostCredential for GuestState {
    fn kind(&mut self, _: Resource<CredentialHandle>) -> wasmtime::Result<String> {
        Ok(self
            .credential()
            .map(|credential| credential.kind.clone())
            .unwrap_or_default())
    }

    fn display(&mut self, _: Resource<CredentialHandle>) -> wasmtime::Result<WitDisplay> {
        let display = self.credential().map(|credential| credential.display.clone());
        Ok(card_display(display.unwrap_or_default()))
    }

    fn fields(&mut self, _: Resource<CredentialHandle>) -> wasmtime::Result<Vec<String>> {
        let slots = self.credential().into_iter().flat_map(|credential| &credential.slots);
        Ok(slots.map(|(name, _)| (*name).to_owned()).collect())
    }

    fn drop(&mut self, _: Resource<CredentialHandle>) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// A credential handle for a call whose arguments are built at run time.
///
/// The host owns it and the call borrows it: a borrow cannot exist outside of a call.
///
/// # Errors
/// When the store has reached its limit of handles.
pub(crate) fn handle(store: impl AsContextMut) -> wasmtime::Result<ResourceAny> {
    Resource::<CredentialHandle>::new_own(0).try_into_resource_any(store)
}
