//! One call: made as a host makes it, and everything that it did recorded.

use serde_json::{Map, Value};
use tillhouse_plugin_protocol::call::{Answer, Call, Names, Question, Record, Tried};
use tillhouse_plugin_protocol::{Function, Hidden, Kind};

use super::{Env, story};
use crate::card::Card;
use crate::fault::CallFault;
use crate::upstream::Known;
use crate::usage::Usage;

/// A call to make: function, arguments and card.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) function: Function,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) card: Option<Card>,
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Value(Value),
    Failure(Value),
    Fault(CallFault),
}

impl Env {
    /// Makes a call, and fails the test on requests that it does not expect.
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

    /// Fails the test on a fault that it does not expect.
    pub(crate) fn fail(&self, asked: &Asked, fault: &CallFault) -> ! {
        panic!("{}", story::failed(&self.inner.plugin, asked, fault, &self.state()));
    }

    /// Fails on the first request that the test does not expect; others may be a consequence of it.
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

    /// Gives the servers the values that the host fills in, and opens or closes their ports by the script.
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

    /// Counts requests to an upstream that is down from the host's record: the upstream does not see them.
    fn count_refused(&self, record: &Record) {
        for (name, server) in &self.inner.servers {
            let mut script = server.upstream.script();
            if !script.is_down() {
                continue;
            }
            // Part of them may have been answered before it went down.
            let arrived = script.received.len() - script.before;
            let sent = record.requests.iter().filter(|request| request.upstream == *name);
            for request in sent.skip(arrived).filter(|request| request.answer.is_err()) {
                script.count_refused(name, &request.method, &request.path);
            }
        }
    }
}
