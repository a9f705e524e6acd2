//! The component by itself.

use super::{uses, words};
use crate::guests::{Candidate, Finding};
use crate::plugin::inspect::Anatomy;
use crate::plugin::{Code, EngineSettings, PackageError};

/// What its bytes say, and what is wrong with that.
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
            format!("it has {} bytes, which is a lot for a plugin", anatomy.parts.total),
            advice,
        ));
    }
    Some(anatomy)
}

/// Whether a finding says that the component is not to be compiled.
pub(super) fn is_of_component(candidate: &Candidate, finding: &Finding) -> bool {
    finding.level == crate::guests::Level::Wrong && finding.place == file(candidate)
}

/// Compile and link it as a host does: memories and tables within the limits, functions of the contract's types.
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
            format!("whether it compiles could not be tried: {error}"),
            "try on another machine",
        )),
    }
}

/// The component's file as findings name it.
pub(super) fn file(candidate: &Candidate) -> String {
    let name = candidate.component.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
