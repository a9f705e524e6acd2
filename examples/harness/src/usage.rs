//! Resources that a call used, and limits for them.

mod lock;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tillhouse_plugin_protocol::call::Record;

use lock::Seen;

/// Resources that a call used. Instructions are counted, so they are the same on every machine.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.pricing().price(cart().line("tee", 2)).await.unwrap();
/// let usage = env.usage();
/// assert_eq!((usage.function.as_str(), usage.http_calls), ("pricing.price", 0));
/// assert!(usage.instructions < 200_000 && usage.memory_bytes < 2 << 20, "{usage:?}");
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The function that was called: `pricing.price`; `quote` for a whole quote, empty for the sum of several calls.
    pub function: String,
    /// Number of executed WebAssembly instructions.
    pub instructions: u64,
    /// Largest size of the linear memory, in bytes.
    pub memory_bytes: usize,
    /// Number of requests to upstreams.
    pub http_calls: u32,
    /// Folder of the plugin's package, which contains `usage.lock`.
    folder: PathBuf,
}

/// A limit on instructions. See [`instructions`].
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// let budget = instructions(2_000_000);
/// assert_ne!(budget, instructions(50_000_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(u64);

/// A limit on memory. See [`mib`].
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_ne!(mib(2), mib(8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory(usize);

/// A limit on requests. See [`calls`].
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// assert_ne!(calls(0), calls(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpCalls(u32);

/// At most this many WebAssembly instructions. A host gives a decision 50 ms, which is about 50 million.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # fn test(env: Env) {
/// env.usage().assert_under(instructions(2_000_000), mib(8), calls(0));
/// # }
/// ```
#[must_use]
pub const fn instructions(most: u64) -> Instructions {
    Instructions(most)
}

/// At most this many mebibytes of linear memory. See [`instructions`].
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.pricing().price(cart().line("tee", 2)).await.unwrap();
/// env.usage().assert_under(instructions(200_000), mib(2), calls(0));
/// # }
/// ```
#[must_use]
pub const fn mib(most: usize) -> Memory {
    Memory(most << 20)
}

/// At most this many requests to upstreams. See [`instructions`].
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.payments().charge(order(), card::visa()).await.unwrap();
/// env.usage().assert_under(instructions(2_000_000), mib(8), calls(1));
/// # }
/// ```
#[must_use]
pub const fn calls(most: u32) -> HttpCalls {
    HttpCalls(most)
}

impl Usage {
    pub(crate) fn new(function: &str, record: &Record) -> Self {
        Self {
            function: function.to_owned(),
            instructions: record.instructions,
            memory_bytes: record.memory_bytes,
            http_calls: u32::try_from(record.requests.len()).unwrap_or(u32::MAX),
            folder: PathBuf::new(),
        }
    }

    pub(crate) fn of(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.instructions += other.instructions;
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
        self.http_calls += other.http_calls;
    }

    /// Fails if more than this was used.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.fulfillment().options(cart().line("tee", 2).to(address::us("CA")), 25_00).await.unwrap();
    /// env.usage().assert_under(instructions(500_000), mib(2), calls(0));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When a limit is exceeded; the message lists each of them.
    #[track_caller]
    pub fn assert_under(&self, instructions: Instructions, memory: Memory, calls: HttpCalls) {
        let over = self.over(instructions, memory, calls);
        assert!(
            over.is_empty(),
            "{} used too much:\n  - {}",
            self.function,
            over.join("\n  - ")
        );
    }

    fn over(&self, most: Instructions, memory: Memory, calls: HttpCalls) -> Vec<String> {
        let mut over = Vec::new();
        if self.instructions > most.0 {
            over.push(format!("{} instructions, at most {}", self.instructions, most.0));
        }
        if self.memory_bytes > memory.0 {
            over.push(format!(
                "{} KiB of memory, at most {}",
                self.memory_bytes >> 10,
                memory.0 >> 10
            ));
        }
        if self.http_calls > calls.0 {
            over.push(format!("{} requests, at most {}", self.http_calls, calls.0));
        }
        over
    }

    /// Fails if this uses over 10 % more instructions than `usage.lock` lists under this name.
    ///
    /// The file is beside the plugin's `Cargo.toml`. `UPDATE=1 cargo test` writes new names and figures that differ by
    /// more than 10 %, and prints those that grow.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.pricing().price(cart().line("tee", 2)).await.unwrap();
    /// env.usage().assert_locked("a cart of one line");
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it uses more, when the file does not list the name, and when another test uses the name for another figure.
    #[track_caller]
    pub fn assert_locked(&self, name: &str) {
        static SEEN: Seen = Seen::new();
        let path = self.folder.join("usage.lock");
        match lock::check(&SEEN, &path, name, self.instructions, crate::golden::updates()) {
            Ok(None) => {}
            // Not with `eprintln!`, whose output is captured if the test passes.
            Ok(Some(grown)) => drop(writeln!(io::stderr().lock(), "{grown}")),
            Err(problem) => panic!("{problem}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_that_is_over_is_named() {
        let usage = Usage {
            function: "pricing.price".into(),
            instructions: 11,
            memory_bytes: (1 << 20) + (64 << 10),
            http_calls: 2,
            ..Usage::default()
        };
        assert_eq!(usage.over(instructions(11), mib(2), calls(2)), Vec::<String>::new());
        assert_eq!(
            usage.over(instructions(10), mib(1), calls(1)),
            [
                "11 instructions, at most 10",
                "1088 KiB of memory, at most 1024",
                "2 requests, at most 1"
            ]
        );
    }
}
