//! `tillhouse attempts …`.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::reach::{Actor, Needs, Reach};
use tillhouse_checkout::attempt::AttemptState;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId};
use tillhouse_checkout::money::stated;
use tillhouse_checkout::time::Timestamp;
use tillhouse_console::table::{Table, or_dash, say};
use tillhouse_payments::operator::attempts::{
    AttemptDetail, AttemptList, AttemptView, ListAttempts, SettleAttempt, Settled, ShowAttempt,
};
use tillhouse_payments::operator::moment;

/// Look at payment attempts, and settle those that the host cannot.
#[derive(Debug, Subcommand)]
pub(super) enum Attempts {
    /// List attempts, oldest first.
    List(List),
    /// Show one attempt and what is known around it.
    Show(Show),
    /// Say what became of a charge that the host cannot find out. Order, report and notices follow by themselves.
    Settle(Settle),
}

/// `tillhouse attempts list`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// In this state (`unknown`, `needs_review` …); may be given more than once.
    #[arg(long = "state", value_parser = state)]
    states: Vec<AttemptState>,
    /// Only those that somebody still has to work on.
    #[arg(long, conflicts_with = "states")]
    open: bool,
    /// Of one merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Of one checkout session.
    #[arg(long)]
    session: Option<String>,
    /// Begun at or after: 2026-11-21T19:09:23Z or 2026-11-21.
    #[arg(long, value_parser = moment::parse)]
    since: Option<Timestamp>,
    /// Begun before.
    #[arg(long, value_parser = moment::parse)]
    until: Option<Timestamp>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

/// `tillhouse attempts show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The attempt.
    id: String,
    #[command(flatten)]
    reach: Reach,
}

/// `tillhouse attempts settle`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("verdict").required(true))]
pub(super) struct Settle {
    /// The attempt: unknown or `needs_review`; with --not-charged also voiding.
    id: String,
    /// Money was taken, under this reference of the processor.
    #[arg(long, value_name = "REF", group = "verdict")]
    charged: Option<String>,
    /// Money was not taken and will not be; or, of one that is voiding, it went back.
    #[arg(long, group = "verdict")]
    not_charged: bool,
    /// How you know: 1 to 1000 characters, for the audit log. No card data.
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    reach: Reach,
}

fn state(text: &str) -> Result<AttemptState, String> {
    AttemptState::named(text).ok_or_else(|| {
        let names: Vec<&str> = AttemptState::ALL.into_iter().map(AttemptState::name).collect();
        format!("use one of {}", names.join(", "))
    })
}

impl Attempts {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(list) => list.run().await,
            Self::Show(show) => show.run().await,
            Self::Settle(settle) => settle.run().await,
        }
    }
}

impl List {
    async fn run(self) -> ExitCode {
        let open = AttemptState::ALL.into_iter().filter(|state| state.is_open());
        let question = ListAttempts {
            merchant: self.merchant.map(MerchantId::new),
            session: self.session.map(SessionId::new),
            states: if self.open { open.collect() } else { self.states },
            since: self.since,
            until: self.until,
            limit: self.limit,
        };
        let json = self.reach.json;
        let show = |list: &AttemptList| {
            if !json {
                table(&list.attempts);
                if list.more {
                    say("there are more; ask for less time, or a higher --limit");
                }
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}

fn table(attempts: &[AttemptView]) {
    let mut table = Table::of([
        "attempt",
        "merchant",
        "state",
        "amount",
        "initiated",
        "reference",
        "reason",
    ]);
    for it in attempts {
        table.row([
            it.id.to_string(),
            it.merchant.to_string(),
            it.state.name().to_owned(),
            stated(it.amount, &it.currency),
            it.initiated.clone(),
            it.reference.clone(),
            or_dash(it.reason.as_ref()),
        ]);
    }
    table.print("no attempts");
}

impl Show {
    async fn run(self) -> ExitCode {
        let question = ShowAttempt {
            id: AttemptId::new(self.id),
        };
        let json = self.reach.json;
        let show = |detail: &AttemptDetail| {
            if !json {
                one(&detail.attempt);
                for found in &detail.breaks {
                    say(&format!("break       {}: {}", found.kind, found.detail));
                }
                if detail.of_session.len() > 1 {
                    let all: Vec<&str> = detail.of_session.iter().map(AttemptId::as_str).collect();
                    say(&format!("checkout    attempts {}", all.join(", ")));
                }
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}

fn one(it: &AttemptView) {
    let rows = [
        ("attempt", it.id.to_string()),
        ("merchant", it.merchant.to_string()),
        ("session", it.session.to_string()),
        ("order", it.order.clone()),
        ("amount", stated(it.amount, &it.currency)),
        ("state", it.state.name().to_owned()),
        ("reason", or_dash(it.reason.as_ref())),
        ("reference", it.reference.clone()),
        ("processor", or_dash(it.processor_reference.as_ref())),
        ("sent to", or_dash(it.destination.as_ref())),
        ("initiated", it.initiated.clone()),
        ("sent", or_dash(it.charge_sent.as_ref())),
        ("unknown", or_dash(it.unknown_since.as_ref())),
        ("settled", or_dash(it.settled.as_ref())),
        ("tries", it.tries.to_string()),
        ("next try", or_dash(it.next_try.as_ref())),
    ];
    for (name, value) in rows {
        say(&format!("{name:<11} {value}"));
    }
}

impl Settle {
    async fn run(self) -> ExitCode {
        let question = SettleAttempt {
            id: AttemptId::new(self.id),
            charged: self.charged,
            evidence: self.evidence,
            actor: self.actor.actor,
        };
        let json = self.reach.json;
        let show = |settled: &Settled| {
            if !json {
                let (was, now) = (settled.was.name(), settled.attempt.state.name());
                say(&format!("{} was {was} and is {now}", settled.attempt.id));
            }
            true
        };
        self.reach.put(question, Needs::Store, show).await
    }
}
