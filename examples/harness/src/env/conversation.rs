//! One call: asked as a host asks, answered, and everything that it did taken down.

use serde_json::{Map, Value};
use tillhouse::checkout::time::Timestamp;
use tillhouse::plugin::Limits;
use tillhouse::plugin::function::Function;
use tillhouse::plugin::record::Record;
use tillhouse::plugin::trial::{Answer, Names, Question, TrialError, Tried};

use super::circumstances::currency;
use super::{Env, story};
use crate::card::Card;
use crate::engine::INSTRUCTIONS_PER_TICK;
use crate::fault::CallFault;
use crate::upstream::Known;
use crate::usage::Usage;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) function: Function,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) card: Option<Card>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Value(Value),
    Failure(Value),
    Fault(CallFault),
}

impl Env {
    /// Make a call.
    pub(crate) async fn ask(&self, asked: &Asked) -> Said {
        let _turn = self.inner.turn.lock().await;
        if let Err(problems) = self.settle().await {
            panic!("{}", story::refused(&problems));
        }
        self.ready_upstreams(asked.card.as_ref()).await;
        let tried = self.inner.trial.call(self.question(asked)).await;
        let said = match tried {
            Ok(tried) => self.take_down(asked, tried),
            Err(TrialError::Commit(error)) => Said::Fault(CallFault {
                function: asked.function.name().to_owned(),
                name: "commit".to_owned(),
                detail: error.to_string(),
            }),
            Err(error @ (TrialError::Absent { .. } | TrialError::Argument(_))) => panic!("{error}"),
        };
        self.fail_on_strays();
        said
    }

    /// What the test may do when a call came to nothing and it had not asked for that.
    pub(crate) fn fail(&self, asked: &Asked, fault: &CallFault) -> ! {
        panic!("{}", story::failed(&self.inner.plugin, asked, fault, &self.state()));
    }

    /// Fail on requests that nobody expected: with the first, which others may have followed from.
    pub(crate) fn fail_on_strays(&self) {
        for upstream in self.upstreams() {
            let strays = std::mem::take(&mut upstream.script().strays);
            if let Some(stray) = strays.first() {
                panic!("{stray}");
            }
        }
    }

    fn question(&self, asked: &Asked) -> Question {
        let it = self.state().circumstances.clone();
        let now = Timestamp(it.now_ms);
        let mut arguments = asked.arguments.clone();
        if let Some(operation) = arguments.get_mut("op").and_then(Value::as_object_mut) {
            operation.insert("now".to_owned(), it.now_ms.into());
        }
        let mut question = Question::of(asked.function, currency(&it.currency));
        question.look_for = self.state().sightings.look_for(asked.card.as_ref(), &it.secrets);
        question.arguments = arguments;
        question.session = it.session;
        question.dice = it.dice;
        question.now = now;
        question.locale = it.locale;
        question.credential = asked.card.as_ref().map(Card::credential);
        question.names = Names::Rust;
        // The clocks of the engine are stretched here, for machines that are busy: these hold instead.
        let limits = Limits::default().of(asked.function.kind()).clone();
        question.instructions = Some(limits.cpu_ticks * INSTRUCTIONS_PER_TICK);
        question.waiting = Some(limits.wall);
        question
    }

    /// The servers know what the host fills in, and are up or down.
    pub(crate) async fn ready_upstreams(&self, card: Option<&Card>) {
        let secrets = self.state().circumstances.secrets.clone();
        for server in self.inner.servers.values() {
            server.upstream.script().expect_calls(Known {
                card: card.cloned(),
                secrets: secrets.clone(),
            });
            server.agree().await;
        }
    }

    fn take_down(&self, asked: &Asked, tried: Tried) -> Said {
        let function = asked.function.name();
        let Tried { answer, record, .. } = tried;
        self.count_refused(&record);
        let said = match answer {
            Answer::Value(value) => Said::Value(value),
            Answer::Failure(value) => Said::Failure(value),
            Answer::Fault(error) => Said::Fault(CallFault::of(&error, function)),
        };
        let mut state = self.state();
        state.last = Usage::new(function, &record);
        let last = state.last.clone();
        state.total.add(&last);
        state.sightings.note(asked, &said, &record);
        state.lines.extend(record.lines);
        state.requests.extend(record.requests);
        said
    }

    /// An upstream that is down sees no request: what the host tried counts.
    fn count_refused(&self, record: &Record) {
        for (name, server) in &self.inner.servers {
            let mut script = server.upstream.script();
            if !script.is_down() {
                continue;
            }
            // It may have gone down after it had answered some.
            let arrived = script.received.len() - script.before;
            let sent = record.requests.iter().filter(|request| request.upstream == *name);
            for request in sent.skip(arrived).filter(|request| request.answer.is_err()) {
                script.count_refused(name, &request.method, &request.path);
            }
        }
    }
}
