#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

struct Memory(TempDir);

impl Memory {
    fn new() -> Self {
        Self(TempDir::with_prefix("tillhouse-marks-").unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("commits")
    }

    fn open(&self) -> CommitMarks {
        let (file, remembered) = MarkFile::open_locked(&self.path()).unwrap();
        match remembered {
            None => CommitMarks::begin(identity(), Some(file)).unwrap(),
            Some(remembered) => {
                assert_eq!(remembered.identity, identity());
                CommitMarks::resume(identity(), file, &remembered)
            }
        }
    }
}

fn identity() -> Identity {
    Identity {
        store: "store-1".to_owned(),
        host: "host-1".to_owned(),
    }
}

/// Of a host without a file.
fn forgetful() -> CommitMarks {
    CommitMarks::begin(identity(), None).unwrap()
}

fn found(numbers: &[u64]) -> BTreeMap<usize, u64> {
    numbers.iter().copied().enumerate().collect()
}

#[test]
fn what_was_confirmed_is_remembered_by_the_next_start_and_what_was_only_begun_is_not() {
    let memory = Memory::new();
    let marks = memory.open();
    let (first, second) = (marks.next(), marks.next());
    assert_eq!((first.slot(), first.number, second.slot(), second.number), (0, 1, 1, 1));
    first.confirm();
    drop(second);
    marks.next().confirm();
    let expected = marks.confirmed();
    drop(marks);
    assert_eq!(fs::metadata(memory.path()).unwrap().permissions().mode() & 0o777, 0o600);
    let later = memory.open();
    assert_eq!(later.confirmed()[..2], expected[..2]);
    assert_eq!(later.rewound(), None);
}

#[test]
fn a_slot_is_used_by_one_transaction_at_a_time_and_its_numbers_are_never_given_out_twice() {
    let marks = forgetful();
    let numbers: Vec<u64> = (0..3).map(|_| marks.next().number).collect();
    assert_eq!(numbers, [1, 2, 3], "also those of transactions that failed");
    let (one, two) = (marks.next(), marks.next());
    assert_ne!(one.slot(), two.slot());
}

#[test]
fn a_store_that_has_less_than_it_confirmed_is_rewound_and_one_that_has_more_is_not() {
    let marks = forgetful();
    for _ in 0..3 {
        marks.next().confirm();
    }
    for has in [3, 4] {
        marks.compare(&marks.confirmed(), &found(&[has]));
        assert_eq!(marks.rewound(), None, "{has}");
    }
    assert_eq!(marks.confirmed(), [4], "a commit before a crash counts");
    marks.compare(&marks.confirmed(), &found(&[1]));
    assert_eq!(marks.rewound(), Some(Rewound::CommitsMissing { count: 3 }));
    assert!(marks.ensure_not_rewound().is_err());
}

#[test]
fn a_slot_that_the_store_does_not_know_is_missed_even_if_the_others_are_whole() {
    let marks = forgetful();
    let (one, two) = (marks.next(), marks.next());
    one.confirm();
    two.confirm();
    marks.compare(&marks.confirmed(), &found(&[1]));
    assert_eq!(marks.rewound(), Some(Rewound::CommitsMissing { count: 1 }));
}

#[test]
fn a_rewound_store_stays_so_across_a_restart_until_its_quarantine_is_complete() {
    let memory = Memory::new();
    let marks = memory.open();
    for _ in 0..5 {
        marks.next().confirm();
    }
    marks.compare(&marks.confirmed(), &found(&[2]));
    marks.begin_quarantine(&found(&[2]));
    marks.next().confirm();
    drop(marks);
    let again = memory.open();
    assert_eq!(again.rewound(), Some(Rewound::QuarantineIncomplete));
    again.begin_quarantine(&found(&[6]));
    let number = again.next();
    assert_eq!((number.confirmed, number.number), (6, 7));
    number.confirm();
    again.end_quarantine().unwrap();
    drop(again);
    let later = memory.open();
    assert_eq!((later.rewound(), later.confirmed()), (None, vec![7]));
}

#[test]
fn numbers_of_the_lost_commits_are_not_given_out_again() {
    let marks = forgetful();
    for _ in 0..5 {
        marks.next().confirm();
    }
    marks.begin_quarantine(&found(&[2]));
    let number = marks.next();
    assert_eq!(
        (number.confirmed, number.number),
        (2, 6),
        "the newest copy may come back, with number 5"
    );
}

#[test]
fn one_host_at_a_time_uses_a_memory_and_a_damaged_one_is_named() {
    let memory = Memory::new();
    let marks = memory.open();
    assert!(matches!(
        MarkFile::open_locked(&memory.path()),
        Err(MarkFileError::Locked(_))
    ));
    drop(marks);
    let whole = fs::read(memory.path()).unwrap();
    for wrong in [&whole[..100], b"{\"store\": 7".as_slice(), &[b'x'; 600]] {
        fs::write(memory.path(), wrong).unwrap();
        let Err(error) = MarkFile::open(&memory.path()) else {
            panic!("expected an error");
        };
        assert!(error.to_string().contains("remove the file"), "{error}");
    }
    fs::write(memory.path(), []).unwrap();
    assert_eq!(
        MarkFile::open(&memory.path()).unwrap().1,
        None,
        "a host that ended while it created the file"
    );
}

#[test]
fn a_link_is_not_followed() {
    let memory = Memory::new();
    let target = memory.0.path().join("elsewhere");
    std::os::unix::fs::symlink(&target, memory.path()).unwrap();
    assert!(matches!(
        MarkFile::open(&memory.path()),
        Err(MarkFileError::File { .. })
    ));
    assert!(!target.exists());
}
