//! What the domain needs from outside, as traits.
//!
//! The runtime crate implements [`Decisions`] and [`Processor`], the store crate [`Store`] and [`StoreMaintenance`], the payments
//! crate [`OrderEventPublisher`]; tests implement them with scripts.

mod catalog_store;
mod decisions;
mod delegated_cards;
mod delivery_error;
mod feed_events;
mod feed_queue;
mod maintenance;
mod message_selection;
mod operator_queries;
mod order_events;
mod plugin_data;
mod plugin_fault;
mod processor;
mod promotion_catalogs;
mod refunds;
mod retention;
mod store;
mod store_error;
mod work_queue;

pub use catalog_store::{BeginImportError, CatalogImport, CatalogStore};
pub use decisions::{DecisionError, Decisions, Phase, PhaseEnd, PhaseKind, PhaseScope};
pub use delegated_cards::DelegatedCards;
pub use delivery_error::DeliveryError;
pub use feed_events::FeedEvents;
pub use feed_queue::{ChangedCounter, FeedFilter, FeedQueue, UploadedItem};
pub use maintenance::{Copied, CopiedCatalogs, Rewound, StoreHealth, StoreMaintenance, StoreWeakness};
pub use message_selection::MessageSelection;
pub use operator_queries::{AttemptFilter, MessageFilter, OperatorQueries};
pub use order_events::OrderEventPublisher;
pub use plugin_data::PluginData;
pub use plugin_fault::PluginFault;
pub use processor::{ChargeJournal, ChargeReport, Processor, ReadyCharge};
pub use promotion_catalogs::catalogs_of;
pub use refunds::{RefundFilter, RefundQueue};
pub use retention::{
    BuyerErasure, CartErasure, ErasedRows, RetainedData, SessionCutoffs, SessionKey, SessionPage, SessionSearch,
};
pub use store::Store;
pub use store_error::{CommitError, StoreError};
pub use work_queue::{RetentionCutoffs, WorkQueue};
