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
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if host.is_empty() || host.starts_with([':', '.']) {
        return fault("without a host", "write it as https://example.com/product");
    }
    if let Some(letter) = text.chars().find(|letter| !allowed(*letter)) {
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
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let ends_in = |ending: &&&str| {
        let start = path.len().checked_sub(ending.len());
        start
            .and_then(|start| path.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    match OTHER_IMAGES.iter().find(ends_in) {
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

fn allowed(letter: char) -> bool {
    letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
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
