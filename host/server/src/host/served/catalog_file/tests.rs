use std::path::PathBuf;

use super::*;

const NOW: Timestamp = Timestamp(1);
const GOOD: &str = "id,title,price,availability\ntee,Tee,1.00 USD,in_stock\n";

fn written(folder: &Path, content: &str) -> PathBuf {
    let path = folder.join("catalog.csv");
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_file_is_another_one_if_it_is_replaced_rewritten_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), GOOD);
    let state = FileState::of(&path);
    assert_eq!(FileState::of(&path), state);
    // The same size and the same modification time, as a copy that preserves both has them.
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let draft = folder.path().join("draft");
    std::fs::write(&draft, GOOD.replace("1.00", "2.00")).unwrap();
    std::fs::File::options()
        .write(true)
        .open(&draft)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    std::fs::rename(&draft, &path).unwrap();
    let renamed = FileState::of(&path);
    assert_ne!(renamed, state);
    std::fs::write(&path, GOOD.replace("1.00", "12.00")).unwrap();
    let rewritten = FileState::of(&path);
    assert_ne!(rewritten, renamed);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(FileState::of(&path), FileState::Absent(io::ErrorKind::NotFound));
}

#[test]
fn a_catalog_is_known_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |content: &str| {
        let read = CatalogRead::of(&written(folder.path(), content), NOW);
        assert!(read.stable);
        read.content.unwrap().sha256
    };
    assert_eq!(digest(GOOD), digest(GOOD));
    assert_ne!(digest(GOOD), digest(&GOOD.replace("1.00", "2.00")));
}

#[test]
fn every_problem_names_the_file_and_the_number_of_problems_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "x,X,1.005 USD,in_stock\n".repeat(REPORTED + 5);
    let path = written(folder.path(), &format!("id,title,price,availability\n{rows}"));
    let problems = CatalogRead::of(&path, NOW).content.unwrap_err();
    assert_eq!(problems.len(), REPORTED + 1);
    let (first, last) = (&problems[0], &problems[REPORTED]);
    assert!(
        first.starts_with(path.to_str().unwrap()) && first.contains("line 2: column price"),
        "{first}"
    );
    assert!(last.ends_with(" more"), "{last}");
}
