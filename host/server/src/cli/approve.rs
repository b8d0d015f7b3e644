//! `cofferdam approve`: what changed in a plugin, shown to a person who then says yes or no.
//!
//! What is written to the lock is of the very bytes that were read and shown. Nothing is approved without a yes,
//! on a terminal or by `--yes`, and no plugin comes into service by this: the host reads the lock for itself.

mod review;
mod standing;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use clap::Args;
use cofferdam_runtime::{
    load::Candidate,
    policy::PluginId,
    trust::{Lock, LockError},
};
use serde_json::{Value, json};

use self::{
    review::{Review, Wanted},
    standing::{Awaiting, Standing},
};
use super::{Exit, Failure, call::find, out, sandbox};
use crate::config::Config;

/// Shown by `--help`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    cofferdam approve                  what awaits approval; exit code 4 if anything does\n  \
    cofferdam approve text             show what changed in `text`, and ask\n  \
    cofferdam approve --all --yes      approve all that awaits it, in a script\n  \
    cofferdam approve --prune          forget plugins whose files are gone\n\n\
    The lock is cofferdam.lock beside cofferdam.toml, or in the working directory; keep it under version control.\n\
    It takes effect with `trust = \"lock\"` under [plugins] in cofferdam.toml.";

/// What `approve` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The plugins to approve, by their ids; none: shows what awaits approval
    #[arg(value_name = "PLUGIN")]
    names: Vec<String>,
    /// Approve every plugin that awaits it
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Forget plugins whose files are gone
    #[arg(long, conflicts_with_all = ["names", "all"])]
    prune: bool,
    /// Approve without asking; needed where stdin is no terminal
    #[arg(long)]
    yes: bool,
    /// Print JSON; without --yes nothing is approved
    #[arg(long)]
    json: bool,
}

/// Who says yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    /// `--yes` did.
    Given,
    /// Somebody at the terminal will.
    Ask,
    /// Nobody can.
    Nobody,
}

impl Consent {
    fn of(arguments: &Arguments, is_terminal: bool) -> Self {
        match arguments {
            Arguments { yes: true, .. } => Self::Given,
            Arguments { json: false, .. } if is_terminal => Self::Ask,
            _ => Self::Nobody,
        }
    }
}

/// Shows what awaits approval, or approves.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let path = config.lock_file();
    let lock = Lock::read(&path).map_err(|error| unusable(&path, &error))?;
    let desk = Desk {
        config,
        path,
        lock,
        consent: Consent::of(arguments, std::io::stdin().is_terminal()),
        json: arguments.json,
    };
    if !config.is_locked() && !arguments.json {
        out::say(
            "note: plugins come into service whether they are approved or not, until `trust = \"lock\"` is set under [plugins] in cofferdam.toml",
        );
    }
    if arguments.prune {
        return desk.prune();
    }
    if arguments.names.is_empty() && !arguments.all {
        return desk.list();
    }
    let wanted = desk.wanted(arguments)?;
    desk.approve(wanted).await
}

fn unusable(path: &Path, error: &LockError) -> Failure {
    let exit = match error {
        LockError::Malformed { .. } | LockError::Version { .. } => Exit::Config,
        _ => Exit::Environment,
    };
    Failure::new(exit, format!("{}: {error}", path.display()))
}

/// Where approvals are given: the lock, and how this run goes.
struct Desk<'a> {
    config: &'a Config,
    path: PathBuf,
    lock: Lock,
    consent: Consent,
    json: bool,
}

