//! What the file system says of a file that changes.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::{FileState, digest};

#[test]
fn a_file_is_another_one_if_it_is_replaced_rewritten_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.csv");
    fs::write(&path, "id\na\n").unwrap();
    let state = FileState::of(&path);
    assert_eq!(FileState::of(&path), state);
    // The same size and the same modification time, as a copy that preserves both has them.
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let draft = folder.path().join("draft");
    fs::write(&draft, "id\nb\n").unwrap();
    fs::File::options()
        .write(true)
        .open(&draft)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    fs::rename(&draft, &path).unwrap();
    let renamed = FileState::of(&path);
    assert_ne!(renamed, state);
    fs::write(&path, "id\nbb\n").unwrap();
    let rewritten = FileState::of(&path);
    assert_ne!(rewritten, renamed);
    fs::remove_file(&path).unwrap();
    assert_eq!(FileState::of(&path), FileState::Absent(std::io::ErrorKind::NotFound));
}

/// Two names that take turns in the place of the file.
fn take_turns(file: &Path, pipe: &Path, name: &Path) {
    let link = |to: &Path| {
        let draft = name.with_extension("draft");
        std::os::unix::fs::symlink(to, &draft).unwrap();
        fs::rename(&draft, name).unwrap();
    };
    link(pipe);
    link(file);
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let [file, pipe, name] = ["file", "pipe", "name.csv"].map(|it| folder.path().join(it));
    fs::write(&file, "id\na\n").unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    take_turns(&file, &pipe, &name);
    let (ended, end) = mpsc::channel();
    let read = name.clone();
    thread::spawn(move || {
        let results = (0..3000).map(|_| digest(&read, 100).err().map(|error| error.to_string()));
        ended.send(results.flatten().collect::<Vec<_>>()).ok();
    });
    let deadline = Instant::now() + Duration::from_secs(30);
    let errors = loop {
        take_turns(&file, &pipe, &name);
        match end.try_recv() {
            Ok(errors) => break errors,
            Err(_) => assert!(Instant::now() < deadline, "a writer of the pipe is waited for"),
        }
    };
    let expected = |error: &String| error.contains("not an ordinary file");
    assert!(errors.iter().all(expected), "{errors:?}");
}
