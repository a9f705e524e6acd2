//! `tillhouse outbox`: list and replay messages.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::reach::{Actor, Needs, Reach};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outbox::{MessageKind, MessageState};
use tillhouse_console::table::{Table, or_dash, say};
use tillhouse_payments::operator::outbox::{ListMessages, MessageList, Replay, Replayed};

/// List outbox messages (reports to Stripe, webhook events …), and replay dead ones.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// List messages, oldest first.
    List(List),
    /// List dead messages: those that are no longer retried.
    Dead(Which),
    /// Queue messages again: one by its number, or every dead one.
    Replay(Again),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only messages in this state: queued, delivered or dead.
    #[arg(long, value_parser = state)]
    state: Option<MessageState>,
    #[command(flatten)]
    which: Which,
}

/// Filters of the listed messages.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only messages of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Only messages of this kind: `stripe.report_payment`, `orders.notify` …
    #[arg(long)]
    kind: Option<String>,
    /// Include the bodies (JSON only). They may hold personal data of buyers.
    #[arg(long, requires = "json")]
    payloads: bool,
    /// Maximum number of messages.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("messages").required(true))]
pub(super) struct Again {
    /// Number of one message, dead or delivered.
    #[arg(group = "messages")]
    id: Option<i64>,
    /// Replay every dead message.
    #[arg(long, group = "messages")]
    dead: bool,
    /// Only dead messages of this merchant.
    #[arg(long, requires = "dead")]
    merchant: Option<String>,
    /// Only dead messages of this kind.
    #[arg(long, requires = "dead")]
    kind: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    reach: Reach,
}

fn state(text: &str) -> Result<MessageState, String> {
    MessageState::named(text).ok_or_else(|| "expected one of: queued, delivered, dead".to_owned())
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
            kind: self.kind.map(MessageKind::from),
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
            it.kind.to_string(),
            it.dedupe.clone(),
            it.state.name().to_owned(),
            it.tries.to_string(),
            or_dash(it.next_try.as_ref()),
            or_dash(it.last_error.as_ref()),
        ]);
    }
    table.print("no messages");
    if list.more {
        say("there are more; filter by --kind or --merchant, or raise --limit");
    }
}

impl Again {
    async fn run(self) -> ExitCode {
        let question = Replay {
            id: self.id,
            merchant: self.merchant.map(MerchantId::new),
            kind: self.kind.map(MessageKind::from),
            actor: self.actor.actor,
        };
        let json = self.reach.json;
        let show = |replayed: &Replayed| {
            if !json {
                say(&format!("{} queued again", replayed.replayed));
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}
