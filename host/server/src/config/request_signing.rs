//! `signature` of a key in `[merchants.NAME.acp]`: how that agent signs its requests.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::section::Section;
use super::sources::Sources;
use tillhouse_checkout::secret::Secret;

/// Most public keys of one directory.
const MAX_KEYS: usize = 64;

const DIRECTORY_FORM: &str = r#"give a JWK set: {"keys":[{"kty":"OKP","crv":"Ed25519","x":"…"}]}"#;

/// How the requests of an agent are signed (headers `Signature` and `Timestamp` of ACP).
#[derive(Default)]
pub struct RequestSigningConfig {
    /// `demanded`: refuses requests without a signature. Default: `true`.
    pub demanded: bool,
    /// `hmac_secrets`: secrets of HMAC-SHA256. Two during rotation.
    pub hmac_secrets: Vec<Arc<Secret>>,
    /// `key_directory`: a file with Ed25519 public keys as a JWK set
    /// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517), [RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)).
    pub ed25519_keys: Vec<[u8; 32]>,
}

impl fmt::Debug for RequestSigningConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestSigningConfig(demanded: {}: [redacted])", self.demanded)
    }
}

impl RequestSigningConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let demanded = section.flag("demanded").unwrap_or(true);
        let hmac_secrets = section.one_or_two_secrets("hmac_secrets");
        let directory = section.path("key_directory");
        let ed25519_keys = directory.as_deref().map(|path| read_directory(section.sources, path));
        if !section.has("hmac_secrets") && directory.is_none() {
            section.section_error(
                "has no keys, so that no signature could be valid",
                "give hmac_secrets, key_directory or both; without signature, requests are accepted unsigned",
            );
        }
        let ed25519_keys = match ed25519_keys {
            Some(Ok(keys)) => keys,
            Some(Err(problem)) => {
                section.error("key_directory", problem, DIRECTORY_FORM);
                Vec::new()
            }
            None => Vec::new(),
        };
        section.finish();
        Self {
            demanded,
            hmac_secrets,
            ed25519_keys,
        }
    }
}

/// A JWK set. Members that are not needed are ignored, as RFC 7517 §5 demands.
#[derive(Deserialize)]
struct KeyDirectory {
    keys: Vec<PublicKey>,
}

#[derive(Deserialize)]
struct PublicKey {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
}

/// The Ed25519 keys of a directory; keys of other kinds are left out.
fn read_directory(sources: &Sources<'_>, path: &Path) -> Result<Vec<[u8; 32]>, String> {
    let text = sources
        .file(path)
        .map_err(|error| format!("cannot be read: {}: {error}", path.display()))?;
    let directory: KeyDirectory =
        serde_json::from_str(&text).map_err(|error| format!("is not a JWK set: {}: {error}", path.display()))?;
    let keys = directory.keys.iter().filter(|key| is_ed25519(key));
    let keys = keys.map(public_key).collect::<Option<Vec<_>>>();
    match keys {
        None => Err(format!(
            "has an Ed25519 key whose x is not 32 bytes in base64url: {}",
            path.display()
        )),
        Some(keys) if keys.is_empty() => Err(format!("has no Ed25519 key: {}", path.display())),
        Some(keys) if keys.len() > MAX_KEYS => {
            Err(format!("has more than {MAX_KEYS} Ed25519 keys: {}", path.display()))
        }
        Some(keys) => Ok(keys),
    }
}

fn is_ed25519(key: &PublicKey) -> bool {
    key.kty == "OKP" && key.crv.as_deref() == Some("Ed25519")
}

fn public_key(key: &PublicKey) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(key.x.as_ref()?).ok()?.try_into().ok()
}
