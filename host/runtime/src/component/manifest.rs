//! The manifest `plugin.toml`: id and version of a plugin, and the authority it asks for. The operator decides what to grant.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::api::capability::{Capabilities, Capability};
use crate::api::interface::contract_version;
use crate::config::{Document, Reader, Section};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::PluginId;

/// Contract and version that this host supports, as written in manifests.
pub const CONTRACT: &str = concat!("tillhouse:merchant@", contract_version!());

/// Names of all credential slots in the contract (`tillhouse:host/credentials`).
pub const SLOTS: [&str; 13] = [
    "number",
    "exp-month",
    "exp-year",
    "cryptogram",
    "cryptogram-type",
    "eci",
    "encrypted-block",
    "encrypted-block-fields",
    "encryption-type",
    "encryption-key-id",
    "psp-token",
    "cvc",
    "holder-name",
];

const NAME_RULE: &str = "must be 1 to 64 lower-case letters, digits and dashes";

/// Contents of a valid `plugin.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Plugin id: 1 to 64 lower-case letters, digits and dashes.
    pub id: PluginId,
    /// Plugin version: 1 to 64 characters, e.g. `1.0.0`.
    pub version: String,
    /// Contract and version: `tillhouse:merchant@0.2` or `tillhouse:merchant@0.2.0`.
    pub api: String,
    /// Capabilities from `provides.capabilities`. `None` when the manifest leaves that to the component's exports.
    pub provides: Option<Capabilities>,
    /// File name of the JSON Schema of the configuration, in the folder of the manifest.
    pub schema: Option<String>,
    /// Upstreams that the plugin asks for, in the order of the file.
    pub upstreams: Vec<RequestedUpstream>,
}

/// An upstream that a plugin asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedUpstream {
    /// Name that the plugin's requests use: 1 to 64 lower-case letters, digits and dashes.
    pub name: String,
    /// Purpose of the upstream, shown to the operator.
    pub description: Option<String>,
    /// Host names that it needs to reach. Empty means any host that the operator configures.
    pub hosts: Vec<String>,
    /// Names of the secrets that the host fills into its requests.
    pub secrets: BTreeSet<String>,
    /// Names of the credential slots, from [`SLOTS`], that the host fills into its requests.
    pub credential_slots: BTreeSet<String>,
}

impl Manifest {
    /// Parse the text of a manifest. Errors name the file `plugin.toml`.
    ///
    /// # Errors
    /// All errors, sorted by line. If the text is not valid TOML, only the first syntax error.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::parse_file(text, "plugin.toml")
    }

    /// Parse the text of a manifest in a file of another name.
    ///
    /// # Errors
    /// All errors, sorted by line. If the text is not valid TOML, only the first syntax error.
    pub fn parse_file(text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let document = Document::parse(text, Some(file)).map_err(|error| vec![error.diagnostic(Some(file))])?;
        let reader = Reader::new(&document);
        let manifest = Self::read(reader.root());
        let mut errors = reader.into_errors();
        errors.sort_by_key(|error| error.place.line());
        manifest.filter(|_| errors.is_empty()).ok_or(errors)
    }

    fn read(mut root: Section<'_>) -> Option<Self> {
        let head = head(&mut root);
        let provides = root.optional_section("provides").map(provides);
        let schema = root.optional_section("config").and_then(schema);
        let upstreams = upstreams(root.sections("upstream"));
        root.finish();
        let (id, version, api) = head?;
        Some(Self {
            id: PluginId::new(id),
            version,
            api,
            provides,
            schema,
            upstreams,
        })
    }
}

fn head(root: &mut Section<'_>) -> Option<(String, String, String)> {
    if !root.has("plugin") {
        let help = format!("add: [plugin] with id, version and api = \"{CONTRACT}\"");
        root.missing("plugin", help);
    }
    let mut plugin = root.optional_section("plugin")?;
    let id = plugin.required("id", "add: id = \"my-shop\"");
    let version = plugin.required("version", "add: version = \"0.1.0\"");
    let api = plugin.required("api", format!("add: api = \"{CONTRACT}\""));
    plugin.text("description");
    if id.as_deref().is_some_and(|id| !is_name(id)) {
        plugin.error("id", NAME_RULE, "");
    }
    if version
        .as_deref()
        .is_some_and(|version| !(1..=64).contains(&version.len()))
    {
        plugin.error("version", "must be 1 to 64 characters, as in 1.0.0", "");
    }
    let is_ours = |api: &str| matches!(api.strip_prefix(CONTRACT), Some("" | ".0"));
    if api.as_deref().is_some_and(|api| !is_ours(api)) {
        let rule = format!("must be {CONTRACT}, the version of the contract that this host supports");
        plugin.error("api", rule, format!("change the line to: api = \"{CONTRACT}\""));
    }
    plugin.finish();
    Some((id?, version?, api?))
}

fn provides(mut section: Section<'_>) -> Capabilities {
    let mut provided = Capabilities::default();
    for value in section.list("capabilities") {
        let Some(name) = value.text() else {
            continue;
        };
        match Capability::named(name) {
            Some(capability) => provided.insert(capability),
            None => value.error(
                format!("unknown capability `{name}`"),
                format!("expected one of: {}", Capability::names()),
            ),
        }
    }
    section.finish();
    provided
}

fn schema(mut section: Section<'_>) -> Option<String> {
    let file = section.required("schema", "add: schema = \"config.schema.json\"");
    let is_beside = |file: &str| !file.is_empty() && !file.contains(['/', '\\']);
    if file.as_deref().is_some_and(|file| !is_beside(file)) {
        section.error("schema", "must be the name of a file in the folder of the manifest", "");
    }
    section.finish();
    file
}

fn upstreams(sections: Vec<Section<'_>>) -> Vec<RequestedUpstream> {
    let mut seen = BTreeSet::new();
    let mut upstreams = Vec::new();
    for mut section in sections {
        let name = section.required("name", "add: name = \"processor\"");
        if let Some(name) = &name {
            if !is_name(name) {
                section.error("name", NAME_RULE, "");
            }
            if !seen.insert(name.clone()) {
                let rule = format!("duplicate name `{name}`; the names of upstreams must be unique");
                section.error("name", rule, "");
            }
        }
        upstreams.push(RequestedUpstream {
            name: name.unwrap_or_default(),
            description: section.text("description"),
            hosts: section.texts("hosts"),
            secrets: section.texts("secrets").into_iter().collect(),
            credential_slots: slots(&mut section),
        });
        section.finish();
    }
    upstreams
}

fn slots(section: &mut Section<'_>) -> BTreeSet<String> {
    let mut slots = BTreeSet::new();
    for value in section.list("credential_slots") {
        let Some(slot) = value.text() else {
            continue;
        };
        if !SLOTS.contains(&slot) {
            value.error(
                format!("unknown credential slot `{slot}`"),
                format!("expected one of: {}", SLOTS.join(", ")),
            );
        }
        slots.insert(slot.to_owned());
    }
    slots
}

/// Whether a text is a valid plugin id or upstream name.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
