#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::fs::{self, File, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

/// A user without files, on every system.
const OTHER_USER: u32 = 65_534;

/// A folder of mode 0700, with a folder in it that has one more in it.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(TempDir::with_prefix("tillhouse-private-").unwrap());
        create_folder(&tree.inner()).unwrap();
        tree
    }

    fn outer(&self) -> PathBuf {
        self.0.path().join("outer")
    }

    fn inner(&self) -> PathBuf {
        self.outer().join("inner")
    }

    fn file(&self) -> PathBuf {
        self.inner().join("file")
    }

    fn with_file(self) -> Self {
        drop(open_private(&self.file(), File::options().create(true).write(true)).unwrap());
        self
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Whether this process may give files away. Where not, the test says that it did not run.
fn is_root(test: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("{test}: skipped, because only root can give a file to another user");
    }
    is_root
}

#[test]
fn what_is_created_here_is_private() {
    let tree = Tree::new().with_file();
    assert_eq!(check(&tree.inner(), Secrecy::Private), Ok(()));
    assert_eq!(check(&tree.file(), Secrecy::Private), Ok(()));
    assert_eq!(check(&tree.inner().join("not-yet"), Secrecy::Private), Ok(()));
    assert_eq!(fs::metadata(tree.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn others_may_neither_read_nor_write_what_is_private_and_only_not_write_what_is_public() {
    let tree = Tree::new().with_file();
    for (mode, is_private, is_public) in [
        (0o600, true, true),
        (0o640, false, true),
        (0o604, false, true),
        (0o611, false, true),
        (0o620, false, false),
        (0o602, false, false),
        (0o666, false, false),
    ] {
        set_mode(&tree.file(), mode);
        assert_eq!(check(&tree.file(), Secrecy::Private).is_ok(), is_private, "{mode:o}");
        assert_eq!(check(&tree.file(), Secrecy::Public).is_ok(), is_public, "{mode:o}");
    }
    let found = check(&tree.file(), Secrecy::Public).unwrap_err();
    assert_eq!(found.remedy(), format!("run: chmod go= {}", tree.file().display()));
}

#[test]
fn a_folder_on_the_way_that_others_may_write_to_is_named() {
    let tree = Tree::new().with_file();
    for (mode, is_safe) in [(0o755, true), (0o757, false), (0o1777, true)] {
        set_mode(&tree.outer(), mode);
        assert_eq!(check(&tree.file(), Secrecy::Private).is_ok(), is_safe, "{mode:o}");
    }
    set_mode(&tree.outer(), 0o757);
    let found = check(&tree.file(), Secrecy::Private).unwrap_err();
    assert_eq!(found.path, fs::canonicalize(tree.outer()).unwrap());
    assert!(found.remedy().contains("chmod go-w"), "{found}");
}

#[test]
fn a_link_leads_to_what_is_checked_and_is_not_followed_where_a_key_is_opened() {
    let tree = Tree::new().with_file();
    let link = tree.inner().join("link");
    symlink(tree.file(), &link).unwrap();
    assert_eq!(check(&link, Secrecy::Private), Ok(()));
    assert!(open_private(&link, File::options().read(true)).is_err());
    set_mode(&tree.file(), 0o644);
    assert_eq!(
        check(&link, Secrecy::Private).unwrap_err().path,
        fs::canonicalize(tree.file()).unwrap()
    );

    // The same store by a path that leads through a link in a folder that all users may write to.
    let shared = tree.0.path().join("shared");
    create_folder(&shared).unwrap();
    symlink(tree.outer(), shared.join("way")).unwrap();
    let through = shared.join("way").join("inner");
    assert_eq!(check(&through, Secrecy::Private), Ok(()));
    set_mode(&shared, 0o777);
    assert!(check(&through, Secrecy::Private).is_err());
}

#[test]
fn a_file_of_an_earlier_release_is_taken_away_from_others() {
    let tree = Tree::new().with_file();
    set_mode(&tree.file(), 0o644);
    restrict(&tree.file()).unwrap();
    assert_eq!(check(&tree.file(), Secrecy::Private), Ok(()));
    restrict(&tree.inner().join("not-there")).unwrap();
}

#[test]
fn what_belongs_to_another_user_is_refused_though_its_mode_is_right() {
    if !is_root("what_belongs_to_another_user_is_refused_though_its_mode_is_right") {
        return;
    }
    for which in [Tree::outer, Tree::inner, Tree::file] {
        let tree = Tree::new().with_file();
        chown(which(&tree), Some(OTHER_USER), Some(OTHER_USER)).unwrap();
        let found = check(&tree.file(), Secrecy::Private).unwrap_err();
        assert_eq!(found.kind, ExposureKind::ForeignOwner { owner: OTHER_USER }, "{found}");
        assert_eq!(found.path, fs::canonicalize(which(&tree)).unwrap());
        assert!(found.remedy().contains("chown 0 "), "{}", found.remedy());
        assert!(found.remedy().contains("65534"), "{}", found.remedy());
    }
}

#[test]
fn a_link_or_a_file_of_another_user_is_not_opened() {
    if !is_root("a_link_or_a_file_of_another_user_is_not_opened") {
        return;
    }
    let tree = Tree::new().with_file();
    chown(tree.file(), Some(OTHER_USER), None).unwrap();
    let error = open_private(&tree.file(), File::options().read(true)).unwrap_err();
    assert!(
        error.to_string().contains("belongs to the user with the id 65534"),
        "{error}"
    );
    chown(tree.file(), Some(0), None).unwrap();
    let mut text = String::new();
    open_private(&tree.file(), File::options().read(true))
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();

    let link = tree.inner().join("link");
    symlink(tree.file(), &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(OTHER_USER), None).unwrap();
    let found = check(&link, Secrecy::Private).unwrap_err();
    assert_eq!(
        (found.path, found.kind),
        (link, ExposureKind::ForeignOwner { owner: OTHER_USER })
    );
}
