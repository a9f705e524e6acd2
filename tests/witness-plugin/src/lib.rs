//! Plugin that decides by what the host tells it, and repeats it where a test can read it.
//!
//! Every item costs what the configuration says for the principal that asks (`price.LABEL`), else 25.00; a message to the buyer
//! repeats the agent. Risk decides as the key `risk` says. The page asks for a consent by email. With `refuse-events = "true"` an order
//! event is refused, and the reason for the operator repeats the event; with `refuse-ends` the end of a session. With `tell-cart` a message
//! to the buyer repeats the cart, with `risk = "tell"` the reason for the operator the payment. `demand` is the code of an error of every page, which
//! the buyer settles at `https://shop.example/continue`.

mod order_event;
mod order_notice;
mod told;

use tillhouse_plugin::{prelude::*, presentation::ConsentOption, risk, sessions};

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Witness;

tillhouse_plugin::export!(Witness: pricing, risk, orders, orders_notices, presentation, sessions);

impl Pricing for Witness {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let principal = ctx.agent.principal.as_deref().unwrap_or("none");
        let price = config::amount_or(&format!("price.{principal}"), Amount::new(2_500)?)?;
        let priced = |line: &Line| PricedLine::new(line.id.as_str(), price);
        let rejected = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
        let mut messages = vec![Message::info(Subject::session(), told_of_agent(&ctx.agent))];
        if config::flag("tell-cart", false)? {
            messages.push(Message::info(Subject::session(), told::cart(&ctx, &cart)));
        }
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            rejected: cart.codes.iter().map(rejected).collect(),
            messages,
            ..PricedCart::default()
        })
    }
}

fn told_of_agent(agent: &Agent) -> String {
    let text = |member: &Option<String>| member.clone().unwrap_or_else(|| "none".into());
    format!(
        "name {}, profile {}, principal {}, proven {}",
        text(&agent.name),
        text(&agent.profile),
        text(&agent.principal),
        agent.proven
    )
}

impl Risk for Witness {
    fn assess(_ctx: Context, request: risk::Request) -> Result<Decision, Failure> {
        let reason = || "as the test says".to_owned();
        Ok(match config::get("risk").as_deref() {
            Some("review") => Decision::Review(reason()),
            Some("challenge") => Decision::Challenge(reason()),
            Some("block") => Decision::Block(reason()),
            Some("tell") => return Err(Failure::Misconfigured(told::payment(&request))),
            _ => Decision::Allow,
        })
    }
}

impl Orders for Witness {
    fn identify(_ctx: Context, op: Operation, _draft: Draft) -> Result<Identity, Failure> {
        let id = format!("ord_{}", op.reference);
        Ok(Identity::new(&id, format!("https://shop.example/orders/{id}")))
    }

    fn notify(_ctx: Context, _op: Operation, event: tillhouse_plugin::orders::Event) -> Result<(), Failure> {
        if config::flag("refuse-events", false)? {
            return Err(Failure::Misconfigured(order_event::told(&event)));
        }
        Ok(())
    }
}

impl Presentation for Witness {
    fn page(_ctx: Context, _cart: Cart) -> Result<PageContent, Failure> {
        let by_email = ConsentOption {
            channel: "email".into(),
            text: "May we write to you?".into(),
            privacy_policy: "https://shop.example/privacy".into(),
            subscribed: false,
        };
        let demanded = config::get("demand");
        let demanded = demanded.map(|code| Message::error(code.as_str(), Subject::session(), "Not yet."));
        Ok(PageContent {
            continue_url: demanded.is_some().then(|| "https://shop.example/continue".into()),
            messages: demanded.into_iter().collect(),
            consents: vec![by_email],
            ..PageContent::default()
        })
    }
}

impl Sessions for Witness {
    fn ended(_ctx: Context, _op: Operation, end: sessions::End) -> Result<(), Failure> {
        if config::flag("refuse-ends", false)? {
            return Err(Failure::Misconfigured(told::end(&end)));
        }
        Ok(())
    }
}
