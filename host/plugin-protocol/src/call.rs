//! One call, and everything that it did.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::merchant::TrialId;
use crate::{Function, Hidden, Operation};

/// Call a function of the plugin that is installed, and commit what it stages if it gives an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The trial.
    pub trial: TrialId,
    /// What is asked.
    #[serde(flatten)]
    pub question: Question,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The function.
    pub function: Function,
    /// Its arguments by name. `ctx`, `op` and `credential` are made up where they are absent.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// The time that the plugin sees, in milliseconds since 1970.
    #[serde(default)]
    pub now_ms: u64,
    /// Currency of the checkout, ISO 4217.
    pub currency: String,
    /// The session that it is about. The same session and time give the same pseudo-random numbers.
    #[serde(default = "session")]
    pub session: String,
    /// Another number here gives it others all the same.
    #[serde(default)]
    pub dice: u64,
    /// Language of the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What `payments.charge` is paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// How cases are named in the answer.
    #[serde(default)]
    pub names: Names,
    /// Texts to look for in the guest's memory after the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub look_for: Vec<Hidden>,
}

fn session() -> String {
    "cs_trial".to_owned()
}

/// A card, for one charge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `dpan` or `agentic_token`.
    pub kind: String,
    /// What a receipt would show.
    #[serde(default)]
    pub display: CardDisplay,
    /// Slot of the contract (`number`, `exp-month` …) and value.
    pub slots: Vec<(String, Hidden)>,
}

/// What a receipt would show of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardDisplay {
    /// Brand in lower case.
    pub brand: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub funding: Option<String>,
    /// Country of the issuer.
    pub country: Option<String>,
    /// 1 to 12.
    pub exp_month: Option<u8>,
    /// Four digits.
    pub exp_year: Option<u16>,
}

/// How cases of variants and enums are written in an answer. Fields are in snake case always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// `too_late`, and bytes that are text as text.
    #[default]
    Snake,
    /// `TooLate`, and bytes as numbers: as serde reads the types of the Rust SDK.
    Rust,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// What the plugin said.
    #[serde(flatten)]
    pub answer: Answer,
    /// What it did.
    pub record: Record,
    /// How long the call took; on the wire in microseconds.
    #[serde(rename = "elapsed_us", with = "micros", default)]
    pub elapsed: Duration,
    /// Bytes of the answer as they count against the limit on what is copied from a guest.
    pub answer_bytes: usize,
}

/// What a plugin said: one of three.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The value.
    Value(Value),
    /// The contract's `failure`: no decision, for a reason.
    Failure(Value),
    /// Nothing of use: a trap, a limit, a broken contract.
    Fault(Fault),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `trap`, `cpu-budget`, `contract` …; `host` where it was not the plugin.
    pub name: String,
    /// What happened.
    pub detail: String,
}

/// What a call did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Lines that it logged, oldest first.
    pub lines: Vec<LogLine>,
    /// Lines over the limit, which were dropped.
    pub lines_dropped: u64,
    /// Requests that it sent, oldest first.
    pub requests: Vec<SentRequest>,
    /// Requests that were not sent, because the function may not or the call had sent enough.
    pub denied: Vec<SentRequest>,
    /// The most that an instance had of linear memory, in bytes.
    pub memory_bytes: usize,
    /// Instructions of WebAssembly.
    pub instructions: u64,
    /// Those of the looked-for texts that the guest's memory held. Where there was a memory to search, a text of one NUL is
    /// always found in it.
    pub remains: Vec<Hidden>,
}

/// A line that a plugin logged, cleaned as the host's own log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// Message and fields.
    pub text: String,
}

/// A request that a plugin sent, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRequest {
    /// The upstream, by its name in the manifest.
    pub upstream: String,
    /// `GET`, `POST` …
    pub method: String,
    /// Path below the upstream's base URL.
    pub path: String,
    /// Status of the answer, or why there was none that the plugin could read: `{"Ok": 201}`, `{"Err": "…"}`.
    pub answer: Result<u16, String>,
    /// How long it took; on the wire in microseconds.
    #[serde(rename = "elapsed_us", with = "micros", default)]
    pub elapsed: Duration,
}

mod micros {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}

impl Operation for Call {
    const NAME: &'static str = "call";
    type Answer = Tried;
}
