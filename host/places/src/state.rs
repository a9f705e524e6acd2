//! Codes of states and provinces, in the countries whose addresses are written with them.

/// What the text in the state of an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The state with this code, in upper case.
    Code(&'static str),
    /// Nothing: the text is blank, or has neither letters nor digits.
    Blank,
    /// No state of this country, though its states are known.
    Unknown,
    /// The states of this country are not known here; the text is as good as any.
    AnyText,
}

impl State {
    /// Read the state of an address in a country, which is given by its code in upper case: by its code (`CA`, ` ca `), with the
    /// country in front (`US-CA`), or by its English or French name (`California`, `Québec`).
    ///
    /// Case, spaces, dots, hyphens, apostrophes and accents do not count.
    #[must_use]
    pub fn read(country: &str, text: &str) -> Self {
        let Some(states) = states_of(country) else {
            return Self::AnyText;
        };
        let letters = letters(text);
        if letters.is_empty() {
            return Self::Blank;
        }
        let code = |text: &str| states.iter().find(|(code, _)| text == *code).map(|(code, _)| *code);
        let named = || {
            let names = states
                .iter()
                .flat_map(|(code, names)| names.iter().map(move |name| (*code, *name)));
            names
                .into_iter()
                .find(|(_, name)| letters == self::letters(name))
                .map(|(code, _)| code)
        };
        let prefixed = || letters.strip_prefix(country).and_then(code);
        code(&letters)
            .or_else(named)
            .or_else(prefixed)
            .map_or(Self::Unknown, Self::Code)
    }
}

/// Code of a state of this country, for a message that asks for one; `None` if its states are not known here.
#[must_use]
pub fn example_state(country: &str) -> Option<&'static str> {
    match country {
        "US" => Some("CA"),
        "CA" => Some("ON"),
        "AU" => Some("NSW"),
        _ => None,
    }
}

