//! Answers held to the contract by the readers of a host, which bound what WIT cannot.

use serde::de::DeserializeOwned;
use serde_json::Value;
use wasmtime::component::Val;

use super::from_val::{Names, from_val};
use crate::checkout::ports::DecisionError;
use crate::plugin::api::bindings::tillhouse::merchant::types::Failure;
use crate::plugin::api::from_wit;
use crate::plugin::error::CallName;
use crate::plugin::function::Function;

/// The rule that an answer breaks, in the words of the host.
pub(super) fn broken(function: Function, result: Option<&Val>) -> Option<String> {
    match result? {
        Val::Result(Ok(answer)) => value(function, &said(answer.as_deref()?)),
        Val::Result(Err(reason)) => failure(function, said(reason.as_deref()?)),
        answer => value(function, &said(answer)),
    }
}

/// As serde reads the generated types.
fn said(val: &Val) -> Value {
    from_val(val, Names::Rust)
}

fn value(function: Function, answer: &Value) -> Option<String> {
    match function {
        Function::Price => reads(answer, from_wit::priced_cart),
        Function::CheckStock => reads(answer, from_wit::stocks),
        Function::Reserve => reads(answer, from_wit::reserved),
        Function::Options => reads(answer, from_wit::offer),
        Function::AssessTax => reads(answer, from_wit::assessment),
        Function::AssessRisk => reads(answer, from_wit::risk_decision),
        Function::IdentifyOrder => reads(answer, from_wit::order_identity),
        Function::DescribeItems => reads(answer, from_wit::descriptions),
        Function::Page => reads(answer, from_wit::page),
        Function::Profile => reads(answer, from_wit::profile),
        Function::Charge => reads(answer, from_wit::charge_outcome),
        Function::Lookup => reads(answer, from_wit::finding),
        Function::Void => reads(answer, from_wit::void_outcome),
        Function::Refund => reads(answer, from_wit::refund_outcome),
        Function::CancelByReference => reads(answer, from_wit::cancel_outcome),
        Function::ListCharges => reads(answer, from_wit::charge_page),
        Function::ReadNotice => reads(answer, from_wit::news),
        Function::ValidateConfig => reads(answer, from_wit::problems),
        // They say nothing.
        Function::Redeem | Function::Restore | Function::Release | Function::NotifyOrder => None,
    }
}

fn reads<W: DeserializeOwned, T>(answer: &Value, read: impl FnOnce(W) -> Result<T, String>) -> Option<String> {
    match W::deserialize(answer) {
        Ok(answer) => read(answer).err(),
        Err(error) => Some(error.to_string()),
    }
}

fn failure(function: Function, reason: Value) -> Option<String> {
    let reason: Failure = match serde_json::from_value(reason) {
        Ok(reason) => reason,
        Err(error) => return Some(error.to_string()),
    };
    let name = CallName {
        plugin: String::new(),
        function,
    };
    match from_wit::failure(&name, reason) {
        DecisionError::Fault { detail, .. } => Some(detail),
        _ => None,
    }
}
