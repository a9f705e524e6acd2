//! `tillhouse attempts`: list, show and settle payment attempts.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::reconcile::print_discrepancies;
use super::store_access::{Actor, Needs, StoreAccess};
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId};
use tillhouse_checkout::money::format_minor;
use tillhouse_checkout::time::Timestamp;
use tillhouse_console::table::{Table, or_dash, print_line};
use tillhouse_payments::operator::attempts::{
    AttemptDetail, AttemptList, AttemptView, ListAttempts, SettleAttempt, SettledAttempt, ShowAttempt,
};
use tillhouse_payments::operator::discrepancies::{DiscrepancyList, ListDiscrepancies};
use tillhouse_payments::operator::timestamp;

/// List and show payment attempts; settle manually those that the host cannot resolve.
#[derive(Debug, Subcommand)]
pub(super) enum Attempts {
    /// List attempts, oldest first.
    List(List),
    /// Show one attempt, its discrepancies, and the other attempts of its checkout.
    Show(Show),
    /// List what the host found to disagree with a processor, Adyen or the merchant's own system, oldest first, also without an attempt.
    Discrepancies(Discrepancies),
    /// Settle manually: state the outcome of a charge that the host cannot determine. Order, report and webhook events follow.
    Settle(Settle),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only attempts in this state (`unknown`, `needs_review` …); may be repeated.
    #[arg(long = "state", value_parser = parse_state)]
    states: Vec<AttemptStatus>,
    /// Only open attempts: those that are not settled yet.
    #[arg(long, conflicts_with = "states")]
    open: bool,
    /// Only attempts of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    /// Only attempts of this checkout session.
    #[arg(long)]
    session: Option<String>,
    /// Only attempts initiated at or after this time: 2026-11-21T19:09:23Z or 2026-11-21.
    #[arg(long, value_parser = timestamp::parse)]
    since: Option<Timestamp>,
    /// Only attempts initiated before this time.
    #[arg(long, value_parser = timestamp::parse)]
    until: Option<Timestamp>,
    /// Maximum number of attempts.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Id of the attempt.
    id: String,
    #[command(flatten)]
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
pub(super) struct Discrepancies {
    /// Only discrepancies of this merchant.
    #[arg(long)]
    merchant: Option<String>,
    #[command(flatten)]
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("verdict").required(true))]
pub(super) struct Settle {
    /// Id of the attempt, which is unknown or `needs_review`; with --not-charged also voiding.
    id: String,
    /// The charge was made, under this reference of the processor.
    #[arg(long, value_name = "REF", group = "verdict")]
    charged: Option<String>,
    /// The charge was not made and will not be; or, if the attempt is voiding, the money was returned.
    #[arg(long, group = "verdict")]
    not_charged: bool,
    /// How you know, for the audit log: 1 to 1000 characters, no card data.
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

fn parse_state(text: &str) -> Result<AttemptStatus, String> {
    AttemptStatus::named(text).ok_or_else(|| {
        let names: Vec<&str> = AttemptStatus::ALL.into_iter().map(AttemptStatus::name).collect();
        format!("expected one of: {}", names.join(", "))
    })
}

impl Attempts {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(list) => list.run().await,
            Self::Show(show) => show.run().await,
            Self::Discrepancies(discrepancies) => discrepancies.run().await,
            Self::Settle(settle) => settle.run().await,
        }
    }
}

impl List {
    async fn run(self) -> ExitCode {
        let open = AttemptStatus::ALL.into_iter().filter(|state| state.is_open());
        let request = ListAttempts {
            merchant: self.merchant.map(MerchantId::new),
            session: self.session.map(SessionId::new),
            states: if self.open { open.collect() } else { self.states },
            since: self.since,
            until: self.until,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |list: &AttemptList| {
            if !json {
                print_attempts(&list.attempts);
                if list.more {
                    print_line("there are more; narrow --since and --until, or raise --limit");
                }
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_attempts(attempts: &[AttemptView]) {
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
            format_minor(it.amount, &it.currency),
            it.initiated.clone(),
            it.reference.clone(),
            or_dash(it.reason.as_ref()),
        ]);
    }
    table.print("no attempts");
}

impl Show {
    async fn run(self) -> ExitCode {
        let request = ShowAttempt {
            id: AttemptId::new(self.id),
        };
        let json = self.store_access.json;
        let show = |detail: &AttemptDetail| {
            if !json {
                print_attempt(&detail.attempt);
                for found in &detail.discrepancies {
                    print_line(&format!("discrepancy {}: {}", found.kind, found.detail));
                }
                if detail.of_session.len() > 1 {
                    let all: Vec<&str> = detail.of_session.iter().map(AttemptId::as_str).collect();
                    print_line(&format!("checkout    attempts {}", all.join(", ")));
                }
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

fn print_attempt(it: &AttemptView) {
    let rows = [
        ("attempt", it.id.to_string()),
        ("merchant", it.merchant.to_string()),
        ("session", it.session.to_string()),
        ("order", it.order.clone()),
        ("amount", format_minor(it.amount, &it.currency)),
        ("state", it.state.name().to_owned()),
        ("reason", or_dash(it.reason.as_ref())),
        ("reference", it.reference.clone()),
        ("processor", or_dash(it.processor_reference.as_ref())),
        ("sent to", or_dash(it.destination.as_ref())),
        ("initiated", it.initiated.clone()),
        ("held until", or_dash(it.held_until.as_ref())),
        ("sent", or_dash(it.charge_sent.as_ref())),
        ("unknown", or_dash(it.unknown_since.as_ref())),
        ("settled", or_dash(it.settled.as_ref())),
        ("tries", it.tries.to_string()),
        ("next try", or_dash(it.next_try.as_ref())),
    ];
    for (name, value) in rows {
        print_line(&format!("{name:<11} {value}"));
    }
}

impl Discrepancies {
    async fn run(self) -> ExitCode {
        let request = ListDiscrepancies {
            merchant: self.merchant.map(MerchantId::new),
        };
        let json = self.store_access.json;
        let show = |list: &DiscrepancyList| {
            if !json {
                print_discrepancies(&list.discrepancies);
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

impl Settle {
    async fn run(self) -> ExitCode {
        let request = SettleAttempt {
            id: AttemptId::new(self.id),
            charged: self.charged,
            evidence: self.evidence,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |settled: &SettledAttempt| {
            if !json {
                let (was, now) = (settled.was.name(), settled.attempt.state.name());
                print_line(&format!("{} was {was} and is {now}", settled.attempt.id));
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
