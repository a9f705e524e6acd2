//! Part 2: whole purchases over HTTP with durable commits, alternating with what limits them: parts 3 and 4.

mod client;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::connection::Connection;
use super::disk::{self, Disk};
use super::echo::{self, Echo};
use super::figures::{Latency, Throughput, median, ratio};
use super::isolated_runtime::on_own_runtime;
use super::load::{LoadSamples, drive};
use super::plan::{CLIENTS, Plan};
use super::request_templates::RequestTemplates;
use tillhouse_console::CommandError;
use tillhouse_console::local_host::LocalHost;
use tillhouse_console::output;

/// Timeout for the reports to Stripe after the last purchase of a round; they are sent asynchronously.
const REPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// Purchases with a given number of concurrent clients.
#[derive(Debug, Serialize)]
pub(super) struct PurchaseRow {
    pub(super) clients: usize,
    /// Whole purchases per second: create, update and complete in sequence.
    pub(super) purchases_per_s: f64,
    pub(super) create: Latency,
    pub(super) update: Latency,
    pub(super) complete: Latency,
    /// Requests answered 503 because all permits of the merchant were taken; the client retried them.
    pub(super) turned_away: usize,
    /// Sessions per second, when clients only create sessions.
    pub(super) sessions: Throughput,
    /// Sessions per second divided by echo requests per second.
    pub(super) sessions_vs_echo: f64,
    /// Sessions per second divided by small commits per second.
    pub(super) sessions_vs_commits: f64,
    /// Purchases per second divided by small commits per second.
    pub(super) purchases_vs_commits: f64,
}

/// Totals of the ledgers, to compare with what the clients saw.
#[derive(Debug, Serialize)]
pub(super) struct LedgerTotals {
    pub(super) purchases: usize,
    pub(super) charges: usize,
    pub(super) payment_records: usize,
    /// Longest time, over all rounds, from the end of a round until its last purchase was reported to Stripe.
    pub(super) reports_behind_ms: f64,
}

/// Results of parts 2, 3 and 4.
#[derive(Debug)]
pub(super) struct LoadResults {
    pub(super) purchases: Vec<PurchaseRow>,
    pub(super) ledgers: LedgerTotals,
    pub(super) disk: Disk,
    pub(super) echo: Echo,
}

/// Measurements with one number of clients, round by round.
#[derive(Debug, Default)]
struct Rounds {
    echo: Vec<Throughput>,
    commits: Vec<Throughput>,
    sessions: Vec<Throughput>,
    purchases: Vec<f64>,
    operations: [Vec<Throughput>; 3],
    turned_away: usize,
}

/// Measure purchases, commits and echo requests.
pub(super) async fn measure(plan: &Plan, local: &LocalHost, data: &Path) -> Result<LoadResults, CommandError> {
    let mut load = LoadTest {
        templates: Arc::new(RequestTemplates::record(local).await?),
        local,
        plan: *plan,
        made: 1,
        behind: Duration::ZERO,
    };
    let echo = echo::Server::start(&load.templates.created).await?;
    let store = Arc::new(disk::open(&data.join("commits"))?);
    let (mut append, mut sizes) = (disk::append(data, plan.disk_writes).await?, Vec::new());
    load.warm_up(&echo).await?;
    for clients in CLIENTS {
        output::print_progress(&format!("buying with {clients} concurrent clients"));
        let mut rounds = Rounds::default();
        for _ in 0..plan.load_rounds {
            rounds.echo.push(load.echo(&echo, clients).await?);
            rounds
                .commits
                .push(disk::commits(&store, clients, plan.load_slice).await?);
            rounds.sessions.push(load.sessions(clients).await?);
            load.purchases(clients, &mut rounds).await?;
        }
        rounds.turned_away = load.templates.take_refusals();
        sizes.push((clients, rounds));
    }
    append.add(disk::append(data, plan.disk_writes).await?);
    store.close().await;
    let ledgers = load.ledger_totals();
    let rows: Vec<_> = sizes.into_iter().map(|(clients, rounds)| rounds.row(clients)).collect();
    let (mut purchases, mut commits, mut echoes) = (Vec::new(), Vec::new(), Vec::new());
    for (row, commit, echo) in rows {
        commits.push(disk::CommitRow {
            clients: row.clients,
            throughput: commit,
        });
        echoes.push(echo::EchoRow {
            clients: row.clients,
            throughput: echo,
        });
        purchases.push(row);
    }
    let disk = Disk::new(&append, commits);
    let request_bytes = load.templates.create().len();
    let echo = Echo {
        request_bytes,
        response_bytes: echo.response_bytes,
        rows: echoes,
    };
    Ok(LoadResults {
        purchases,
        ledgers,
        disk,
        echo,
    })
}

