//! A plugin with its diagnostics, as text and as JSON.

use serde_json::{Value, json};

use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticSeverity};
use tillhouse_console::output::Printer;
use tillhouse_plugin_tools::Artifact;
use tillhouse_runtime::Limits;
use tillhouse_runtime::inspect::{ComponentInfo, SizeBreakdown};

/// Whether there are no problems. Advice does not count as one.
pub(super) fn has_no_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .all(|diagnostic| diagnostic.severity != DiagnosticSeverity::Error)
}

/// Print every diagnostic, its first line in bold.
pub(super) fn print(printer: &Printer, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let text = format!("{diagnostic:#}");
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        printer.line(&printer.bold(first));
        if !rest.is_empty() {
            printer.line(rest);
        }
    }
}

/// Summary line with the number of problems and of pieces of advice.
pub(super) fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error)
        .count();
    let advice = diagnostics.len() - errors;
    let counted = |count: usize, one: &str, many: &str| {
        let noun = if count == 1 { one } else { many };
        format!("{count} {noun}")
    };
    let advice = match advice {
        0 => String::new(),
        count => format!(", {} of advice", counted(count, "piece", "pieces")),
    };
    match errors {
        0 => format!("no problems{advice}"),
        count => format!("{}{advice}", counted(count, "problem", "problems")),
    }
}

/// Total size, limit, and size of each part: `58.2 KiB of the 32 MiB that a host takes: code 40.1 KiB, …`.
pub(super) fn size(parts: &SizeBreakdown) -> String {
    let limit = Limits::default().component_bytes;
    let each: Vec<String> = parts
        .each()
        .iter()
        .filter(|(_, bytes)| *bytes > 0)
        .map(|(name, bytes)| format!("{name} {}", kibibytes(*bytes)))
        .collect();
    let (total, limit) = (kibibytes(parts.total), limit >> 20);
    format!("{total} of the {limit} MiB that a host takes: {}", each.join(", "))
}

fn kibibytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10) / 1024;
    format!("{}.{} KiB", tenths / 10, tenths % 10)
}

/// Sizes of the parts, the total and the limit, in bytes, as JSON.
pub(super) fn sizes(parts: &SizeBreakdown) -> Value {
    let each = parts.each();
    let mut sizes: serde_json::Map<String, Value> = each
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), json!(bytes)))
        .collect();
    sizes.insert("total".to_owned(), json!(parts.total));
    sizes.insert("limit".to_owned(), json!(Limits::default().component_bytes));
    Value::Object(sizes)
}

/// A component as JSON: identity, sizes, capabilities, diagnostics.
pub(super) fn document(
    artifact: &Artifact,
    component_info: Option<&ComponentInfo>,
    diagnostics: &[Diagnostic],
) -> Value {
    let manifest = artifact.manifest();
    let capabilities = component_info.map(|component_info| {
        let names = component_info.capabilities().iter().map(|capability| capability.name());
        names.collect::<Vec<_>>()
    });
    json!({
        "ok": has_no_errors(diagnostics),
        "package": artifact.package.as_ref().map(|package| &package.name),
        "id": manifest.as_ref().map(|manifest| manifest.id.as_str()),
        "version": manifest.as_ref().map(|manifest| &manifest.version),
        "component": artifact.component,
        "sha256": component_info.map(|component_info| component_info.digest.to_string()),
        "bytes": artifact.bytes.len(),
        "sizes": component_info.map(|component_info| sizes(&component_info.sizes)),
        "capabilities": capabilities,
        "problems": problems(diagnostics),
    })
}

/// Diagnostics as JSON objects: level, place, what and fix.
pub(super) fn problems(diagnostics: &[Diagnostic]) -> Vec<Value> {
    let problem = |diagnostic: &Diagnostic| {
        json!({
            "level": match diagnostic.severity {
                DiagnosticSeverity::Error => "wrong",
                DiagnosticSeverity::Warning => "advice",
            },
            "place": diagnostic.place.location(),
            "what": diagnostic.message_of_key(),
            "fix": diagnostic.help.as_deref().unwrap_or_default(),
        })
    };
    diagnostics.iter().map(problem).collect()
}
