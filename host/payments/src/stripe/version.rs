//! The `Stripe-Version` of each family of endpoints.
//!
//! Stripe documents its preview endpoints with a preview version each. Without it such an endpoint does not exist for Stripe, or does
//! not know the parameters that only the preview has (<https://docs.stripe.com/api/versioning>).

use std::fmt;

/// Endpoints that Stripe documents together, with one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointFamily {
    /// Reading and resolving of `/v1/shared_payment/granted_tokens`
    /// (<https://docs.stripe.com/agentic-commerce/concepts/shared-payment-tokens>).
    GrantedTokens,
    /// `/v1/payment_records` (<https://docs.stripe.com/api/payment-record/report>); the token that paid, the amount that is
    /// guaranteed and the codes of failures are members of the preview only.
    PaymentRecords,
}

impl EndpointFamily {
    /// Every family that the host calls.
    pub const ALL: [Self; 2] = [Self::GrantedTokens, Self::PaymentRecords];

    /// The version with which Stripe documents the family.
    #[must_use]
    pub const fn documented(self) -> &'static str {
        match self {
            Self::GrantedTokens | Self::PaymentRecords => "2026-04-22.preview",
        }
    }

    /// Whether Stripe documents the family with this version: the preview that has it, or a later one.
    #[must_use]
    pub fn is_documented_with(self, version: &StripeVersion) -> bool {
        let Ok(first) = StripeVersion::new(self.documented()) else {
            return false;
        };
        version.release() == first.release() && version.date() >= first.date()
    }
}

impl fmt::Display for EndpointFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GrantedTokens => "granted tokens",
            Self::PaymentRecords => "payment records",
        })
    }
}

/// Text that is not a version of Stripe's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version of Stripe's API, such as 2026-04-22.preview")]
pub struct StripeVersionError;

/// A version of Stripe's API: a date, the name of a release after a point, and betas after semicolons:
/// `2025-09-30.clover;udap_beta=v1`. Versions before 2024-09-30 have no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeVersion(String);

impl StripeVersion {
    /// Whether Stripe has such a version is not checked.
    ///
    /// # Errors
    /// If the text has not this form.
    pub fn new(text: &str) -> Result<Self, StripeVersionError> {
        let version = Self(text.to_owned());
        let is_date = version.date().bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let is_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'=' | b';');
        let release = version.release();
        let rest = text.split_once('.').map_or("", |(_, rest)| rest);
        let is_good = version.date().len() == 10
            && is_date
            && release.is_none_or(|release| !release.is_empty())
            && rest.bytes().all(is_name);
        if is_good { Ok(version) } else { Err(StripeVersionError) }
    }

    /// The text of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn without_betas(&self) -> &str {
        self.0.split(';').next().unwrap_or_default()
    }

    /// The date; the dates of two versions compare like text.
    fn date(&self) -> &str {
        self.without_betas().split('.').next().unwrap_or_default()
    }

    /// The name of the release: `preview`, `clover` …
    fn release(&self) -> Option<&str> {
        self.without_betas().split_once('.').map(|(_, release)| release)
    }
}

impl fmt::Display for StripeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version that is sent to each family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeVersions {
    /// For [`EndpointFamily::GrantedTokens`].
    pub granted_tokens: StripeVersion,
    /// For [`EndpointFamily::PaymentRecords`].
    pub payment_records: StripeVersion,
}

impl StripeVersions {
    /// The version for one family.
    #[must_use]
    pub const fn of(&self, family: EndpointFamily) -> &StripeVersion {
        match family {
            EndpointFamily::GrantedTokens => &self.granted_tokens,
            EndpointFamily::PaymentRecords => &self.payment_records,
        }
    }
}

impl Default for StripeVersions {
    /// Each family has the version that Stripe documents it with.
    fn default() -> Self {
        let documented = |family: EndpointFamily| StripeVersion(family.documented().to_owned());
        Self {
            granted_tokens: documented(EndpointFamily::GrantedTokens),
            payment_records: documented(EndpointFamily::PaymentRecords),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_each_family_is_documented_for_it() {
        let versions = StripeVersions::default();
        for family in EndpointFamily::ALL {
            let version = versions.of(family);
            assert_eq!(StripeVersion::new(version.as_str()), Ok(version.clone()));
            assert!(family.is_documented_with(version), "{family}");
        }
    }

    #[test]
    fn a_family_is_documented_with_its_preview_and_later_ones_only() {
        for (text, documented) in [
            ("2026-04-22.preview", true),
            ("2026-05-27.preview", true),
            ("2026-04-22.preview;udap_beta=v1", true),
            ("2025-12-15.preview", false),
            ("2025-09-30.clover", false),
            ("2026-04-22.dahlia", false),
            ("2027-01-01", false),
        ] {
            let version = StripeVersion::new(text).unwrap();
            for family in EndpointFamily::ALL {
                assert_eq!(family.is_documented_with(&version), documented, "{family} {text}");
            }
        }
    }

    #[test]
    fn a_text_of_another_form_is_no_version() {
        for text in [
            "",
            "latest",
            "2026-4-22.preview",
            "2026-04-22.",
            "2026-04-22preview",
            "2026/04/22.preview",
            "2026-04-22.pre view",
            "2026-04-22.preview\r\nx: y",
            "preview",
        ] {
            assert_eq!(StripeVersion::new(text), Err(StripeVersionError), "{text:?}");
        }
    }
}
