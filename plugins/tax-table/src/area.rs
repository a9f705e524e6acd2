//! Areas: where a tax applies within its country.

use crate::{place::Place, postal::Pattern};

/// Part of a country. Empty lists do not restrict the area.
#[derive(Debug, Default)]
pub(crate) struct Area {
    pub(crate) regions: Vec<String>,
    pub(crate) except_regions: Vec<String>,
    pub(crate) postal_codes: Vec<Pattern>,
    pub(crate) except_postal_codes: Vec<Pattern>,
}

/// Whether a place is in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Inside,
    Outside,
    /// Undecided, because this field of the address is empty.
    Lacking(&'static str),
}

impl Area {
    /// Decides whether a place in the area's country is in the area.
    pub(crate) fn judge(&self, place: &Place) -> Verdict {
        let region = |list: &[String]| list.contains(&place.region);
        let code = |list: &[Pattern]| list.iter().any(|pattern| pattern.has(&place.postal_code));
        let by_region = !self.regions.is_empty() || !self.except_regions.is_empty();
        let by_code = !self.postal_codes.is_empty() || !self.except_postal_codes.is_empty();
        if by_region && place.region.is_empty() {
            return Verdict::Lacking("state");
        }
        if (!self.regions.is_empty() && !region(&self.regions)) || region(&self.except_regions) {
            return Verdict::Outside;
        }
        if by_code && place.postal_code.is_empty() {
            return Verdict::Lacking("postal_code");
        }
        if (!self.postal_codes.is_empty() && !code(&self.postal_codes)) || code(&self.except_postal_codes) {
            return Verdict::Outside;
        }
        Verdict::Inside
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn place(region: &str, postal_code: &str) -> Place {
        Place {
            country: "US".into(),
            region: region.into(),
            postal_code: postal_code.into(),
        }
    }

    fn area(regions: &[&str], postal_codes: &[&str]) -> Area {
        Area {
            regions: regions.iter().map(|region| (*region).into()).collect(),
            postal_codes: postal_codes.iter().map(|text| text.parse().unwrap()).collect(),
            ..Area::default()
        }
    }

    #[test]
    fn an_area_that_nothing_narrows_is_the_whole_country() {
        assert_eq!(Area::default().judge(&place("", "")), Verdict::Inside);
    }

    #[test]
    fn region_and_postal_code_narrow_it_together() {
        let city = area(&["CA"], &["941*"]);
        assert_eq!(city.judge(&place("CA", "94105")), Verdict::Inside);
        assert_eq!(city.judge(&place("CA", "90001")), Verdict::Outside);
        assert_eq!(city.judge(&place("NV", "94105")), Verdict::Outside);
    }

    #[test]
    fn what_decides_and_is_not_said_is_asked_for_and_nothing_else() {
        let city = area(&["CA"], &["941*"]);
        assert_eq!(city.judge(&place("", "94105")), Verdict::Lacking("state"));
        assert_eq!(city.judge(&place("CA", "")), Verdict::Lacking("postal_code"));
        assert_eq!(city.judge(&place("NV", "")), Verdict::Outside, "no code changes that");
    }

    #[test]
    fn exceptions_are_outside() {
        let spain = Area {
            except_regions: vec!["CE".into()],
            except_postal_codes: vec!["35*".parse().unwrap()],
            ..Area::default()
        };
        assert_eq!(spain.judge(&place("M", "28001")), Verdict::Inside);
        assert_eq!(spain.judge(&place("CE", "28001")), Verdict::Outside);
        assert_eq!(spain.judge(&place("GC", "35001")), Verdict::Outside);
        assert_eq!(spain.judge(&place("M", "")), Verdict::Lacking("postal_code"));
    }
}
