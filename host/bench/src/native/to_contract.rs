//! Conversion from the domain to the guest's types.

use tillhouse_plugin::tax::{Destination, Request, TaxableFee, TaxableOption};
use tillhouse_plugin::types;

use tillhouse_checkout::cart::{Cart, CartLine, Choice, FulfillmentGroup};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::decision::{LineAmount, TaxRequest};
use tillhouse_checkout::ids::{GroupId, LineId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::PhaseScope;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;

pub(super) fn context(scope: &PhaseScope) -> types::Context {
    types::Context {
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

fn agent(agent: &Agent) -> types::Agent {
    types::Agent {
        name: agent.display_name.clone(),
        profile: agent.network_profile.clone(),
        proven: agent.proven,
        principal: agent.principal.clone(),
    }
}

pub(super) fn cart(cart: &Cart) -> types::Cart {
    types::Cart {
        lines: lines(&cart.lines),
        codes: cart.codes.clone(),
        buyer: cart.buyer.as_ref().map(buyer),
        recipient: cart.recipient.as_ref().map(recipient),
        destination: cart.destination().map(address),
        billing: cart.billing.as_ref().map(address),
        groups: cart.groups.iter().map(group).collect(),
        choices: cart.choices.iter().map(choice).collect(),
        quote_id: cart.quote_id.clone(),
        extensions: cart.metadata.pairs().collect(),
    }
}

fn group(group: &FulfillmentGroup) -> types::Group {
    types::Group {
        id: group.id.as_str().to_owned(),
        kind: group.kind.clone(),
        lines: line_ids(&group.lines),
        destination: group.destination.as_ref().map(address),
        recipient: group.recipient.as_ref().map(recipient),
        location: group.location.clone(),
        instructions: group.instructions.clone(),
        extensions: Vec::new(),
    }
}

fn choice(choice: &Choice) -> types::Choice {
    types::Choice {
        option: choice.option.as_str().to_owned(),
        lines: line_ids(&choice.lines),
    }
}

fn line_ids(lines: &[LineId]) -> Vec<String> {
    lines.iter().map(|line| line.as_str().to_owned()).collect()
}

pub(super) fn lines(lines: &[CartLine]) -> Vec<types::Line> {
    lines
        .iter()
        .map(|line| types::Line {
            id: line.id.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            extensions: Vec::new(),
        })
        .collect()
}

fn buyer(buyer: &Buyer) -> types::Buyer {
    let company = buyer.company.as_ref().map(|company| types::Company {
        name: company.name.clone(),
        tax_id: company.tax_id.clone(),
        department: company.department.clone(),
        cost_center: company.cost_center.clone(),
    });
    let tax_exemption = buyer.tax_exemption.as_ref().map(|exemption| types::TaxExemption {
        certificate: exemption.certificate.clone(),
        kind: exemption.kind.clone(),
        regions: exemption.regions.clone(),
        expires: exemption.expires.map(Timestamp::millis),
    });
    let loyalty = buyer.loyalty.as_ref().map(|loyalty| types::Loyalty {
        tier: loyalty.tier.clone(),
        points: loyalty.points,
        member_since: loyalty.member_since.clone(),
    });
    types::Buyer {
        email: buyer.email.clone(),
        name: buyer.name(),
        first_name: buyer.first_name.clone(),
        last_name: buyer.last_name.clone(),
        phone: buyer.phone.clone(),
        customer_id: buyer.customer_id.clone(),
        account: buyer.account.clone(),
        signed_in: buyer.authentication.as_deref() == Some("authenticated"),
        company,
        tax_exemption,
        loyalty,
        extensions: Vec::new(),
    }
}

fn recipient(recipient: &Recipient) -> types::Recipient {
    types::Recipient {
        name: recipient.name.clone(),
        phone: recipient.phone.clone(),
        email: recipient.email.clone(),
    }
}

fn address(address: &Address) -> types::Address {
    let address = address.clone();
    types::Address {
        name: address.name,
        company: address.company,
        line_one: address.line_one,
        line_two: address.line_two,
        city: address.city,
        region: address.region,
        country: address.country,
        postal_code: address.postal_code,
    }
}

pub(super) fn line_amounts(amounts: &[LineAmount]) -> Vec<types::LineAmount> {
    amounts
        .iter()
        .map(|line| types::LineAmount {
            line: line.line.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            group: group_id(line.group.as_ref()),
            quantity: line.quantity,
            unit_price: line.unit_price.minor(),
            tax_included: line.tax_included,
            base: line.base.minor(),
            discount: line.discount.minor(),
            subtotal: line.subtotal.minor(),
            order_discount: line.order_discount.minor(),
            taxable: line.taxable.minor(),
        })
        .collect()
}

fn group_id(group: Option<&GroupId>) -> Option<String> {
    group.map(|group| group.as_str().to_owned())
}

pub(super) fn tax_request(request: &TaxRequest) -> Request {
    let options = request.options.iter().map(|option| TaxableOption {
        id: option.id.as_str().to_owned(),
        price: option.price.minor(),
        tax_included: option.tax_included,
        group: group_id(option.group.as_ref()),
    });
    let fees = request.fees.iter().map(|fee| TaxableFee {
        id: fee.id.clone(),
        kind: fee.kind.clone(),
        amount: fee.amount.minor(),
        tax_included: fee.tax_included,
    });
    let destinations = request.destinations.iter().map(|(group, to)| Destination {
        group: group_id(group.as_ref()),
        address: address(to),
    });
    Request {
        lines: line_amounts(&request.lines),
        options: options.collect(),
        fees: fees.collect(),
        destinations: destinations.collect(),
        billing: request.billing.as_ref().map(address),
        buyer: request.buyer.as_ref().map(buyer),
        extensions: Vec::new(),
    }
}

pub(super) fn money(money: Money) -> types::Money {
    types::Money {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}
