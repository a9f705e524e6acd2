//! What is charged, what the risk of it is assessed from, and webhooks as received.

use super::cart::cart;
use super::people::{address, buyer, recipient};
use super::purchase::purchase;
use super::{money, wit};
use crate::api::bindings::exports::tillhouse::merchant::risk;
use crate::api::bindings::tillhouse::host::credentials::CardDisplay as WitDisplay;
use crate::api::bindings::tillhouse::merchant::payments_types::ChargeOrder as WitOrder;
use tillhouse_checkout::authentication::AuthenticationProof;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{CardCheck, ChargeOrder, ProcessorWebhook, RiskRequest, RiskSignal, TokenAgent};
use tillhouse_checkout::device::Device;

pub(crate) fn charge_order(order: &ChargeOrder) -> WitOrder {
    WitOrder {
        session: order.session.clone(),
        order: order.order.clone(),
        amount: money(order.amount),
        purchase: purchase(&order.quote),
        statement: order.statement.clone(),
        buyer: order.buyer.as_ref().map(buyer),
        recipient: order.recipient.as_ref().map(recipient),
        billing: order.billing.as_ref().map(address),
        shipping: order.shipping.as_ref().map(address),
        return_url: order.return_url.clone(),
        device: device(&order.device),
        authentication: order.authentication.as_ref().map(authentication),
        initiator: order.initiator.to_owned(),
        extensions: Vec::new(),
    }
}

fn authentication(proof: &AuthenticationProof) -> wit::Authentication {
    wit::Authentication {
        outcome: proof.outcome.name().to_owned(),
        eci: proof.eci.clone(),
        transaction_id: proof.transaction_id.clone(),
        version: proof.version.clone(),
        has_cryptogram: proof.has_cryptogram,
    }
}

fn device(device: &Device) -> wit::Device {
    let Device {
        ip,
        user_agent,
        accept_language,
        fingerprint,
        session,
    } = device.clone();
    wit::Device {
        ip,
        user_agent,
        accept_language,
        fingerprint,
        session,
    }
}

pub(crate) fn risk_request(request: &RiskRequest) -> risk::Request {
    risk::Request {
        cart: cart(&request.cart),
        total: request.total.minor(),
        billing: request.billing.as_ref().map(address),
        card: request.card.clone().map(card_display),
        device: device(&request.device),
        signals: request.signals.iter().map(signal).collect(),
        checks: request.checks.iter().map(card_check).collect(),
        authentication: request.authentication.clone(),
        extensions: token_agent(&request.token_agent),
    }
}

/// The agent that the token was granted to, under names of the host.
fn token_agent(agent: &TokenAgent) -> Vec<(String, String)> {
    let named = [
        ("tillhouse.token-agent-profile", &agent.profile),
        ("tillhouse.token-agent-name", &agent.name),
    ];
    let known = |(key, value): (&str, &Option<String>)| Some((key.to_owned(), value.clone()?));
    named.into_iter().filter_map(known).collect()
}

fn signal(signal: &RiskSignal) -> risk::Signal {
    risk::Signal {
        source: signal.source.clone(),
        kind: signal.kind.clone(),
        score: signal.score.clone(),
        action: signal.action.clone(),
    }
}

fn card_check(check: &CardCheck) -> risk::Check {
    risk::Check {
        kind: check.kind.clone(),
        outcome: check.outcome.clone(),
    }
}

/// The parts of a card that may be displayed.
pub(crate) fn card_display(display: CardDisplay) -> WitDisplay {
    WitDisplay {
        brand: display.brand,
        last4: display.last4,
        funding: display.funding,
        country: display.country,
        exp_month: display.exp_month,
        exp_year: display.exp_year,
        fingerprint: display.fingerprint,
        iin: display.iin,
        wallet: display.wallet,
    }
}

pub(crate) fn notice(notice: ProcessorWebhook) -> wit::Notice {
    wit::Notice {
        headers: notice.headers,
        body: notice.body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_of_a_token_is_told_under_names_of_the_host_and_only_as_far_as_it_is_known() {
        let told = |profile: Option<&str>, name: Option<&str>| {
            token_agent(&TokenAgent {
                profile: profile.map(str::to_owned),
                name: name.map(str::to_owned),
            })
        };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            told(Some("profile_1"), Some("Agent")),
            [
                pair("tillhouse.token-agent-profile", "profile_1"),
                pair("tillhouse.token-agent-name", "Agent"),
            ]
        );
        assert_eq!(told(None, Some("Agent")), [pair("tillhouse.token-agent-name", "Agent")]);
        assert_eq!(told(None, None), []);
    }
}
