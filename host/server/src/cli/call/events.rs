//! What a tool says while it runs, on stderr as it comes.

use cofferdam_runtime::capabilities::{Event, LogLevel, sanitize};
use serde_json::Value;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::cli::out;

/// Longest message that is shown.
const MESSAGE: usize = 2_000;

/// Where the call's events go; the task ends when the call has.
pub(super) fn show() -> (mpsc::Sender<Event>, JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel(16);
    let showing = tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            out::say(&line(&event));
        }
    });
    (sender, showing)
}

fn line(event: &Event) -> String {
    match event {
        Event::Progress { progress, total, message } => {
            let total = total.map(|total| format!("/{total}")).unwrap_or_default();
            let message = message.as_deref().map(|text| format!(" {}", clean(text))).unwrap_or_default();
            format!("progress {progress}{total}{message}")
        }
        Event::Log { level, logger, data } => {
            let logger = logger.as_deref().map(|name| format!(" {}:", clean(name))).unwrap_or_default();
            let text = match data {
                Value::String(text) => clean(text),
                other => clean(&other.to_string()),
            };
            format!("{}{logger} {text}", name(*level))
        }
    }
}

fn clean(text: &str) -> String {
    sanitize::line(text, MESSAGE)
}

fn name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Notice => "notice",
        LogLevel::Warning => "warning",
        LogLevel::Error => "error",
        LogLevel::Critical => "critical",
        LogLevel::Alert => "alert",
        LogLevel::Emergency => "emergency",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_one_line_each_and_can_t_command_a_terminal() {
        let progress = |total, message: Option<&str>| {
            line(&Event::Progress { progress: 1.0, total, message: message.map(str::to_owned) })
        };
        assert_eq!(progress(None, None), "progress 1");
        assert_eq!(progress(Some(2.5), Some("half\n\u{1b}[2Jway")), "progress 1/2.5 half [2Jway");
        let log = |logger: Option<&str>, data| {
            line(&Event::Log { level: LogLevel::Warning, logger: logger.map(str::to_owned), data })
        };
        assert_eq!(log(None, json!("careful")), "warning careful");
        assert_eq!(log(Some("db"), json!({ "rows": 1 })), "warning db: {\"rows\":1}");
    }
}
