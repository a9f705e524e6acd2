//! What looks like data of a person, in places where a protocol forbids it.

/// Names of fields that hold data of a person (ACP RFC affiliate attribution §6.2), whole or after another word: `user_email`.
const NAMES: [&str; 6] = ["email", "phone", "phone_number", "ssn", "address", "full_name"];
/// Fewest digits of a telephone number with the code of its country; longest number by ITU-T E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Whether a value under this name looks like data of a person: by the name, as an email address or as a telephone number in international
/// form. An id that is a plain number is none.
pub(crate) fn is_personal(name: &str, value: &str) -> bool {
    is_personal_name(name) || is_email(value) || is_phone(value)
}

fn is_personal_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    NAMES
        .iter()
        .any(|personal| name == *personal || name.strip_suffix(personal).is_some_and(|rest| rest.ends_with('_')))
}

/// An address anywhere in the text: `u1=jane@example.com`.
fn is_email(value: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+');
    value.split('@').zip(value.split('@').skip(1)).any(|(before, after)| {
        let domain = after.split(|letter: char| !is_word(letter)).next().unwrap_or_default();
        before.ends_with(is_word) && domain.split('.').filter(|part| !part.is_empty()).count() >= 2
    })
}

fn is_phone(value: &str) -> bool {
    let Some(number) = value.trim().strip_prefix('+') else {
        return false;
    };
    let is_written = number
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '(' | ')'));
    let digits = number.chars().filter(char::is_ascii_digit).count();
    is_written && PHONE_DIGITS.contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_of_people_are_told_from_ids() {
        for (name, value) in [
            ("", "jane@example.com"),
            ("sub_id", "u1=jane.doe+x@mail.example.com&u2=1"),
            ("placement", "+1 (555) 010-9999"),
            ("user_email", "hashed"),
            ("Phone", "1"),
            ("ssn", "078"),
            ("shipping-address", "1"),
        ] {
            assert!(is_personal(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("placement", "top_pick"),
            ("", "u1=abc&u2=def"),
            ("", "15550109999"),
            ("", "@shop"),
            ("", "a@b"),
            ("", "+12"),
            ("emailed", "yes"),
            ("addressable", "1"),
        ] {
            assert!(!is_personal(name, value), "{name}: {value}");
        }
    }
}
