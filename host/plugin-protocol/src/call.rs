//! One call of a plugin's function, and the record of everything it did.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::trial::TrialId;
use crate::{Agent, Function, Operation, Sensitive};

/// Call a function of the installed plugin; if it returns a value, commit the plugin data that it staged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Trial whose merchant has the plugin installed.
    pub trial: TrialId,
    /// Function, arguments and context of the call; its fields are inlined on the wire.
    #[serde(flatten)]
    pub request: CallRequest,
}

/// Function, arguments and context of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRequest {
    /// Function to call, by its contract name such as `pricing.price`.
    pub function: Function,
    /// Arguments by name. The program supplies `ctx`, `op` and `credential` when they are absent.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// Time that the plugin sees, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub now_ms: u64,
    /// Currency of the checkout, ISO 4217.
    pub currency: String,
    /// Checkout session of the call. The same session and time give the plugin the same pseudo-random numbers.
    #[serde(default = "session")]
    pub session: String,
    /// RNG seed override: vary it to get different pseudo-random numbers for the same session and time.
    #[serde(rename = "dice", default)]
    pub rng_seed: u64,
    /// Language of the buyer as a BCP 47 tag; `None` if the agent sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Time zone of the buyer as an IANA name; `None` if the agent sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Agent that the call is made for.
    #[serde(default)]
    pub agent: Agent,
    /// Card that `payments.charge` is paid with; other functions do not need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// Spelling of enum and variant cases in the answer.
    #[serde(rename = "names", default)]
    pub case_style: CaseStyle,
    /// Strings to search for in the guest's linear memory after the call.
    #[serde(rename = "look_for", default, skip_serializing_if = "Vec::is_empty")]
    pub search_for: Vec<Sensitive>,
}

fn session() -> String {
    "cs_trial".to_owned()
}

/// Card that one charge is paid with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Kind of credential: `dpan` or `agentic_token`.
    pub kind: String,
    /// Non-sensitive card details, as a receipt shows them.
    #[serde(default)]
    pub display: CardDisplay,
    /// Slot name of the contract (`number`, `exp-month` …) and its value.
    pub slots: Vec<(String, Sensitive)>,
}

/// Non-sensitive card details, as a receipt shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardDisplay {
    /// Card brand in lower case, such as `visa`.
    pub brand: Option<String>,
    /// Last four digits of the card number.
    pub last4: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub funding: Option<String>,
    /// Country of the issuer, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Expiry month, 1 to 12.
    pub exp_month: Option<u8>,
    /// Expiry year with four digits.
    pub exp_year: Option<u16>,
    /// Fingerprint of the card number, which is the same for the same card.
    pub fingerprint: Option<String>,
    /// First digits of the card number, which name the issuer.
    pub iin: Option<String>,
    /// Wallet that holds the card, such as `apple_pay`.
    pub wallet: Option<String>,
}

/// Spelling of enum and variant cases in an answer. Field names are always in snake case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStyle {
    /// `too_late`; byte lists that are valid UTF-8 are written as strings.
    #[default]
    Snake,
    /// `TooLate`; byte lists are arrays of numbers, the form that serde expects for the types of the Rust SDK.
    Rust,
}

/// Result of a call: its answer, and a record of what it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallReport {
    /// Value, failure or fault that the call ended with; inlined on the wire.
    #[serde(flatten)]
    pub answer: CallAnswer,
    /// Log lines, requests and resource use of the call.
    pub record: Record,
    /// Duration of the call; in microseconds on the wire.
    #[serde(rename = "elapsed_us", with = "micros", default)]
    pub elapsed: Duration,
    /// Size of the answer in bytes, as counted against the limit on data copied from a guest.
    pub answer_bytes: usize,
}

/// Outcome of a call: value, failure or fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAnswer {
    /// The plugin decided; this is the function's result.
    Value(Value),
    /// The contract's `failure`: the plugin made no decision and gives the reason.
    Failure(Value),
    /// The call produced no usable answer: a trap, an exceeded limit or a contract violation.
    Fault(Fault),
}

/// Reason why a call produced no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Fault code: `trap`, `cpu-budget`, `contract` …; `host` if the plugin did not cause it.
    pub name: String,
    /// Explanation for people, such as the trap message or the limit that was exceeded.
    pub detail: String,
}

/// Log lines, requests and resource use of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Lines that the plugin logged, oldest first.
    pub lines: Vec<LogLine>,
    /// Number of log lines dropped because they exceeded the limit.
    pub lines_dropped: u64,
    /// Requests that the plugin sent, oldest first.
    pub requests: Vec<SentRequest>,
    /// Requests that were denied: the function may not send requests, or the call had reached its limit.
    pub denied: Vec<SentRequest>,
    /// Peak linear memory of an instance, in bytes.
    pub memory_bytes: usize,
    /// Number of WebAssembly instructions executed.
    pub instructions: u64,
    /// Strings of `look_for` that were found in the guest's memory.
    ///
    /// A string of one NUL is always found if there was a memory to search, which shows that the search took place.
    #[serde(rename = "remains")]
    pub found_in_memory: Vec<Sensitive>,
}

/// Line that a plugin logged, sanitized as in the host's own log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// Message, followed by its fields.
    pub text: String,
}

/// Request that a plugin sent, without headers and body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRequest {
    /// Name of the upstream in the manifest.
    pub upstream: String,
    /// HTTP method, such as `GET` or `POST`.
    pub method: String,
    /// Path below the upstream's base URL.
    pub path: String,
    /// HTTP status of the response, or why the plugin got none: `{"Ok": 201}`, `{"Err": "…"}`.
    pub answer: Result<u16, String>,
    /// Duration of the exchange; in microseconds on the wire.
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
    type Answer = CallReport;
}
