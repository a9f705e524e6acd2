//! `tillhouse plugin run`: one call into a plugin, and everything that it did.

mod card;
mod input;
mod report;

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::given::Given;
use super::subject::Place;
use super::trying::{self, listed, signature};
use super::wrong::{Wrong, ended};
use crate::checkout::credential::Credential;
use crate::checkout::time::{Clock as _, Timestamp};
use crate::cli::output::Story;
use crate::operator::moment;
use crate::plugin::function::Function;
use crate::plugin::trial::{Exported, Question, TrialError};
use crate::system::SystemClock;

/// `tillhouse plugin run`.
#[derive(Debug, Args)]
#[command(after_help = "\
The call runs as a host makes it: the same linker, limits and egress policy. What the function does not get from --input is
made up where the host would make it up: the context, the operation, the credential.

Examples:
  tillhouse plugin run --list
  echo '{\"lines\": [{\"id\": \"l1\", \"item\": \"tee-classic\", \"quantity\": 2}]}' > cart.json
  tillhouse plugin run --function pricing.price --input cart.json
  tillhouse plugin run my-processor --function payments.charge --input order.json --card visa \\
      --upstream acquirer=http://127.0.0.1:9000 --secret api_key=@ACQUIRER_KEY

Exit codes: 0 the plugin answered, 1 the plugin or what it was asked is wrong, 2 the command was not understood,
3 the engine does not run on this machine.")]
pub(in crate::cli) struct Run {
    #[command(flatten)]
    place: Place,
    /// The function, as in pricing.price.
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    function: Option<String>,
    /// Its arguments as JSON: an object by parameter name, or the bare value of its only parameter. `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    input: Option<String>,
    /// Show the functions that the plugin has, with what they take.
    #[arg(long, conflicts_with_all = ["function", "input"])]
    list: bool,
    #[command(flatten)]
    given: Given,
    /// The time that the plugin sees, as in 2026-11-21T19:09:23Z. Now, unless given.
    #[arg(long, value_parser = moment::parse)]
    now: Option<Timestamp>,
    /// The test card that payments.charge is paid with: visa, mastercard, insufficientFunds, slow …
    #[arg(long, default_value = "visa", value_parser = card::known)]
    card: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) async fn run(self) -> ExitCode {
        let done = Box::pin(self.done()).await;
        ended(done, self.json)
    }

    async fn done(&self) -> Result<Value, Wrong> {
        let found = self.place.find()?;
        let input = input::read(self.input.as_deref())?;
        let subject = found.build()?;
        let settings = trying::settings(true);
        let (trial, component) = trying::trial(&settings, &found, &subject, &self.given).await?;
        let exported = Exported::of(&component);
        let Some(name) = &self.function else {
            return Ok(self.listing(&exported));
        };
        let one = exported.iter().find(|it| it.function.name() == name);
        let one = one.ok_or_else(|| {
            let list = listed(&exported);
            Wrong::Plugin(format!("{} has no {name}; it has\n{list}", subject.manifest.id))
        })?;
        let question = self.question(one, input);
        let tried = trial.call(question).await.map_err(|error| match error {
            TrialError::Argument(mismatch) => Wrong::Plugin(format!("{mismatch}\n{name} takes {}", signature(one))),
            other => Wrong::Plugin(other.to_string()),
        })?;
        let report = report::Report::new(one.function, &subject.manifest, &settings.limits, &tried);
        report.tell(&Story::new(self.json));
        let withheld = subject.manifest.upstreams.iter();
        let withheld = withheld.filter(|wish| self.given.upstream(&wish.name).is_none());
        report.hint(withheld.map(|wish| wish.name.as_str()));
        Ok(report.document())
    }

    fn listing(&self, exported: &[Exported]) -> Value {
        let story = Story::new(self.json);
        for it in exported {
            story.line(&signature(it));
        }
        story.line("\nWhat is in brackets is made up where it is not given.");
        let function = |it: &Exported| {
            let made_up = it.parameters.iter().filter(|parameter| parameter.made_up);
            let made_up: Vec<&str> = made_up.map(|parameter| parameter.name.as_str()).collect();
            json!({
                "function": it.function.name(),
                "parameters": it.own().collect::<Vec<_>>(),
                "made_up": made_up,
            })
        };
        json!({"ok": true, "functions": exported.iter().map(function).collect::<Vec<_>>()})
    }

    fn question(&self, one: &Exported, input: Value) -> Question {
        let mut question = Question::of(one.function, self.given.currency);
        question.arguments = input::arguments(one, input);
        question.now = self.now.unwrap_or_else(|| SystemClock.now());
        question.credential = self.credential(one.function);
        question
    }

    fn credential(&self, function: Function) -> Option<Credential> {
        (function == Function::Charge)
            .then(|| card::credential(&self.card))
            .flatten()
    }
}
