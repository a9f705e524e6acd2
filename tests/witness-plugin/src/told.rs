//! What the host tells of a cart, of a payment and of the end of a session, as lines of text.

use tillhouse_plugin::{
    orders::Attribution,
    prelude::*,
    risk::{Device, Request},
    sessions::End,
};

/// The agent's abilities, and the cart with its buyer, groups and extensions.
pub(crate) fn cart(ctx: &Context, cart: &Cart) -> String {
    let groups = cart.groups.iter().map(group);
    let quote = cart.quote_id.as_deref().unwrap_or("none");
    [
        format!("agent {}", pairs(&ctx.extensions)),
        format!("locale {}, zone {}", text(&ctx.locale), text(&ctx.time_zone)),
        format!("buyer {}", cart.buyer.as_ref().map_or_else(|| "none".into(), buyer)),
        format!("groups {}", joined(groups)),
        format!("quote {quote}"),
        format!("extensions {}", pairs(&cart.extensions)),
    ]
    .join("; ")
}

/// The device, the assessments of others, the buyer and the purchase order of a payment.
pub(crate) fn payment(request: &Request) -> String {
    let signals = request
        .signals
        .iter()
        .map(|signal| format!("{} {}", signal.source, signal.kind));
    let order = request.cart.extension("tillhouse.purchase-order");
    [
        format!("device {}", device(&request.device)),
        format!("signals {}", joined(signals)),
        format!(
            "buyer {}",
            request.cart.buyer.as_ref().map_or_else(|| "none".into(), buyer)
        ),
        format!("purchase order {}", order.unwrap_or("none")),
    ]
    .join("; ")
}

pub(crate) fn end(end: &End) -> String {
    let lines = end
        .cart
        .lines
        .iter()
        .map(|line| format!("{} {}", line.quantity, line.item));
    [
        format!("{} with {}", end.how, joined(lines)),
        format!("reason {}", text(&end.reason)),
        format!("summary {}", text(&end.summary)),
        format!("metadata {}", pairs(&end.metadata)),
        format!("attributions {}", attributions(&end.attributions)),
    ]
    .join("; ")
}

pub(crate) fn attributions(attributions: &[Attribution]) -> String {
    joined(attributions.iter().map(|attribution| {
        let token = text(&attribution.token);
        let fields = pairs(&attribution.fields);
        format!("{} {} {token} {fields}", attribution.touch, attribution.provider)
    }))
}

fn buyer(buyer: &Buyer) -> String {
    let company = buyer.company.as_ref().map(|company| {
        let parts = [&company.tax_id, &company.department, &company.cost_center];
        format!("{} {}", company.name, joined(parts.map(text)))
    });
    let exemption = buyer.tax_exemption.as_ref();
    let exemption = exemption.map(|it| format!("{} {} {}", it.certificate, it.kind, it.regions.join("+")));
    let loyalty = buyer.loyalty.as_ref();
    let loyalty = loyalty.map(|it| format!("{} {}", text(&it.tier), it.points.unwrap_or_default()));
    let parts = [&buyer.email, &buyer.account, &company, &exemption, &loyalty];
    joined(parts.map(text))
}

fn group(group: &Group) -> String {
    let city = group.destination.as_ref().map(|address| address.city.clone());
    let name = group.recipient.as_ref().and_then(|recipient| recipient.name.clone());
    let parts = [&city, &name, &group.location, &group.instructions];
    format!(
        "{} {} {} {}",
        group.id,
        group.kind,
        group.lines.join("+"),
        joined(parts.map(text))
    )
}

fn device(device: &Device) -> String {
    let parts = [
        &device.ip,
        &device.user_agent,
        &device.accept_language,
        &device.fingerprint,
        &device.session,
    ];
    joined(parts.map(text))
}

fn pairs(pairs: &[(String, String)]) -> String {
    joined(pairs.iter().map(|(key, value)| format!("{key}={value}")))
}

fn text(member: &Option<String>) -> String {
    member.clone().unwrap_or_else(|| "none".into())
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" | ")
}
