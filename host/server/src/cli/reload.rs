//! `cofferdam reload`: a look at the plugins directory now, for scripts that have put something there.

use cofferdam_runtime::capabilities::sanitize;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Exit, Failure,
    admin::{Asked, Patience, Table, Wanted, digest},
    out,
};
use crate::admin::wire::{Changed, Reloaded};

/// Has the host look, and fails if it refuses something.
pub(super) async fn run(wanted: &Wanted, asked: &Asked) -> Result<(), Failure> {
    let host = asked.target.find(wanted).await?;
    let reloaded: Reloaded = host.post("/reload", Patience::Much).await?;
    if asked.json {
        out::json(&json!(reloaded))?;
    } else {
        let table = Table { plugins: &reloaded.plugins, now: Timestamp::now() };
        out::print(&format!("{}\n{table}", changes(&reloaded.changes)))?;
    }
    // Why is in the answer.
    let refused = reloaded.plugins.iter().any(|plugin| plugin.refused.is_some());
    if refused { Err(Failure::shown(Exit::Plugin)) } else { Ok(()) }
}

fn changes(changes: &[Changed]) -> String {
    if changes.is_empty() {
        return "nothing changed\n".to_owned();
    }
    changes.iter().map(|changed| change(changed) + "\n").collect()
}

fn change(changed: &Changed) -> String {
    let name = sanitize::line(&changed.plugin, 200);
    let refused = if changed.refused { ", and what is in its file is refused" } else { "" };
    match (changed.before.as_deref().map(digest), changed.now.as_deref().map(digest)) {
        (None, None) => format!("! {name} is refused"),
        (None, Some(now)) => format!("+ {name} serves {now}{refused}"),
        (Some(before), None) => format!("- {name} no longer serves {before}{refused}"),
        (Some(before), Some(now)) if before == now => format!("! {name} goes on with {now}{refused}"),
        (Some(before), Some(now)) => format!("~ {name} serves {now}, after {before}{refused}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_a_line() {
        let of = |plugin: &str, before: Option<&str>, now: Option<&str>, refused| Changed {
            plugin: plugin.into(),
            before: before.map(|digest| format!("sha256:{}", digest.repeat(64))),
            now: now.map(|digest| format!("sha256:{}", digest.repeat(64))),
            refused,
        };
        let shown = changes(&[
            of("a", None, Some("1"), false),
            of("b", Some("1"), Some("2"), false),
            of("c", Some("1"), None, false),
            of("d\u{1b}[2J", None, None, true),
            of("e", Some("1"), Some("1"), true),
        ]);
        assert_eq!(
            shown,
            "+ a serves 111111111111\n\
             ~ b serves 222222222222, after 111111111111\n\
             - c no longer serves 111111111111\n\
             ! d[2J is refused\n\
             ! e goes on with 111111111111, and what is in its file is refused\n"
        );
        assert_eq!(changes(&[]), "nothing changed\n");
    }
}
