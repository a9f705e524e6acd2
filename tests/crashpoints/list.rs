//! The list of places, held to what a host passes: a commit or an effect that is not in it fails here, with the line to add.

use std::collections::BTreeMap;

use libtest_mimic::Trial;

use crate::case::Case;
use crate::points::{self, GOES_ON};
use crate::scene::Scene;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    let of = |scene: Scene| trial(&format!("{}::every place is in the list", scene.name()), async move || complete(scene).await);
    Scene::ALL.into_iter().map(of).collect()
}

async fn complete(scene: Scene) {
    let passed = Case { scene, armed: None }.play().await;
    let mut seen = BTreeMap::<String, u32>::new();
    for name in passed {
        let count = seen.entry(name).or_default();
        *count += 1;
    }
    for name in GOES_ON {
        seen.entry(name.to_owned()).and_modify(|count| *count = 1);
    }
    let listed: BTreeMap<String, u32> = points::passed(scene).map(|(name, count)| (name.to_owned(), count)).collect();
    let lines = |from: &BTreeMap<String, u32>, other: &BTreeMap<String, u32>| {
        let only = from.iter().filter(|(name, count)| other.get(*name) != Some(*count));
        only.map(|(name, count)| format!("    (\"{name}\", {count}),\n")).collect::<String>()
    };
    let (missing, stale) = (lines(&seen, &listed), lines(&listed, &seen));
    assert!(
        missing.is_empty() && stale.is_empty(),
        "the list of {scene:?} in tests/crashpoints/points.rs lacks\n{missing}and has what is not passed so often\n{stale}"
    );
}
