//! The plugins from the target folder of a clone, built if they are missing or older than their sources.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tillhouse_plugin_tools as plugin_tools;

use crate::{CommandError, output};

pub(super) fn are_available() -> bool {
    workspace().is_ok()
}

pub(super) fn components<const N: usize>(packages: [&str; N]) -> Result<[Cow<'static, [u8]>; N], CommandError> {
    let mut components = packages.map(|_| Cow::Borrowed(&[][..]));
    for (component, file) in components.iter_mut().zip(files(&packages)?) {
        *component = Cow::Owned(std::fs::read(file)?);
    }
    Ok(components)
}

pub(super) fn file(package: &str, _folder: &Path) -> Result<PathBuf, CommandError> {
    let found = files(&[package])?.pop();
    found.ok_or_else(|| CommandError(format!("{package} was not built")))
}

/// Paths of the components in the target folder. Builds all of them if one is missing or outdated.
fn files(packages: &[&str]) -> Result<Vec<PathBuf>, CommandError> {
    let workspace = workspace()?;
    let folders = build_folders(&workspace);
    let found: Option<Vec<PathBuf>> = packages
        .iter()
        .map(|package| up_to_date_component(&workspace, &folders, package))
        .collect();
    if let Some(found) = found {
        return Ok(found);
    }
    output::print_progress("building the plugins for wasm32-wasip2");
    let built = plugin_tools::build(&workspace, packages)?;
    Ok(built.into_iter().map(|built| built.component).collect())
}

/// The clone that the plugins are built in: the current folder, or else the clone that this program was built from.
fn workspace() -> Result<PathBuf, CommandError> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let here = std::env::current_dir().ok();
    let found = here
        .into_iter()
        .chain(built_from.map(Path::to_path_buf))
        .find(|folder| folder.join("plugins/reference-shop").is_dir());
    found.ok_or_else(|| {
        let built_from = built_from.unwrap_or(Path::new("")).display();
        CommandError(format!(
            "the source code of the bundled plugins was not found in the current folder nor in the clone of Tillhouse that \
             this program was built from ({built_from}); run it in a clone, or install a program that embeds them: \
             cargo install --path host --features embedded-plugins"
        ))
    })
}

/// Where cargo may have put components: the target folder of this program, that of `CARGO_TARGET_DIR`, and that of the clone.
fn build_folders(workspace: &Path) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let around = program.iter().flat_map(|program| program.ancestors().skip(2).take(2));
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    around
        .map(Path::to_path_buf)
        .chain(named)
        .chain([workspace.join("target")])
        .map(|target| target.join(plugin_tools::TARGET).join("guest"))
        .collect()
}

/// Files that every build of a component depends on, besides the sources that cargo lists.
const RECIPE: [&str; 3] = ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml"];

/// The newest component that was built from the sources of this clone and is not older than they are.
fn up_to_date_component(workspace: &Path, folders: &[PathBuf], package: &str) -> Option<PathBuf> {
    let name = package.replace('-', "_");
    let workspace = workspace.canonicalize().ok()?;
    let recipe: Vec<PathBuf> = RECIPE.iter().map(|file| workspace.join(file)).collect();
    let is_before = |file: &Path, at| modified(file).is_some_and(|changed| changed <= at);
    let made = folders.iter().filter_map(|folder| {
        let component = folder.join(&name).with_extension("wasm");
        let at = modified(&component)?;
        let sources = std::fs::read_to_string(component.with_extension("d")).ok()?;
        let is_current = recipe.iter().all(|file| is_before(file, at))
            && sources_of(&sources).all(|source| source.starts_with(&workspace) && is_before(&source, at));
        is_current.then_some((at, component))
    });
    made.max().map(|(_, component)| component)
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

/// Parse cargo's dep-info file: `component: source source`, where spaces within a path are escaped with a backslash.
fn sources_of(dep_info: &str) -> impl Iterator<Item = PathBuf> {
    let sources = dep_info.split_once(": ").map_or("", |(_, sources)| sources).trim_end();
    let mut paths = vec![String::new()];
    let mut letters = sources.chars();
    while let Some(letter) = letters.next() {
        match (letter, paths.last_mut()) {
            (' ', _) => paths.push(String::new()),
            ('\\', Some(path)) => path.extend(letters.next()),
            (letter, Some(path)) => path.push(letter),
            _ => {}
        }
    }
    paths.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path, source: &Path) -> PathBuf {
        let component = folder.join("a_shop.wasm");
        std::fs::write(&component, "made").unwrap();
        let named = source.display().to_string().replace(' ', "\\ ");
        std::fs::write(folder.join("a_shop.d"), format!("{}: {named}\n", component.display())).unwrap();
        component
    }

    fn age(file: &Path, seconds: u64) {
        let file = std::fs::File::options().write(true).open(file).unwrap();
        let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 - seconds);
        file.set_modified(then).unwrap();
    }

    #[test]
    fn a_component_is_taken_unless_it_is_older_than_its_sources_or_of_another_clone() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().canonicalize().unwrap();
        let source = folder.join("its lib.rs");
        for file in RECIPE.iter().map(|file| folder.join(file)).chain([source.clone()]) {
            std::fs::write(&file, "source").unwrap();
            age(&file, 2);
        }
        let component = written(&folder, &source);
        let found_in = |clone: &Path| up_to_date_component(clone, &[folder.join("none"), folder.clone()], "a-shop");
        age(&component, 1);
        assert_eq!(found_in(&folder), Some(component.clone()));
        assert_eq!(found_in(&folder.join("none")), None, "of another clone");
        age(&component, 3);
        assert_eq!(found_in(&folder), None, "the sources are newer");
        age(&component, 1);
        age(&folder.join("Cargo.lock"), 0);
        assert_eq!(found_in(&folder), None, "the recipe is newer");
        age(&folder.join("Cargo.lock"), 2);
        std::fs::remove_file(&source).unwrap();
        assert_eq!(found_in(&folder), None, "the source is gone");
    }
}
