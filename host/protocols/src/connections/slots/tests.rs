use std::net::Ipv4Addr;

use super::*;

const LONG: Duration = Duration::from_secs(600);

/// Idle connections lose their slot at once; arriving bodies never time out.
const QUICK: GracePeriods = GracePeriods {
    idle: Duration::ZERO,
    body: LONG,
};

fn client(last: u8) -> Option<Client> {
    Some(Client::at(Ipv4Addr::new(192, 0, 2, last).into()))
}

fn must_leave(slot: &Slot) -> bool {
    slot.handle().evicted().is_cancelled()
}

#[test]
fn the_longest_idle_connection_makes_room() {
    let slots = Slots::new(3, 64, QUICK);
    let held: Vec<Slot> = (0..3).map(|_| slots.take(client(1)).unwrap()).collect();
    held[0].handle().set_working();
    held[0].handle().set_idle();
    let _newcomer = slots.take(client(2)).unwrap();
    assert_eq!(held.iter().map(must_leave).collect::<Vec<_>>(), [false, true, false]);
    let _another = slots.take(client(2)).unwrap();
    assert_eq!(held.iter().map(must_leave).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn a_connection_with_a_request_is_left_alone() {
    let slots = Slots::new(2, 64, QUICK);
    let held: Vec<Slot> = (0..2).map(|_| slots.take(client(1)).unwrap()).collect();
    for slot in &held {
        slot.handle().set_working();
    }
    assert_eq!(slots.take(client(2)).unwrap_err(), LimitReached::Host);
    assert!(!held.iter().any(must_leave));
    held[1].handle().set_idle();
    let _newcomer = slots.take(client(2)).unwrap();
    assert!(must_leave(&held[1]) && !must_leave(&held[0]));
}

#[test]
fn a_client_has_its_share_and_makes_room_for_itself_alone() {
    let slots = Slots::new(100, 2, QUICK);
    let other = slots.take(client(1)).unwrap();
    let own: Vec<Slot> = (0..2).map(|_| slots.take(client(2)).unwrap()).collect();
    own[0].handle().set_working();
    let third = slots.take(client(2)).unwrap();
    assert!(must_leave(&own[1]) && !must_leave(&own[0]) && !must_leave(&other));
    third.handle().set_working();
    assert_eq!(slots.take(client(2)).unwrap_err(), LimitReached::Client);
    let _neighbour = slots.take(client(3)).unwrap();
    let exempt: Vec<Slot> = (0..5).map(|_| slots.take(None).unwrap()).collect();
    assert!(!exempt.iter().any(must_leave));
}

#[test]
fn a_slot_that_is_dropped_is_free() {
    let slots = Slots::new(1, 1, QUICK);
    for _ in 0..3 {
        let slot = slots.take(client(1)).unwrap();
        slot.handle().set_working();
        assert!(slots.is_full());
        drop(slot);
        assert!(!slots.is_full());
    }
    assert!(slots.held().of_client.is_empty());
}

#[test]
fn those_that_do_not_leave_are_bounded_too() {
    let slots = Slots::new(1, 64, QUICK);
    let stubborn: Vec<Slot> = (0..=CLOSING_CONNECTIONS)
        .map(|_| slots.take(client(1)).unwrap())
        .collect();
    assert_eq!(slots.take(client(2)).unwrap_err(), LimitReached::Host);
    drop(stubborn);
    assert!(!slots.is_full());
}

#[test]
fn a_body_that_takes_too_long_gives_way() {
    for (body, gives_way) in [(LONG, false), (Duration::ZERO, true)] {
        let grace = GracePeriods { body, ..QUICK };
        let slots = Slots::new(2, 64, grace);
        let slow = slots.take(client(1)).unwrap();
        slow.handle().set_receiving();
        let paid = slots.take(client(2)).unwrap();
        paid.handle().set_working();
        assert_eq!(slots.take(client(3)).is_ok(), gives_way);
        assert!(must_leave(&slow) == gives_way && !must_leave(&paid));
        // The same within the limit of one client.
        let slots = Slots::new(100, 1, grace);
        let slow = slots.take(client(1)).unwrap();
        slow.handle().set_receiving();
        assert_eq!(slots.take(client(1)).is_ok(), gives_way);
        assert_eq!(must_leave(&slow), gives_way);
    }
}

#[test]
fn bodies_of_the_client_that_has_the_most_give_way_at_once() {
    let slots = Slots::new(4, 64, QUICK);
    let crowd: Vec<Slot> = (0..3).map(|_| slots.take(client(1)).unwrap()).collect();
    let alone = slots.take(client(2)).unwrap();
    for slot in crowd.iter().chain([&alone]) {
        slot.handle().set_receiving();
    }
    let newcomer = slots.take(client(3)).unwrap();
    newcomer.handle().set_working();
    assert_eq!(crowd.iter().map(must_leave).collect::<Vec<_>>(), [true, false, false]);
    // No client has more connections than this client would then have.
    assert_eq!(slots.take(client(1)).unwrap_err(), LimitReached::Host);
    assert!(!must_leave(&alone));
}

#[test]
fn a_connection_that_has_just_come_is_left_alone_unless_its_client_has_the_most() {
    let grace = GracePeriods { idle: LONG, body: LONG };
    let slots = Slots::new(4, 64, grace);
    let crowd: Vec<Slot> = (0..3).map(|_| slots.take(client(1)).unwrap()).collect();
    let buyer = slots.take(client(2)).unwrap();
    assert_eq!(
        slots.take(client(1)).unwrap_err(),
        LimitReached::Host,
        "this client has the most connections itself"
    );
    let _newcomer = slots.take(client(3)).unwrap();
    assert_eq!(crowd.iter().map(must_leave).collect::<Vec<_>>(), [true, false, false]);
    let _proxy = slots.take(None);
    assert!(!must_leave(&buyer));
    // The same within the limit of one client.
    let slots = Slots::new(100, 1, grace);
    let own = slots.take(client(1)).unwrap();
    assert_eq!(slots.take(client(1)).unwrap_err(), LimitReached::Client);
    assert!(!must_leave(&own));
}
