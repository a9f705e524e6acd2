//! `[merchants.NAME.adyen.merchant]`: the calls of Adyen to the merchant.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::config::protocols::{KeyConfig, keys};
use crate::config::secrets;
use crate::config::section::Section;
use tillhouse_checkout::secret::Secret;
use tillhouse_protocols::{AdyenFlow, AdyenHmacKey, AdyenMember, AdyenNames};

/// Most secrets at once: the old one and the new one.
const SECRETS: usize = 2;
/// Last parts of paths that have a meaning of their own.
const TAKEN_ROUTES: [&str; 3] = ["commit", "finalize", "cancel"];
const MAX_ROUTE: usize = 64;
/// Longest path of a member.
pub(in crate::config) const MAX_MEMBER: usize = 200;

/// The calls of Adyen to the merchant.
#[derive(Debug)]
pub struct AdyenMerchantConfig {
    /// `auth` with `users`, `keys` or `hmac_keys`: how Adyen authenticates. Default: `hmac`.
    pub auth: AdyenAuthConfig,
    /// `flow`: `standard` if Adyen charges, `advanced` if the merchant does, or `both`. Default: `standard`.
    pub flow: AdyenFlow,
    /// `token_route`: last part of the path that a payment token is delivered to. Default: `payment`.
    pub token_route: String,
    /// `hold_seconds`: how long stock is held after a commit, at least for as long as Adyen needs to authorise. Default: 900.
    pub hold: Duration,
    /// `budget_ms`: how long Adyen waits for an answer. Default: 5000.
    pub budget: Duration,
    /// `finalize_without_result`: `authorised` or `refuse`. Default: `authorised`.
    pub finalizes_without_result: bool,
    /// `[names]`: names of members of the bodies that Adyen does not document: each a path such as `payment_data.token`, or several.
    pub names: AdyenNames,
}

impl AdyenMerchantConfig {
    /// The name of the key with this hash, if it is one of the bearer keys.
    pub(in crate::config) fn bearer_key(&self, sha256: &[u8; 32]) -> Option<&str> {
        let keys = match &self.auth {
            AdyenAuthConfig::Bearer(keys) => keys.as_slice(),
            AdyenAuthConfig::Basic(_) | AdyenAuthConfig::Hmac(_) => &[],
        };
        let same = keys.iter().find(|key| key.sha256 == *sha256)?;
        Some(&same.name)
    }
}

/// How calls of Adyen are authenticated; from `auth`.
#[derive(Debug)]
pub enum AdyenAuthConfig {
    /// `basic`: one or two `users`, each with `name` and `password`. Kept as the hash of `name:password`.
    Basic(Vec<KeyConfig>),
    /// `bearer`: `keys` as in `[acp]`.
    Bearer(Vec<KeyConfig>),
    /// `hmac`: one or two `hmac_keys` in hex.
    Hmac(Vec<Arc<AdyenHmacKey>>),
}

#[derive(Clone, Copy)]
enum Scheme {
    Basic,
    Bearer,
    Hmac,
}

impl AdyenMerchantConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let schemes = [
            ("hmac", Scheme::Hmac),
            ("basic", Scheme::Basic),
            ("bearer", Scheme::Bearer),
        ];
        let auth = match section.choice("auth", &schemes).unwrap_or(Scheme::Hmac) {
            Scheme::Basic => AdyenAuthConfig::Basic(users(&mut section)),
            Scheme::Bearer => AdyenAuthConfig::Bearer(keys(&mut section, false)),
            Scheme::Hmac => AdyenAuthConfig::Hmac(hmac_keys(&mut section)),
        };
        let flows = [
            ("standard", AdyenFlow::Standard),
            ("advanced", AdyenFlow::Advanced),
            ("both", AdyenFlow::Both),
        ];
        let flow = section.choice("flow", &flows).unwrap_or(AdyenFlow::Standard);
        let token_route = token_route(&mut section);
        let hold: u64 = section.number("hold_seconds", 1..=86_400).unwrap_or(900);
        let budget = section
            .millis("budget_ms", 1_000..=30_000)
            .unwrap_or(Duration::from_secs(5));
        let finalizes_without_result = section
            .choice("finalize_without_result", &[("authorised", true), ("refuse", false)])
            .unwrap_or(true);
        let names = names(section.section("names"));
        section.finish();
        Some(Self {
            auth,
            flow,
            token_route,
            hold: Duration::from_secs(hold),
            budget,
            finalizes_without_result,
            names,
        })
    }
}