impl Rounds {
    fn row(self, clients: usize) -> (PurchaseRow, Throughput, Throughput) {
        let (commits, echo) = (Throughput::median(&self.commits), Throughput::median(&self.echo));
        let sessions = Throughput::median(&self.sessions);
        let purchases = median(self.purchases);
        let [create, update, complete] = self.operations.map(|rounds| Throughput::median(&rounds).latency);
        let row = PurchaseRow {
            clients,
            turned_away: self.turned_away,
            purchases_per_s: purchases,
            create,
            update,
            complete,
            sessions,
            sessions_vs_echo: ratio(sessions.per_s, echo.per_s),
            sessions_vs_commits: ratio(sessions.per_s, commits.per_s),
            purchases_vs_commits: ratio(purchases, commits.per_s),
        };
        (row, commits, echo)
    }
}

/// The host under load, and the purchases made so far.
struct LoadTest<'a> {
    templates: Arc<RequestTemplates>,
    local: &'a LocalHost,
    plan: Plan,
    made: usize,
    behind: Duration,
}

impl LoadTest<'_> {
    async fn warm_up(&mut self, echo: &echo::Server) -> Result<(), CommandError> {
        let plan = self.plan;
        self.plan = Plan {
            load_slice: Duration::from_millis(200),
            purchases_per_client: 4,
            purchases: 64,
            ..plan
        };
        self.echo(echo, 16).await?;
        self.sessions(16).await?;
        self.purchases(16, &mut Rounds::default()).await?;
        self.templates.take_refusals();
        self.plan = plan;
        Ok(())
    }

    async fn echo(&self, echo: &echo::Server, clients: usize) -> Result<Throughput, CommandError> {
        let (address, time, templates) = (echo.address, self.plan.load_slice, Arc::clone(&self.templates));
        let done: LoadSamples<1> = on_own_runtime("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, usize::MAX, time, |client, tickets| {
                echo::client(client, tickets, Arc::clone(&templates))
            })
            .await
        })
        .await?;
        let [throughput] = done.throughputs();
        Ok(throughput)
    }

    /// Create sessions, without updating or completing them.
    async fn sessions(&self, clients: usize) -> Result<Throughput, CommandError> {
        let (address, time) = (self.local.host.address, self.plan.load_slice);
        let templates = Arc::clone(&self.templates);
        let done: LoadSamples<1> = on_own_runtime("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, usize::MAX, time, |client, tickets| {
                client::create_only(client, tickets, Arc::clone(&templates))
            })
            .await
        })
        .await?;
        let [throughput] = done.throughputs();
        Ok(throughput)
    }

    /// Make whole purchases until the tokens or the time are used up.
    async fn purchases(&mut self, clients: usize, rounds: &mut Rounds) -> Result<(), CommandError> {
        let count = (self.plan.purchases_per_client * clients).min(self.plan.purchases);
        let tokens = Arc::new(self.templates.tokens(count).await?);
        let (address, time) = (self.local.host.address, self.plan.load_slice * 2);
        let templates = Arc::clone(&self.templates);
        let done: LoadSamples<3> = on_own_runtime("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, count, time, |client, tickets| {
                client::buy(client, tickets, Arc::clone(&templates), Arc::clone(&tokens))
            })
            .await
        })
        .await?;
        let throughputs = done.throughputs();
        let [_, _, completed] = &done.samples;
        self.made += completed.len();
        let [_, _, complete] = &throughputs;
        rounds.purchases.push(complete.per_s);
        for (all, throughput) in rounds.operations.iter_mut().zip(throughputs) {
            all.push(throughput);
        }
        self.wait_for_reports().await
    }

    /// Wait until every purchase is reported, so that this does not disturb the next measurement.
    async fn wait_for_reports(&mut self) -> Result<(), CommandError> {
        let began = tokio::time::Instant::now();
        while self.local.sandbox.stripe.payment_records().len() < self.made {
            if began.elapsed() > REPORT_TIMEOUT {
                return Err(CommandError(format!(
                    "{} purchases were made, but only {} were reported to Stripe within {REPORT_TIMEOUT:?}",
                    self.made,
                    self.local.sandbox.stripe.payment_records().len()
                )));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.behind = self.behind.max(began.elapsed());
        Ok(())
    }

    fn ledger_totals(&self) -> LedgerTotals {
        LedgerTotals {
            purchases: self.made,
            charges: self.local.sandbox.acquirer.ledger().charges().len(),
            payment_records: self.local.sandbox.stripe.payment_records().len(),
            reports_behind_ms: super::figures::rounded(self.behind.as_secs_f64() * 1e3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throughput(per_s: f64) -> Throughput {
        Throughput {
            per_s,
            ..Throughput::default()
        }
    }

    #[test]
    fn a_row_sets_the_median_rounds_against_each_other() {
        let rounds = Rounds {
            echo: vec![throughput(1_000.0), throughput(9_000.0), throughput(2_000.0)],
            commits: vec![throughput(500.0)],
            sessions: vec![throughput(400.0)],
            purchases: vec![100.0, 7.0, 250.0],
            turned_away: 3,
            ..Rounds::default()
        };
        let (row, commits, echo) = rounds.row(16);
        assert_eq!((row.clients, row.turned_away), (16, 3));
        assert_eq!((commits, echo), (throughput(500.0), throughput(2_000.0)));
        let figures = [row.sessions_vs_echo, row.sessions_vs_commits, row.purchases_vs_commits];
        assert_eq!(format!("{figures:?}"), "[0.2, 0.8, 0.2]");
    }
}
