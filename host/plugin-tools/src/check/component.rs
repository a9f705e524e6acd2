//! Checks of the component itself.

use super::{uses, words};
use crate::{Candidate, Finding};
use tillhouse_runtime::inspect::Anatomy;
use tillhouse_runtime::{Code, EngineSettings, PackageError};

/// Parses the component and reports problems of its format, imports and exports.
pub(super) fn look(candidate: &Candidate, findings: &mut Vec<Finding>) -> Option<Anatomy> {
    let file = file(candidate);
    let anatomy = match candidate.anatomy() {
        Ok(anatomy) => anatomy,
        Err(error) => {
            findings.push(words::of_package(&file, &error));
            return None;
        }
    };
    let (imports, others): (Vec<PackageError>, Vec<PackageError>) = anatomy
        .problems()
        .into_iter()
        .partition(|problem| matches!(problem, PackageError::UnknownImport { .. }));
    findings.extend(uses::imports(candidate, &file, &imports));
    findings.extend(others.iter().map(|problem| words::of_package(&file, problem)));
    if let Some(advice) = anatomy.parts.advice() {
        findings.push(Finding::advice(
            file,
            format!("the component is large for a plugin: {} bytes", anatomy.parts.total),
            advice,
        ));
    }
    Some(anatomy)
}

/// Whether a diagnostic is an error of the component, which makes compiling it pointless.
pub(super) fn is_of_component(candidate: &Candidate, finding: &Finding) -> bool {
    finding.level == crate::Level::Wrong && finding.place == file(candidate)
}

/// Compiles and links the component like a host, which checks memory and table limits and the types of the functions.
pub(super) fn try_out(candidate: &Candidate, findings: &mut Vec<Finding>) {
    let settings = EngineSettings {
        max_instances: 1,
        workers: 1,
        ..EngineSettings::default()
    };
    let tried = Code::new(&settings).map(|code| code.try_out(&candidate.bytes));
    match tried {
        Ok(Ok(())) => {}
        Ok(Err(error)) => findings.push(words::of_package(&file(candidate), &error)),
        Err(error) => findings.push(Finding::advice(
            file(candidate),
            format!("compilation could not be checked: {error}"),
            "retry on another machine",
        )),
    }
}

/// File name of the component, used as the place of diagnostics.
pub(super) fn file(candidate: &Candidate) -> String {
    let name = candidate.component.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::composed::{Composed, beside_a_shop, composed};
    use tillhouse_runtime::limits::MEMORIES;

    fn found(bytes: Vec<u8>) -> Vec<Finding> {
        let candidate = Candidate {
            component: "shop.wasm".into(),
            bytes,
            folder: "".into(),
            manifest_name: "plugin.toml".into(),
            manifest_text: None,
            unreadable: None,
            package: None,
        };
        let mut findings = Vec::new();
        look(&candidate, &mut findings);
        try_out(&candidate, &mut findings);
        findings
    }

    fn relayed(relays: usize) -> Vec<u8> {
        composed(&Composed {
            relays,
            ..Composed::default()
        })
    }

    #[test]
    fn a_component_that_is_composed_of_others_is_well() {
        for relays in [0, 1, MEMORIES as usize - 2] {
            assert_eq!(found(relayed(relays)), []);
        }
        assert_eq!(found(beside_a_shop(2, "(memory 1)")), []);
    }

    #[test]
    fn one_with_too_many_parts_is_told_which_and_the_way_out() {
        for (bytes, what) in [
            (relayed(MEMORIES as usize - 1), "it has 9 memories; the limit is 8"),
            (
                beside_a_shop(40, "(table 1 funcref)"),
                "it has 40 tables; the limit is 32",
            ),
            (
                beside_a_shop(1, "(memory 1) (memory 1)"),
                "it has 2 memories in one core module; the limit is 1",
            ),
        ] {
            let findings = found(bytes);
            let [finding] = findings.as_slice() else {
                panic!("{findings:?}")
            };
            assert_eq!((finding.place.as_str(), finding.what.as_str()), ("shop.wasm", what));
            assert!(finding.fix.contains("fewer components"), "{finding:?}");
        }
    }

    #[test]
    fn what_the_compiler_fails_on_is_to_be_reported() {
        let finding = words::of_package("shop.wasm", &PackageError::Compiler("no such register".into()));
        assert!(
            finding.what.contains("compiler of the host failed: no such register"),
            "{finding:?}"
        );
        assert!(finding.fix.contains("report it with the file"), "{finding:?}");
    }
}
