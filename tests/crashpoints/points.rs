//! The places that a host passes in each scene, and how often; the cases follow from them.

use tillhouse_tests::crashpoints::Arming;

use crate::case::Case;
use crate::scene::{HANGS_MS, Scene};

/// Passed again and again for as long as a host lives; the first time counts.
pub(crate) const GOES_ON: [&str; 2] = ["commit.plugin_data.before", "commit.plugin_data.after"];

/// What happens at a place.
const ACTIONS: [&str; 3] = ["abort", "error", "hang"];

type Point = (&'static str, u32);

const PAID: &[Point] = &[];

/// The places of a scene.
pub(crate) fn passed(scene: Scene) -> impl Iterator<Item = Point> {
    let _ = scene;
    PAID.iter().copied()
}

/// Every case and its name.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for scene in Scene::ALL {
        for (name, count) in passed(scene) {
            for nth in 1..=count {
                cases.extend(ACTIONS.map(|action| case(scene, name, nth, action)));
            }
        }
    }
    cases
}

fn case(scene: Scene, name: &str, nth: u32, action: &'static str) -> (String, Case) {
    let armed = Arming {
        name: name.to_owned(),
        nth,
        action,
        patience_ms: HANGS_MS,
    };
    let title = format!("{}::{name}#{nth}::{action}", scene.name());
    let armed = Some(armed);
    (title, Case { scene, armed })
}