impl Desk<'_> {
    fn standing(&self) -> Result<Standing, Failure> {
        Standing::of(self.config, &self.lock)
    }

    /// With what every answer for programs says.
    fn answer(&self, mut answer: Value) -> Result<(), Failure> {
        if let Value::Object(object) = &mut answer {
            object.insert("lock".to_owned(), json!(self.path));
            object.insert("enforced".to_owned(), json!(self.config.is_locked()));
        }
        out::json(&answer)
    }

    fn list(&self) -> Result<(), Failure> {
        let standing = self.standing()?;
        if self.json {
            self.answer(standing.json())?;
        } else {
            out::print(&standing.shown(&self.path))?;
        }
        if standing.awaiting.is_empty() { Ok(()) } else { Err(Failure::shown(Exit::Plugin)) }
    }

    /// The plugins that are to be approved, each once.
    fn wanted(&self, arguments: &Arguments) -> Result<Vec<Wanted>, Failure> {
        if arguments.all {
            let wanted = |awaiting: Awaiting| Wanted { id: awaiting.id, file: awaiting.file, unfit: None };
            return Ok(self.standing()?.awaiting.into_iter().map(wanted).collect());
        }
        let mut wanted = Vec::new();
        for name in &arguments.names {
            let id = PluginId::parse(name).map_err(|_| {
                let message = format!(
                    "expected the id of a plugin in the plugins directory, such as `text`, found {name:?}"
                );
                Failure::new(Exit::Usage, message)
            })?;
            if wanted.iter().all(|known: &Wanted| known.id != id) {
                wanted.push(Wanted { id, file: find::file(self.config, name)?, unfit: None });
            }
        }
        // The host reads no link that leads out of the directory, for example; so nor is one approved.
        for Candidate { file, unfit } in standing::candidates(self.config)? {
            if let Some(wanted) = wanted.iter_mut().find(|wanted| wanted.file == file) {
                wanted.unfit = unfit;
            }
        }
        Ok(wanted)
    }

    async fn approve(&self, wanted: Vec<Wanted>) -> Result<(), Failure> {
        if wanted.is_empty() && !self.json {
            return out::print("nothing awaits approval");
        }
        let runtime = sandbox::look(self.config)?;
        let mut reviews = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let mut review = Review::of(self.config, &runtime, &self.lock, wanted).await;
            self.show(&review)?;
            review.taken = review.awaits() && self.takes(&review);
            if self.consent == Consent::Ask {
                // What somebody has said yes to stays approved, whatever becomes of the next.
                self.write(std::slice::from_ref(&review))?;
            }
            reviews.push(review);
        }
        if self.consent == Consent::Given {
            self.write(&reviews)?;
        }
        if self.json {
            self.answer(json!({ "plugins": reviews.iter().map(Review::json).collect::<Vec<_>>() }))?;
        }
        self.ended(&reviews)
    }

    fn show(&self, review: &Review) -> Result<(), Failure> {
        match review.refusal() {
            _ if self.json => Ok(()),
            Some(refusal) => {
                out::say(&format!("error: {refusal}"));
                Ok(())
            }
            None => out::print(&review.shown()),
        }
    }

    fn takes(&self, review: &Review) -> bool {
        match self.consent {
            Consent::Given => true,
            Consent::Ask => out::ask(&format!("approve {}?", review.id)),
            Consent::Nobody => false,
        }
    }

    /// Writes what was taken of these, if anything was.
    fn write(&self, reviews: &[Review]) -> Result<(), Failure> {
        let taken: Vec<_> = reviews.iter().filter_map(Review::approved).collect();
        if taken.is_empty() {
            return Ok(());
        }
        let approve = |lock: &mut Lock| {
            for (id, approved) in &taken {
                lock.approve((*id).clone(), (*approved).clone());
            }
        };
        Lock::update(&self.path, approve).map_err(|error| unusable(&self.path, &error))?;
        if self.json {
            return Ok(());
        }
        let ids: Vec<_> = taken.iter().map(|(id, _)| id.as_str()).collect();
        out::print(&format!("approved {} in {}", ids.join(", "), self.path.display()))
    }

    /// Whether something still awaits approval.
    fn ended(&self, reviews: &[Review]) -> Result<(), Failure> {
        let awaits = reviews.iter().any(|review| review.awaits() && !review.taken);
        if awaits && self.consent == Consent::Nobody && !self.json {
            return Err(nobody());
        }
        let refused = reviews.iter().any(|review| review.refusal().is_some());
        if awaits || refused { Err(Failure::shown(Exit::Plugin)) } else { Ok(()) }
    }

    fn prune(&self) -> Result<(), Failure> {
        let gone = self.standing()?.gone;
        let names = gone.iter().map(PluginId::as_str).collect::<Vec<_>>().join(", ");
        if gone.is_empty() && !self.json {
            return out::print("every plugin in the lock has a file");
        }
        let forget = match self.consent {
            _ if gone.is_empty() => false,
            Consent::Given => true,
            Consent::Ask => out::ask(&format!(
                "forget {names}, which have no file in {}?",
                self.config.plugins_dir.display()
            )),
            Consent::Nobody if self.json => false,
            Consent::Nobody => {
                out::print(&format!("without a file: {names}"))?;
                return Err(nobody());
            }
        };
        if forget {
            let forget = |lock: &mut Lock| gone.iter().for_each(|id| lock.forget(id));
            Lock::update(&self.path, forget).map_err(|error| unusable(&self.path, &error))?;
        }
        if self.json {
            let gone: Vec<_> = gone.iter().map(PluginId::as_str).collect();
            return self.answer(json!({ "gone": gone, "forgotten": forget }));
        }
        if forget { out::print(&format!("forgot {names} in {}", self.path.display())) } else { Ok(()) }
    }
}

fn nobody() -> Failure {
    Failure::new(
        Exit::Usage,
        "stdin is no terminal, so nobody can be asked; give --yes to take what is shown",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_yes_unless_asked_or_told() {
        let arguments = |yes, json| Arguments { names: Vec::new(), all: false, prune: false, yes, json };
        for (yes, json, is_terminal, consent) in [
            (true, false, false, Consent::Given),
            (true, true, false, Consent::Given),
            (false, false, true, Consent::Ask),
            (false, false, false, Consent::Nobody),
            (false, true, true, Consent::Nobody),
        ] {
            assert_eq!(
                Consent::of(&arguments(yes, json), is_terminal),
                consent,
                "{yes} {json} {is_terminal}"
            );
        }
    }
}
