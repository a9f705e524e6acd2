//! `tillhouse audit`: list and verify the audit log.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::store_access::{Needs, StoreAccess};
use tillhouse_console::table::{Table, print_line};
use tillhouse_payments::operator::audit::{AuditList, ListAudit, Verified, VerifyAudit};
use tillhouse_payments::operator::timestamp;

/// Read the audit log, and verify that it was not changed.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// List entries, oldest first.
    List(List),
    /// Verify the hash chain from the first entry to the last.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only entries after the one with this number.
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// Maximum number of entries.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    store_access: StoreAccess,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Last entry of an earlier verification, `NUMBER:HASH`: proves that no entry up to it was removed since.
    #[arg(long, value_parser = parse_head)]
    expect: Option<(u64, String)>,
    #[command(flatten)]
    store_access: StoreAccess,
}

fn parse_head(text: &str) -> Result<(u64, String), String> {
    let invalid = || "expected NUMBER:HASH, as printed by an earlier verification".to_owned();
    let (seq, hash) = text.split_once(':').ok_or_else(invalid)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match seq.parse() {
        Ok(seq) if is_hash => Ok((seq, hash.to_ascii_lowercase())),
        _ => Err(invalid()),
    }
}

impl Audit {
    pub(super) async fn run(self) -> ExitCode {
        match self {
            Self::List(list) => list.run().await,
            Self::Verify(verify) => verify.run().await,
        }
    }
}

impl List {
    async fn run(self) -> ExitCode {
        let request = ListAudit {
            after: self.after,
            limit: self.limit,
        };
        let json = self.store_access.json;
        let show = |list: &AuditList| {
            if !json {
                let mut table = Table::of(["entry", "at", "actor", "action", "subject", "detail"]);
                for it in &list.records {
                    table.row([
                        it.seq.to_string(),
                        timestamp::text(it.entry.at),
                        it.entry.actor.clone(),
                        it.entry.action.to_string(),
                        it.entry.subject.clone(),
                        it.entry.detail.clone(),
                    ]);
                }
                table.print("no entries");
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

impl Verify {
    async fn run(self) -> ExitCode {
        let request = VerifyAudit { expect: self.expect };
        let json = self.store_access.json;
        let show = |verified: &Verified| {
            if !json {
                match &verified.problem {
                    None => print_line(&format!("{} entries, intact", verified.verified)),
                    Some(problem) => print_line(&format!("broken after {} entries: {problem}", verified.verified)),
                }
                print_line(&format!("last intact entry {}:{}", verified.last, verified.hash));
            }
            verified.intact
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}
