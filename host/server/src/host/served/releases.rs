//! Loading another release of a plugin into a running host, and the way back.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tracing::info;

use super::authority::AuthorityChange;
use super::merchant_state::{MerchantState, ServedMerchant};
use super::release_folder::ReleaseFolder;
use super::release_record::{LoadedRelease, LoadedReleases};
use super::slot::{CompiledRelease, PluginSlot};
use super::{NotServed, Served, refused, refused_texts};
use crate::host::bindings::MANIFEST;
use crate::host::swap::{Release, SwapError, SwapResult, missing_grants};
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::served::{AllowedChanges, LoadPlugin, PluginReplaced, RevertPlugin};
use tillhouse_runtime::{Capabilities, Digest, PreparedPlugins};

/// A change of releases that was checked, and is not in force yet.
struct CheckedChange {
    before: PluginSlot,
    next: MerchantState,
    prepared: PreparedPlugins,
    /// A component to keep.
    component: Option<Vec<u8>>,
}

impl Served {
    /// Check a release as a start does, write it down, and put it into force.
    pub(super) async fn load_release(&self, request: LoadPlugin) -> Result<PluginReplaced, OperatorError> {
        let (merchant, folder) = (self.merchant(&request.merchant)?, self.release_folder()?);
        let _one = merchant.change.lock().await;
        let state = merchant.state();
        ensure_changeable(merchant, &state)?;
        let bytes = request.component.clone();
        let compiled =
            CompiledRelease::new(&self.parts.plugins, bytes, &request.manifest, &request.manifest_name).await;
        let compiled = compiled.map_err(|problems| refused(&problems))?;
        let slot = find(merchant, &state, &compiled.manifest.id)?;
        let digest = compiled.component.digest();
        if slot.is_in_force(digest, &request.manifest) && self.parts.outages.get(&merchant.id).is_none() {
            return unchanged(merchant, slot);
        }
        let in_force = compiled
            .bind(&slot.configured.grants)
            .map_err(|problems| refused_texts(&problems))?;
        let wider = slot.wider(&compiled.manifest, &request.manifest_name);
        if !wider.is_empty() {
            return Err(refused(&wider));
        }
        let now = self.parts.clock.now();
        let release = LoadedRelease {
            sha256: digest.to_string(),
            version: compiled.manifest.version.clone(),
            manifest: request.manifest,
            manifest_name: request.manifest_name,
            file: request.file,
            loaded: now,
            actor: request.actor.clone(),
        };
        let next = PluginSlot {
            in_force: Ok(in_force.into()),
            loaded: LoadedReleases::with(slot.loaded.clone(), release),
            since: now,
            ..slot.clone()
        };
        let change = self
            .check(merchant, &state, slot, next, Some(request.component))
            .await?;
        self.ensure_authority(merchant, &state, &change, request.allowed)
            .await?;
        let allowed = request.allowed;
        self.put(
            merchant,
            folder,
            change,
            (&request.actor, allowed),
            AuditAction::LoadPlugin,
        )
        .await
    }

    /// Put the release before, or the configured one, back into force.
    pub(super) async fn revert_release(&self, request: RevertPlugin) -> Result<PluginReplaced, OperatorError> {
        let (merchant, folder) = (self.merchant(&request.merchant)?, self.release_folder()?);
        let _one = merchant.change.lock().await;
        let state = merchant.state();
        ensure_changeable(merchant, &state)?;
        let slot = match &request.plugin {
            Some(plugin) => find(merchant, &state, plugin)?,
            None => only_loaded(merchant, &state)?,
        };
        let Some((_, before)) = slot.loaded.split_last() else {
            return Err(OperatorError::conflict(format!(
                "plugin {} of merchant {} has no loaded release: the configured one is in force, and there is none before it",
                slot.id(),
                merchant.id
            )));
        };
        let before = if request.to_configured {
            Vec::new()
        } else {
            before.to_vec()
        };
        let now = self.parts.clock.now();
        let next = slot.with_loaded(&self.parts.plugins, folder, before, now).await;
        if let Err(problems) = &next.in_force {
            return Err(refused_texts(problems));
        }
        let change = self.check(merchant, &state, slot, next, None).await?;
        self.ensure_authority(merchant, &state, &change, request.allowed)
            .await?;
        let allowed = request.allowed;
        self.put(
            merchant,
            folder,
            change,
            (&request.actor, allowed),
            AuditAction::RevertPlugin,
        )
        .await
    }

