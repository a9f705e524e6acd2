//! The request of a payment: `POST /payments` (`CheckoutService` v72). The same operation and order give the same bytes.

use serde::Serialize;
use serde_json::{Map, Value};
use tillhouse_plugin::{payments::Authentication, prelude::*};

use crate::{settings, units::Amount, wire};

pub(crate) use method::Method;

mod method;
mod shopper;

/// A request with the places that the host fills in.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) document: String,
    pub(crate) places: Vec<(String, Slot)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payment<'a> {
    amount: &'a Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_data: Option<AuthenticationData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_delay_hours: Option<u32>,
    channel: &'a str,
    merchant_account: String,
    merchant_order_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpi_data: Option<MpiData<'a>>,
    payment_method: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurring_processing_model: Option<String>,
    reference: &'a str,
    return_url: &'a str,
    shopper_interaction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_statement: Option<String>,
    #[serde(flatten)]
    shopper: shopper::Shopper<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticationData {
    attempt_authentication: String,
}

/// Result of an authentication that the agent had made. Its authentication value, `cavv`, is filled in by the host.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MpiData<'a> {
    directory_response: &'a str,
    #[serde(rename = "dsTransID", skip_serializing_if = "Option::is_none")]
    ds_trans_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eci: Option<&'a str>,
    #[serde(rename = "threeDSVersion", skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xid: Option<&'a str>,
}

impl<'a> MpiData<'a> {
    /// The contract says how the authentication ended, not whether there was a challenge: `directoryResponse` has the end.
    fn of(proof: &'a Authentication) -> Self {
        let directory_response = match proof.outcome.as_str() {
            "authenticated" => "Y",
            "attempt_acknowledged" => "A",
            "informational" => "I",
            _ => "U",
        };
        let is_first = proof
            .version
            .as_deref()
            .is_some_and(|version| version.starts_with("1."));
        let transaction = proof.transaction_id.as_deref();
        Self {
            directory_response,
            ds_trans_id: transaction.filter(|_| !is_first),
            eci: proof.eci.as_deref(),
            version: proof.version.as_deref(),
            xid: transaction.filter(|_| is_first),
        }
    }
}

/// Writes the request of a payment.
pub(crate) fn payment(
    op: &Operation,
    order: &ChargeOrder,
    amount: &Amount,
    method: Method,
    credential: Credential<'_>,
) -> Result<Prepared, Failure> {
    let proof = order.authentication.as_ref();
    let attempt = match proof {
        // It took place already, and must not take place once more.
        Some(_) => Some("never".to_owned()),
        None => settings::attempt_authentication()?,
    };
    let mut document = object(&Payment {
        amount,
        authentication_data: attempt.map(|attempt_authentication| AuthenticationData { attempt_authentication }),
        capture_delay_hours: settings::Capture::configured()?.delay_hours(),
        channel: "Web",
        merchant_account: settings::merchant_account()?,
        merchant_order_reference: &order.order,
        mpi_data: proof.map(MpiData::of),
        payment_method: method.described()?,
        recurring_processing_model: method.processing_model(),
        reference: &op.reference,
        return_url: &order.return_url,
        shopper_interaction: method.shopper_interaction(),
        shopper_reference: settings::shopper_reference(order)?,
        shopper_statement: order.statement.as_deref().and_then(shopper::statement),
        shopper: shopper::Shopper::of(order),
    })?;
    let places = method.places(credential, proof)?;
    for (path, _) in &places {
        place(&mut document, path)?;
    }
    Ok(Prepared {
        document: wire::write(&document)?,
        places: places
            .into_iter()
            .map(|(path, slot)| (format!("/{}", path.join("/")), slot))
            .collect(),
    })
}

fn object(body: &impl Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Failure::Misconfigured("the request cannot be serialized".into())),
    }
}

/// Puts a `null` where the host fills in a value, and makes the objects around it.
fn place(object: &mut Map<String, Value>, path: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = path.split_first() else {
        return Ok(());
    };
    if rest.is_empty() {
        object.insert(name.clone(), Value::Null);
        return Ok(());
    }
    let inner = object.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => place(inner, rest),
        _ => Err(Failure::Misconfigured(format!(
            "config key `token-field`: `{name}` is a member of the request that has no members"
        ))),
    }
}

#[cfg(test)]
mod tests;
