//! Compares the list of steps with what a host passes: a commit or an effect that is not listed fails here, with the line to add.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Trial;

use crate::case::Case;
use crate::points::{self, REPEATED};
use crate::scene::Scene;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    let of = |scene: Scene| {
        trial(
            &format!("{}::every crash point is in the list", scene.name()),
            async move || check_list(scene).await,
        )
    };
    let mut trials: Vec<Trial> = Scene::ALL.into_iter().map(of).collect();
    trials.push(trial("there are at least 240 cases", async || check_number_of_cases()));
    trials
}

/// Asserts that there are at least 240 cases without duplicates.
fn check_number_of_cases() {
    let names: BTreeSet<String> = points::cases().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), points::cases().len(), "a case is listed twice");
    assert!(names.len() >= 240, "{} cases", names.len());
    for action in points::ACTIONS {
        for kind in ["first run", "recovery"] {
            let of_both = names
                .iter()
                .filter(|name| name.starts_with(kind) && name.ends_with(action));
            assert!(of_both.count() >= 40, "{kind} {action}");
        }
    }
}

async fn check_list(scene: Scene) {
    let passed = Case { scene, armed: None }.run().await;
    let mut seen = Counts::new();
    for name in passed {
        let again = !name.starts_with(REPEATED) && !scene.repeats().iter().any(|repeated| name.starts_with(repeated));
        let count = seen.entry(name).or_default();
        *count = if again { *count + 1 } else { 1 };
    }
    let listed: Counts = points::crash_points(scene).collect();
    let (missing, stale) = (steps(&seen, &listed), steps(&listed, &seen));
    assert!(
        missing.is_empty() && stale.is_empty(),
        "the steps of {scene:?} in tests/crashpoints/points.rs lack\n{missing}and these do not occur as often as listed\n{stale}"
    );
}

/// Crash points, and how often each is passed.
type Counts = BTreeMap<String, u32>;

/// Steps of `of` that `other` lacks or has with another count, as lines of the list.
fn steps(of: &Counts, other: &Counts) -> String {
    let only = of.iter().filter(|(name, count)| other.get(*name) != Some(*count));
    let lines: BTreeSet<String> = only.map(|(name, count)| line(name, *count)).collect();
    lines.into_iter().collect()
}

fn line(name: &str, count: u32) -> String {
    let (step, _) = name.rsplit_once('.').expect("the name ends with the place");
    let (kind, what) = step.split_once('.').expect("the name starts with the kind");
    let kind = if kind == "commit" { "Commit" } else { "Effect" };
    format!("            {kind}(\"{what}\", {count}),\n")
}
