//! Releases that would take a capability away from the merchant, or take one over.

use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Merchant, TestFolder, workspace, write_release};

use super::{PROCESSOR, audited, load, processor, text};
use crate::{fast_host, with_unknown_outcome};

pub(super) async fn payments_are_not_lost_and_prices_not_taken_over_without_consent() {
    let plan = fast_host().merchant(Merchant::named("demo").without_shop());
    let host = HostProcess::start(plan, &[]).await;
    let folder = TestFolder::new();
    // A component of prices under the id of the processor: no payments, and prices that the bundled shop decides now.
    let manifest = std::fs::read_to_string(workspace().join("tests/bare-plugin/plugin.toml")).unwrap();
    let manifest = manifest.replace("id = \"bare-plugin\"", &format!("id = \"{PROCESSOR}\""));
    let built = tillhouse_plugin_tools::build(&workspace(), &["bare-plugin"]).unwrap();
    let shop = std::fs::read(&built[0].component).unwrap();
    let file = write_release(folder.path(), "taken", shop, &manifest);
    let allowed = |flags: &[&str]| {
        let words = ["plugin", "load", text(&file), "--merchant", "demo"];
        host.run_json(&[&words, flags].concat())
    };

    let refused = load(&host, &file).expect_exit(1).text;
    for part in [
        "payments-void",
        "--allow-lost",
        "would take over",
        "pricing",
        "--allow-gained",
    ] {
        assert!(refused.contains(part), "expected {part:?} in {refused}");
    }
    let gained = allowed(&["--allow-lost"]).expect_exit(1).text;
    assert!(
        gained.contains("--allow-gained") && !gained.contains("--allow-lost"),
        "{gained}"
    );
    let lost = allowed(&["--allow-gained"]).expect_exit(1).text;
    assert!(
        lost.contains("--allow-lost") && !lost.contains("--allow-gained"),
        "{lost}"
    );

    let (_, attempt) = with_unknown_outcome(&host, "pm_card_pending", "unknown").await;
    let open = allowed(&["--allow-lost", "--allow-gained"]).expect_exit(1).text;
    assert!(open.contains(&attempt) && open.contains("attempts settle"), "{open}");
    assert_eq!(processor(&host)["version"], "0.1.0");
    assert!(audited(&host).is_empty(), "nothing was changed");
}
