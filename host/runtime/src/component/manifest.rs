//! The manifest `plugin.toml`: id and version of a plugin, and the authority it asks for. The operator decides what to grant.

mod error;
mod place;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::api::capability::{Capabilities, Capability};
use tillhouse_checkout::ids::PluginId;

pub use error::ManifestError;
pub use place::line_of;
use reader::{Part, Reader, line, whole};

/// Contract and version that this host supports, as written in manifests.
pub const CONTRACT: &str = "tillhouse:merchant@0.1";

/// Names of all credential slots in the contract (`tillhouse:host/credentials`).
pub const SLOTS: [&str; 11] = [
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
];

const NAME_RULE: &str = "must be 1 to 64 lower-case letters, digits and dashes";

/// Contents of a valid `plugin.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Plugin id: 1 to 64 lower-case letters, digits and dashes.
    pub id: PluginId,
    /// Plugin version: 1 to 64 characters, e.g. `1.0.0`.
    pub version: String,
    /// Contract and version: `tillhouse:merchant@0.1` or `tillhouse:merchant@0.1.0`.
    pub api: String,
    /// Capabilities from `provides.capabilities`. `None` when the manifest leaves that to the component's exports.
    pub provides: Option<Capabilities>,
    /// File name of the JSON Schema of the configuration, in the folder of the manifest.
    pub schema: Option<String>,
    /// Upstreams that the plugin asks for, in the order of the file.
    pub upstreams: Vec<UpstreamWish>,
}

/// An upstream that a plugin asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamWish {
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
    /// Parse the text of a manifest.
    ///
    /// # Errors
    /// All errors, sorted by line. If the text is not valid TOML, only the first syntax error.
    pub fn parse(text: &str) -> Result<Self, Vec<ManifestError>> {
        let document = DeTable::parse(text).map_err(|error| {
            vec![ManifestError::Form {
                line: line(text, error.span().map_or(0, |span| span.start)),
                reason: error.message().to_owned(),
            }]
        })?;
        let mut reader = Reader::new(text);
        let whole = whole(&document);
        reader.knows(whole, &["plugin", "provides", "config", "upstream"]);
        let head = head(&mut reader, whole);
        let provides = provides(&mut reader, whole);
        let schema = schema(&mut reader, whole);
        let upstreams = upstreams(&mut reader, whole);
        match (head, reader.errors.is_empty()) {
            (Some((id, version, api)), true) => Ok(Self {
                id: PluginId::new(id),
                version,
                api,
                provides,
                schema,
                upstreams,
            }),
            _ => {
                reader.errors.sort_by_key(ManifestError::line);
                Err(reader.errors)
            }
        }
    }
}

fn head(reader: &mut Reader<'_>, whole: Part<'_>) -> Option<(String, String, String)> {
    if !Reader::has(whole, "plugin") {
        let table = format!("is missing; add: [plugin] with id, version and api = \"{CONTRACT}\"");
        reader.wrong(0, "plugin".to_owned(), table);
    }
    let plugin = reader.part(whole, "plugin")?;
    reader.knows(plugin, &["id", "version", "api", "description"]);
    let id = reader.needed(plugin, "id", "my-shop");
    let version = reader.needed(plugin, "version", "0.1.0");
    let api = reader.needed(plugin, "api", CONTRACT);
    reader.text(plugin, "description");
    if let Some(id) = id.filter(|id| !is_name(id.text)) {
        reader.wrong(id.at, "plugin.id".to_owned(), NAME_RULE);
    }
    if let Some(version) = version.filter(|version| !(1..=64).contains(&version.text.len())) {
        let rule = "must be 1 to 64 characters, as in 1.0.0";
        reader.wrong(version.at, "plugin.version".to_owned(), rule);
    }
    let spoken = |text: &str| {
        text.strip_prefix(CONTRACT)
            .is_some_and(|rest| ["", ".0"].contains(&rest))
    };
    if let Some(api) = api.filter(|api| !spoken(api.text)) {
        let rule = format!("must be {CONTRACT}, the version of the contract that this host supports");
        reader.wrong(api.at, "plugin.api".to_owned(), rule);
    }
    Some((id?.text.to_owned(), version?.text.to_owned(), api?.text.to_owned()))
}

fn provides(reader: &mut Reader<'_>, whole: Part<'_>) -> Option<Capabilities> {
    let part = reader.part(whole, "provides")?;
    reader.knows(part, &["capabilities"]);
    let mut provided = Capabilities::default();
    for said in reader.texts(part, "capabilities") {
        match Capability::named(said.text) {
            Some(capability) => provided.insert(capability),
            None => reader.wrong(
                said.at,
                "provides.capabilities".to_owned(),
                format!(
                    "unknown capability `{}`; expected one of: {}",
                    said.text,
                    Capability::names()
                ),
            ),
        }
    }
    Some(provided)
}

fn schema(reader: &mut Reader<'_>, whole: Part<'_>) -> Option<String> {
    let part = reader.part(whole, "config")?;
    reader.knows(part, &["schema"]);
    let file = reader.needed(part, "schema", "config.schema.json")?;
    let beside = !file.text.is_empty() && !file.text.contains(['/', '\\']);
    if !beside {
        reader.wrong(
            file.at,
            "config.schema".to_owned(),
            "must be the name of a file in the folder of the manifest",
        );
    }
    beside.then(|| file.text.to_owned())
}

fn upstreams(reader: &mut Reader<'_>, whole: Part<'_>) -> Vec<UpstreamWish> {
    let mut seen = BTreeSet::new();
    let mut wishes = Vec::new();
    for part in reader.parts(whole, "upstream") {
        reader.knows(part, &["name", "description", "hosts", "secrets", "credential_slots"]);
        let name = reader.needed(part, "name", "processor");
        if let Some(name) = name {
            if !is_name(name.text) {
                reader.wrong(name.at, "upstream.name".to_owned(), NAME_RULE);
            }
            if !seen.insert(name.text) {
                let rule = format!("duplicate name `{}`; the names of upstreams must be unique", name.text);
                reader.wrong(name.at, "upstream.name".to_owned(), rule);
            }
        }
        wishes.push(UpstreamWish {
            name: name.map(|name| name.text.to_owned()).unwrap_or_default(),
            description: reader.text(part, "description").map(|said| said.text.to_owned()),
            hosts: texts(reader, part, "hosts"),
            secrets: texts(reader, part, "secrets"),
            credential_slots: slots(reader, part),
        });
    }
    wishes
}

fn texts<T: FromIterator<String>>(reader: &mut Reader<'_>, part: Part<'_>, key: &str) -> T {
    let said = reader.texts(part, key);
    said.iter().map(|said| said.text.to_owned()).collect()
}

fn slots(reader: &mut Reader<'_>, part: Part<'_>) -> BTreeSet<String> {
    let said = reader.texts(part, "credential_slots");
    for slot in said.iter().filter(|slot| !SLOTS.contains(&slot.text)) {
        let reason = format!(
            "unknown credential slot `{}`; expected one of: {}",
            slot.text,
            SLOTS.join(", ")
        );
        reader.wrong(slot.at, "upstream.credential_slots".to_owned(), reason);
    }
    said.iter().map(|slot| slot.text.to_owned()).collect()
}

/// Whether a text is a valid plugin id or upstream name.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
