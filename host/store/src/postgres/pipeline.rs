//! Pipelined statements: one round trip for all of them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::{Client, Object};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use tillhouse_checkout::ports::{CommitError, Rewound, StoreError};

use super::commit_mark;
use super::db_error::{self, TransactionError};
use crate::commit_marks::{CommitMarks, CommitNumber};

/// Explicit, whatever defaults the role or the database have.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// A parameter of a statement.
pub(super) type Param<'a> = Box<dyn ToSql + Sync + Send + 'a>;

/// A statement of a unit of work, and the error that it means if it returns no row.
pub(super) struct Step<'a> {
    sql: &'static str,
    params: Vec<Param<'a>>,
    on_empty: Option<CommitError>,
    overflow: Option<CommitError>,
}

impl<'a> Step<'a> {
    pub(super) fn new(sql: &'static str, params: Vec<Param<'a>>) -> Self {
        Self {
            sql,
            params,
            on_empty: None,
            overflow: None,
        }
    }

    /// A condition known in advance, checked in its place among the others.
    pub(super) fn require(holds: bool, otherwise: CommitError) -> Self {
        Self::new("SELECT 1 WHERE $1", vec![Box::new(holds)]).or_conflict(otherwise)
    }

    /// Requires that the statement returns a row.
    pub(super) fn or_conflict(mut self, otherwise: CommitError) -> Self {
        self.on_empty = Some(otherwise);
        self
    }

    /// Error to return if a number is out of range.
    pub(super) fn on_overflow(mut self, meaning: CommitError) -> Self {
        self.overflow = Some(meaning);
        self
    }

    fn check(&self, answer: Result<Vec<Row>, Error>) -> Result<(), TransactionError> {
        match (answer, &self.on_empty, &self.overflow) {
            (Ok(rows), Some(otherwise), _) if rows.is_empty() => Err(TransactionError::Final(otherwise.clone())),
            (Ok(_), ..) => Ok(()),
            (Err(error), _, Some(meaning)) if error.code() == Some(&SqlState::NUMERIC_VALUE_OUT_OF_RANGE) => {
                Err(TransactionError::Final(meaning.clone()))
            }
            (Err(error), ..) => Err(db_error::classify(error)),
        }
    }
}

/// The parameters of a [`Step`].
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as $crate::postgres::pipeline::Param<'_>),*]
    };
}
pub(super) use params;

/// A transaction on a pooled connection. Dropped before its end, it closes the connection, so that the server rolls back and
/// the pool never returns a connection inside a transaction.
pub(super) struct Transaction<'m> {
    client: Option<Client>,
    number: Option<CommitNumber<'m>>,
}

impl<'m> Transaction<'m> {
    /// Begins with the next number of this host's commits, then these statements, in this order; the first that fails decides. All are
    /// sent at once, which is safe: after a failure nothing is committed, whatever the later ones did.
    pub(super) async fn begin(
        client: Client,
        marks: &'m CommitMarks,
        steps: &[Step<'_>],
    ) -> Result<Self, TransactionError> {
        let number = marks.next();
        let numbered = commit_mark::step(marks.identity(), &number);
        let all: Vec<&Step<'_>> = std::iter::once(&numbered).chain(steps).collect();
        let mut statements = Vec::with_capacity(all.len());
        for step in &all {
            let statement = client.prepare_cached(step.sql).await;
            statements.push(statement.map_err(db_error::classify)?);
        }
        let mut transaction = Self {
            client: Some(client),
            number: None,
        };
        match transaction.run(&all, &statements, marks).await {
            Ok(stored) => {
                transaction.number = Some(number.stored_as(stored));
                Ok(transaction)
            }
            Err(failure) => {
                transaction.roll_back().await;
                Err(failure)
            }
        }
    }

    async fn run(
        &self,
        steps: &[&Step<'_>],
        statements: &[Statement],
        marks: &CommitMarks,
    ) -> Result<u64, TransactionError> {
        let client = self.client()?;
        let begin: PendingQuery<'_> = Box::pin(async { client.batch_execute(BEGIN).await.map(|()| Vec::new()) });
        let rest = steps
            .iter()
            .zip(statements)
            .map(|(step, statement)| -> PendingQuery<'_> {
                Box::pin(async move {
                    let params: Vec<&(dyn ToSql + Sync)> =
                        step.params.iter().map(|it| &**it as &(dyn ToSql + Sync)).collect();
                    client.query(statement, &params).await
                })
            });
        let mut answers = join_in_order(std::iter::once(begin).chain(rest).collect())
            .await
            .into_iter();
        if let Some(Err(error)) = answers.next() {
            return Err(db_error::classify(error));
        }
        // The first step is the number.
        let number = match answers.as_slice().first() {
            Some(Ok(rows)) => rows.first().map(|row| row.get::<_, i64>(0).unsigned_abs()),
            _ => Some(0),
        };
        if number.is_none() {
            marks.note_rewound(Rewound::CommitsMissing { count: 1 });
        }
        steps
            .iter()
            .zip(answers)
            .try_for_each(|(step, answer)| step.check(answer))?;
        Ok(number.unwrap_or(0))
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, TransactionError> {
        let client = self.client()?;
        let rows = async { client.query(&client.prepare_cached(sql).await?, params).await };
        rows.await.map_err(db_error::classify)
    }

    pub(super) async fn commit(mut self) -> Result<(), TransactionError> {
        let committed = self.client()?.batch_execute("COMMIT").await;
        let client = self.client.take();
        match committed {
            Ok(()) => {
                if let Some(number) = self.number.take() {
                    number.confirm();
                }
                Ok(())
            }
            Err(error) => {
                discard(client);
                Err(db_error::classify_commit(error))
            }
        }
    }

    async fn roll_back(mut self) {
        if let Some(client) = &self.client
            && client.batch_execute("ROLLBACK").await.is_ok()
        {
            self.client.take();
        }
    }

    fn client(&self) -> Result<&Client, TransactionError> {
        self.client
            .as_ref()
            .ok_or_else(|| TransactionError::Final(StoreError::new("the transaction has ended").into()))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        discard(self.client.take());
    }
}

/// Closes a connection instead of returning it to the pool.
fn discard(client: Option<Client>) {
    drop(client.map(Object::take));
}

type PendingQuery<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'a>>;

/// Waits for all. Each is polled first in the order given, and a statement is sent when it is first polled.
async fn join_in_order(mut futures: Vec<PendingQuery<'_>>) -> Vec<Result<Vec<Row>, Error>> {
    let mut answers: Vec<Option<Result<Vec<Row>, Error>>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (future, answer) in futures.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *answer = Some(output),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}
