//! How a call ended, from the engine's error to ours: the one place that reads them.

use std::time::Duration;

use cofferdam_capabilities::Exhausted;
use cofferdam_policy::{CallLimits, LimitKind};
use wasmtime::{PoolConcurrencyLimitError, Trap};
use wasmtime_wasi::I32Exit;

use crate::{
    error::{CallError, LimitHit},
    limits::Tripped,
    store::CallStore,
};

/// Why the guest ended without an answer.
pub(crate) fn classify(error: &wasmtime::Error, store: &CallStore, limits: &CallLimits) -> CallError {
    if let Some(kind) = limit(error, store) {
        return CallError::Limit(LimitHit::new(kind, limits));
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Busy { waited: Duration::ZERO, host: true };
    }
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return CallError::Exit(*code);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return CallError::Trap(describe(*trap));
    }
    text(error)
}

fn limit(error: &wasmtime::Error, store: &CallStore) -> Option<LimitKind> {
    if let Some(Tripped(kind)) = error.downcast_ref() {
        return Some(*kind);
    }
    if let Some(Exhausted(kind)) = error.downcast_ref() {
        return Some(*kind);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => return Some(LimitKind::Fuel),
        Some(Trap::StackOverflow) => return Some(LimitKind::Stack),
        _ => {}
    }
    // A guest's allocator and its print turn a refusal into a trap of their own, or a stream hides it.
    let state = store.data();
    state
        .limiter
        .tripped()
        .or_else(|| state.output.tripped().then_some(LimitKind::Stdio))
        .or_else(|| by_text(&format!("{error:#}")))
}

/// Limits whose errors the engine gives no type.
fn by_text(text: &str) -> Option<LimitKind> {
    [
        ("fuel allocated for hostcalls has been exhausted", LimitKind::HostCallBytes),
        ("handle limit exceeded", LimitKind::Handles),
        ("resource table has no free keys", LimitKind::Handles),
        ("instance count too high", LimitKind::Instances),
    ]
    .into_iter()
    .find_map(|(words, kind)| text.contains(words).then_some(kind))
}

fn describe(trap: Trap) -> String {
    match trap {
        Trap::UnreachableCodeReached => "it panicked or aborted; its log may say why".to_owned(),
        Trap::MemoryOutOfBounds => "out of bounds memory access, or recursion that is too deep".to_owned(),
        other => other.to_string().trim_start_matches("wasm trap: ").to_owned(),
    }
}

/// Of `wasi:http`, which ends a guest for it before there is a request.
const HEADERS: &str =
    "it put more headers together than a request may have (`http_limits.request_headers`) [C0301]";

/// What has no type: the guest broke the ABI's rules, or the host is at fault.
fn text(error: &wasmtime::Error) -> CallError {
    let text = format!("{error:#}");
    let guest_fault = [
        ("requested len", "it asked for too many random bytes at once"),
        ("cannot write more zeroes", "it wrote more to a stream than the stream had room for"),
        ("buffer too large for blocking", "it wrote more to a stream than the stream had room for"),
        ("empty poll list", "it waited for nothing"),
        ("has children", "it closed something of which it still holds parts"),
        ("invalid utf-8", "it passed text that is not UTF-8"),
        ("incomplete utf-8", "it passed text that is not UTF-8"),
        ("out of bounds", "it passed a pointer outside its memory"),
        ("pointer not aligned", "it passed a pointer that is not aligned"),
        ("unexpected discriminant", "it passed a variant that doesn't exist"),
        ("invalid variant discriminant", "it passed a variant that doesn't exist"),
        ("cannot leave component instance", "it called the host where the ABI forbids it"),
        ("unknown handle index", "it used a handle that it doesn't have"),
        ("handle index", "it used a handle that it doesn't have"),
        ("realloc return", "its allocator returned a bad pointer"),
        ("total size of fields", HEADERS),
        ("too many fields", HEADERS),
    ];
    let lower = text.to_lowercase();
    for (words, meaning) in guest_fault {
        if lower.contains(words) {
            return CallError::Trap(meaning.to_owned());
        }
    }
    tracing::error!(error = %text, "a call ended for a reason that is not the guest's");
    CallError::Internal
}
