//! The `Processor` port: payment functions of the merchant's plugin.

mod charge;
mod optional_payments;
mod processor;
