//! `tillhouse outbox`: list and replay messages.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outbox::{MessageKind, MessageState};
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::outbox::{ListMessages, MessageList, Replay, Replayed};

/// List outbox messages (reports to Stripe, webhook events …), and replay dead ones.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// List messages, oldest first.
    List(List),
    /// List dead messages: those that are no longer retried.
    Dead(MessageFilter),
    /// Queue messages again: one by its number, or every dead one.
    Replay(ReplayMessages),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only messages in this state: queued, delivered or dead.
    #[arg(long, value_parser = parse_state)]
    state: Option<MessageState>,
    #[command(flatten)]
    filter: MessageFilter,
}

/// Filters of the listed messages.
#[derive(Debug, Args)]
pub(super) struct MessageFilter {
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
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("messages").required(true))]
pub(super) struct ReplayMessages {
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
    store_access: StoreAccess,
}

fn parse_state(text: &str) -> Result<MessageState, String> {
    MessageState::named(text).ok_or_else(|| "expected one of: queued, delivered, dead".to_owned())
}

impl Outbox {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(List { state, filter }) => filter.run(state).await,
            Self::Dead(filter) => filter.run(Some(MessageState::Dead)).await,
            Self::Replay(replay) => replay.run().await,
        }
    }
}

impl MessageFilter {
    async fn run(self, state: Option<MessageState>) -> ExitCode {
        let request = ListMessages {
            merchant: self.merchant.map(MerchantId::new),
            kind: self.kind.map(MessageKind::from),
            state,
            payloads: self.payloads,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |list: &MessageList| {
            if !json {
                print_messages(list);
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_messages(list: &MessageList) {
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
        print_line("there are more; filter by --kind or --merchant, or raise --limit");
    }
}

impl ReplayMessages {
    async fn run(self) -> ExitCode {
        let request = Replay {
            id: self.id,
            merchant: self.merchant.map(MerchantId::new),
            kind: self.kind.map(MessageKind::from),
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |replayed: &Replayed| {
            if !json {
                print_line(&format!("{} queued again", replayed.replayed));
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
