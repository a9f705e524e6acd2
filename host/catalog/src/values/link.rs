//! Web addresses, as far as they can be judged without a request.

use crate::problem::{Fault, shown};
use crate::rule::Rule;

/// Endings of paths to images that are neither JPEG nor PNG.
const OTHER_IMAGES: [&str; 8] = [".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".avif", ".heic"];

/// `https://example.com/…`, encoded as in RFC 1738. Plain `http` is allowed, and better avoided.
pub(crate) fn link(text: &str) -> Result<(), Fault> {
    let fault = |reason: &str, help: &'static str| {
        Err(Fault::new(
            Rule::LinkForm,
            format!("is {}, {reason}", shown(text)),
            help,
        ))
    };
    let Some((plain, rest)) = without_scheme(text) else {
        return fault("not a web address", "write it as https://example.com/product");
    };
    let is_after = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
    let host = rest.as_bytes().split(is_after).next().unwrap_or_default();
    let host = host.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    if host.is_empty() || matches!(host, [b':' | b'.', ..]) {
        return fault("without a host", "write it as https://example.com/product");
    }
    if !text.bytes().fold(true, |all, byte| all & is_allowed(byte))
        && let Some(letter) = text.chars().find(|letter| !u8::try_from(*letter).is_ok_and(is_allowed))
    {
        let reason = format!("with {letter:?}, which an address does not have as it is");
        return fault(&reason, "encode it, as in %20 for a space");
    }
    if plain {
        let message = format!("is {}, without encryption", shown(text));
        return Err(Fault::new(Rule::LinkPlain, message, "use https"));
    }
    Ok(())
}

/// What the address of an image says of its form.
pub(crate) fn image(text: &str) -> Result<(), Fault> {
    let path = text.as_bytes().split(|byte| matches!(byte, b'?' | b'#')).next();
    let path = path.unwrap_or_default();
    let found = path
        .iter()
        .rposition(|byte| *byte == b'.')
        .and_then(|dot| path.get(dot..));
    let is_found = |ending: &&&str| found.is_some_and(|found| found.eq_ignore_ascii_case(ending.as_bytes()));
    match OTHER_IMAGES.iter().find(is_found) {
        None => Ok(()),
        Some(ending) => {
            let message = format!("ends in {ending}, which is neither JPEG nor PNG");
            Err(Fault::new(Rule::ImageForm, message, "use a JPEG or PNG"))
        }
    }
}

/// Whether the scheme is plain, and what follows it.
fn without_scheme(text: &str) -> Option<(bool, &str)> {
    [("https://", false), ("http://", true)]
        .into_iter()
        .find_map(|(scheme, plain)| {
            let (start, rest) = text.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some((plain, rest))
        })
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_a_host_and_no_characters_to_encode() {
        for good in [
            "https://shop.example/a",
            "HTTPS://shop.example",
            "https://shop.example:8443/a?b=c,d#e",
        ] {
            assert_eq!(link(good), Ok(()), "{good}");
        }
        for (wrong, rule) in [
            ("shop.example/a", Rule::LinkForm),
            ("ftp://shop.example/a", Rule::LinkForm),
            ("https://", Rule::LinkForm),
            ("https:///a", Rule::LinkForm),
            ("https://shop.example/a b", Rule::LinkForm),
            ("https://shop.example/ä", Rule::LinkForm),
            ("https://shop.example/<a>", Rule::LinkForm),
            ("http://shop.example/a", Rule::LinkPlain),
        ] {
            assert_eq!(link(wrong).unwrap_err().rule, rule, "{wrong}");
        }
        assert_eq!(image("https://shop.example/a.jpg?x=.gif"), Ok(()));
        assert_eq!(image("https://shop.example/a.WebP").unwrap_err().rule, Rule::ImageForm);
    }
}
