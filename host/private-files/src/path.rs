//! Examines a path and the folders on the way to it.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::exposure::{Exposure, ExposureKind};

const ROOT: u32 = 0;
const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;
const OTHERS: u32 = 0o077;

/// Who else may read what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Only the host's user: stores, keys, sockets.
    Private,
    /// All users: they must only not be able to change it.
    Public,
}

/// The user and groups that this process acts as.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) user: u32,
    group: u32,
    /// Groups that it was given beside its own.
    supplementary: Vec<u32>,
}

impl Identity {
    pub(super) fn of_this_process() -> Self {
        Self {
            user: rustix::process::geteuid().as_raw(),
            group: rustix::process::getegid().as_raw(),
            supplementary: rustix::process::getgroups()
                .unwrap_or_default()
                .into_iter()
                .map(rustix::process::Gid::as_raw)
                .collect(),
        }
    }

    const fn trusts(&self, owner: u32) -> bool {
        owner == self.user || owner == ROOT
    }

    /// Whether the group of a folder may write to it. The group of this process may: on many systems each user has a group of their
    /// own, and folders that it may write to. So may a group that root gave to this process and to the folder, as orchestrators do
    /// with volumes (`fsGroup` of Kubernetes).
    fn trusts_group_of(&self, folder: &Metadata) -> bool {
        let group = folder.gid();
        let is_of_a_volume = folder.uid() == ROOT && self.user != ROOT && self.supplementary.contains(&group);
        group == self.group || group == ROOT || is_of_a_volume
    }
}

/// Checks that only this user, or root, can change or replace what is at the path.
///
/// With [`Secrecy::Private`], no other user can read it either. A path that does not exist yet is as safe as its folder.
///
/// # Errors
/// The first exposure, from the path upwards.
pub fn check(path: &Path, secrecy: Secrecy) -> Result<(), Exposure> {
    let identity = Identity::of_this_process();
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            // A user who may replace the link decides what is opened; what it leads to is what is used.
            check_owner(path, &found, &identity)?;
            check_folder_of(path)?;
            let target = fs::canonicalize(path).map_err(|error| unexamined(path, &error, &identity))?;
            return check(&target, secrecy);
        }
        Ok(found) => check_entry(path, &found, secrecy, &identity)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unexamined(path, &error, &identity)),
    }
    check_folder_of(path)
}

/// Checks that no other user can replace what is at the path, whatever is there.
///
/// # Errors
/// The first exposure of a folder on the way to it, from the path upwards.
pub fn check_folder_of(path: &Path) -> Result<(), Exposure> {
    let identity = Identity::of_this_process();
    let whole = std::path::absolute(path).map_err(|error| unexamined(path, &error, &identity))?;
    let existing = whole.ancestors().skip(1).find(|folder| folder.exists());
    let Some(existing) = existing else { return Ok(()) };
    let resolved = fs::canonicalize(existing).map_err(|error| unexamined(existing, &error, &identity))?;
    for folder in resolved.ancestors() {
        check_way(folder, &identity)?;
    }
    // Where the path leads through links, a user who may replace one of them leads it elsewhere.
    for folder in existing.ancestors().filter(|_| resolved != existing) {
        check_link(folder, &identity)?;
    }
    Ok(())
}

fn check_entry(path: &Path, found: &Metadata, secrecy: Secrecy, identity: &Identity) -> Result<(), Exposure> {
    check_owner(path, found, identity)?;
    let mode = found.mode() & 0o7777;
    let is_mount = found.is_dir() && found.uid() == ROOT && identity.user != ROOT;
    let kind = if is_mount && secrecy == Secrecy::Private && mode & OTHERS != 0 {
        ExposureKind::SharedMount { mode }
    } else if mode & (GROUP_WRITE | OTHERS_WRITE) != 0 {
        ExposureKind::Writable {
            mode,
            is_on_the_way: false,
        }
    } else if secrecy == Secrecy::Private && mode & OTHERS != 0 {
        ExposureKind::Readable { mode }
    } else {
        return Ok(());
    };
    Err(exposure(path, kind, identity))
}

/// A folder on the way: its owner and every user who may write to it can replace what is in it.
fn check_way(folder: &Path, identity: &Identity) -> Result<(), Exposure> {
    let found = fs::symlink_metadata(folder).map_err(|error| unexamined(folder, &error, identity))?;
    check_owner(folder, &found, identity)?;
    let mode = found.mode() & 0o7777;
    let by_group = mode & GROUP_WRITE != 0 && !identity.trusts_group_of(&found);
    let by_others = mode & OTHERS_WRITE != 0;
    if mode & STICKY == 0 && (by_group || by_others) {
        let kind = ExposureKind::Writable {
            mode,
            is_on_the_way: true,
        };
        return Err(exposure(folder, kind, identity));
    }
    Ok(())
}

fn check_link(path: &Path, identity: &Identity) -> Result<(), Exposure> {
    let found = fs::symlink_metadata(path).map_err(|error| unexamined(path, &error, identity))?;
    if !found.is_symlink() {
        return Ok(());
    }
    check_owner(path, &found, identity)?;
    path.parent().map_or(Ok(()), |folder| {
        let folder: PathBuf = fs::canonicalize(folder).map_err(|error| unexamined(folder, &error, identity))?;
        check_way(&folder, identity)
    })
}

pub(super) fn check_owner(path: &Path, found: &Metadata, identity: &Identity) -> Result<(), Exposure> {
    if identity.trusts(found.uid()) {
        return Ok(());
    }
    let kind = ExposureKind::ForeignOwner { owner: found.uid() };
    Err(exposure(path, kind, identity))
}

fn exposure(path: &Path, kind: ExposureKind, identity: &Identity) -> Exposure {
    Exposure {
        path: path.to_owned(),
        kind,
        our_user: identity.user,
    }
}

pub(super) fn unexamined(path: &Path, error: &io::Error, identity: &Identity) -> Exposure {
    exposure(path, ExposureKind::Unexamined { error: error.kind() }, identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, chown};

    const VOLUME_GROUP: u32 = 2000;

    fn of_pod(supplementary: Vec<u32>) -> Identity {
        Identity {
            user: 1000,
            group: 1000,
            supplementary,
        }
    }

    /// A volume as Kubernetes mounts it with `fsGroup`: it belongs to root, and the group of the pod may write to it.
    #[test]
    fn a_volume_that_root_shares_with_a_group_of_this_process_is_a_way_and_not_a_store() {
        if rustix::process::geteuid().as_raw() != ROOT {
            eprintln!("skipped: only root can make a volume of another group");
            return;
        }
        let volume = tempfile::tempdir().unwrap();
        chown(volume.path(), Some(ROOT), Some(VOLUME_GROUP)).unwrap();
        fs::set_permissions(volume.path(), fs::Permissions::from_mode(0o2775)).unwrap();
        assert_eq!(check_way(volume.path(), &of_pod(vec![VOLUME_GROUP])), Ok(()));
        assert!(check_way(volume.path(), &of_pod(Vec::new())).is_err());
        let found = fs::symlink_metadata(volume.path()).unwrap();
        let refused = check_entry(volume.path(), &found, Secrecy::Private, &of_pod(vec![VOLUME_GROUP])).unwrap_err();
        assert_eq!(refused.kind, ExposureKind::SharedMount { mode: 0o2775 });
        assert!(
            refused.remedy().contains("name a folder below it"),
            "{}",
            refused.remedy()
        );
    }
}
