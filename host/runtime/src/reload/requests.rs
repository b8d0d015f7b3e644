//! Answers to what an operator asks through [`super::control`].

use cofferdam_policy::PluginId;

use super::{
    Reload, SETTLE,
    control::{Request, RollbackError, State, Status, Version},
};
use crate::stats::Figures;

impl Reload {
    pub(super) async fn answer(&mut self, request: Request) {
        // Who asked may have gone before the answer.
        match request {
            Request::Status(answer) => drop(answer.send(self.status())),
            Request::History(id, answer) => drop(answer.send(self.slots.history().of(&id))),
            Request::Rollback(id, answer) => {
                let rolled_back = self.roll_back(&id).await;
                drop(answer.send(rolled_back));
            }
            Request::Rescan(answer) => {
                self.rescan().await;
                if self.staging.is_empty() {
                    drop(answer.send(self.status()));
                } else {
                    self.waiting.push(answer);
                }
            }
        }
    }

    /// How each stands, and what is on its way.
    fn status(&self) -> Vec<Status> {
        let mut status = self.slots.status();
        let new = self.staging.paths().filter(|path| !self.slots.contains(path));
        status.extend(new.map(|path| Status {
            id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            file: path.clone(),
            state: State::Staging,
            serving: None,
            refused: None,
            figures: Figures::default(),
        }));
        status.sort_by(|a, b| a.id.cmp(&b.id));
        status
    }

    /// Looks twice, and reads again what was refused.
    async fn rescan(&mut self) {
        self.runtime.compiler.forget_failures();
        for path in self.slots.forget_refused() {
            self.known.remove(&path);
        }
        for _ in 0..2 {
            tokio::time::sleep_until(self.looked + SETTLE).await;
            self.try_pass().await;
        }
    }

    async fn roll_back(&mut self, id: &PluginId) -> Result<Version, RollbackError> {
        let (path, previous) =
            self.slots.by_id(id.as_str()).ok_or_else(|| RollbackError::Unknown(id.to_string()))?;
        let path = path.clone();
        let previous = previous.ok_or_else(|| RollbackError::NoPrevious(id.to_string()))?;
        let digest = previous.0.clone();
        let gone = |reason: &dyn std::fmt::Display| RollbackError::Gone {
            id: id.to_string(),
            digest: digest.clone(),
            reason: reason.to_string(),
        };
        let spec = self.spec(id).ok_or_else(|| gone(&"the plugin is disabled"))?;
        let recalled = self.runtime.recall(id.clone(), previous, spec).await.map_err(|error| gone(&error))?;
        let plugin =
            recalled.ok_or_else(|| gone(&"the compile cache doesn't hold it; put its file back instead"))?;
        let trust = self.policy.borrow().trust.clone();
        trust.judge_recalled(id, &plugin).map_err(|error| gone(&error))?;
        let version = self.slots.roll_back(&path, plugin).map_err(|error| gone(&error))?;
        self.publish();
        Ok(version)
    }
}
