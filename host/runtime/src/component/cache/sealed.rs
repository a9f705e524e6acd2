//! Compiled code on disk, so that a start need not compile again.
//!
//! To load compiled code is to trust it with the whole process. A file is therefore sealed: HMAC-SHA256 over the component's
//! digest and the code, under a key that only the user of the host can read; and what is loaded are the very bytes whose seal
//! was checked. Code for another engine, version or machine has another name, and wasmtime refuses it besides. The folder holds
//! nothing that cannot be made again: it may be removed at any time.

use std::fs::{self, DirBuilder, File};
use std::hash::{Hash as _, Hasher};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tracing::{debug, warn};
use wasmtime::Engine;
use wasmtime::component::Component as Compiled;
use zeroize::Zeroizing;

use crate::component::digest::Digest;

/// The key's file, in the folder.
const KEY: &str = "seal.key";
const KEY_BYTES: usize = 32;
const SEAL_BYTES: usize = 32;
/// What is sealed begins with this, so that a seal of another kind is none here.
const PURPOSE: &[u8] = b"tillhouse compiled component 1";

/// The folder, and what seals its files.
pub(super) struct Sealed {
    folder: PathBuf,
    keyed: Hmac<Sha256>,
}

impl Sealed {
    /// Use this folder, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be used, or others than its owner may write to it.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if fs::metadata(folder)?.mode() & 0o022 != 0 {
            let why = "others than its owner may write to it; `chmod go-w` it";
            return Err(io::Error::new(ErrorKind::PermissionDenied, why));
        }
        let key = key(&folder.join(KEY))?;
        Ok(Self {
            folder: folder.to_owned(),
            keyed: Hmac::new_from_slice(&*key).map_err(io::Error::other)?,
        })
    }

    /// The code of this component for this engine, if it was kept and its seal is whole.
    pub(super) fn load(&self, engine: &Engine, digest: Digest) -> Option<Compiled> {
        let path = self.path(engine, digest);
        let file = fs::read(&path).ok()?;
        let Some(code) = self.unseal(digest, &file) else {
            warn!(path = %path.display(), "compiled code is damaged or not from this host; it is compiled again");
            return None;
        };
        deserialize(engine, code)
            .inspect_err(|error| debug!(path = %path.display(), %error, "compiled code is not for this engine"))
            .ok()
    }

    /// Keep code for the next start. A folder that cannot be written costs the next start its time, and nothing else.
    pub(super) fn keep(&self, engine: &Engine, digest: Digest, compiled: &Compiled) {
        let path = self.path(engine, digest);
        let code = compiled.serialize().map_err(io::Error::other);
        if let Err(error) = code.and_then(|code| self.write(&path, digest, &code)) {
            warn!(path = %path.display(), %error, "compiled code was not kept");
        }
    }

    fn write(&self, path: &Path, digest: Digest, code: &[u8]) -> io::Result<()> {
        let draft = Draft::beside(path)?;
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
        let mut hasher = Named(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.folder.join(format!("{digest}-{:016x}.cwasm", hasher.finish()))
    }
}

/// Names engines by a hash that stays the same from one release of the standard library to the next.
struct Named(Sha256);

impl Hasher for Named {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |name, byte| name << 8 | u64::from(*byte))
    }
}

/// The one unsafe operation of the host.
#[allow(unsafe_code, reason = "wasmtime cannot check compiled code; its seal can")]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Compiled> {
    // SAFETY: `code` is what `Compiled::serialize` gave to `Sealed::keep`: the seal says so, and the bytes have been in this
    // process since it was checked.
    unsafe { Compiled::deserialize(engine, code) }
}

/// The key in this file; a new one where there is none. Hosts that begin at the same time end up with the same.
fn key(path: &Path) -> io::Result<Zeroizing<[u8; KEY_BYTES]>> {
    let read = || -> io::Result<_> {
        let text = Zeroizing::new(fs::read(path)?);
        let key = <[u8; KEY_BYTES]>::try_from(text.as_slice());
        key.map(Zeroizing::new).map_err(|_| {
            let why = format!("{} is no key; remove it", path.display());
            io::Error::new(ErrorKind::InvalidData, why)
        })
    };
    match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut fresh = Zeroizing::new([0; KEY_BYTES]);
            getrandom::fill(&mut *fresh).map_err(io::Error::other)?;
            let draft = Draft::beside(path)?;
            draft.create()?.write_all(&*fresh)?;
            match fs::hard_link(&draft.0, path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
                _ => read(),
            }
        }
        read => read,
    }
}

/// A file that becomes another when it is whole, so that nobody reads half of it. Removed when dropped.
struct Draft(PathBuf);

impl Draft {
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

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests;
