//! A plugin of a merchant: what the operator configured and granted, and the release that is in force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::bindings::check_capabilities;
use super::super::swap::{granted, missing_grants};
use super::release_folder::ReleaseFolder;
use super::release_record::LoadedRelease;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::Upstream;
use tillhouse_payments::operator::served::{ReleaseSource, ReleaseView};
use tillhouse_runtime::{Binding, Component, Digest, Manifest, Plugins};

/// Code of diagnostics about what a release requests beyond the operator's grants.
const GRANT: &str = "grant";
/// Code of diagnostics about a component.
const COMPONENT: &str = "component";

/// What the operator's configuration gives to a plugin. Every release of it gets the same, or less.
#[derive(Clone, Debug, Default)]
pub(in crate::host) struct PluginGrants {
    /// Its configuration, flattened to dotted keys.
    pub(in crate::host) config: BTreeMap<String, String>,
    /// Its secrets, by their names in the manifest.
    pub(in crate::host) secrets: BTreeMap<String, Arc<Secret>>,
    /// Its upstreams, with what may be filled into their requests.
    pub(in crate::host) upstreams: BTreeMap<String, Upstream>,
}

/// A plugin as its table of the configuration names it.
#[derive(Clone, Debug)]
pub(in crate::host) struct ConfiguredPlugin {
    /// Path of the component.
    pub(in crate::host) file: String,
    /// Text of the manifest.
    pub(in crate::host) manifest_text: String,
    /// The manifest, whose requests the grants answer.
    pub(in crate::host) manifest: Manifest,
    pub(in crate::host) grants: PluginGrants,
    /// The component; all problems if it cannot be used.
    pub(in crate::host) component: Result<Arc<Component>, Vec<String>>,
}

/// A plugin with its releases.
#[derive(Clone, Debug)]
pub(super) struct PluginSlot {
    /// Place in the merchant's array of plugins.
    pub(super) index: usize,
    pub(super) configured: Arc<ConfiguredPlugin>,
    /// Releases that an operator loaded, from the oldest to the one in force; empty if the configured one is.
    pub(super) loaded: Vec<LoadedRelease>,
    /// The release in force; all problems if its files cannot be used.
    pub(super) in_force: Result<Arc<Binding>, Vec<String>>,
    /// Since when it is in force.
    pub(super) since: Timestamp,
}

/// A release whose component was compiled.
#[derive(Debug)]
pub(super) struct CompiledRelease {
    pub(super) manifest: Manifest,
    pub(super) component: Arc<Component>,
}

impl CompiledRelease {
    /// Check component and manifest, each alone and against each other, as the start of a host does.
    pub(super) async fn new(
        plugins: &Plugins,
        component: Vec<u8>,
        manifest: &str,
        manifest_name: &str,
    ) -> Result<Self, Vec<Diagnostic>> {
        let manifest = Manifest::parse_file(manifest, manifest_name)?;
        let component = plugins.load(component).await;
        let component = component.map_err(|error| vec![Diagnostic::error(COMPONENT, COMPONENT, error.to_string())])?;
        let place = DiagnosticPlace::of(manifest_name);
        let errors = check_capabilities(&manifest, &component).into_iter();
        let errors: Vec<_> = errors
            .map(|error| Diagnostic::error(COMPONENT, place.clone(), error))
            .collect();
        if errors.is_empty() {
            Ok(Self { manifest, component })
        } else {
            Err(errors)
        }
    }

    /// The release with what it requests of the grants.
    pub(super) fn bind(&self, grants: &PluginGrants) -> Result<Binding, Vec<String>> {
        let (id, version) = (self.manifest.id.clone(), self.manifest.version.clone());
        let mut binding = Binding::new(id, version, Arc::clone(&self.component));
        binding.upstreams = granted(&self.manifest, &grants.upstreams)?;
        binding.config.clone_from(&grants.config);
        binding.secrets.clone_from(&grants.secrets);
        Ok(binding)
    }
}

impl PluginSlot {
    pub(super) fn id(&self) -> &PluginId {
        &self.configured.manifest.id
    }

