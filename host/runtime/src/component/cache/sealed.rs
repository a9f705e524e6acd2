//! Compiled code on disk, so that a restarted host need not compile again.
//!
//! Loading compiled code means trusting it with the whole process. Each file is therefore sealed with an HMAC-SHA256 over the
//! component's digest and the code, under a key that only the host's user can read; folder, key and code belong to that user or to root. The bytes that are loaded are the bytes
//! whose seal was verified. Code for another engine, version or machine has another file name, and wasmtime rejects it as well.
//! The folder is only a cache: it may be removed at any time.

use std::fs::{self, File};
use std::hash::{Hash as _, Hasher};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tillhouse_private_files::{self as private_files, Exposure, Secrecy, check};
use tracing::{debug, warn};
use wasmtime::Engine;
use wasmtime::component::Component as Compiled;
use zeroize::Zeroizing;

use crate::component::digest::Digest;

/// Name of the key file in the folder.
const KEY: &str = "seal.key";
const KEY_BYTES: usize = 32;
const SEAL_BYTES: usize = 32;
/// Domain separation: prefix of the sealed bytes, so that an HMAC made for another purpose is not a valid seal.
const PURPOSE: &[u8] = b"tillhouse compiled component 1";

/// Why the cache of compiled code is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodeFolderError {
    /// Others could have put code or the key there.
    #[error("{exposure}; {}", exposure.remedy())]
    Exposed {
        /// The folder or the key, and how it is exposed.
        #[from]
        exposure: Exposure,
    },
    /// The folder or the key cannot be read or created.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Checks the folder for compiled code and the key in it, as a host does when it starts: it does not start with one that fails.
///
/// Code
/// that others could have put there must not be loaded, and a key that they could have read or written seals nothing.
///
/// # Errors
/// The first exposure.
pub fn check_code_folder(folder: &Path) -> Result<(), Exposure> {
    check(folder, Secrecy::Public)?;
    check(&folder.join(KEY), Secrecy::Private)
}

/// The folder, and the keyed HMAC that seals its files.
pub(super) struct SealedCache {
    folder: PathBuf,
    keyed: Hmac<Sha256>,
}

impl SealedCache {
    /// Open the folder; create it if it does not exist.
    ///
    /// # Errors
    /// When the folder or its key cannot be read or created, or others than this user could have put the key or the code there.
    pub(super) fn open(folder: &Path) -> Result<Self, CodeFolderError> {
        private_files::create_folder(folder)?;
        check_code_folder(folder)?;
        let key = key(&folder.join(KEY))?;
        Ok(Self {
            folder: folder.to_owned(),
            keyed: Hmac::new_from_slice(&*key).map_err(io::Error::other)?,
        })
    }

    /// Load the code of this component for this engine. `None` if there is no file or its seal is not valid.
    pub(super) fn load(&self, engine: &Engine, digest: Digest) -> Option<Compiled> {
        let path = self.path(engine, digest);
        let mut file = Vec::new();
        let opened = private_files::open_private(&path, File::options().read(true));
        opened.ok()?.read_to_end(&mut file).ok()?;
        let Some(code) = self.unseal(digest, &file) else {
            warn!(path = %path.display(), "cached compiled code is damaged or from another host; compiling again");
            return None;
        };
        deserialize(engine, code)
            .inspect_err(|error| debug!(path = %path.display(), %error, "cached compiled code is for another engine"))
            .ok()
    }

    /// Save code for the next start. Failing to write it only makes the next start slower, so it is a warning.
    pub(super) fn save(&self, engine: &Engine, digest: Digest, compiled: &Compiled) {
        let path = self.path(engine, digest);
        let code = compiled.serialize().map_err(io::Error::other);
        if let Err(error) = code.and_then(|code| self.write(&path, digest, &code)) {
            warn!(path = %path.display(), %error, "failed to save compiled code; the next start compiles again");
        }
    }

    fn write(&self, path: &Path, digest: Digest, code: &[u8]) -> io::Result<()> {
        let draft = TempFile::beside(path)?;
        let mut file = draft.create()?;
        file.write_all(&self.seal(digest, code).finalize().into_bytes())?;
        file.write_all(code)?;
        fs::rename(&draft.0, path)
    }

    fn unseal<'a>(&self, digest: Digest, file: &'a [u8]) -> Option<&'a [u8]> {
        let (seal, code) = file.split_at_checked(SEAL_BYTES)?;
        self.seal(digest, code).verify_slice(seal).ok()?;
        Some(code)
    }

    fn seal(&self, digest: Digest, code: &[u8]) -> Hmac<Sha256> {
        let begun = self.keyed.clone().chain_update(PURPOSE);
        begun.chain_update(digest.bytes()).chain_update(code)
    }

    fn path(&self, engine: &Engine, digest: Digest) -> PathBuf {
        let mut hasher = StableHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.folder.join(format!("{digest}-{:016x}.cwasm", hasher.finish()))
    }
}

/// Hasher for file names by engine: SHA-256, because std's default hasher may change between releases.
struct StableHasher(Sha256);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |name, byte| name << 8 | u64::from(*byte))
    }
}

/// Load compiled code. The only unsafe operation of the host.
#[allow(unsafe_code, reason = "wasmtime cannot verify compiled code, but its seal can")]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Compiled> {
    // SAFETY: `code` is the output of `Compiled::serialize` in `SealedCache::save`: its seal was verified, and the bytes have not
    // left this process since.
    unsafe { Compiled::deserialize(engine, code) }
}

/// Read the key file, or create it. Hosts that start at the same time end up with the same key.
fn key(path: &Path) -> io::Result<Zeroizing<[u8; KEY_BYTES]>> {
    let read = || -> io::Result<_> {
        let mut text = Zeroizing::new(Vec::new());
        private_files::open_private(path, File::options().read(true))?
            .take(KEY_BYTES as u64 + 1)
            .read_to_end(&mut text)?;
        let key = <[u8; KEY_BYTES]>::try_from(text.as_slice());
        key.map(Zeroizing::new).map_err(|_| {
            let why = format!(
                "{} does not hold a key of {KEY_BYTES} bytes; remove the file to create a new key",
                path.display()
            );
            io::Error::new(ErrorKind::InvalidData, why)
        })
    };
    match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut fresh = Zeroizing::new([0; KEY_BYTES]);
            getrandom::fill(&mut *fresh).map_err(io::Error::other)?;
            let draft = TempFile::beside(path)?;
            draft.create()?.write_all(&*fresh)?;
            match fs::hard_link(&draft.0, path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
                _ => read(),
            }
        }
        read => read,
    }
}

/// A temporary file that is renamed when it is complete, so that no reader sees a partial file. Removed when dropped.
struct TempFile(PathBuf);

impl TempFile {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut unique = [0; 8];
        getrandom::fill(&mut unique).map_err(io::Error::other)?;
        let extension = format!("{:016x}.draft", u64::from_ne_bytes(unique));
        Ok(Self(path.with_extension(extension)))
    }

    fn create(&self) -> io::Result<File> {
        File::options().create_new(true).write(true).mode(0o600).open(&self.0)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests;
