//! `cofferdam logs`: what a host that runs has logged, and logs.

use bytes::Bytes;
use clap::Args;
use cofferdam_runtime::capabilities::sanitize;
use form_urlencoded::Serializer;
use serde_json::Value;

use super::{
    Failure,
    admin::{Target, Wanted, paragraph},
    out,
};
use crate::admin::wire::{LogEvent, LogLine};

/// What `logs` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Go on with what is logged from now on, until it is stopped or the host ends
    #[arg(long, short)]
    follow: bool,
    /// Only what is about this plugin
    #[arg(long, value_name = "ID")]
    plugin: Option<String>,
    /// How many of the last lines to show; a host keeps the last 2_000
    #[arg(long, value_name = "N", default_value_t = 100)]
    lines: usize,
    #[command(flatten)]
    target: Target,
    /// Print JSON, one object per line
    #[arg(long)]
    json: bool,
}

/// Shows the lines.
pub(super) async fn run(wanted: &Wanted, arguments: &Arguments) -> Result<(), Failure> {
    let host = arguments.target.find(wanted).await?;
    let mut lines = host.lines(&format!("/logs?{}", arguments.query())).await?;
    while let Some(line) = lines.next().await? {
        let text = if arguments.json {
            String::from_utf8_lossy(&line).into_owned()
        } else {
            shown(&line).map_err(|error| lines.unreadable(&error))?
        };
        if !out::print_to_reader(&text)? {
            break;
        }
    }
    Ok(())
}

impl Arguments {
    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("follow", if self.follow { "true" } else { "false" });
        query.append_pair("lines", &self.lines.to_string());
        if let Some(plugin) = &self.plugin {
            query.append_pair("plugin", plugin);
        }
        query.finish()
    }
}

fn shown(line: &Bytes) -> Result<String, serde_json::Error> {
    Ok(match serde_json::from_slice(line)? {
        LogLine::Event(event) => event_shown(&event),
        LogLine::Skipped { skipped } => {
            format!("({skipped} lines skipped: the log is faster than its reader)\n")
        }
    })
}

fn event_shown(event: &LogEvent) -> String {
    let at = event.timestamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    let fields = event.fields.iter().map(|(name, value)| format!(" {}={}", clean(name), field(value)));
    paragraph(&format!("{at} {:>5} {}{}", clean(&event.level), event.message, fields.collect::<String>()))
}

/// Text is in quotes if it would run into the next field.
fn field(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let text = clean(text);
            let plain = !text.is_empty() && !text.contains([' ', '"', '=']);
            if plain { text } else { format!("{text:?}") }
        }
        other => clean(&other.to_string()),
    }
}

fn clean(text: &str) -> String {
    sanitize::line(text, 4_000)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn show(line: &Value) -> String {
        shown(&Bytes::from(line.to_string())).unwrap()
    }

    #[test]
    fn a_line_says_when_how_severe_what_and_what_is_known() {
        let line = json!({
            "timestamp": "2026-11-20T12:00:00.007Z", "level": "WARN", "target": "t", "message": "plugin refused",
            "fields": { "file": "/p/a.wasm", "reason": "it is \"bad\"", "ms": 12, "none": "" },
        });
        let shown = show(&line);
        assert_eq!(
            shown,
            "2026-11-20T12:00:00.007Z  WARN plugin refused file=/p/a.wasm ms=12 none=\"\" \
             reason=\"it is \\\"bad\\\"\"\n"
        );
        assert_eq!(show(&json!({ "skipped": 7 })), "(7 lines skipped: the log is faster than its reader)\n");
    }

    #[test]
    fn a_line_can_t_command_a_terminal_or_pass_for_two() {
        let line = json!({
            "timestamp": "2026-11-20T12:00:00Z", "level": "INFO", "target": "t",
            "message": "a\u{1b}[2J\n2026 ERROR b", "fields": { "f\n": "x\ny\u{202e}" },
        });
        assert_eq!(show(&line), "2026-11-20T12:00:00.000Z  INFO a[2J\n  2026 ERROR b f =\"x y\"\n");
    }

    #[test]
    fn what_is_wanted_goes_into_the_query() {
        let target = <Target as Default>::default();
        let plugin = Some("a b&c".to_owned());
        let arguments = Arguments { follow: true, plugin, lines: 5, target, json: false };
        assert_eq!(arguments.query(), "follow=true&lines=5&plugin=a+b%26c");
    }
}
