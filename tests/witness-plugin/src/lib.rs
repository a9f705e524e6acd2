//! Plugin that decides by what the host tells it, and repeats it where a test can read it.
//!
//! Every item costs what the configuration says for the principal that asks (`price.LABEL`), else 25.00; a message to the buyer
//! repeats the agent. Risk decides as the key `risk` says. The page asks for a consent by email. With `refuse-events = "true"` an order
//! event is refused, and the reason for the operator repeats the event.

mod order_event;

use tillhouse_plugin::{prelude::*, presentation::ConsentOption, risk};

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Witness;

tillhouse_plugin::export!(Witness: pricing, risk, orders, presentation);

impl Pricing for Witness {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let principal = ctx.agent.principal.as_deref().unwrap_or("none");
        let price = config::amount_or(&format!("price.{principal}"), Amount::new(2_500)?)?;
        let priced = |line: &Line| PricedLine::new(line.id.as_str(), price);
        let rejected = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            rejected: cart.codes.iter().map(rejected).collect(),
            messages: vec![Message::info(Subject::session(), told_of_agent(&ctx.agent))],
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
    fn assess(_ctx: Context, _request: risk::Request) -> Result<Decision, Failure> {
        let reason = || "as the test says".to_owned();
        Ok(match config::get("risk").as_deref() {
            Some("review") => Decision::Review(reason()),
            Some("challenge") => Decision::Challenge(reason()),
            Some("block") => Decision::Block(reason()),
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
        Ok(PageContent {
            consents: vec![by_email],
            ..PageContent::default()
        })
    }
}
