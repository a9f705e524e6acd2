//! A message (`AcpMessage`): `messages` is in every response, and holds what an error has to say.

use std::borrow::Cow;

use serde::Serialize;

use crate::adyen::rendering::{MessagePaths, message_code, upper_snake};
use crate::code_indexes::unreported_codes;
use crate::rendering::{content_type, in_progress_message};
use tillhouse_checkout::message::{self, MessageSeverity};
use tillhouse_checkout::session::Session;

/// Code of a message that only informs, as in the example of the document.
const INFO: &str = "INFO";

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message<'a> {
    code: Cow<'a, str>,
    content: Cow<'a, str>,
    content_type: &'static str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl<'a> Message<'a> {
    /// An error in plain text.
    pub(crate) fn error(code: impl Into<Cow<'a, str>>, content: impl Into<Cow<'a, str>>, path: Option<String>) -> Self {
        Self {
            code: code.into(),
            content: content.into(),
            content_type: "plain",
            r#type: "error",
            path,
        }
    }

    /// An info in plain text.
    fn info(code: impl Into<Cow<'a, str>>, content: &'a str, path: Option<String>) -> Self {
        Self {
            r#type: "info",
            ..Self::error(code, content, path)
        }
    }

    /// A message of the domain. A warning is an info: the dialect knows nothing between an info and what the agent must act on.
    pub(crate) fn of(session: &Session, message: &'a message::Message, path: Option<String>) -> Self {
        let is_error = message.severity == MessageSeverity::Error;
        Self {
            code: if is_error {
                message_code(session, message)
            } else {
                info_code(message.code.as_deref())
            },
            content: message.text.as_str().into(),
            content_type: content_type(message),
            r#type: if is_error { "error" } else { "info" },
            path,
        }
    }

    /// All messages of a session.
    pub(crate) fn of_session(session: &'a Session) -> Vec<Self> {
        let mut paths = MessagePaths::of(session);
        let underway = in_progress_message(session).map(|content| Self::info(INFO, content, None));
        let mut shown: Vec<Self> = underway.into_iter().collect();
        for message in session.messages() {
            let path = paths.path(&message.about);
            shown.push(Self::of(session, message, path));
        }
        for rejected in unreported_codes(session) {
            let path = paths.path(&message::Subject::Code(rejected.code.clone()));
            shown.push(Self::info(upper_snake(&rejected.reason), &rejected.message, path));
        }
        shown
    }

    /// Whether it is an error about what is at this path.
    pub(crate) fn is_error_at(&self, path: &str) -> bool {
        self.r#type == "error" && self.path.as_deref() == Some(path)
    }
}

fn info_code<'a>(code: Option<&str>) -> Cow<'a, str> {
    code.map_or(Cow::Borrowed(INFO), |code| upper_snake(code).into())
}
