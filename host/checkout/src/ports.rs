//! What the domain needs from outside. `plugin` implements the decisions and the processor, `store` the store, `payments`
//! the token service, `webhooks` the announcer; tests implement them with scripts.

mod announcer;
mod decisions;
mod plugin_data;
mod processor;
mod records;
mod store;
mod store_error;
mod upkeep;
mod worklist;

pub use announcer::{Announcer, ORDER_EVENT, Undelivered};
pub use decisions::{DecisionError, Decisions, Phase, PhaseEnd, PhaseKind, PhaseScope};
pub use plugin_data::PluginData;
pub use processor::{ChargeJournal, ChargeReport, Processor, ReadyCharge};
pub use records::{AttemptFilter, MessageFilter, Records};
pub use store::Store;
pub use store_error::{CommitError, StoreError};
pub use upkeep::{Copied, StoreHealth, Upkeep};
pub use worklist::{Horizon, Worklist};
