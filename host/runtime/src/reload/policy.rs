//! A change of what the operator says: limits, settings, names, which plugins are to be loaded.
//!
//! A plugin whose spec changed is described again under the new one, from the code that is compiled already; if
//! that fails, it goes on under the old one. All changes come into force with one swap.

use std::{path::PathBuf, sync::Arc};

use cofferdam_policy::PluginId;

use super::Reload;
use crate::{
    catalog,
    error::LoadError,
    load,
    plugin::{Plugin, PluginSpec},
};

impl Reload {
    /// What the operator says of a plugin now.
    pub(super) fn spec(&self, id: &PluginId) -> Option<PluginSpec> {
        let specs = Arc::clone(&self.policy.borrow());
        specs(id)
    }

    /// Brings every plugin under the policy as it is now.
    pub(super) async fn apply_policy(&mut self) {
        let paths: Vec<_> = self.slots.keys().cloned().collect();
        let mut changed = false;
        for path in paths {
            changed |= self.apply_to(path).await;
        }
        self.look_again_at_disabled();
        if changed {
            self.publish();
        }
    }

    async fn apply_to(&mut self, path: PathBuf) -> bool {
        let Some(plugin) = self.slots.get(&path).and_then(|slot| Some(Arc::clone(&slot.serving.as_ref()?.1)))
        else {
            // Refused, perhaps for what the policy said: read again.
            self.known.remove(&path);
            return self.slots.remove(&path).is_some();
        };
        match self.spec(&plugin.id) {
            None => {
                tracing::info!(plugin = %plugin.id, "plugin disabled; calls that run go on");
                self.freed = true;
                self.slots.remove(&path).is_some()
            }
            Some(spec) if spec == plugin.spec => false,
            Some(spec) => match self.under(&plugin, spec, &path).await {
                Ok(plugin) => {
                    tracing::info!(plugin = %plugin.id, "plugin under its new policy");
                    self.serve(&path, plugin);
                    true
                }
                Err(error) => {
                    self.refuse(&path, error);
                    true
                }
            },
        }
    }

    async fn under(&self, plugin: &Plugin, spec: PluginSpec, path: &PathBuf) -> Result<Plugin, LoadError> {
        let plugin = self.runtime.again(plugin, spec).await?;
        let others = self.slots.iter().filter(|(other, _)| *other != path);
        catalog::clash(&plugin, others.filter_map(|(_, slot)| Some(&*slot.serving.as_ref()?.1)))?;
        Ok(plugin)
    }

    /// Files of plugins that were not to be loaded, and now are, are read again.
    fn look_again_at_disabled(&mut self) {
        let slots = &self.slots;
        let wanted = |path: &PathBuf| load::id_of(path).is_ok_and(|id| self.spec(&id).is_some());
        let again: Vec<_> =
            self.known.keys().filter(|path| !slots.contains_key(*path) && wanted(path)).cloned().collect();
        for path in again {
            self.known.remove(&path);
        }
    }
}
