//! Areas: where a tax applies within its country.

use tillhouse_places::PostalPattern;

use crate::destination::Destination;

/// Part of a country. Empty lists do not restrict the area.
#[derive(Debug, Default)]
pub(crate) struct Area {
    pub(crate) regions: Vec<String>,
    pub(crate) except_regions: Vec<String>,
    pub(crate) postal_codes: Vec<PostalPattern>,
    pub(crate) except_postal_codes: Vec<PostalPattern>,
}

/// Whether a destination is in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AreaMatch {
    Inside,
    Outside,
    /// Undecided, because this field of the address is empty.
    MissingField(&'static str),
}

impl Area {
    /// Decides whether a destination in the area's country is in the area.
    pub(crate) fn matches(&self, destination: &Destination) -> AreaMatch {
        let region = |list: &[String]| list.contains(&destination.region);
        let code = |list: &[PostalPattern]| list.iter().any(|pattern| pattern.has(&destination.postal_code));
        let by_region = !self.regions.is_empty() || !self.except_regions.is_empty();
        let by_code = !self.postal_codes.is_empty() || !self.except_postal_codes.is_empty();
        if by_region && destination.region.is_empty() {
            return AreaMatch::MissingField("state");
        }
        if (!self.regions.is_empty() && !region(&self.regions)) || region(&self.except_regions) {
            return AreaMatch::Outside;
        }
        if by_code && destination.postal_code.is_empty() {
            return AreaMatch::MissingField("postal_code");
        }
        if (!self.postal_codes.is_empty() && !code(&self.postal_codes)) || code(&self.except_postal_codes) {
            return AreaMatch::Outside;
        }
        AreaMatch::Inside
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use tillhouse_places::PostalCode;

    fn destination(region: &str, postal_code: &str) -> Destination {
        Destination {
            country: "US".into(),
            region: region.into(),
            postal_code: PostalCode::read("US", postal_code),
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
    fn an_area_without_lists_is_the_whole_country() {
        assert_eq!(Area::default().matches(&destination("", "")), AreaMatch::Inside);
    }

    #[test]
    fn region_and_postal_code_narrow_it_together() {
        let city = area(&["CA"], &["941*"]);
        assert_eq!(city.matches(&destination("CA", "94105")), AreaMatch::Inside);
        assert_eq!(city.matches(&destination("CA", "90001")), AreaMatch::Outside);
        assert_eq!(city.matches(&destination("NV", "94105")), AreaMatch::Outside);
    }

    #[test]
    fn only_a_missing_field_that_decides_is_reported() {
        let city = area(&["CA"], &["941*"]);
        assert_eq!(
            city.matches(&destination("", "94105")),
            AreaMatch::MissingField("state")
        );
        assert_eq!(
            city.matches(&destination("CA", "")),
            AreaMatch::MissingField("postal_code")
        );
        assert_eq!(
            city.matches(&destination("NV", "")),
            AreaMatch::Outside,
            "no code changes that"
        );
    }

    #[test]
    fn exceptions_are_outside() {
        let spain = Area {
            except_regions: vec!["CE".into()],
            except_postal_codes: vec!["35*".parse().unwrap()],
            ..Area::default()
        };
        assert_eq!(spain.matches(&destination("M", "28001")), AreaMatch::Inside);
        assert_eq!(spain.matches(&destination("CE", "28001")), AreaMatch::Outside);
        assert_eq!(spain.matches(&destination("GC", "35001")), AreaMatch::Outside);
        assert_eq!(
            spain.matches(&destination("M", "")),
            AreaMatch::MissingField("postal_code")
        );
    }
}