    /// Replace a release in memory only: the next start has the one before. For a host of a plugin author.
    pub(in crate::host) async fn swap(&self, id: &MerchantId, release: Release) -> Result<SwapResult, SwapError> {
        let of_operator = |error: OperatorError| SwapError(vec![error.message]);
        let merchant = self.merchant(id).map_err(of_operator)?;
        let _one = merchant.change.lock().await;
        let state = merchant.state();
        ensure_changeable(merchant, &state).map_err(of_operator)?;
        let texts = |problems: Vec<_>| SwapError(problems.iter().map(ToString::to_string).collect());
        let compiled = CompiledRelease::new(&self.parts.plugins, release.component, &release.manifest, MANIFEST).await;
        let compiled = compiled.map_err(texts)?;
        let slot = find(merchant, &state, &compiled.manifest.id).map_err(of_operator)?;
        let mut grants = slot.configured.grants.clone();
        grants.config = release.config.unwrap_or_else(|| config_in_force(slot));
        let binding = compiled.bind(&grants).map_err(SwapError)?;
        let not_granted = missing_grants(&compiled.manifest, &binding.upstreams);
        let next = PluginSlot {
            in_force: Ok(binding.into()),
            since: self.parts.clock.now(),
            ..slot.clone()
        };
        let change = self
            .check(merchant, &state, slot, next, None)
            .await
            .map_err(of_operator)?;
        let (before, digest) = (digest_of(&change.before), compiled.component.digest());
        let (gained, lost) = compare(&change.before, compiled.component.capabilities());
        let CheckedChange { next, prepared, .. } = change;
        self.activate(merchant, next, prepared);
        Ok(SwapResult {
            plugin: compiled.manifest.id,
            version: compiled.manifest.version,
            digest,
            before: before.unwrap_or(digest),
            not_granted,
            gained: gained.iter().collect(),
            lost: lost.iter().collect(),
        })
    }

    fn release_folder(&self) -> Result<&ReleaseFolder, OperatorError> {
        self.folder.as_ref().ok_or_else(|| {
            OperatorError::conflict(
                "this host has no folder to keep loaded releases in across restarts: set plugins.release_folder to a folder of this \
                 host alone, and restart it",
            )
        })
    }

    /// Check the merchant as a whole with another state of one plugin.
    async fn check(
        &self,
        merchant: &ServedMerchant,
        state: &MerchantState,
        before: &PluginSlot,
        slot: PluginSlot,
        component: Option<Vec<u8>>,
    ) -> Result<CheckedChange, OperatorError> {
        let next = state.with_slot(slot).recorded();
        let prepared = self.prepare(&merchant.id, &next).await.map_err(|error| match error {
            NotServed::Refused(problems) => refused(&problems),
            NotServed::Broken(outage) => refused_texts(&outage.details),
        })?;
        Ok(CheckedChange {
            before: before.clone(),
            next,
            prepared,
            component,
        })
    }

    /// Refuse a change that the operator did not allow, and in any case one that leaves charges whose outcome nothing can find.
    async fn ensure_authority(
        &self,
        merchant: &ServedMerchant,
        state: &MerchantState,
        change: &CheckedChange,
        allowed: AllowedChanges,
    ) -> Result<(), OperatorError> {
        let authority = AuthorityChange::between(state, &change.before, &change.next);
        authority.ensure_allowed(allowed)?;
        if !authority.loses_payments() {
            return Ok(());
        }
        let states = AttemptStatus::ALL.into_iter().filter(|status| status.is_open());
        let open = AttemptFilter {
            merchant: Some(merchant.id.clone()),
            states: states.collect(),
            limit: 1,
            ..AttemptFilter::default()
        };
        match self.parts.store.list_attempts(&open).await?.first() {
            None => Ok(()),
            Some(attempt) => Err(OperatorError::conflict(format!(
                "nothing was changed: the release does not serve payments, and payment attempt {} of merchant {} is open: nothing could \
                 find out what became of its charge; wait until no attempt is open (tillhouse attempts list --open), or settle it \
                 (tillhouse attempts settle)",
                attempt.id, merchant.id
            ))),
        }
    }

    /// Say it in the audit log, write it down, and put it into force.
    async fn put(
        &self,
        merchant: &ServedMerchant,
        folder: &ReleaseFolder,
        change: CheckedChange,
        (actor, allowed): (&str, AllowedChanges),
        action: AuditAction,
    ) -> Result<PluginReplaced, OperatorError> {
        let CheckedChange {
            before,
            next,
            prepared,
            component,
        } = change;
        let answer = replaced(merchant, &before, &next)?;
        let (actor, detail) = (format!("operator:{actor}"), audited(&answer, allowed));
        self.audit(&actor, action.clone(), &merchant.id, &detail).await?;
        if let Err(problem) = write(folder, merchant, &next, component).await {
            // The entry above says what was asked for; this one, that it did not happen. Without it, `plugin list` still tells.
            let failed = json!({"plugin": before.id(), "failed": problem});
            let _ = self.audit(&actor, action, &merchant.id, &failed).await;
            return Err(OperatorError::unavailable(format!("nothing was changed: {problem}")));
        }
        let in_service = self.activate(merchant, next, prepared);
        info!(merchant.id = %merchant.id, plugin.id = %answer.plugin, version = answer.now.version, sha256 = answer.now.sha256, in_service, "another release is in force");
        Ok(answer)
    }
}