fn users(section: &mut Section<'_>) -> Vec<KeyConfig> {
    let form = "give one, or two during rotation: { name = \"adyen\", password = { env = \"NAME\" } }";
    let sections = section.sections("users");
    if !(1..=SECRETS).contains(&sections.len()) {
        section.error("users", format!("has {} users", sections.len()), form);
    }
    let mut users = Vec::new();
    for mut section in sections {
        let name = section.required("name", "give the user name that Adyen sends");
        let password = section.required_secret("password");
        if name.as_ref().is_some_and(String::is_empty) {
            section.error("name", "is empty", "give the user name that Adyen sends");
        }
        // RFC 7617 §2: the first colon ends the name.
        if name.as_deref().is_some_and(|name| name.contains(':')) {
            section.error(
                "name",
                "has a colon",
                "choose a user name without one: it ends the name",
            );
        }
        section.finish();
        if let Some((name, password)) = name.zip(password) {
            let both = Secret::new(format!("{name}:{}", password.reveal()));
            users.push(KeyConfig {
                sha256: Sha256::digest(both.reveal().as_bytes()).into(),
                name,
                signing: None,
            });
        }
    }
    users
}

fn hmac_keys(section: &mut Section<'_>) -> Vec<Arc<AdyenHmacKey>> {
    if !section.has("hmac_keys") {
        section.missing(
            "hmac_keys",
            "give the key in hex that Adyen signs with, or use auth = \"basic\" or \"bearer\"",
        );
        return Vec::new();
    }
    let sources = section.sources;
    let values = section.list("hmac_keys");
    if !(1..=SECRETS).contains(&values.len()) {
        section.error(
            "hmac_keys",
            format!("has {} keys", values.len()),
            "give one, or two during rotation",
        );
    }
    let mut keys = Vec::new();
    for value in values {
        match secrets::secret(sources, &value).map(|text| AdyenHmacKey::from_hex(&text)) {
            Some(Ok(key)) => keys.push(Arc::new(key)),
            Some(Err(error)) => value.error(
                error.to_string(),
                "copy the HMAC key from Adyen's Customer Area: 64 hex digits",
            ),
            None => {}
        }
    }
    keys
}

fn token_route(section: &mut Section<'_>) -> String {
    let route = section.text("token_route").unwrap_or_else(|| "payment".to_owned());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !(1..=MAX_ROUTE).contains(&route.len()) || !route.bytes().all(is_plain) {
        section.error(
            "token_route",
            "is not the last part of a path",
            format!("use 1 to {MAX_ROUTE} letters, digits, dashes and underscores"),
        );
    } else if TAKEN_ROUTES.contains(&route.as_str()) {
        section.error(
            "token_route",
            "has a meaning of its own",
            format!("use another word than {}", TAKEN_ROUTES.join(", ")),
        );
    }
    route
}

fn names(mut section: Section<'_>) -> AdyenNames {
    let mut names = AdyenNames::default();
    for member in AdyenMember::ALL {
        let key = member.key();
        if !section.has(key) {
            continue;
        }
        let given = if section.is_list(key) {
            section.texts(key)
        } else {
            section.text(key).into_iter().collect()
        };
        if given.is_empty() || !given.iter().all(|path| is_path(path)) {
            section.error(
                key,
                "is not the name of a member",
                format!("give a path such as \"payment_data.token\", or several in the order of preference; at most {MAX_MEMBER} bytes each"),
            );
        }
        names = names.with(*member, given);
    }
    section.finish();
    names
}

/// Whether a text names a member of an object, or one inside it.
pub(in crate::config) fn is_path(path: &str) -> bool {
    path.len() <= MAX_MEMBER
        && path
            .split('.')
            .all(|part| !part.is_empty() && !part.chars().any(char::is_control))
}
