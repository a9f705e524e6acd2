//! Creates and opens what is to be private, so that it is so from the start.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::path::{Identity, check_owner};

/// Creates a folder that only this user can enter, with every folder on the way to it that is missing. One that exists stays as it is.
///
/// # Errors
/// The operating system's error.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Opens a file with these options, follows no link at its end, and creates it, where the options say so, for this user only.
///
/// The file that was opened, and not what its path leads to later, belongs to this user or to root.
///
/// # Errors
/// The operating system's error, or that the file belongs to another user.
pub fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file = options.mode(0o600).custom_flags(no_follow).open(path)?;
    check_owner(path, &file.metadata()?, &Identity::of_this_process())?;
    Ok(file)
}

/// Takes a file of this user away from all other users. A file of an earlier release may be readable by others.
///
/// # Errors
/// The operating system's error.
pub fn restrict(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_ours = found.uid() == rustix::process::geteuid().as_raw();
    if found.is_file() && is_ours && found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(found.mode() & 0o700))?;
    }
    Ok(())
}
