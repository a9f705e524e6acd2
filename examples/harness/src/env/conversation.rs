//! One call: asked as a host asks, answered, and everything that it did taken down.

use serde_json::{Map, Value};
use tillhouse_plugin_protocol::call::{Answer, Call, Names, Question, Record, Tried};
use tillhouse_plugin_protocol::{Function, Hidden, Kind};

use super::{Env, story};
use crate::card::Card;
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
        let call = Call {
            trial: self.inner.trial,
            question: self.question(asked),
        };
        let tried = self.inner.program.ask(&call).await;
        let said = match tried {
            Ok(tried) => self.take_down(asked, tried),
            Err(problem) if problem.kind == Kind::Commit => Said::Fault(CallFault {
                function: asked.function.name().to_owned(),
                name: "commit".to_owned(),
                detail: problem.message,
            }),
            Err(problem) => panic!("{problem}"),
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
        let mut arguments = asked.arguments.clone();
        if let Some(operation) = arguments.get_mut("op").and_then(Value::as_object_mut) {
            operation.insert("now".to_owned(), it.now_ms.into());
        }
        let look_for = self.state().sightings.look_for(asked.card.as_ref(), &it.secrets);
        Question {
            function: asked.function,
            arguments,
            now_ms: it.now_ms,
            currency: it.currency,
            session: it.session,
            dice: it.dice,
            locale: it.locale,
            credential: asked.card.as_ref().map(Card::credential),
            names: Names::Rust,
            look_for: look_for.into_iter().map(Hidden::from).collect(),
        }
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
            Answer::Fault(fault) => Said::Fault(CallFault::of(fault, function)),
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
