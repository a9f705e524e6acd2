//! Checks of the component itself.

use super::{diagnostics, imports_check};
use crate::{Artifact, code};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace, DiagnosticSeverity};
use tillhouse_runtime::inspect::ComponentInfo;
use tillhouse_runtime::{EngineSettings, PackageError, SharedEngine};

/// Parses the component and reports problems of its format, imports and exports.
pub(super) fn check(artifact: &Artifact, diagnostics: &mut Vec<Diagnostic>) -> Option<ComponentInfo> {
    let file = file(artifact);
    let component_info = match artifact.component_info() {
        Ok(component_info) => component_info,
        Err(error) => {
            diagnostics.push(diagnostics::package_error(&file, &error));
            return None;
        }
    };
    let (imports, others): (Vec<PackageError>, Vec<PackageError>) = component_info
        .problems()
        .into_iter()
        .partition(|problem| matches!(problem, PackageError::UnknownImport { .. }));
    diagnostics.extend(imports_check::imports(artifact, &file, &imports));
    diagnostics.extend(others.iter().map(|problem| diagnostics::package_error(&file, problem)));
    if let Some(advice) = component_info.sizes.advice() {
        diagnostics.push(
            Diagnostic::warning(
                code::COMPONENT,
                file,
                format!(
                    "the component is large for a plugin: {} bytes",
                    component_info.sizes.total
                ),
            )
            .with_help(advice),
        );
    }
    Some(component_info)
}

/// Whether a diagnostic is an error of the component, which makes compiling it pointless.
pub(super) fn is_of_component(artifact: &Artifact, diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == DiagnosticSeverity::Error && diagnostic.place == DiagnosticPlace::of(file(artifact))
}

/// Compiles and links the component like a host, which checks memory and table limits and the types of the functions.
pub(super) fn compile(artifact: &Artifact, diagnostics: &mut Vec<Diagnostic>) {
    let settings = EngineSettings {
        max_instances: 1,
        workers: 1,
        ..EngineSettings::default()
    };
    let tried = SharedEngine::new(&settings).map(|code| code.check(&artifact.bytes));
    match tried {
        Ok(Ok(())) => {}
        Ok(Err(error)) => diagnostics.push(diagnostics::package_error(&file(artifact), &error)),
        Err(error) => diagnostics.push(
            Diagnostic::warning(
                code::COMPONENT,
                file(artifact),
                format!("compilation could not be checked: {error}"),
            )
            .with_help("retry on another machine"),
        ),
    }
}

/// File name of the component, used as the place of diagnostics.
pub(super) fn file(artifact: &Artifact) -> String {
    let name = artifact.component.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::composed::{Composed, beside_a_shop, composed};
    use tillhouse_runtime::limits::MEMORIES;

    fn found(bytes: Vec<u8>) -> Vec<Diagnostic> {
        let artifact = Artifact {
            component: "shop.wasm".into(),
            bytes,
            folder: "".into(),
            manifest_name: "plugin.toml".into(),
            manifest_text: None,
            unreadable: None,
            package: None,
        };
        let mut diagnostics = Vec::new();
        check(&artifact, &mut diagnostics);
        compile(&artifact, &mut diagnostics);
        diagnostics
    }

    fn help(diagnostic: &Diagnostic) -> &str {
        diagnostic.help.as_deref().unwrap_or_default()
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
    fn a_component_with_too_many_parts_is_an_error_with_help() {
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
            let diagnostics = found(bytes);
            let [diagnostic] = diagnostics.as_slice() else {
                panic!("{diagnostics:?}")
            };
            assert_eq!(
                (diagnostic.place.to_string().as_str(), diagnostic.message.as_str()),
                ("shop.wasm", what)
            );
            assert!(help(diagnostic).contains("fewer components"), "{diagnostic:?}");
        }
    }

    #[test]
    fn what_the_compiler_fails_on_is_to_be_reported() {
        let diagnostic = diagnostics::package_error("shop.wasm", &PackageError::Compiler("no such register".into()));
        assert!(
            diagnostic
                .message
                .contains("compiler of the host failed: no such register"),
            "{diagnostic:?}"
        );
        assert!(help(&diagnostic).contains("report it with the file"), "{diagnostic:?}");
    }
}
