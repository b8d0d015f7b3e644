//! The one table that turns failures into replies.
//!
//! A protocol error is for what no model can repair: an unknown tool, a malformed request, a fault of the host.
//! All else is a result with `isError`, which a model reads and acts on.

use cofferdam_runtime::{
    CallError,
    capabilities::sanitize,
    error::{GuestErrorKind, LimitHit},
    policy::LimitKind,
};
use rmcp::{
    ErrorData,
    model::{CallToolResult, ContentBlock, ErrorCode, MetaObject},
};
use serde_json::json;

/// The most of a guest's own words that a reply repeats, in bytes.
const WORDS: usize = 16 << 10;
/// Where a result says, for programs, why it is an error.
const CODE_KEY: &str = "cofferdam/error";

/// What the client gets to see of a failure.
pub(super) fn reply(failure: &CallError, call: &str) -> Result<CallToolResult, ErrorData> {
    match failure {
        CallError::Internal => {
            let message = "internal error; the server's log has the details under this call id";
            Err(ErrorData::internal_error(message, Some(json!({ "callId": call }))))
        }
        CallError::Guest(error) => match &error.kind {
            GuestErrorKind::Protocol { code, data } => {
                Err(ErrorData::new(ErrorCode(*code), sanitize::lines(&error.message, WORDS), data.clone()))
            }
            _ => Ok(result(&sanitize::lines(&error.to_string(), WORDS), code(failure))),
        },
        other => Ok(result(&other.to_string(), code(other))),
    }
}

/// The failure's name, for logs and programs.
pub(super) fn code(failure: &CallError) -> &'static str {
    match failure {
        CallError::InvalidArguments(_) => "invalid-arguments",
        CallError::Busy { .. } => "busy",
        CallError::Guest(error) => match error.kind {
            GuestErrorKind::InvalidArguments => "invalid-arguments",
            GuestErrorKind::NotFound => "not-found",
            GuestErrorKind::Denied => "denied",
            GuestErrorKind::Unavailable => "unavailable",
            GuestErrorKind::Failed => "failed",
            GuestErrorKind::Protocol { .. } => "protocol",
            GuestErrorKind::Malformed => "malformed-answer",
        },
        CallError::Limit(hit) => limit_code(hit),
        CallError::Trap(_) => "crashed",
        CallError::Exit(_) => "exited",
        CallError::InvalidOutput(_) => "invalid-output",
        CallError::Internal => "internal",
    }
}

fn limit_code(hit: &LimitHit) -> &'static str {
    match hit.kind {
        LimitKind::Fuel => "limit/fuel",
        LimitKind::Memory => "limit/memory",
        LimitKind::TableElements => "limit/table_elements",
        LimitKind::Instances => "limit/instances",
        LimitKind::Handles => "limit/handles",
        LimitKind::HostCallBytes => "limit/host_call_bytes",
        LimitKind::HostCalls => "limit/host_calls",
        LimitKind::Stdio => "limit/stdio",
        LimitKind::Log => "limit/log",
        LimitKind::Arguments => "limit/arguments",
        LimitKind::Result => "limit/result",
        LimitKind::Deadline => "limit/deadline",
        LimitKind::Stack => "limit/stack",
    }
}

fn result(text: &str, code: &str) -> CallToolResult {
    let mut result = CallToolResult::error(vec![ContentBlock::text(text)]);
    let mut meta = MetaObject::new();
    meta.insert(CODE_KEY.to_owned(), json!(code));
    result.meta = Some(meta);
    result
}

/// The host is about to end.
pub(super) fn draining() -> CallToolResult {
    result("the server is shutting down and takes no new calls; try again when it is back", "unavailable")
}

pub(super) fn unknown_tool(name: &str, nearest: Option<&str>) -> ErrorData {
    ErrorData::invalid_params(unknown(name, nearest), None)
}

/// The same as a result: it is the argument of a tool that is wrong, and a model can put it right.
pub(super) fn unknown_tool_inside(name: &str, nearest: Option<&str>) -> CallToolResult {
    result(&unknown(name, nearest), "unknown-tool")
}

fn unknown(name: &str, nearest: Option<&str>) -> String {
    let name = sanitize::line(name, 80);
    let hint = nearest.map(|nearest| format!("; did you mean {nearest:?}?"));
    format!("unknown tool: {name:?}{}", hint.unwrap_or_default())
}

/// One of the host's own tools was to be called through another one.
pub(super) fn own_tool_inside(name: &str) -> CallToolResult {
    result(&format!("{name:?} can't be called through a tool; call it by itself"), "invalid-arguments")
}

pub(super) fn malformed_params(method: &str) -> ErrorData {
    let expected = match method {
        "tools/call" => "expected `name` (string) and `arguments` (object)",
        "tools/list" => "expected no parameters, or `cursor` (string)",
        "logging/setLevel" => {
            "expected `level`: debug, info, notice, warning, error, critical, alert or emergency"
        }
        _ => "see the protocol's schema for this method",
    };
    ErrorData::invalid_params(format!("malformed parameters of {method}: {expected}"), None)
}

pub(super) fn no_method(method: &str) -> ErrorData {
    let message = format!("unknown method: {:?}", sanitize::line(method, 80));
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)
}

/// Methods that the library knows: one of these arrives as a custom request only if its parameters don't parse.
pub(super) fn is_known_method(method: &str) -> bool {
    matches!(
        method,
        "initialize"
            | "server/discover"
            | "ping"
            | "tools/list"
            | "tools/call"
            | "logging/setLevel"
            | "completion/complete"
            | "prompts/list"
            | "prompts/get"
            | "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe"
            | "subscriptions/listen"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_fault_is_a_protocol_error_and_it_says_nothing_but_the_call() {
        let error = reply(&CallError::Internal, "abc-1").unwrap_err();
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
        assert_eq!(error.data, Some(json!({ "callId": "abc-1" })));
        let trapped = reply(&CallError::Trap("it panicked".into()), "abc-2").unwrap();
        assert_eq!(trapped.is_error, Some(true));
    }

    #[test]
    fn an_unknown_tool_is_minus_32602() {
        let error = unknown_tool("x\u{1b}[31m", None);
        assert_eq!(
            (error.code, error.message.as_ref()),
            (ErrorCode::INVALID_PARAMS, "unknown tool: \"x[31m\"")
        );
    }
}
