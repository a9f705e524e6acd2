//! What the trials of Adyen's document have seen: which answer to which operation on which edge, and how many bodies were valid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tillhouse_sandbox::adyen::Entry;
use tillhouse_tests::official::adyen::Exchange;

/// Who asks the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edge {
    /// Agents, and the vaults of agents.
    Agent,
    /// Adyen, at the merchant.
    Merchant,
    /// Agents, and the vaults of agents, at the sandbox's Adyen, which asks the host.
    Sandbox,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Create,
    Update,
    Retrieve,
    Complete,
    Cancel,
    Delegate,
    Session,
    Commit,
    Finalize,
    CancelAtMerchant,
    Token,
}

impl Operation {
    /// The operation of a request in a transcript; `None` if the document does not define its bodies.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        Some(match Exchange::at(&entry.path)? {
            Exchange::Create => Self::Create,
            Exchange::OfSession if entry.method == "GET" => Self::Retrieve,
            Exchange::OfSession => Self::Update,
            Exchange::Complete => Self::Complete,
            Exchange::Cancel => Self::Cancel,
            Exchange::Delegate => Self::Delegate,
            Exchange::AtMerchant => match entry.path.rsplit('/').next() {
                Some("commit") => Self::Commit,
                Some("finalize") => Self::Finalize,
                Some("cancel") => Self::CancelAtMerchant,
                Some("payment") => Self::Token,
                _ => Self::Session,
            },
        })
    }

    /// What the definitions of its bodies depend on.
    pub(crate) const fn exchange(self) -> Exchange {
        match self {
            Self::Create => Exchange::Create,
            Self::Update | Self::Retrieve => Exchange::OfSession,
            Self::Complete => Exchange::Complete,
            Self::Cancel => Exchange::Cancel,
            Self::Delegate => Exchange::Delegate,
            Self::Session | Self::Commit | Self::Finalize | Self::CancelAtMerchant | Self::Token => {
                Exchange::AtMerchant
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Retrieve => "retrieve",
            Self::Complete => "complete",
            Self::Cancel | Self::CancelAtMerchant => "cancel",
            Self::Delegate => "delegate payment",
            Self::Session => "create or update",
            Self::Commit => "commit",
            Self::Finalize => "finalize",
            Self::Token => "token",
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    /// The trials that have seen an answer: HTTP status, and the status of the session or the code of the error.
    rows: BTreeMap<(Edge, Operation, u16, String), BTreeSet<&'static str>>,
    /// Valid bodies by definition.
    valid: BTreeMap<&'static str, usize>,
}

static SEEN: Mutex<Option<Seen>> = Mutex::new(None);

fn with_seen(note: impl FnOnce(&mut Seen)) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    note(seen.get_or_insert_default());
}

/// A valid answer was seen in a trial.
pub(crate) fn saw(
    edge: Edge,
    operation: Operation,
    status: u16,
    definition: Option<&'static str>,
    body: &Value,
    trial: &'static str,
) {
    let told = match status {
        400.. => &body["messages"][0]["code"],
        _ => &body["status"],
    };
    let told = told.as_str().or(body["code"].as_str()).unwrap_or_default();
    with_seen(|seen| {
        let trials = seen.rows.entry((edge, operation, status, told.to_owned())).or_default();
        trials.insert(trial);
        if let Some(definition) = definition {
            *seen.valid.entry(definition).or_default() += 1;
        }
    });
}

/// A valid request was sent.
pub(crate) fn saw_request(definition: &'static str) {
    with_seen(|seen| *seen.valid.entry(definition).or_default() += 1);
}

/// The table of what was seen, and what to print.
pub(crate) fn table() -> String {
    let seen = SEEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .unwrap_or_default();
    let mut text = String::from(
        "\n# Adyen's document\n\nWhich answer a running host gives over Adyen's agent API and to Adyen's calls at a merchant, and the trials that see \
         it: the HTTP status,\nand the status of the session or the code of the error.\n\n| edge | operation | answer | trials |\n|---|---|---|---|\n",
    );
    for ((edge, operation, status, told), trials) in &seen.rows {
        let edge = format!("{edge:?}").to_lowercase();
        let told = if told.is_empty() {
            String::new()
        } else {
            format!(" `{told}`")
        };
        let trials: Vec<String> = trials.iter().map(|trial| format!("`{trial}`")).collect();
        let _ = writeln!(
            text,
            "| {edge} | {} | {status}{told} | {} |",
            operation.name(),
            trials.join(", ")
        );
    }
    text.push_str("\nBodies that are valid by `schema.adyen.json`:\n\n| definition | bodies |\n|---|---|\n");
    for (definition, valid) in &seen.valid {
        let _ = writeln!(text, "| `{definition}` | {valid} |");
    }
    let _ = writeln!(text, "| all | {} |", seen.valid.values().sum::<usize>());
    text
}
