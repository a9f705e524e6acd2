use tempfile::TempDir;

use super::*;

const WAT: &str = "(component)";

/// A folder of compiled code, which [`SealedCache::open`] creates in a temporary directory.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::with_prefix("tillhouse-sealed-").unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("code")
    }

    fn open(&self) -> SealedCache {
        SealedCache::open(&self.path()).unwrap()
    }

    /// The only file of compiled code in the folder.
    fn file(&self) -> PathBuf {
        let mut files = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path());
        let file = files.find(|path| path.extension().is_some_and(|extension| extension == "cwasm"));
        file.unwrap()
    }
}

fn compiled(engine: &Engine) -> (Digest, Compiled) {
    let bytes = wat::parse_str(WAT).unwrap();
    (Digest::of(&bytes), Compiled::from_binary(engine, &bytes).unwrap())
}

#[test]
fn what_was_kept_is_loaded_by_a_later_start() {
    let (folder, engine) = (Folder::new(), Engine::default());
    let (digest, code) = compiled(&engine);
    assert!(folder.open().load(&engine, digest).is_none());
    folder.open().save(&engine, digest, &code);
    let loaded = folder.open().load(&engine, digest).unwrap();
    assert_eq!(loaded.serialize().unwrap(), code.serialize().unwrap());
}

#[test]
fn no_byte_of_a_file_can_be_changed() {
    let (folder, engine) = (Folder::new(), Engine::default());
    let (digest, code) = compiled(&engine);
    let sealed = folder.open();
    sealed.save(&engine, digest, &code);
    let whole = fs::read(folder.file()).unwrap();
    for at in [0, SEAL_BYTES - 1, SEAL_BYTES, whole.len() / 2, whole.len() - 1] {
        let mut broken = whole.clone();
        broken[at] ^= 1;
        fs::write(folder.file(), broken).unwrap();
        assert!(sealed.load(&engine, digest).is_none(), "byte {at}");
    }
    fs::write(folder.file(), &whole[..SEAL_BYTES - 1]).unwrap();
    assert!(sealed.load(&engine, digest).is_none());
}

#[test]
fn code_of_one_component_is_not_loaded_as_another() {
    let (folder, engine) = (Folder::new(), Engine::default());
    let (digest, code) = compiled(&engine);
    let sealed = folder.open();
    sealed.save(&engine, digest, &code);
    let other = Digest::of(b"other");
    fs::rename(folder.file(), sealed.path(&engine, other)).unwrap();
    assert!(sealed.load(&engine, other).is_none());
}

#[test]
fn a_seal_of_another_key_is_none() {
    let (ours, theirs, engine) = (Folder::new(), Folder::new(), Engine::default());
    let (digest, code) = compiled(&engine);
    let sealed = ours.open();
    theirs.open().save(&engine, digest, &code);
    fs::copy(theirs.file(), sealed.path(&engine, digest)).unwrap();
    assert!(sealed.load(&engine, digest).is_none());
}

/// A folder of another user, whatever its mode, is theirs to fill: with a key and code of their own.
#[test]
fn code_that_another_user_could_have_put_there_is_refused() {
    use std::os::unix::fs::chown;

    const OTHER_USER: u32 = 65_534;
    let of_another_user = |of: &dyn Fn(&Folder) -> PathBuf| {
        let folder = Folder::new();
        drop(folder.open());
        chown(of(&folder), Some(OTHER_USER), Some(OTHER_USER))
            .map(|()| SealedCache::open(&folder.path()).err().unwrap())
    };
    let of_the_key = |folder: &Folder| folder.path().join(KEY);
    for of in [&Folder::path as &dyn Fn(&Folder) -> PathBuf, &of_the_key] {
        match of_another_user(of) {
            Ok(error) => assert!(error.to_string().contains("run: chown"), "{error}"),
            Err(error) => eprintln!("skipped, because only root can give a file to another user: {error}"),
        }
    }
}

/// The key of another folder, or of another user, linked here.
#[test]
fn a_key_behind_a_link_is_not_read() {
    let (ours, theirs) = (Folder::new(), Folder::new());
    drop((ours.open(), theirs.open()));
    fs::remove_file(ours.path().join(KEY)).unwrap();
    std::os::unix::fs::symlink(theirs.path().join(KEY), ours.path().join(KEY)).unwrap();
    assert!(SealedCache::open(&ours.path()).is_err());
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let folder = Folder::new();
    drop(folder.open());
    let key = fs::metadata(folder.path().join(KEY)).unwrap();
    assert_eq!(key.mode() & 0o777, 0o600);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let error = SealedCache::open(&folder.path()).err().unwrap();
    assert!(error.to_string().contains("chmod"), "{error}");
}

/// For instance code from a release before composed components were supported.
#[test]
fn code_for_other_settings_of_the_engine_is_not_loaded() {
    type Change<'a> = &'a dyn Fn(&mut wasmtime::Config);
    let with = |change: Change<'_>| {
        let mut config = wasmtime::Config::new();
        change(&mut config);
        Engine::new(&config).unwrap()
    };
    let ours = with(&|_| {});
    // Wasmtime itself accepts code from an engine with fewer WebAssembly features, and rejects other settings.
    let changes: [(bool, Change<'_>); 3] = [
        (true, &|config| _ = config.wasm_multi_memory(false)),
        (false, &|config| _ = config.consume_fuel(true)),
        (false, &|config| _ = config.epoch_interruption(true)),
    ];
    for (is_less, change) in changes {
        let (folder, before) = (Folder::new(), with(change));
        let (digest, code) = compiled(&before);
        let sealed = folder.open();
        sealed.save(&before, digest, &code);
        assert_ne!(sealed.path(&before, digest), sealed.path(&ours, digest));
        assert!(sealed.load(&ours, digest).is_none());
        fs::rename(folder.file(), sealed.path(&ours, digest)).unwrap();
        assert_eq!(sealed.load(&ours, digest).is_some(), is_less);
    }
}

#[test]
fn a_name_is_that_of_every_start() {
    let (folder, engine) = (Folder::new(), Engine::default());
    let (digest, _) = compiled(&engine);
    assert_eq!(
        folder.open().path(&engine, digest),
        folder.open().path(&Engine::default(), digest)
    );
}
