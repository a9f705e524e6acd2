//! Adyen's document against a running host: its requests as they are written, its sequences step by step, and every body against the
//! schema of its dialect.
//!
//! Where the document is is said in `tests/src/official/adyen.rs`. Without it the trials are reported as ignored.

pub(crate) mod coverage;
mod curl;
mod deviations;
mod difference;
mod golden;
mod negative;
mod sequences;
mod states;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use tillhouse_sandbox::adyen::{Entry, MerchantAnswer, Party};
use tillhouse_tests::HttpResponse;
use tillhouse_tests::official::adyen as document;
use tokio::runtime::Runtime;

use coverage::{Edge, Operation};

/// The outcome of a trial.
pub(crate) type Outcome = Result<(), Failed>;

/// Trials of the document.
pub(crate) fn trials() -> Vec<Trial> {
    let trials = [
        golden::trials(),
        negative::trials(),
        sequences::trials(),
        states::trials(),
    ];
    trials.into_iter().flatten().collect()
}

/// A trial with its own async runtime; its name tells the table of coverage who has seen what.
fn trial<F: Future<Output = Outcome> + 'static>(name: &'static str, run: fn(Bodies) -> F) -> Trial {
    let work = move || Runtime::new()?.block_on(run(Bodies { trial: name }));
    Trial::test(format!("adyen::{name}"), work).with_ignored_flag(document::is_absent())
}

/// Holds bodies to the schema of the document, and notes what was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bodies {
    trial: &'static str,
}

impl Bodies {
    /// An answer over the agent API, or of the vault, which has to have this HTTP status.
    fn answer(self, operation: Operation, answer: &HttpResponse, status: u16) -> Outcome {
        self.seen(Edge::Agent, operation, answer.status, &answer.json, status)
    }

    /// An answer to a call of Adyen, which has to have this HTTP status.
    fn answer_to_adyen(self, operation: Operation, answer: &MerchantAnswer, status: u16) -> Outcome {
        self.seen(Edge::Merchant, operation, answer.status, &answer.body, status)
    }

    fn seen(self, edge: Edge, operation: Operation, answered: u16, body: &Value, status: u16) -> Outcome {
        if answered != status {
            return Err(format!("{operation:?}: expected {status}, got {answered}: {body:#}").into());
        }
        let definition = operation.exchange().answer(answered, body);
        if let Some(definition) = definition {
            document::schema().check(definition, body)?;
        }
        coverage::saw(edge, operation, answered, definition, body, self.trial);
        Ok(())
    }

    /// What was sent in a flow through Adyen, on both of its sides.
    fn transcript(self, entries: &[Entry]) -> Outcome {
        let of_dialect = entries.iter().filter_map(|entry| Some((Operation::of(entry)?, entry)));
        for (operation, entry) in of_dialect {
            if !entry.request.is_null() {
                self.request(operation, &entry.request)?;
            }
            let edge = match entry.to {
                Party::Merchant => Edge::Merchant,
                _ => Edge::Sandbox,
            };
            let status = entry.status.ok_or("every request was answered")?;
            self.seen(edge, operation, status, &entry.response, status)?;
        }
        Ok(())
    }

    /// A request that is sent: it has to fit the definition of its operation.
    fn request(self, operation: Operation, body: &Value) -> Outcome {
        let Some(definition) = operation.exchange().request() else {
            return Ok(());
        };
        document::schema().check(definition, body)?;
        coverage::saw_request(definition);
        Ok(())
    }
}