    /// The slot with the configured release in force.
    pub(super) fn configured(index: usize, configured: ConfiguredPlugin, now: Timestamp) -> Self {
        let configured = Arc::new(configured);
        Self {
            index,
            in_force: bind_configured(&configured),
            configured,
            loaded: Vec::new(),
            since: now,
        }
    }

    /// The slot with the last of these loaded releases in force, or the configured one if there are none.
    pub(super) async fn with_loaded(
        &self,
        plugins: &Plugins,
        folder: &ReleaseFolder,
        loaded: Vec<LoadedRelease>,
        since: Timestamp,
    ) -> Self {
        let in_force = match loaded.last() {
            Some(release) => self.bind_loaded(plugins, folder, release).await,
            None => bind_configured(&self.configured),
        };
        Self {
            in_force,
            loaded,
            since,
            ..self.clone()
        }
    }

    async fn bind_loaded(
        &self,
        plugins: &Plugins,
        folder: &ReleaseFolder,
        release: &LoadedRelease,
    ) -> Result<Arc<Binding>, Vec<String>> {
        let said = |problems: Vec<String>| -> Vec<String> {
            let of = format!("the release {} that was loaded from {}", release.version, release.file);
            problems.iter().map(|problem| format!("{of}: {problem}")).collect()
        };
        let component = folder.component(&release.sha256);
        let component = component.map_err(|error| said(vec![error.to_string()]))?;
        let compiled = CompiledRelease::new(plugins, component, &release.manifest, &release.manifest_name).await;
        let compiled = compiled.map_err(|errors| said(errors.iter().map(ToString::to_string).collect()))?;
        compiled.bind(&self.configured.grants).map(Arc::new).map_err(said)
    }

    /// What a release requests that is not granted, and that the configured release does not request either.
    ///
    /// What the operator withholds from the configured release on purpose may be requested by another one too: it is withheld again.
    pub(super) fn wider(&self, manifest: &Manifest, name: &str) -> Vec<Diagnostic> {
        let configured = &self.configured;
        let withheld = missing_grants(&configured.manifest, &configured.grants.upstreams);
        let withheld: BTreeSet<String> = withheld.into_iter().collect();
        let missing = missing_grants(manifest, &configured.grants.upstreams).into_iter();
        let refused = missing.filter(|it| !withheld.contains(it)).map(|it| {
            let message = format!("requests what is not granted: {it}");
            Diagnostic::error(GRANT, name, message).with_help(
                "grant it in the merchant's table of this plugin, with a configured release that requests it, and restart the host; or \
                 load a release that does not request it",
            )
        });
        refused.collect()
    }

    /// Whether this release is the one in force.
    pub(super) fn is_in_force(&self, digest: Digest, manifest: &str) -> bool {
        let text = match self.loaded.last() {
            Some(release) => &release.manifest,
            None => &self.configured.manifest_text,
        };
        let in_force = self.in_force.as_ref().ok();
        in_force.is_some_and(|binding| binding.component.digest() == digest) && text == manifest
    }

    /// The release in force; `None` if its files cannot be used.
    pub(super) fn view(&self) -> Option<ReleaseView> {
        self.in_force.as_ref().ok()?;
        match self.loaded.last() {
            Some(release) => Some(release.view()),
            None => self.configured_view(),
        }
    }

    /// The release that the way back leads to.
    pub(super) fn previous_view(&self) -> Option<ReleaseView> {
        let (_, before) = self.loaded.split_last()?;
        match before.last() {
            Some(release) => Some(release.view()),
            None => self.configured_view(),
        }
    }

    /// The configured release; `None` if its component cannot be used.
    pub(super) fn configured_view(&self) -> Option<ReleaseView> {
        let configured = &self.configured;
        let component = configured.component.as_ref().ok()?;
        Some(ReleaseView {
            version: configured.manifest.version.clone(),
            sha256: component.digest().to_string(),
            source: ReleaseSource::Configuration,
            file: Some(configured.file.clone()),
        })
    }
}

fn bind_configured(configured: &ConfiguredPlugin) -> Result<Arc<Binding>, Vec<String>> {
    let component = Arc::clone(configured.component.as_ref().map_err(Clone::clone)?);
    let manifest = configured.manifest.clone();
    let release = CompiledRelease { manifest, component };
    release.bind(&configured.grants).map(Arc::new)
}

#[cfg(test)]
mod tests;
