//! Amounts in the units of Stripe and of Adyen.

use proptest::prelude::*;

use super::*;

fn money(minor: i64, code: &str) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new(code).unwrap(),
    }
}

/// Minor units of ISO 4217, and the same money as Stripe writes it in its own examples.
const SAME_MONEY: [(&str, i64, i64); 10] = [
    ("USD", 1000, 1000),
    ("JPY", 500, 500),
    ("KRW", 500, 500),
    ("MGA", 500_000, 5000),
    ("ISK", 5, 500),
    ("UGX", 5, 500),
    ("HUF", 1045, 1045),
    ("TWD", 80_045, 80_045),
    ("KWD", 5120, 5120),
    ("IDR", 999_999_999_999, 999_999_999_999),
];

#[test]
fn amounts_are_written_and_read_in_stripes_own_units() {
    for (code, minor, units) in SAME_MONEY {
        let money = money(minor, code);
        assert_eq!(Party::Stripe.payment(money), Ok(units), "{money}");
        assert_eq!(Party::Stripe.amount(money), Ok(units), "{money}");
        assert_eq!(Party::Stripe.shown(money), units, "{money}");
        assert_eq!(
            Party::Stripe.granted(units, money.currency),
            Ok(money.amount),
            "{money}"
        );
    }
}

