//! Conversions from the domain to the contract's types. They cannot fail: domain values are within the contract's limits.

mod amounts;
mod cart;
mod orders;
mod payments;
mod people;
mod purchase;
mod sessions;

pub(crate) use amounts::{line_amounts, tax_request};
pub(crate) use cart::{cart, lines, reservation};
pub(crate) use orders::{draft, order_event};
pub(crate) use payments::{card_display, charge_order, notice, risk_request};
pub(crate) use sessions::session_end;

use super::bindings::tillhouse::host::types::Money as WitMoney;
use super::bindings::tillhouse::merchant::types as wit;
use tillhouse_checkout::decision::Operation;
use tillhouse_checkout::interaction::Interaction;
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
        extensions: agent_abilities(&scope.agent),
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

/// What the agent says that it can do, each as an extension that is left out where the agent says nothing of it. Lists are joined
/// by commas.
fn agent_abilities(agent: &Agent) -> Vec<(String, String)> {
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(","));
    let Interaction {
        display,
        redirect,
        max_redirects,
        max_depth,
    } = &agent.interaction;
    let said = [
        ("tillhouse.interventions", list(&agent.interventions)),
        ("tillhouse.extensions", list(&agent.extensions)),
        ("tillhouse.display-context", display.clone()),
        ("tillhouse.redirect-context", redirect.clone()),
        ("tillhouse.max-redirects", max_redirects.map(|most| most.to_string())),
        (
            "tillhouse.max-interaction-depth",
            max_depth.map(|most| most.to_string()),
        ),
    ];
    let pairs = said
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    pairs.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_agent_can_do_reaches_every_call_and_silence_is_left_out() {
        assert_eq!(agent_abilities(&Agent::default()), []);
        let able = Agent {
            interventions: vec!["3ds".into(), "biometric".into()],
            extensions: vec!["discount".into()],
            interaction: Interaction {
                display: Some("webview".into()),
                redirect: Some("in_app".into()),
                max_redirects: Some(3),
                max_depth: Some(2),
            },
            ..Agent::default()
        };
        let expected = [
            ("tillhouse.interventions", "3ds,biometric"),
            ("tillhouse.extensions", "discount"),
            ("tillhouse.display-context", "webview"),
            ("tillhouse.redirect-context", "in_app"),
            ("tillhouse.max-redirects", "3"),
            ("tillhouse.max-interaction-depth", "2"),
        ];
        assert_eq!(
            agent_abilities(&able),
            expected.map(|(key, value)| (key.into(), value.into()))
        );
    }
}
