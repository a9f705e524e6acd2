//! What the file system says of a file that changes.

use std::fs;

use crate::FileState;

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
