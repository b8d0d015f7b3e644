//! `cofferdam explain`: what the code behind an error means, and what to do.

use clap::Args;
use cofferdam_policy::{Code, code::UnknownCode};
use serde_json::{Value, json};

use super::{Exit, Failure, out};

/// What `explain` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The code, such as C0101; none: lists all
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Explains.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.code {
        None if arguments.json => out::json(&Code::ALL.iter().map(|code| as_json(*code)).collect()),
        None => out::print(&list()),
        Some(text) => {
            let code: Code = text.parse().map_err(|error| unknown(text, error))?;
            if arguments.json { out::json(&as_json(code)) } else { out::print(&explained(code)) }
        }
    }
}

fn unknown(text: &str, error: UnknownCode) -> Failure {
    Failure::new(Exit::Usage, format!("{text:?}: {error}; `cofferdam explain` lists all of them"))
}

fn list() -> String {
    Code::ALL.iter().map(|code| format!("{code}  {}\n", code.title())).collect()
}

fn explained(code: Code) -> String {
    format!("{code}: {}\n\n{}\n", code.title(), code.text())
}

fn as_json(code: Code) -> Value {
    json!({ "code": code.as_str(), "title": code.title(), "text": code.text() })
}
