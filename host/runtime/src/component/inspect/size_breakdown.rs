//! Size of a component, broken down by use.

use wasmparser::{KnownCustom, Payload};

/// Size in bytes above which advice is given. The bundled plugins are smaller.
const LARGE: usize = 1 << 20;

/// Size of a component and of its parts, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeBreakdown {
    /// Size of the whole file.
    pub total: usize,
    /// Code sections of all modules.
    pub code: usize,
    /// Data sections of all modules: string literals, tables, included files.
    pub data: usize,
    /// Function names and debug information. Not needed at run time.
    pub names: usize,
}

impl SizeBreakdown {
    pub(super) fn of(total: usize) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::CodeSectionStart { range, .. } => self.code += range.len(),
            Payload::DataSection(section) => self.data += section.range().len(),
            Payload::CustomSection(section) => {
                let of_debugger = section.name().starts_with(".debug");
                let of_names = matches!(section.as_known(), KnownCustom::Name(_) | KnownCustom::ComponentName(_));
                if of_debugger || of_names {
                    self.names += section.range().len();
                }
            }
            _ => {}
        }
    }

    /// The rest: types, imports, and the glue between the component and its module.
    #[must_use]
    pub const fn other(&self) -> usize {
        self.total
            .saturating_sub(self.code)
            .saturating_sub(self.data)
            .saturating_sub(self.names)
    }

    /// Each part with its name; the parts add up to `total`.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, usize); 4] {
        [
            ("code", self.code),
            ("data", self.data),
            ("names", self.names),
            ("other", self.other()),
        ]
    }

    /// For a component over 1 MiB: what its largest part is, and how to reduce it. Otherwise `None`.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.total <= LARGE {
            return None;
        }
        let largest = self.each().into_iter().max_by_key(|(_, bytes)| *bytes);
        Some(match largest {
            Some(("names", _)) => "most of it is names and debug information: set strip = true in [profile.guest]",
            Some(("data", _)) => {
                "most of it is data: look for include_str!, include_bytes! and large tables (Unicode, time zones); keep them in \
                 the catalog, the configuration or kv"
            }
            _ => {
                "most of it is code: look for large dependencies with `cargo tree --edges normal` (regex, chrono, serde derive \
                 on many types), and set opt-level = \"s\" in [profile.guest]"
            }
        })
    }
}
