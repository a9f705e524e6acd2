//! A copy of the sources: all files that git tracks, and new ones that it does not ignore.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy of the sources that is patched.
#[derive(Debug)]
pub(super) struct Tree {
    workspace: PathBuf,
    folder: PathBuf,
}

impl Tree {
    pub(super) fn new(workspace: &Path, folder: PathBuf) -> Self {
        Self {
            workspace: workspace.to_owned(),
            folder,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Updates the copy from the workspace. Unchanged files are kept, so that cargo builds only what differs.
    pub(super) fn update(&self) -> Result<(), String> {
        let files = self.list_files()?;
        let copied = files.iter().try_for_each(|file| self.copy(file));
        copied
            .and_then(|()| self.remove_others(&self.folder, &files))
            .map_err(|error| format!("could not update the copy in {}: {error}", self.folder.display()))
    }

    /// Writes other texts into some files, and returns what was in them.
    pub(super) fn swap(&self, files: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
        let swap = |(file, text): (&String, &String)| {
            let path = self.folder.join(file);
            let before = fs::read_to_string(&path)?;
            fs::write(path, text)?;
            Ok((file.clone(), before))
        };
        let swapped: io::Result<_> = files.iter().map(swap).collect();
        swapped.map_err(|error| format!("could not write to the copy in {}: {error}", self.folder.display()))
    }

    fn list_files(&self) -> Result<BTreeSet<PathBuf>, String> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let output = git.current_dir(&self.workspace).output();
        let output = output.map_err(|error| format!("could not start git: {error}"))?;
        if !output.status.success() {
            return Err("the sources are not in a git repository".to_owned());
        }
        let names = String::from_utf8_lossy(&output.stdout);
        let names = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
        // A tracked file may have been removed from the working tree.
        Ok(names.filter(|name| self.workspace.join(name).is_file()).collect())
    }

    fn copy(&self, file: &Path) -> io::Result<()> {
        let (from, to) = (self.workspace.join(file), self.folder.join(file));
        let text = fs::read(&from)?;
        if fs::read(&to).is_ok_and(|there| there == text) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(to, text)
    }

    fn remove_others(&self, folder: &Path, files: &BTreeSet<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.remove_others(&path, files)?;
            } else if path.strip_prefix(&self.folder).is_ok_and(|name| !files.contains(name)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}
