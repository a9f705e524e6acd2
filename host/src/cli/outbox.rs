//! `tillhouse outbox …`.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::reach::{Actor, Needs, Reach};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::unit::MessageState;
use tillhouse_console::table::{Table, or_dash, say};
use tillhouse_payments::operator::outbox::{ListMessages, MessageList, Replay, Replayed};

/// Look at what is owed to others, and have it tried again.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// List messages, oldest first.
    List(List),
    /// List the messages that were given up.
    Dead(Which),
    /// Queue messages once more: one by its number, or every dead one.
    Replay(Again),
}

/// `tillhouse outbox list`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// In this state: queued, delivered or dead.
    #[arg(long, value_parser = state)]
    state: Option<MessageState>,
    #[command(flatten)]
    which: Which,
}

/// Which messages.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Of one merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Of one kind: `stripe.report_payment`, `orders.notify` …
    #[arg(long)]
    kind: Option<String>,
    /// With their bodies (JSON only). They may name buyers.
    #[arg(long, requires = "json")]
    payloads: bool,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

/// `tillhouse outbox replay`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("messages").required(true))]
pub(super) struct Again {
    /// One message, dead or delivered, by its number.
    #[arg(group = "messages")]
    id: Option<i64>,
    /// Every dead message.
    #[arg(long, group = "messages")]
    dead: bool,
    /// Of one merchant.
    #[arg(long, requires = "dead")]
    merchant: Option<String>,
    /// Of one kind.
    #[arg(long, requires = "dead")]
    kind: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    reach: Reach,
}

fn state(text: &str) -> Result<MessageState, String> {
    MessageState::named(text).ok_or_else(|| "use one of queued, delivered, dead".to_owned())
}

impl Outbox {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(List { state, which }) => which.run(state).await,
            Self::Dead(which) => which.run(Some(MessageState::Dead)).await,
            Self::Replay(again) => again.run().await,
        }
    }
}

impl Which {
    async fn run(self, state: Option<MessageState>) -> ExitCode {
        let question = ListMessages {
            merchant: self.merchant.map(MerchantId::new),
            kind: self.kind,
            state,
            payloads: self.payloads,
            limit: self.limit,
        };
        let json = self.reach.json;
        let show = |list: &MessageList| {
            if !json {
                table(list);
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}

fn table(list: &MessageList) {
    let mut table = Table::of([
        "message",
        "merchant",
        "kind",
        "about",
        "state",
        "tries",
        "next try",
        "last error",
    ]);
    for it in &list.messages {
        table.row([
            it.id.to_string(),
            it.merchant.to_string(),
            it.kind.clone(),
            it.dedupe.clone(),
            it.state.name().to_owned(),
            it.tries.to_string(),
            or_dash(it.next_try.as_ref()),
            or_dash(it.last_error.as_ref()),
        ]);
    }
    table.print("no messages");
    if list.more {
        say("there are more; ask for one kind or merchant, or a higher --limit");
    }
}

impl Again {
    async fn run(self) -> ExitCode {
        let question = Replay {
            id: self.id,
            merchant: self.merchant.map(MerchantId::new),
            kind: self.kind,
            actor: self.actor.actor,
        };
        let json = self.reach.json;
        let show = |replayed: &Replayed| {
            if !json {
                say(&format!("{} queued once more", replayed.replayed));
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}
