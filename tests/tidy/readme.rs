//! Checks the commands in the README.

use std::fs;

use super::source::root;

/// The commands in fenced shell blocks of a page.
fn commands(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            inside = !inside && ["```sh", "```bash", "```console"].contains(&line.trim());
        } else if inside {
            commands.push(line.trim_start_matches("$ ").trim());
        }
    }
    commands
}

#[test]
fn the_readme_shows_the_two_commands() {
    let page = "```sh\ncargo run -- demo\n```\ncargo test\n```toml\ncargo test\n```\n";
    assert_eq!(commands(page), ["cargo run -- demo"]);
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    for command in ["cargo run -- demo", "cargo test --workspace"] {
        let shown = commands(&readme).iter().any(|shown| shown.starts_with(command));
        assert!(shown, "README.md has no shell block with `{command}`");
    }
}
