//! A change of what the operator says: limits, settings, names, which plugins are to be loaded.
//!
//! A plugin whose spec changed is described again under the new one, from the code that is compiled already; if
//! that fails, it goes on under the old one, unless what it may reach has changed: then it ends. All changes come into force with one swap.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use cofferdam_policy::PluginId;

use super::Reload;
use crate::{
    error::LoadError,
    load,
    plugin::{Plugin, PluginSpec},
    trust::Trust,
};

impl Reload {
    /// What the operator says of a plugin now.
    pub(super) fn spec(&self, id: &PluginId) -> Option<PluginSpec> {
        let specs = Arc::clone(&self.policy.borrow().specs);
        specs(id)
    }

    /// Whether the operator said something else of a plugin while it was staged.
    pub(super) fn is_overtaken(&self, plugin: &Plugin) -> bool {
        let trust = self.policy.borrow().trust.clone();
        self.spec(&plugin.id).as_ref() != Some(&plugin.spec)
            || trust.judge_surface(&plugin.id, plugin).is_err()
    }

    /// Brings every plugin under the policy as it is now.
    pub(super) async fn apply_policy(&mut self) {
        let paths: Vec<_> = self.slots.paths().cloned().collect();
        let mut changed = false;
        for path in paths {
            changed |= self.apply_to(&path).await;
        }
        self.look_again_at_disabled();
        self.apply_trust();
        if changed {
            self.publish();
        }
    }

    /// What was held back is judged anew. What serves goes on, as it came into service under what held then.
    fn apply_trust(&mut self) {
        let trust = self.policy.borrow().trust.clone();
        if self.trust.is(&trust) {
            return;
        }
        if matches!(trust, Trust::Signed(_)) {
            self.slots.forget_previous();
        }
        self.trust = trust;
        for path in self.slots.quarantined() {
            self.known.remove(&path);
        }
    }

    async fn apply_to(&mut self, path: &Path) -> bool {
        let Some(plugin) = self.slots.serving(path) else {
            // Refused, perhaps for what the policy said: read again.
            self.known.remove(path);
            return self.slots.forget(path);
        };
        match self.spec(&plugin.id) {
            None => self.slots.remove(path, "plugin disabled; calls that run go on"),
            Some(spec) if spec == plugin.spec => false,
            Some(spec) => {
                let reach_stays = spec.reaches_the_same(&plugin.spec);
                match self.under(&plugin, spec, path).await {
                    Ok(plugin) => self.slots.under_new_policy(path, plugin),
                    Err(error) => {
                        // What was taken from it must not go on because something else went wrong.
                        if !reach_stays {
                            self.slots.remove(path, "plugin can't go on; calls that run do");
                        }
                        self.slots.refuse(path, Some(plugin.digest.clone()), error);
                    }
                }
                true
            }
        }
    }

    async fn under(&self, plugin: &Plugin, spec: PluginSpec, path: &Path) -> Result<Plugin, LoadError> {
        let plugin = self.runtime.again(plugin, spec).await?;
        self.slots.clash(&plugin, path)?;
        Ok(plugin)
    }

    /// Files of plugins that were not to be loaded, and now are, are read again.
    fn look_again_at_disabled(&mut self) {
        let wanted = |path: &PathBuf| load::id_of(path).is_ok_and(|id| self.spec(&id).is_some());
        let again: Vec<_> =
            self.known.keys().filter(|path| !self.slots.contains(path) && wanted(path)).cloned().collect();
        for path in again {
            self.known.remove(&path);
        }
    }
}
