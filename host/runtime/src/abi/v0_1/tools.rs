//! `tools`: descriptions, outcomes and errors.

use super::{
    bindings::{cofferdam::plugin::types as wit, exports::cofferdam::plugin::tools as tools_wit},
    content::{block, icon, input_required, object, value},
};
use crate::{
    content::{Hints, Outcome, TaskSupport, ToolDescription, ToolResult},
    error::{GuestError, GuestErrorKind},
};

pub(super) fn description(tool: tools_wit::Tool) -> ToolDescription {
    let tools_wit::Tool {
        name,
        title,
        description,
        input_schema,
        output_schema,
        hints,
        icons,
        meta,
        task,
        required_scopes,
        cache_ms,
        wants,
    } = tool;
    ToolDescription {
        name,
        title,
        description,
        input_schema,
        output_schema,
        hints: Hints {
            read_only: hints.read_only,
            destructive: hints.destructive,
            idempotent: hints.idempotent,
            open_world: hints.open_world,
        },
        icons: icons.into_iter().map(icon).collect(),
        meta,
        task: match task {
            tools_wit::TaskSupport::Forbidden => TaskSupport::Forbidden,
            tools_wit::TaskSupport::Optional => TaskSupport::Optional,
            tools_wit::TaskSupport::Required => TaskSupport::Required,
        },
        required_scopes,
        cache_ms,
        wants,
    }
}

pub(super) fn outcome(outcome: tools_wit::Outcome) -> Result<Outcome, GuestError> {
    Ok(match outcome {
        tools_wit::Outcome::Complete(result) => Outcome::Complete(tool_result(result)?),
        tools_wit::Outcome::InputRequired(input) => Outcome::InputRequired(input_required(input)?),
    })
}

fn tool_result(result: tools_wit::ToolResult) -> Result<ToolResult, GuestError> {
    Ok(ToolResult {
        content: result.content.into_iter().map(block).collect::<Result<_, _>>()?,
        structured: result.structured.map(|text| value(&text, "the structured result")).transpose()?,
        is_error: result.is_error,
        meta: result.meta.map(|text| object(&text, "the result's meta")).transpose()?,
    })
}

pub(super) fn call_error(error: wit::CallError) -> GuestError {
    let of = |kind, message| GuestError { kind, message };
    match error {
        wit::CallError::InvalidArguments(text) => of(GuestErrorKind::InvalidArguments, text),
        wit::CallError::NotFound(text) => of(GuestErrorKind::NotFound, text),
        wit::CallError::Denied(text) => of(GuestErrorKind::Denied, text),
        wit::CallError::Unavailable(text) => of(GuestErrorKind::Unavailable, text),
        wit::CallError::Failed(text) => of(GuestErrorKind::Failed, text),
        wit::CallError::Protocol(error) => of(
            GuestErrorKind::Protocol {
                code: error.code,
                data: error.data.and_then(|text| serde_json::from_str(&text).ok()),
            },
            error.message,
        ),
    }
}
