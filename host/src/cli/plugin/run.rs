//! `tillhouse plugin run`: calls one function of a plugin, and reports everything that it did.

mod answered;
mod asked;
mod card;
mod computed;
mod input;
mod report;
mod rules;

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::error::{VerbError, finish};
use super::options::PluginOptions;
use super::target_plugin::{BuiltPlugin, PluginPath, PluginSource};
use super::trial_setup::{self, signature, signatures};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::time::{Clock as _, Timestamp};
use tillhouse_console::output::Printer;
use tillhouse_payments::operator::timestamp;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::trial::{Exported, TrialAnswer, TrialError, TrialReport, TrialRequest};
use tillhouse_server::clock_and_ids::SystemClock;

#[derive(Debug, Args)]
#[command(after_help = "\
The call runs as in a host: the same linker, limits and egress policy. Parameters that a host fills in (context, operation,
credential) get default values where --input does not have them.

Examples:
  tillhouse plugin run --list
  echo '{\"lines\": [{\"id\": \"l1\", \"item\": \"tee-classic\", \"quantity\": 2}]}' > cart.json
  tillhouse plugin run --function pricing.price --input cart.json
  tillhouse plugin run my-processor --function payments.charge --input order.json --card visa \\
      --upstream acquirer=http://127.0.0.1:9000 --secret api_key=@ACQUIRER_KEY

Exit codes: 0 the plugin answered, 1 an error in the plugin or in the input, 2 usage error, 3 the engine does not run on this
machine.")]
pub(in crate::cli) struct Run {
    #[command(flatten)]
    plugin_path: PluginPath,
    /// Function to call, such as pricing.price.
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    function: Option<String>,
    /// Arguments as JSON: an object by parameter name, or the bare value of the only parameter. `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    input: Option<String>,
    /// List the functions of the plugin with their parameters.
    #[arg(long, conflicts_with_all = ["function", "input"])]
    list: bool,
    #[command(flatten)]
    options: PluginOptions,
    /// Time that the plugin sees, such as 2026-11-21T19:09:23Z. Default: now.
    #[arg(long, value_parser = timestamp::parse)]
    now: Option<Timestamp>,
    /// Test card for payments.charge: visa, mastercard, insufficientFunds, slow …
    #[arg(long, default_value = "visa", value_parser = card::parse_name)]
    card: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) async fn run(self) -> ExitCode {
        let done = Box::pin(self.call()).await;
        finish(done, self.json)
    }

    async fn call(&self) -> Result<Value, VerbError> {
        let source = self.plugin_path.find()?;
        let input = input::read_json(self.input.as_deref())?;
        let plugin = source.build()?;
        let settings = trial_setup::settings(true);
        let (trial, component) = trial_setup::load_trial(&settings, &source, &plugin, &self.options).await?;
        let exported = Exported::of(&component);
        let Some(name) = &self.function else {
            return Ok(self.list_functions(&exported));
        };
        let one = exported.iter().find(|it| it.function.name() == name);
        let one = one.ok_or_else(|| {
            let list = signatures(&exported);
            VerbError::Plugin(format!(
                "{} does not export {name}; it exports\n{list}",
                plugin.manifest.id
            ))
        })?;
        let request = self.trial_request(one, input);
        let (asked, now) = (request.arguments.clone(), request.now);
        let tried = trial.call(request).await.map_err(|error| match error {
            TrialError::Argument(mismatch) => VerbError::Plugin(format!("{mismatch}\n{name} takes {}", signature(one))),
            other => VerbError::Plugin(other.to_string()),
        })?;
        let checked = match &tried.answer {
            TrialAnswer::Value(value) => rules::check(one.function, &asked, value, now),
            _ => Ok(None),
        };
        let report = report::Report {
            function: one.function,
            manifest: &plugin.manifest,
            limits: &settings.limits,
            tried: &tried,
            notes: self.notes(&source, &plugin, one.function, &tried),
            currency: self.options.currency,
            checked,
        };
        report.print(&Printer::new(self.json));
        Ok(report.document())
    }

    /// Notes on missing options that may explain the answer.
    fn notes(
        &self,
        source: &PluginSource,
        plugin: &BuiltPlugin,
        function: Function,
        tried: &TrialReport,
    ) -> Vec<String> {
        let mut notes: Vec<String> = self
            .options
            .missing_catalog_note(source, plugin, function)
            .into_iter()
            .collect();
        if !tried.record.denied.is_empty() && !function.egress() {
            notes.push(format!(
                "{} may not send requests, so each of them was denied; the functions that may are {}",
                function.name(),
                Function::senders()
            ));
        }
        let asked_for = &plugin.manifest.upstreams;
        for request in &tried.record.requests {
            let name = &request.upstream;
            let note = format!(
                "{} does not ask for the upstream {name}; add to it:\n    [[upstream]]\n    name = \"{name}\"\n    hosts = \
                 [\"api.{name}.example\"]",
                plugin.artifact.manifest_name
            );
            if asked_for.iter().all(|requested| requested.name != *name) && !notes.contains(&note) {
                notes.push(note);
            }
        }
        let is_value = matches!(tried.answer, TrialAnswer::Value(_));
        let withheld = asked_for
            .iter()
            .filter(|requested| self.options.upstream(&requested.name).is_none());
        notes.extend(withheld.filter(|_| function.egress() && !is_value).map(|requested| {
            let name = &requested.name;
            format!("upstream {name} was not granted to this call; give --upstream {name}=URL")
        }));
        notes
    }

    fn list_functions(&self, exported: &[Exported]) -> Value {
        let printer = Printer::new(self.json);
        for it in exported {
            printer.line(&signature(it));
        }
        printer.line("\nParameters in brackets have default values.");
        let function = |it: &Exported| {
            let made_up = it.parameters.iter().filter(|parameter| parameter.generated);
            let made_up: Vec<&str> = made_up.map(|parameter| parameter.name.as_str()).collect();
            json!({
                "function": it.function.name(),
                "parameters": it.required().collect::<Vec<_>>(),
                "made_up": made_up,
            })
        };
        json!({"ok": true, "functions": exported.iter().map(function).collect::<Vec<_>>()})
    }

    fn trial_request(&self, one: &Exported, input: Value) -> TrialRequest {
        let mut request = TrialRequest::of(one.function, self.options.currency);
        request.arguments = input::arguments(one, input);
        request.now = self.now.unwrap_or_else(|| SystemClock.now());
        request.credential = self.credential(one.function);
        request
    }

    fn credential(&self, function: Function) -> Option<Credential> {
        (function == Function::Charge)
            .then(|| card::credential(&self.card))
            .flatten()
    }
}
