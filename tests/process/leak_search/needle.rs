//! The texts to search for, in every form in which they could be stored.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;

/// A text that must not be found, and its forms.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    pub(crate) name: &'static str,
    raw: Vec<Vec<u8>>,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    /// A card number, also in groups of four digits.
    pub(crate) fn number(name: &'static str, digits: &str) -> Self {
        let groups: Vec<&str> = digits
            .as_bytes()
            .chunks(4)
            .map(|four| str::from_utf8(four).unwrap())
            .collect();
        let texts = [digits.to_owned(), groups.join(" "), groups.join("-")];
        Self::of(name, texts.map(String::into_bytes).to_vec())
    }

    /// A text, such as a key.
    pub(crate) fn text(name: &'static str, text: &str) -> Self {
        Self::of(name, vec![text.as_bytes().to_vec()])
    }

    /// Bytes that usually appear in base64.
    pub(crate) fn encoded(name: &'static str, base64: &str) -> Self {
        let bytes = STANDARD.decode(base64).unwrap();
        Self::of(name, vec![base64.as_bytes().to_vec(), bytes])
    }

    fn of(name: &'static str, raw: Vec<Vec<u8>>) -> Self {
        let forms = raw.iter().flat_map(|raw| forms(raw)).collect();
        Self { name, raw, forms }
    }

    /// The forms of the needle that these bytes contain.
    pub(crate) fn found_in(&self, hay: &[u8]) -> impl Iterator<Item = &'static str> {
        let is_there = move |form: &[u8]| memmem::find(hay, form).is_some();
        self.forms
            .iter()
            .filter(move |(_, form)| is_there(form))
            .map(|(name, _)| *name)
    }

    /// Ways in which software could store the needle: raw, encoded alone and encoded within a longer text.
    pub(crate) fn plantings(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        for raw in &self.raw {
            all.push(("raw".to_owned(), raw.clone()));
            all.push(("hex".to_owned(), hex::encode(raw).into_bytes()));
            all.push(("HEX".to_owned(), hex::encode_upper(raw).into_bytes()));
            all.push(("url".to_owned(), url(raw, false)));
            all.push(("url, all of it".to_owned(), url(raw, true)));
            all.push(("utf-16".to_owned(), utf16(raw)));
            for before in ["", "x", "xy", "xyz"] {
                let more = [before.as_bytes(), raw, b"after"].concat();
                all.push((format!("base64 after {before:?}"), STANDARD.encode(&more).into_bytes()));
                all.push((
                    format!("base64url after {before:?}"),
                    URL_SAFE.encode(&more).into_bytes(),
                ));
            }
        }
        all
    }
}

fn forms(raw: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![
        ("raw", raw.to_vec()),
        ("hex", hex::encode(raw).into_bytes()),
        ("HEX", hex::encode_upper(raw).into_bytes()),
        ("url", url(raw, false)),
        ("url, all of it", url(raw, true)),
        ("utf-16", utf16(raw)),
    ];
    for shift in 0..3 {
        forms.push(("base64", middle(raw, shift, |bytes| STANDARD.encode(bytes))));
        forms.push(("base64url", middle(raw, shift, |bytes| URL_SAFE.encode(bytes))));
    }
    forms
}

/// The base64 digits that depend on these bytes alone, if `shift` bytes (mod 3) precede them.
fn middle(raw: &[u8], shift: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let text = encode(&[vec![0; shift], raw.to_vec()].concat());
    let (first, end) = ((shift * 8).div_ceil(6), (shift + raw.len()) * 8 / 6);
    text.as_bytes()[first..end].to_vec()
}

fn url(raw: &[u8], everything: bool) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' if !everything => vec![*byte],
        byte => format!("%{byte:02X}").into_bytes(),
    };
    raw.iter().flat_map(escape).collect()
}

fn utf16(raw: &[u8]) -> Vec<u8> {
    raw.iter().flat_map(|byte| [*byte, 0]).collect()
}
