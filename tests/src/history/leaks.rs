//! I11: no secret is stored. Searches for raw text, hexadecimal, base64 at every offset and URL encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Invariant, Ledgers, Violations};

/// Minimum length of a searched form; shorter ones occur by chance.
const MIN_SECRET_BYTES: usize = 8;

pub(super) fn check(ledgers: &Ledgers, found: &mut Violations) {
    let needles = Needles::of(ledgers);
    for place in &ledgers.places {
        for (name, form) in needles.within(&place.bytes) {
            found.add(Invariant::I11, &place.name, format!("contains {name} ({form})"));
        }
    }
}

#[derive(Debug)]
struct Needle<'a> {
    name: &'a str,
    form: &'static str,
    bytes: Vec<u8>,
}

/// Needles by their first two bytes, so that one pass finds any number of them.
#[derive(Debug)]
struct Needles<'a> {
    all: Vec<Needle<'a>>,
    by_start: Vec<Vec<usize>>,
}

fn start(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [first, second, ..] => Some(usize::from(*first) << 8 | usize::from(*second)),
        _ => None,
    }
}

impl<'a> Needles<'a> {
    fn of(ledgers: &'a Ledgers) -> Self {
        let mut needles = Self {
            all: Vec::new(),
            by_start: vec![Vec::new(); 1 << 16],
        };
        for secret in &ledgers.secrets {
            for (form, bytes) in forms(secret.text.as_bytes()) {
                let known = needles.all.iter().any(|needle| needle.bytes == bytes);
                if let (false, true, Some(start)) = (known, bytes.len() >= MIN_SECRET_BYTES, start(&bytes)) {
                    needles.by_start[start].push(needles.all.len());
                    let name = &secret.name;
                    needles.all.push(Needle { name, form, bytes });
                }
            }
        }
        needles
    }

    /// The needles found, each once.
    fn within(&self, haystack: &[u8]) -> Vec<(&'a str, &'static str)> {
        let mut occurs = vec![false; self.all.len()];
        for place in 0..haystack.len() {
            let rest = &haystack[place..];
            let Some(start) = start(rest) else { continue };
            for index in &self.by_start[start] {
                occurs[*index] |= rest.starts_with(&self.all[*index].bytes);
            }
        }
        let found = self.all.iter().zip(occurs).filter(|(_, occurs)| *occurs);
        found.map(|(needle, _)| (needle.name, needle.form)).collect()
    }
}

fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let url: String = secret.iter().map(|byte| format!("%{byte:02X}")).collect();
    let mut forms = vec![
        ("raw", secret.to_vec()),
        ("upper-case hexadecimal", hex.to_uppercase().into_bytes()),
        ("hexadecimal", hex.into_bytes()),
        ("URL-encoded", url.into_bytes()),
    ];
    for offset in 0..3 {
        let mut padded = vec![0; offset];
        padded.extend(secret);
        let encoded = STANDARD_NO_PAD.encode(&padded);
        // Letters that neighboring bytes influence are left out at both ends.
        let from = [0, 2, 3][offset];
        let to = padded.len() * 8 / 6;
        forms.push(("base64", encoded.as_bytes()[from..to].to_vec()));
    }
    forms
}
