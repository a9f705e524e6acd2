//! Operations on components, manifests and configurations.

use std::path::PathBuf;
use std::sync::Arc;

use tillhouse_plugin_protocol::component::{
    Build, Built, Bundled, BundledPlugin, ComponentId, Describe, Description, Load, Loaded, RequestedUpstream,
};
use tillhouse_plugin_protocol::{Capability, RequestError, RequestErrorKind};

use super::perform::{Perform, problem};
use super::server_state::ServerState;
use super::trials;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_console::bundled;
use tillhouse_runtime::flatten;
use tillhouse_runtime::{Component, Manifest};

impl Perform for Build {
    async fn perform(self, _state: &ServerState) -> Result<Built, RequestError> {
        let Self { folder, package } = self;
        let component = blocking(move || build(&folder, &package)).await?;
        Ok(Built { component })
    }
}

fn build(folder: &std::path::Path, package: &str) -> Result<PathBuf, RequestError> {
    let built =
        tillhouse_plugin_tools::build(folder, &[package]).map_err(|error| problem(RequestErrorKind::Build)(&error))?;
    let component = built.into_iter().next().map(|built| built.component);
    component.ok_or_else(|| RequestError::new(RequestErrorKind::Build, format!("{package} was not built")))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RequestError> + Send + 'static,
) -> Result<T, RequestError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(problem(RequestErrorKind::Machine)(&error)))
}

impl Perform for Bundled {
    async fn perform(self, state: &ServerState) -> Result<BundledPlugin, RequestError> {
        let name = self.name;
        if !bundled::NAMES.contains(&name.as_str()) {
            let there_are = bundled::NAMES.join(" or ");
            return Err(RequestError::new(
                RequestErrorKind::Component,
                format!("`{name}` is not a bundled plugin; expected {there_are}"),
            ));
        }
        if !self.build && !bundled::are_embedded() {
            let message = format!("{name} is not embedded in this program; set `build` to have it built");
            return Err(RequestError::new(RequestErrorKind::Component, message));
        }
        let (manifest, config) = bundled::texts(&name);
        let folder = state
            .own_folder()
            .map_err(|error| problem(RequestErrorKind::Machine)(&error))?;
        let component = blocking(move || {
            bundled::file(&name, &folder).map_err(|failure| RequestError::new(RequestErrorKind::Build, failure.0))
        });
        Ok(BundledPlugin {
            component: component.await?,
            manifest: manifest.to_owned(),
            config: config.to_owned(),
        })
    }
}

impl Perform for Describe {
    async fn perform(self, _state: &ServerState) -> Result<Description, RequestError> {
        let refused = |kind: RequestErrorKind, errors: &[Diagnostic]| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            RequestError::new(kind, errors.join("; "))
        };
        let manifest =
            Manifest::parse(&self.manifest).map_err(|errors| refused(RequestErrorKind::Manifest, &errors))?;
        let config =
            flatten(&self.config, None, None).map_err(|errors| refused(RequestErrorKind::Configuration, &errors))?;
        let upstreams = manifest.upstreams.into_iter().map(|requested| RequestedUpstream {
            name: requested.name,
            secrets: requested.secrets,
            credential_slots: requested.credential_slots,
        });
        Ok(Description {
            id: manifest.id.to_string(),
            version: manifest.version,
            upstreams: upstreams.collect(),
            config,
        })
    }
}

impl Perform for Load {
    async fn perform(self, state: &ServerState) -> Result<Loaded, RequestError> {
        let mut files = state.files.lock().await;
        if let Some(folder) = self.code_folder {
            state.keep_code(folder);
        }
        if let Some(component) = files.get(&self.component) {
            let known = state.components.get(component.0)?;
            return Ok(loaded(*component, &known));
        }
        let unreadable = |error: &dyn std::fmt::Display| {
            RequestError::new(
                RequestErrorKind::Component,
                format!("{}: {error}", self.component.display()),
            )
        };
        let bytes = std::fs::read(&self.component).map_err(|error| unreadable(&error))?;
        let loading = trials::new_trial(state)?.load(bytes).await;
        let component = loading.map_err(|error| unreadable(&error))?;
        let id = ComponentId(state.components.add(Arc::clone(&component)));
        files.insert(self.component, id);
        Ok(loaded(id, &component))
    }
}

fn loaded(id: ComponentId, component: &Component) -> Loaded {
    let exports = component.capabilities();
    let known = Capability::ALL.iter().copied();
    let is_exported = |capability: &Capability| exports.iter().any(|exported| exported.name() == capability.name());
    Loaded {
        component: id,
        capabilities: known.filter(is_exported).collect(),
    }
}
