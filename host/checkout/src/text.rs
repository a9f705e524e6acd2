//! What a text may consist of. The one rule for texts of agents, of plugins and of operators.

use std::borrow::Cow;

use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint};
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};

/// Characters that turn the direction of the text around them, such as U+202E: what follows can look like other text.
const DIRECTIONS: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<BidiControl>();
/// Characters without a shape of their own, such as U+200B and U+00AD.
const INVISIBLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
/// The pattern of Braille without dots: a blank that Unicode counts as a symbol.
const BRAILLE_BLANK: char = '\u{2800}';

/// The form of a text, which decides on the characters in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// One line that is shown: a name, a street, a title. Without control characters.
    Line,
    /// Lines that are shown: a message, notes. Without control characters but tab and line breaks.
    Lines,
    /// An id, a code, an address of the internet: compared and sent on exactly as it is. Without control characters, and without
    /// those that change the direction of a text.
    Exact,
}

/// A character that the form of a text does not allow. The message says which, and does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A control character: C0, DEL or C1.
    #[error("must not contain control characters; remove U+{:04X}", u32::from(*.0))]
    Control(char),
    /// A character that changes the direction of the text.
    #[error("must not contain characters that change the direction of text; remove U+{:04X}", u32::from(*.0))]
    Direction(char),
}

impl TextForm {
    /// Read a text. What is shown loses the characters that change its direction; a text without anything visible is empty.
    ///
    /// # Errors
    /// On a character that the form does not allow.
    pub fn read(self, text: &str) -> Result<Cow<'_, str>, TextError> {
        if let Some(control) = text.chars().find(|letter| self.forbids(*letter)) {
            return Err(TextError::Control(control));
        }
        let turned = text.chars().find(|letter| DIRECTIONS.contains(*letter));
        match (self, turned) {
            (Self::Exact, Some(letter)) => Err(TextError::Direction(letter)),
            (Self::Exact, None) => Ok(Cow::Borrowed(text)),
            (Self::Line | Self::Lines, _) if is_blank(text) => Ok(Cow::Borrowed("")),
            (Self::Line | Self::Lines, None) => Ok(Cow::Borrowed(text)),
            (Self::Line | Self::Lines, Some(_)) => Ok(Cow::Owned(without_directions(text))),
        }
    }

    fn forbids(self, letter: char) -> bool {
        letter.is_control() && !(self == Self::Lines && matches!(letter, '\t' | '\n' | '\r'))
    }
}

/// Whether nothing of a text is visible: it has spaces and invisible characters only.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_whitespace() || INVISIBLE.contains(letter) || letter == BRAILLE_BLANK)
}

/// The text without control characters but tab and line breaks, and without those that change its direction. For texts that are
/// shown whatever they are, such as the reason of a failure.
#[must_use]
pub fn printable(text: &str) -> String {
    let allowed = |letter: &char| !TextForm::Lines.forbids(*letter) && !DIRECTIONS.contains(*letter);
    text.chars().filter(allowed).collect()
}

/// Whether a character must not be echoed as it is: a control character, or one that changes the direction of text.
#[must_use]
pub fn is_unprintable(letter: char) -> bool {
    letter.is_control() || DIRECTIONS.contains(letter)
}

fn without_directions(text: &str) -> String {
    text.chars().filter(|letter| !DIRECTIONS.contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [TextForm; 3] = [TextForm::Line, TextForm::Lines, TextForm::Exact];

    #[test]
    fn no_form_has_control_characters_and_only_lines_have_breaks() {
        let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
        for control in controls {
            let text = format!("a{control}b");
            for form in FORMS {
                let allowed = form == TextForm::Lines && "\t\n\r".contains(control);
                let expected = if allowed {
                    Ok(Cow::Borrowed(text.as_str()))
                } else {
                    Err(TextError::Control(control))
                };
                assert_eq!(form.read(&text), expected, "{control:?} {form:?}");
            }
        }
        let said = TextForm::Line.read("\u{1b}[31m").unwrap_err().to_string();
        assert_eq!(said, "must not contain control characters; remove U+001B");
    }

    #[test]
    fn what_is_shown_loses_what_turns_it_around_and_what_is_compared_is_refused() {
        let directions = ('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}')
            .chain(['\u{200e}', '\u{200f}', '\u{61c}']);
        for direction in directions {
            let text = format!("{direction}Jane{direction} Doe");
            for form in [TextForm::Line, TextForm::Lines] {
                assert_eq!(form.read(&text).unwrap(), "Jane Doe");
            }
            assert_eq!(TextForm::Exact.read(&text), Err(TextError::Direction(direction)));
            assert_eq!(printable(&text), "Jane Doe");
        }
        assert_eq!(printable("no\u{1b}[2J\0, because:\n\tdisk"), "no[2J, because:\n\tdisk");
    }

    #[test]
    fn a_text_of_invisible_characters_is_empty() {
        for text in [
            "",
            " ",
            "\u{a0}",
            "\u{200b}",
            "\u{2060}",
            "\u{ad}",
            "\u{feff}",
            "\u{200d}\u{200c}",
            "\u{3000}",
            "\u{3164}",
            "\u{2800}",
            "\u{180e}",
            "\u{e0020}",
            "\u{fe0f}",
            "\u{202e}\u{202c}",
            " \u{200b} \u{a0}",
        ] {
            assert!(is_blank(text), "{text:?}");
            assert_eq!(TextForm::Line.read(text).unwrap(), "", "{text:?}");
        }
        for text in [".", "１", "🏠", "a\u{200b}", "ا", "\u{1f468}\u{200d}\u{1f469}"] {
            assert!(!is_blank(text), "{text:?}");
            for form in FORMS {
                assert_eq!(form.read(text).unwrap(), text, "only what is blank is changed");
            }
        }
    }
}
