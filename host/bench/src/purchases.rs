//! Part 2: whole purchases over HTTP with durable commits, alternating with what limits them: parts 3 and 4.

mod client;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::aside::aside;
use super::connection::Connection;
use super::disk::{self, Disk};
use super::echo::{self, Echo};
use super::figures::{Latency, Pace, median, ratio};
use super::load::{Done, drive};
use super::plan::{CLIENTS, Plan};
use super::script::Script;
use tillhouse_console::Failure;
use tillhouse_console::local::Local;
use tillhouse_console::output;

/// Timeout for the reports to Stripe after the last purchase of a round; they are sent asynchronously.
const BOOKS: Duration = Duration::from_secs(30);

/// Purchases with a given number of concurrent clients.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) clients: usize,
    /// Whole purchases per second: create, update and complete in sequence.
    pub(super) purchases_per_s: f64,
    pub(super) create: Latency,
    pub(super) update: Latency,
    pub(super) complete: Latency,
    /// Requests answered 503 because the merchant's share of the host was used up; the client retried them.
    pub(super) turned_away: usize,
    /// Sessions per second, when clients only create sessions.
    pub(super) sessions: Pace,
    /// Sessions per second divided by echo requests per second.
    pub(super) sessions_vs_echo: f64,
    /// Sessions per second divided by small commits per second.
    pub(super) sessions_vs_commits: f64,
    /// Purchases per second divided by small commits per second.
    pub(super) purchases_vs_commits: f64,
}

/// Totals of the ledgers, to compare with what the clients saw.
#[derive(Debug, Serialize)]
pub(super) struct Books {
    pub(super) purchases: usize,
    pub(super) charges: usize,
    pub(super) payment_records: usize,
    /// Longest time, over all rounds, from the end of a round until its last purchase was reported to Stripe.
    pub(super) reports_behind_ms: f64,
}

/// Results of parts 2, 3 and 4.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) purchases: Vec<Row>,
    pub(super) books: Books,
    pub(super) disk: Disk,
    pub(super) echo: Echo,
}

/// Measurements with one number of clients, round by round.
#[derive(Debug, Default)]
struct Rounds {
    echo: Vec<Pace>,
    commits: Vec<Pace>,
    sessions: Vec<Pace>,
    purchases: Vec<f64>,
    operations: [Vec<Pace>; 3],
    turned_away: usize,
}

/// Measure purchases, commits and echo requests.
pub(super) async fn measure(plan: &Plan, local: &Local, data: &Path) -> Result<Served, Failure> {
    let mut stage = Stage {
        script: Arc::new(Script::rehearse(local).await?),
        local,
        plan: *plan,
        made: 1,
        behind: Duration::ZERO,
    };
    let echo = echo::Server::start(&stage.script.created).await?;
    let store = Arc::new(disk::open(&data.join("commits"))?);
    let (mut append, mut sizes) = (disk::append(data, plan.disk_writes).await?, Vec::new());
    stage.warm_up(&echo).await?;
    for clients in CLIENTS {
        output::progress(&format!("buying with {clients} concurrent clients"));
        let mut rounds = Rounds::default();
        for _ in 0..plan.load_rounds {
            rounds.echo.push(stage.echo(&echo, clients).await?);
            rounds
                .commits
                .push(disk::commits(&store, clients, plan.load_slice).await?);
            rounds.sessions.push(stage.sessions(clients).await?);
            stage.purchases(clients, &mut rounds).await?;
        }
        rounds.turned_away = stage.script.take_turned_away();
        sizes.push((clients, rounds));
    }
    append.add(disk::append(data, plan.disk_writes).await?);
    store.close().await;
    let books = stage.books();
    let rows: Vec<_> = sizes.into_iter().map(|(clients, rounds)| rounds.row(clients)).collect();
    let (mut purchases, mut commits, mut echoes) = (Vec::new(), Vec::new(), Vec::new());
    for (row, commit, echo) in rows {
        commits.push(disk::Row {
            clients: row.clients,
            pace: commit,
        });
        echoes.push(echo::Row {
            clients: row.clients,
            pace: echo,
        });
        purchases.push(row);
    }
    let disk = Disk::new(&append, commits);
    let request_bytes = stage.script.create().len();
    let echo = Echo {
        request_bytes,
        response_bytes: echo.response_bytes,
        rows: echoes,
    };
    Ok(Served {
        purchases,
        books,
        disk,
        echo,
    })
}

