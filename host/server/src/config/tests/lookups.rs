//! When a charge whose outcome is unknown is looked up.

use super::*;

/// The delays of payments with this configuration.
pub(super) fn waits(config: &PaymentsConfig) -> (Vec<Duration>, [Duration; 3]) {
    let built_in = tillhouse_payments::Timings::default();
    let floor = config.absence_floor.unwrap_or(built_in.absence_floor);
    let tick = config.outbox_tick.unwrap_or(built_in.outbox_tick);
    let authentication = config.authentication.unwrap_or(built_in.authentication_timeout);
    let lookups = config.lookups.clone().unwrap_or(built_in.status_checks);
    (lookups, [floor, tick, authentication])
}

#[test]
fn a_schedule_of_lookups_is_bounded_and_never_empty() {
    let read = |keys: &str| parse(&with(&format!("[payments]\n{keys}"))).map(|config| config.payments);
    let given = read("lookups_ms = [50, 200]\nabsence_floor_ms = 2000\noutbox_tick_ms = 50\nlease_ms = 3000\nauthentication_ms = 60000").unwrap();
    let ms = Duration::from_millis;
    assert_eq!(given.lookups, Some(vec![ms(50), ms(200)]));
    let floor_and_tick = given.absence_floor.zip(given.outbox_tick);
    assert_eq!(floor_and_tick, Some((ms(2_000), ms(50))));
    assert_eq!((given.lease, given.authentication), (Some(ms(3_000)), Some(ms(60_000))));
    assert_eq!(read("").unwrap(), PaymentsConfig::default());
    let errors_of = |keys: &str| paths(&with(&format!("[payments]\n{keys}")));
    assert_eq!(errors_of("lookups_ms = []"), ["payments.lookups_ms"]);
    assert_eq!(errors_of("lookups_ms = [50, 0]"), ["payments.lookups_ms[1]"]);
    assert_eq!(errors_of("lookups_ms = [\"soon\"]"), ["payments.lookups_ms[0]"]);
    let all = errors_of("absence_floor_ms = 999\noutbox_tick_ms = 0\nlease_ms = 999");
    assert_eq!(
        all,
        [
            "payments.absence_floor_ms",
            "payments.outbox_tick_ms",
            "payments.lease_ms"
        ]
    );
}
