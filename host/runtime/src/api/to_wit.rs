//! Conversions from the domain to the contract's types. They cannot fail: domain values are within the contract's limits.

mod amounts;
mod cart;
mod orders;
mod payments;
mod people;
mod purchase;

pub(crate) use amounts::{line_amounts, tax_request};
pub(crate) use cart::{cart, lines, reservation};
pub(crate) use orders::{draft, order_event};
pub(crate) use payments::{card_display, charge_order, notice, risk_request};

use super::bindings::tillhouse::host::types::Money as WitMoney;
use super::bindings::tillhouse::merchant::types as wit;
use tillhouse_checkout::decision::Operation;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::PhaseScope;
use tillhouse_checkout::session::Agent;

pub(crate) fn context(scope: &PhaseScope) -> wit::Context {
    wit::Context {
        merchant: scope.merchant.as_str().to_owned(),
        session: scope.session.as_str().to_owned(),
        now: scope.now.millis(),
        currency: scope.currency.upper(),
        locale: scope.locale.clone(),
        time_zone: scope.time_zone.clone(),
        agent: agent(&scope.agent),
        extensions: Vec::new(),
    }
}

fn agent(agent: &Agent) -> wit::Agent {
    wit::Agent {
        name: agent.display_name.clone(),
        profile: agent.network_profile.clone(),
        proven: agent.proven,
        principal: agent.principal.clone(),
    }
}

pub(crate) fn operation(op: &Operation) -> wit::Operation {
    wit::Operation {
        id: op.id.clone(),
        attempt: op.attempt,
        idempotency_key: op.idempotency_key.clone(),
        reference: op.reference.clone(),
        now: op.now.millis(),
    }
}

pub(crate) fn money(money: Money) -> WitMoney {
    WitMoney {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}