#[test]
fn an_amount_between_two_steps_of_stripe_is_no_payment() {
    for (minor, code, text) in [
        (
            12_345,
            "KWD",
            "Stripe takes amounts in steps of 0.010 KWD, and 12.345 KWD is between two of them",
        ),
        (
            1,
            "BHD",
            "Stripe takes amounts in steps of 0.010 BHD, and 0.001 BHD is between two of them",
        ),
        (
            5050,
            "MGA",
            "Stripe takes amounts in steps of 1.00 MGA, and 50.50 MGA is between two of them",
        ),
    ] {
        let error = Party::Stripe.payment(money(minor, code)).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(
        Party::Stripe.amount(money(12_345, "KWD")),
        Ok(12_345),
        "in its units, but no payment"
    );
    assert!(Party::Stripe.amount(money(5050, "MGA")).is_err());
    assert_eq!(Party::Stripe.shown(money(5050, "MGA")), 51);
}

#[test]
fn a_payment_has_at_most_eight_digits_in_stripes_units_and_twelve_in_rupiah() {
    for (code, most, next) in [
        ("USD", 99_999_999, 100_000_000),
        ("JPY", 99_999_999, 100_000_000),
        ("KWD", 99_999_990, 100_000_000),
        ("ISK", 999_999, 1_000_000),
        ("MGA", 9_999_999_900, 10_000_000_000),
        ("IDR", 999_999_999_999, 1_000_000_000_000),
    ] {
        assert!(Party::Stripe.payment(money(most, code)).is_ok(), "{code}");
        let error = Party::Stripe.payment(money(next, code)).unwrap_err();
        let (party, money, most) = (Party::Stripe, money(next, code), money(most, code));
        assert_eq!(error, UnitsError::TooLarge { party, money, most });
    }
}

#[test]
fn a_currency_without_a_unit_of_stripe_is_named() {
    for code in ["IQD", "LYD", "CLF", "UYI", "UYW"] {
        let money = money(1000, code);
        let expected = UnitsError::Currency {
            party: Party::Stripe,
            currency: money.currency,
        };
        assert_eq!(Party::Stripe.amount(money), Err(expected));
        assert_eq!(Party::Stripe.payment(money), Err(expected));
        assert_eq!(Party::Stripe.granted(1000, money.currency), Err(expected));
        assert_eq!(Party::Stripe.used(1000, money.currency), Err(expected));
        assert_eq!(Party::Stripe.coarse_step(money.currency), Err(expected));
    }
}

#[test]
fn a_limit_is_read_down_and_what_was_used_up() {
    let isk = Currency::new("isk").unwrap();
    assert_eq!(Party::Stripe.granted(550, isk).map(Amount::minor), Ok(5));
    assert_eq!(Party::Stripe.used(550, isk).map(Amount::minor), Ok(6));
}

#[test]
fn a_number_that_is_no_amount_is_refused() {
    let mga = Currency::new("mga").unwrap();
    let read = |stated| Party::Stripe.granted(stated, mga);
    assert_eq!(read(-1), Err(MoneyError::Negative(-1).into()));
    assert_eq!(read(i64::MAX), Err(MoneyError::TooLarge.into()));
}

#[test]
fn only_some_currencies_are_paid_in_steps() {
    let step = |code| Party::Stripe.coarse_step(Currency::new(code).unwrap());
    assert_eq!(step("usd"), Ok(None));
    assert_eq!(step("isk"), Ok(None), "a whole krona is the minor unit of ISO 4217");
    assert_eq!(step("kwd"), Ok(Some(money(10, "kwd"))));
    assert_eq!(step("mga"), Ok(Some(money(100, "mga"))));
}

#[test]
fn adyen_differs_from_the_standard_in_four_currencies() {
    for (code, minor, units) in [
        ("USD", 1000, 1000),
        ("CLP", 5, 500),
        ("ISK", 5, 500),
        ("CVE", 500, 5),
        ("IDR", 1_500_000, 15_000),
        ("JPY", 500, 500),
        ("UGX", 500, 500),
        ("MGA", 500_000, 500_000),
        ("IQD", 1234, 1234),
        ("KWD", 12_345, 12_345),
    ] {
        let money = money(minor, code);
        assert_eq!(Party::Adyen.payment(money), Ok(units), "{money}");
        assert_eq!(Party::Adyen.shown(money), units, "{money}");
        assert_eq!(Party::Adyen.granted(units, money.currency), Ok(money.amount), "{money}");
    }
}

#[test]
fn adyen_takes_whole_escudos_and_rupiah_only() {
    let error = Party::Adyen.payment(money(150, "CVE")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Adyen takes amounts in steps of 1.00 CVE, and 1.50 CVE is between two of them"
    );
    for code in ["BIF", "CLF", "UYI", "UYW"] {
        let currency = Currency::new(code).unwrap();
        let unknown = UnitsError::Currency {
            party: Party::Adyen,
            currency,
        };
        assert_eq!(Party::Adyen.coarse_step(currency), Err(unknown));
    }
    let (clp, most) = (Currency::new("clp").unwrap(), money(99_999_999_999, "usd"));
    assert_eq!(Party::Adyen.granted(550, clp).map(Amount::minor), Ok(5));
    assert_eq!(Party::Adyen.payment(most), Ok(99_999_999_999));
}

/// Every list of this file, currencies that are on none, and any other code.
fn currency() -> impl Strategy<Value = Currency> {
    let listed: Vec<&str> = [&ZERO_DECIMAL[..], &WHOLE_HUNDREDS, &THREE_DECIMAL].concat();
    let others = ["USD", "EUR", "HUF", "TWD", "IDR", "IQD", "LYD", "CLF", "UYI", "UYW"];
    let known = prop::sample::select([listed, others.to_vec()].concat()).prop_map(str::to_owned);
    let any =
        prop::array::uniform3(b'A'..=b'Z').prop_map(|code| code.iter().map(|letter| char::from(*letter)).collect());
    prop_oneof![known, any].prop_map(|code: String| Currency::new(&code).unwrap())
}

proptest! {
    /// What is written is read as what was written; and no multiple of the step is too fine.
    #[test]
    fn what_is_written_to_stripe_is_read_as_the_same_money(currency in currency(), minor in 0..1_000_000_000_000_i64) {
        let money = Money { amount: Amount::new(minor).unwrap(), currency };
        if let Ok(units) = Party::Stripe.amount(money) {
            prop_assert_eq!(Party::Stripe.granted(units, currency), Ok(money.amount));
            prop_assert_eq!(Party::Stripe.used(units, currency), Ok(money.amount));
            prop_assert_eq!(Party::Stripe.shown(money), units);
        }
        match Party::Stripe.coarse_step(currency) {
            Ok(step) => {
                let step = step.map_or(1, |step| step.amount.minor());
                let too_fine = matches!(Party::Stripe.payment(money), Err(UnitsError::TooFine { .. }));
                let fits = !matches!(Party::Stripe.payment(money), Err(UnitsError::TooLarge { .. }));
                prop_assert!(!too_fine || minor % step != 0);
                prop_assert!(too_fine || minor % step == 0 || !fits);
            }
            Err(error) => prop_assert_eq!(Party::Stripe.payment(money), Err(error)),
        }
    }

    /// What Stripe states is never read as more money than it is if it is granted, nor as less if it is used.
    #[test]
    fn what_stripe_states_is_never_read_as_more_than_it_grants(currency in currency(), stated in 0..1_000_000_000_000_i64) {
        if let (Ok(granted), Ok(used)) = (Party::Stripe.granted(stated, currency), Party::Stripe.used(stated, currency)) {
            let units = |amount| Party::Stripe.amount(Money { amount, currency }).unwrap();
            prop_assert!(units(granted) <= stated && stated <= units(used));
        }
    }
}
