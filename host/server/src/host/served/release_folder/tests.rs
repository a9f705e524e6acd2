use std::os::unix::fs::PermissionsExt;

use super::super::release_record::{LoadedRelease, LoadedReleases};
use super::*;
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::time::Timestamp;

fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

fn release(component: &[u8]) -> LoadedRelease {
    LoadedRelease {
        sha256: Digest::of(component).to_string(),
        version: "1.0.0".to_owned(),
        manifest: "[plugin]".to_owned(),
        manifest_name: "plugin.toml".to_owned(),
        file: "/srv/shop.wasm".to_owned(),
        loaded: Timestamp(1),
        actor: "ada".to_owned(),
    }
}

/// A record with these components of one plugin.
fn record(components: &[&[u8]]) -> ReleaseRecord {
    let loaded = LoadedReleases {
        since: Timestamp(1),
        releases: components.iter().map(|component| release(component)).collect(),
    };
    let mut record = ReleaseRecord::default();
    record.plugins.insert(PluginId::new("shop"), loaded);
    record
}

fn kept(folder: &ReleaseFolder) -> usize {
    files(&folder.path.join(COMPONENTS)).unwrap().len()
}

#[test]
fn what_was_written_is_read_after_a_restart_and_is_for_the_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("releases");
    let folder = ReleaseFolder::at(&path);
    assert_eq!(folder.record(&merchant()).unwrap(), ReleaseRecord::default());
    folder.write(&merchant(), &record(&[b"one"]), Some(b"one")).unwrap();
    drop(folder);

    let again = ReleaseFolder::at(&path);
    assert_eq!(again.record(&merchant()).unwrap(), record(&[b"one"]));
    assert_eq!(again.component(&release(b"one").sha256).unwrap(), b"one");
    for (path, mode) in [
        (path.clone(), 0o700),
        (path.join(COMPONENTS), 0o700),
        (again.record_path(&merchant()), 0o600),
        (again.component_path(&release(b"one").sha256), 0o600),
    ] {
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            mode,
            "{path:?}"
        );
    }
}

#[test]
fn a_host_that_was_killed_within_a_write_has_the_record_before_or_the_one_after() {
    let directory = tempfile::tempdir().unwrap();
    let folder = ReleaseFolder::at(directory.path());
    folder.write(&merchant(), &record(&[b"one"]), Some(b"one")).unwrap();
    let two = release(b"two").sha256;

    // Killed while the component was written, and after it: the record before, whose component is whole.
    fs::write(folder.component_path(&two).with_extension(DRAFT), b"t").unwrap();
    assert_eq!(folder.record(&merchant()).unwrap(), record(&[b"one"]));
    folder.keep(b"two").unwrap();
    assert_eq!(folder.record(&merchant()).unwrap(), record(&[b"one"]));

    // Killed while the record was written.
    fs::write(folder.record_path(&merchant()).with_extension(DRAFT), b"{\"vers").unwrap();
    assert_eq!(folder.record(&merchant()).unwrap(), record(&[b"one"]));
    assert_eq!(folder.component(&release(b"one").sha256).unwrap(), b"one");

    // The next write is not disturbed by what was left over, and removes it.
    folder.write(&merchant(), &record(&[b"three"]), Some(b"three")).unwrap();
    assert_eq!(folder.record(&merchant()).unwrap(), record(&[b"three"]));
    assert_eq!(kept(&folder), 1);
    assert_eq!(files(&directory.path().join(RECORDS)).unwrap().len(), 1);
}

#[test]
fn a_component_is_kept_as_long_as_the_record_of_any_merchant_names_it() {
    let directory = tempfile::tempdir().unwrap();
    let folder = ReleaseFolder::at(directory.path());
    let other = MerchantId::new("other");
    folder.write(&merchant(), &record(&[b"one"]), Some(b"one")).unwrap();
    folder.write(&other, &record(&[b"one"]), Some(b"one")).unwrap();
    folder
        .write(&merchant(), &record(&[b"one", b"two"]), Some(b"two"))
        .unwrap();
    assert_eq!(kept(&folder), 2);
    folder.write(&merchant(), &ReleaseRecord::default(), None).unwrap();
    assert_eq!(kept(&folder), 1);
    assert!(folder.component(&release(b"one").sha256).is_ok());
    folder.write(&other, &ReleaseRecord::default(), None).unwrap();
    assert_eq!(kept(&folder), 0);
}

#[test]
fn what_is_not_what_was_loaded_is_refused_by_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let folder = ReleaseFolder::at(directory.path());
    folder.write(&merchant(), &record(&[b"one"]), Some(b"one")).unwrap();
    let path = folder.component_path(&release(b"one").sha256);
    fs::write(&path, b"other").unwrap();
    let error = folder.component(&release(b"one").sha256).unwrap_err().to_string();
    assert!(
        error.contains("is not the component that was loaded") && error.contains(path.to_str().unwrap()),
        "{error}"
    );

    for text in ["", "{\"version\":1,\"plug", "{\"version\":2,\"plugins\":{}}"] {
        fs::write(folder.record_path(&merchant()), text).unwrap();
        let error = folder.record(&merchant()).unwrap_err().to_string();
        assert!(error.contains("acme.json") && error.contains("remove it"), "{error}");
    }
}

#[test]
fn a_folder_belongs_to_one_host() {
    let directory = tempfile::tempdir().unwrap();
    let first = ReleaseFolder::at(directory.path());
    first.claim().unwrap();
    first.claim().unwrap();
    let second = ReleaseFolder::at(directory.path());
    let error = second.write(&merchant(), &record(&[b"one"]), Some(b"one")).unwrap_err();
    assert!(error.to_string().contains("plugins.release_folder"), "{error}");
    assert_eq!(second.record(&merchant()).unwrap(), ReleaseRecord::default());
    drop(first);
    second.claim().unwrap();
}

#[test]
fn the_oldest_loaded_release_is_forgotten_first() {
    let mut releases = Vec::new();
    for number in 0..12_u8 {
        releases = LoadedReleases::with(releases, release(&[number]));
    }
    let digests: Vec<_> = releases.iter().map(|release| release.sha256.clone()).collect();
    assert_eq!((digests.len(), &digests[0]), (10, &release(&[2]).sha256));
}
