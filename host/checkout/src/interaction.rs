//! How an agent can show a buyer pages of others, such as those of a bank: `capabilities.interventions` of ACP.

use serde::{Deserialize, Serialize};

/// What the agent says of its surface. A field is `None` if the agent left it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// How it shows an intervention: `native`, `webview`, `modal` or `redirect`.
    pub display: Option<String>,
    /// How it follows a redirect: `in_app`, `external_browser` or `none`.
    pub redirect: Option<String>,
    /// The most redirects in a row that it follows.
    pub max_redirects: Option<u32>,
    /// The most interactions within one another that it shows, at least 1.
    pub max_depth: Option<u32>,
}