/// Files are written on a thread that may wait for the disk.
async fn write(
    folder: &ReleaseFolder,
    merchant: &ServedMerchant,
    next: &MerchantState,
    component: Option<Vec<u8>>,
) -> Result<(), String> {
    let (folder, id, record) = (folder.clone(), merchant.id.clone(), next.record.clone());
    let written = tokio::task::spawn_blocking(move || folder.write(&id, &record, component.as_deref()));
    match written.await {
        Ok(written) => written.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn ensure_changeable(merchant: &ServedMerchant, state: &MerchantState) -> Result<(), OperatorError> {
    let lasting = &state.lasting.details;
    if lasting.is_empty() {
        return Ok(());
    }
    Err(OperatorError::conflict(format!(
        "merchant {} is out of service: {}; fix the configuration, check it with tillhouse doctor, and restart the host",
        merchant.id,
        lasting.join("; ")
    )))
}

fn find<'a>(
    merchant: &ServedMerchant,
    state: &'a MerchantState,
    plugin: &PluginId,
) -> Result<&'a PluginSlot, OperatorError> {
    let mut found = state.slots.iter().filter(|slot| slot.id() == plugin);
    match (found.next(), found.next()) {
        (Some(slot), None) => Ok(slot),
        (Some(_), Some(_)) => Err(OperatorError::conflict(format!(
            "merchant {} has several plugins with the id {plugin}; give each an id of its own in its manifest",
            merchant.id
        ))),
        (None, _) => Err(OperatorError::conflict(format!(
            "merchant {} has no plugin {plugin} of its own; it has {}; a plugin gets its configuration and its grants from its table \
             in the configuration file: add one and restart the host",
            merchant.id,
            ids(state.slots.iter())
        ))),
    }
}

fn only_loaded<'a>(merchant: &ServedMerchant, state: &'a MerchantState) -> Result<&'a PluginSlot, OperatorError> {
    let loaded = || state.slots.iter().filter(|slot| !slot.loaded.is_empty());
    match (loaded().next(), loaded().count()) {
        (Some(slot), 1) => Ok(slot),
        (None, _) => Err(OperatorError::conflict(format!(
            "merchant {} has no loaded release: what the configuration names is in force",
            merchant.id
        ))),
        (Some(_), _) => Err(OperatorError::conflict(format!(
            "merchant {} has loaded releases of several plugins: {}; say with --plugin which one goes back",
            merchant.id,
            ids(loaded())
        ))),
    }
}

fn ids<'a>(slots: impl Iterator<Item = &'a PluginSlot>) -> String {
    let ids: Vec<&str> = slots.map(|slot| slot.id().as_str()).collect();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

fn config_in_force(slot: &PluginSlot) -> BTreeMap<String, String> {
    match &slot.in_force {
        Ok(binding) => binding.config.clone(),
        Err(_) => slot.configured.grants.config.clone(),
    }
}

fn digest_of(slot: &PluginSlot) -> Option<Digest> {
    slot.in_force.as_ref().ok().map(|binding| binding.component.digest())
}

/// Capabilities that only the next release serves, and those that only the one before did.
fn compare(before: &PluginSlot, next: Capabilities) -> (Capabilities, Capabilities) {
    let before = before
        .in_force
        .as_ref()
        .map(|binding| binding.serves)
        .unwrap_or_default();
    (next.without(before), before.without(next))
}

fn unchanged(merchant: &ServedMerchant, slot: &PluginSlot) -> Result<PluginReplaced, OperatorError> {
    let now = slot
        .view()
        .ok_or_else(|| OperatorError::unavailable("the release in force is not known"))?;
    Ok(PluginReplaced {
        changed: false,
        merchant: merchant.id.clone(),
        plugin: slot.id().clone(),
        before: Some(now.clone()),
        now,
        gained: Vec::new(),
        lost: Vec::new(),
    })
}

fn replaced(
    merchant: &ServedMerchant,
    before: &PluginSlot,
    next: &MerchantState,
) -> Result<PluginReplaced, OperatorError> {
    let slot = find(merchant, next, before.id())?;
    let serves = slot.in_force.as_ref().map(|binding| binding.serves).unwrap_or_default();
    let (gained, lost) = compare(before, serves);
    let names = |capabilities: Capabilities| capabilities.iter().map(|it| it.to_string()).collect();
    let unchanged = unchanged(merchant, slot)?;
    Ok(PluginReplaced {
        changed: true,
        before: before.view(),
        gained: names(gained),
        lost: names(lost),
        ..unchanged
    })
}

fn audited(answer: &PluginReplaced, allowed: AllowedChanges) -> Value {
    json!({
        "plugin": answer.plugin,
        "version": answer.now.version,
        "sha256": answer.now.sha256,
        "source": answer.now.source,
        "file": answer.now.file,
        "before": answer.before.as_ref().map(|before| &before.sha256),
        "gained": answer.gained,
        "lost": answer.lost,
        "allowed": allowed,
    })
}
