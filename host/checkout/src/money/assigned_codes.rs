//! The codes that ISO 4217 assigns to currencies in use, and those that it withdrew last. Metals, funds of no country and codes for tests
//! are none.

/// All of them in alphabetical order, with a space between two.
pub(super) const ASSIGNED: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP \
    CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD \
    IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV \
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW \
    ZWG";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn every_assigned_code_is_one_of_a_currency_and_in_order() {
        let codes: Vec<&str> = ASSIGNED.split_whitespace().collect();
        assert!(codes.is_sorted());
        assert!(
            codes.iter().all(|code| Currency::new(code).unwrap().is_assigned()),
            "{codes:?}"
        );
        for other in ["XXZ", "XXX", "XTS", "XAU", "AAA"] {
            assert!(!Currency::new(other).unwrap().is_assigned(), "{other}");
        }
    }
}
