//! `cofferdam history`: what happened to a plugin since its host started, newest last.

use serde_json::json;

use super::{
    Failure,
    admin::{AskedOf, Patience, Wanted, digest, indented, instant, paragraph},
    out,
};
use crate::admin::wire::{Change, Difference, Event, History, Version};

/// Shows what happened.
pub(super) async fn run(wanted: &Wanted, AskedOf { plugin, asked }: &AskedOf) -> Result<(), Failure> {
    let host = asked.target.find(wanted).await?;
    let history: History = host.get(&format!("/plugins/{plugin}/history"), Patience::Some).await?;
    if asked.json {
        return out::json(&json!(history));
    }
    out::print(&history.changes.iter().map(shown).collect::<String>())
}

fn shown(change: &Change) -> String {
    let at = instant(change.at);
    match &change.event {
        Event::Loaded { version, difference } => {
            format!(
                "{at}  loaded {}\n{}",
                described(version),
                difference.as_ref().map(text).unwrap_or_default()
            )
        }
        Event::RolledBack { version, difference } => {
            format!("{at}  rolled back to {}\n{}", described(version), text(difference))
        }
        Event::Refused { digest: of, reason } => {
            let of = of.as_deref().map(|of| format!(" {}", digest(of))).unwrap_or_default();
            format!("{at}  refused{of}: {}", paragraph(reason))
        }
        Event::PolicyChanged => format!("{at}  under new limits, settings or names\n"),
        Event::Removed => format!("{at}  removed\n"),
    }
}

fn described(version: &Version) -> String {
    let (tools, generation) = (version.tools.len(), version.generation);
    let tools = if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") };
    format!("{} (generation {generation}, {tools})", digest(&version.digest))
}

fn text(difference: &Difference) -> String {
    indented(&difference.text, "    ")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_event_says_when_what_and_what_differs() {
        let version = |tools: usize| Version {
            digest: format!("sha256:{}", "ab".repeat(32)),
            generation: 2,
            size: 1,
            tools: vec!["t".into(); tools],
            since: "2026-11-20T12:00:00Z".parse().unwrap(),
        };
        let difference = || Difference {
            summary: "1 tool added".into(),
            text: "+ one\n  \u{1b}[31mit\n".into(),
            detail: Value::Null,
        };
        let digest = Some(format!("sha256:{}", "cd".repeat(32)));
        let show = |event| shown(&Change { at: "2026-11-20T12:00:00.123Z".parse().unwrap(), event });
        for (event, expected) in [
            (
                Event::Loaded { version: version(1), difference: None },
                "loaded abababababab (generation 2, 1 tool)\n",
            ),
            (
                Event::Loaded { version: version(2), difference: Some(difference()) },
                "loaded abababababab (generation 2, 2 tools)\n    + one\n      [31mit\n",
            ),
            (
                Event::RolledBack { version: version(2), difference: difference() },
                "rolled back to abababababab (generation 2, 2 tools)\n    + one\n      [31mit\n",
            ),
            (Event::Refused { digest, reason: "bad\nvery".into() }, "refused cdcdcdcdcdcd: bad\n  very\n"),
            (Event::Refused { digest: None, reason: "bad".into() }, "refused: bad\n"),
            (Event::PolicyChanged, "under new limits, settings or names\n"),
            (Event::Removed, "removed\n"),
        ] {
            assert_eq!(show(event), format!("2026-11-20T12:00:00Z  {expected}"));
        }
    }
}