impl Rounds {
    fn row(self, clients: usize) -> (Row, Pace, Pace) {
        let (commits, echo) = (Pace::median(&self.commits), Pace::median(&self.echo));
        let sessions = Pace::median(&self.sessions);
        let purchases = median(self.purchases);
        let [create, update, complete] = self.operations.map(|rounds| Pace::median(&rounds).latency);
        let row = Row {
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
struct Stage<'a> {
    script: Arc<Script>,
    local: &'a Local,
    plan: Plan,
    made: usize,
    behind: Duration,
}

impl Stage<'_> {
    async fn warm_up(&mut self, echo: &echo::Server) -> Result<(), Failure> {
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
        self.script.take_turned_away();
        self.plan = plan;
        Ok(())
    }

    async fn echo(&self, echo: &echo::Server, clients: usize) -> Result<Pace, Failure> {
        let (address, time, script) = (echo.address, self.plan.load_slice, Arc::clone(&self.script));
        let done: Done<1> = aside("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, usize::MAX, time, |client, tickets| {
                echo::client(client, tickets, Arc::clone(&script))
            })
            .await
        })
        .await?;
        let [pace] = done.paces();
        Ok(pace)
    }

    /// Create sessions, without updating or completing them.
    async fn sessions(&self, clients: usize) -> Result<Pace, Failure> {
        let (address, time) = (self.local.host.address, self.plan.load_slice);
        let script = Arc::clone(&self.script);
        let done: Done<1> = aside("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, usize::MAX, time, |client, tickets| {
                client::create_only(client, tickets, Arc::clone(&script))
            })
            .await
        })
        .await?;
        let [pace] = done.paces();
        Ok(pace)
    }

    /// Make whole purchases until the tokens or the time are used up.
    async fn purchases(&mut self, clients: usize, rounds: &mut Rounds) -> Result<(), Failure> {
        let count = (self.plan.purchases_per_client * clients).min(self.plan.purchases);
        let tokens = Arc::new(self.script.tokens(count).await?);
        let (address, time) = (self.local.host.address, self.plan.load_slice * 2);
        let script = Arc::clone(&self.script);
        let done: Done<3> = aside("bench-clients", move || async move {
            let clients = Connection::open_many(address, clients).await?;
            drive(clients, count, time, |client, tickets| {
                client::buy(client, tickets, Arc::clone(&script), Arc::clone(&tokens))
            })
            .await
        })
        .await?;
        let paces = done.paces();
        let [_, _, completed] = &done.samples;
        self.made += completed.len();
        let [_, _, complete] = &paces;
        rounds.purchases.push(complete.per_s);
        for (all, pace) in rounds.operations.iter_mut().zip(paces) {
            all.push(pace);
        }
        self.settle().await
    }

    /// Wait until every purchase is reported, so that this does not disturb the next measurement.
    async fn settle(&mut self) -> Result<(), Failure> {
        let began = tokio::time::Instant::now();
        while self.local.sandbox.stripe.payment_records().len() < self.made {
            if began.elapsed() > BOOKS {
                return Err(Failure(format!(
                    "{} purchases were made, but only {} were reported to Stripe within {BOOKS:?}",
                    self.made,
                    self.local.sandbox.stripe.payment_records().len()
                )));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.behind = self.behind.max(began.elapsed());
        Ok(())
    }

    fn books(&self) -> Books {
        Books {
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

    fn pace(per_s: f64) -> Pace {
        Pace {
            per_s,
            ..Pace::default()
        }
    }

    #[test]
    fn a_row_sets_the_median_rounds_against_each_other() {
        let rounds = Rounds {
            echo: vec![pace(1_000.0), pace(9_000.0), pace(2_000.0)],
            commits: vec![pace(500.0)],
            sessions: vec![pace(400.0)],
            purchases: vec![100.0, 7.0, 250.0],
            turned_away: 3,
            ..Rounds::default()
        };
        let (row, commits, echo) = rounds.row(16);
        assert_eq!((row.clients, row.turned_away), (16, 3));
        assert_eq!((commits, echo), (pace(500.0), pace(2_000.0)));
        let figures = [row.sessions_vs_echo, row.sessions_vs_commits, row.purchases_vs_commits];
        assert_eq!(format!("{figures:?}"), "[0.2, 0.8, 0.2]");
    }
}