type Row = (&'static str, &'static [&'static str]);

fn states_of(country: &str) -> Option<&'static [Row]> {
    match country {
        "US" => Some(UNITED_STATES),
        "CA" => Some(CANADA),
        "AU" => Some(AUSTRALIA),
        _ => None,
    }
}

/// The letters and digits of a text in upper case, without their accents.
fn letters(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .filter_map(|letter| match letter {
            'É' | 'È' | 'Ê' => Some('E'),
            'Î' => Some('I'),
            'Ô' => Some('O'),
            other => other.is_alphanumeric().then_some(other),
        })
        .collect()
}

/// The 50 states, the District of Columbia, the territories, the freely associated states, and the armed forces (USPS Publication
/// 28, appendix B).
const UNITED_STATES: &[Row] = &[
    ("AA", &["Armed Forces Americas"]),
    ("AE", &["Armed Forces Europe"]),
    ("AK", &["Alaska"]),
    ("AL", &["Alabama"]),
    ("AP", &["Armed Forces Pacific"]),
    ("AR", &["Arkansas"]),
    ("AS", &["American Samoa"]),
    ("AZ", &["Arizona"]),
    ("CA", &["California"]),
    ("CO", &["Colorado"]),
    ("CT", &["Connecticut"]),
    ("DC", &["District of Columbia", "Washington DC"]),
    ("DE", &["Delaware"]),
    ("FL", &["Florida"]),
    ("FM", &["Federated States of Micronesia", "Micronesia"]),
    ("GA", &["Georgia"]),
    ("GU", &["Guam"]),
    ("HI", &["Hawaii"]),
    ("IA", &["Iowa"]),
    ("ID", &["Idaho"]),
    ("IL", &["Illinois"]),
    ("IN", &["Indiana"]),
    ("KS", &["Kansas"]),
    ("KY", &["Kentucky"]),
    ("LA", &["Louisiana"]),
    ("MA", &["Massachusetts"]),
    ("MD", &["Maryland"]),
    ("ME", &["Maine"]),
    ("MH", &["Marshall Islands"]),
    ("MI", &["Michigan"]),
    ("MN", &["Minnesota"]),
    ("MO", &["Missouri"]),
    ("MP", &["Northern Mariana Islands"]),
    ("MS", &["Mississippi"]),
    ("MT", &["Montana"]),
    ("NC", &["North Carolina"]),
    ("ND", &["North Dakota"]),
    ("NE", &["Nebraska"]),
    ("NH", &["New Hampshire"]),
    ("NJ", &["New Jersey"]),
    ("NM", &["New Mexico"]),
    ("NV", &["Nevada"]),
    ("NY", &["New York"]),
    ("OH", &["Ohio"]),
    ("OK", &["Oklahoma"]),
    ("OR", &["Oregon"]),
    ("PA", &["Pennsylvania"]),
    ("PR", &["Puerto Rico"]),
    ("PW", &["Palau"]),
    ("RI", &["Rhode Island"]),
    ("SC", &["South Carolina"]),
    ("SD", &["South Dakota"]),
    ("TN", &["Tennessee"]),
    ("TX", &["Texas"]),
    (
        "UM",
        &["U.S. Minor Outlying Islands", "United States Minor Outlying Islands"],
    ),
    ("UT", &["Utah"]),
    ("VA", &["Virginia"]),
    ("VI", &["U.S. Virgin Islands", "Virgin Islands"]),
    ("VT", &["Vermont"]),
    ("WA", &["Washington"]),
    ("WI", &["Wisconsin"]),
    ("WV", &["West Virginia"]),
    ("WY", &["Wyoming"]),
];

/// The provinces and territories (Canada Post, "Addressing guidelines").
const CANADA: &[Row] = &[
    ("AB", &["Alberta"]),
    ("BC", &["British Columbia", "Colombie-Britannique"]),
    ("MB", &["Manitoba"]),
    ("NB", &["New Brunswick", "Nouveau-Brunswick"]),
    (
        "NL",
        &[
            "Newfoundland and Labrador",
            "Newfoundland & Labrador",
            "Newfoundland",
            "Labrador",
            "Terre-Neuve-et-Labrador",
        ],
    ),
    ("NS", &["Nova Scotia", "Nouvelle-Écosse"]),
    ("NT", &["Northwest Territories", "Territoires du Nord-Ouest"]),
    ("NU", &["Nunavut"]),
    ("ON", &["Ontario"]),
    ("PE", &["Prince Edward Island", "Île-du-Prince-Édouard"]),
    ("QC", &["Quebec", "PQ"]),
    ("SK", &["Saskatchewan"]),
    ("YT", &["Yukon", "Yukon Territory"]),
];

/// The states and territories (Australia Post, "Addressing guidelines").
const AUSTRALIA: &[Row] = &[
    ("ACT", &["Australian Capital Territory"]),
    ("NSW", &["New South Wales"]),
    ("NT", &["Northern Territory"]),
    ("QLD", &["Queensland"]),
    ("SA", &["South Australia"]),
    ("TAS", &["Tasmania"]),
    ("VIC", &["Victoria"]),
    ("WA", &["Western Australia"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_by_code_by_prefixed_code_and_by_name() {
        for (country, text, code) in [
            ("US", "CA", "CA"),
            ("US", " ca ", "CA"),
            ("US", "US-CA", "CA"),
            ("US", "us ny", "NY"),
            ("US", "California", "CA"),
            ("US", "NEW YORK", "NY"),
            ("US", "north  carolina", "NC"),
            ("US", "Washington, D.C.", "DC"),
            ("US", "Washington", "WA"),
            ("US", "N.J.", "NJ"),
            ("CA", "Ontario", "ON"),
            ("CA", "Québec", "QC"),
            ("CA", "CA-BC", "BC"),
            ("CA", "Île-du-Prince-Édouard", "PE"),
            ("AU", "nsw", "NSW"),
            ("AU", "AU-VIC", "VIC"),
            ("AU", "Western Australia", "WA"),
            ("AU", "N.S.W.", "NSW"),
        ] {
            assert_eq!(State::read(country, text), State::Code(code), "{text}, {country}");
        }
    }

    #[test]
    fn what_is_no_state_of_the_country_is_unknown_and_not_guessed() {
        for (country, text) in [
            ("US", "Kalifornia"),
            ("US", "ON"),
            ("US", "Ontario"),
            ("US", "CA-CA"),
            ("US", "Carolina"),
            ("US", "California or Nevada"),
            ("US", "94103"),
            ("CA", "California"),
            ("AU", "NY"),
        ] {
            assert_eq!(State::read(country, text), State::Unknown, "{text}, {country}");
        }
        for text in ["", "  ", ".", "-"] {
            assert_eq!(State::read("US", text), State::Blank, "{text:?}");
        }
    }

    #[test]
    fn other_countries_may_write_what_they_like() {
        for (country, text) in [("DE", "Bayern"), ("IE", "Co. Dublin"), ("", "CA"), ("GB", "")] {
            assert_eq!(State::read(country, text), State::AnyText, "{text}, {country}");
            assert_eq!(example_state(country), None);
        }
    }

    #[test]
    fn no_spelling_stands_for_two_states() {
        for country in ["US", "CA", "AU"] {
            let mut seen = std::collections::BTreeSet::new();
            for (code, names) in states_of(country).unwrap() {
                for spelling in names.iter().copied().chain([*code]) {
                    assert!(seen.insert(letters(spelling)), "{spelling}, {country}");
                    assert_eq!(State::read(country, spelling), State::Code(code));
                    assert_eq!(State::read(country, &format!("{country}-{code}")), State::Code(code));
                }
            }
            let example = example_state(country).unwrap();
            assert_eq!(State::read(country, example), State::Code(example));
        }
    }
}
