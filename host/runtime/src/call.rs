//! One call, from its arguments to its report: size and schema, a place, a fresh store, the crossing, the result.

use std::sync::Arc;

use cofferdam_capabilities::CallContext;
use cofferdam_policy::{LimitKind, units::Quantity};
use serde_json::Value;
use tokio::time::Instant;
use wasmtime::Engine;

use crate::{
    catalog::Entry,
    content::{BlockKind, JsonObject, Outcome, ResourceBody, Resume, ToolResult},
    error::{CallError, LimitHit},
    guests::Guests,
    outcome,
    places::{self, Place, Places},
    store,
    usage::Usage,
};

/// What a caller wants of a tool.
#[derive(Debug, Default)]
pub struct CallRequest {
    /// The arguments, as they came.
    pub arguments: JsonObject,
    /// Answers to what an earlier call asked.
    pub resume: Option<Resume>,
    /// What came with the request.
    pub context: CallContext,
}

/// How a call ended, and what it used.
#[derive(Debug, Clone, PartialEq)]
pub struct CallReport {
    /// What it used; nothing if no guest code ran.
    pub usage: Usage,
    /// Its result.
    pub result: Result<Outcome, CallError>,
}

impl From<CallError> for CallReport {
    fn from(error: CallError) -> Self {
        Self { usage: Usage::default(), result: Err(error) }
    }
}

/// A call that has its arguments checked and its place taken.
struct Job {
    engine: Engine,
    entry: Entry,
    arguments: String,
    resume: Option<Resume>,
    context: CallContext,
    /// Free again when the store is gone, not before.
    _place: Place,
}

/// Arguments up to this size are validated where they are; larger ones on a thread of their own.
const SMALL: usize = 16 << 10;

/// Runs one call. Dropping the future ends it, guest code included.
pub(crate) async fn call(
    engine: &Engine,
    guests: &Guests,
    host: &Places,
    entry: Entry,
    request: CallRequest,
) -> CallReport {
    match prepare(engine, guests, host, entry, request).await {
        Ok(job) => guests.spawn(run(job)).await.unwrap_or_else(|failure| {
            tracing::error!(%failure, "a call's task failed");
            CallError::Internal.into()
        }),
        Err(error) => error.into(),
    }
}

/// Everything before the guest: no guest code runs in here.
async fn prepare(
    engine: &Engine,
    guests: &Guests,
    host: &Places,
    entry: Entry,
    request: CallRequest,
) -> Result<Job, CallError> {
    let value = entry.tool.input.coerced(request.arguments);
    let arguments = serde_json::to_string(&value).map_err(|_| CallError::Internal)?;
    let limits = &entry.plugin.limits;
    if arguments.len() as u64 > limits.arguments.value() {
        return Err(CallError::Limit(LimitHit::new(LimitKind::Arguments, limits)));
    }
    let small = arguments.len() <= SMALL;
    if small {
        entry.tool.input.validate(&value).map_err(CallError::InvalidArguments)?;
    }
    let place = places::take(&entry.plugin.places, host, limits.queue_wait.duration()).await?;
    if !small {
        let tool = Arc::clone(&entry.tool);
        let validated = guests.blocking(move || tool.input.validate(&value)).await;
        validated.map_err(|_| CallError::Internal)?.map_err(CallError::InvalidArguments)?;
    }
    Ok(Job {
        engine: engine.clone(),
        entry,
        arguments,
        resume: request.resume,
        context: request.context,
        _place: place,
    })
}

/// On the guests' threads, from here on.
async fn run(job: Job) -> CallReport {
    let plugin = Arc::clone(&job.entry.plugin);
    let limits = &plugin.limits;
    let started = Instant::now();
    let deadline = started + limits.deadline.duration();
    let id = job.context.id.clone();
    let opened = store::open(
        &job.engine,
        plugin.id.as_str(),
        limits,
        Arc::clone(&plugin.settings),
        job.context,
        deadline,
    );
    let mut store = match opened {
        Ok(store) => store,
        Err(error) => {
            tracing::error!(%error, "can't open a store");
            return CallError::Internal.into();
        }
    };
    let crossing =
        plugin.prepared.call_tool(&mut store, job.entry.tool.name.text(), &job.arguments, job.resume);
    // Dropping the crossing ends the guest; the store remains, to be read and dropped, never to be used again.
    let result = match tokio::time::timeout_at(deadline, crossing).await {
        Err(_elapsed) => Err(CallError::Limit(LimitHit::new(LimitKind::Deadline, limits))),
        Ok(Err(error)) => Err(outcome::classify(&error, &store, limits)),
        Ok(Ok(Err(error))) => Err(CallError::Guest(error)),
        Ok(Ok(Ok(outcome))) => Ok(outcome),
    };
    let usage = Usage::of(&store, limits, started.elapsed());
    store.data().output.log(plugin.id.as_str(), &id);
    drop(store);
    CallReport { usage, result: result.and_then(|outcome| checked(outcome, &job.entry)) }
}

/// The outcome, if it is within the size limit and matches the tool's own output schema.
fn checked(outcome: Outcome, entry: &Entry) -> Result<Outcome, CallError> {
    let Outcome::Complete(result) = &outcome else { return Ok(outcome) };
    let limits = &entry.plugin.limits;
    if size(result) > limits.result.value() {
        return Err(CallError::Limit(LimitHit::new(LimitKind::Result, limits)));
    }
    match (&entry.tool.output, &result.structured) {
        _ if result.is_error => Ok(outcome),
        (None, _) => Ok(outcome),
        (Some(_), None) => Err(CallError::InvalidOutput("it has none".to_owned())),
        (Some(schema), Some(value)) => match schema.validate(value) {
            Ok(()) => Ok(outcome),
            Err(errors) => Err(CallError::InvalidOutput(errors.each().join("; "))),
        },
    }
}

/// Bytes of the result on the wire, escapes and envelopes left aside.
fn size(result: &ToolResult) -> u64 {
    let json = |value: &Value| value.to_string().len();
    let object = |object: &Option<JsonObject>| object.as_ref().map_or(0, |o| json(&Value::Object(o.clone())));
    let content: usize = result
        .content
        .iter()
        .map(|block| {
            let body = match &block.kind {
                BlockKind::Text(text) => text.len(),
                BlockKind::Image(media) | BlockKind::Audio(media) => base64(&media.data),
                BlockKind::ResourceLink(info) => {
                    info.uri.len() + info.description.as_ref().map_or(0, String::len)
                }
                BlockKind::Embedded(contents) => match &contents.body {
                    ResourceBody::Text(text) => text.len(),
                    ResourceBody::Blob(bytes) => base64(bytes),
                },
                BlockKind::Raw(raw) => json(&Value::Object(raw.clone())),
            };
            body + object(&block.meta) + ENVELOPE
        })
        .sum();
    (content + result.structured.as_ref().map_or(0, json) + object(&result.meta)) as u64
}

/// What a content block costs besides its body: a million empty blocks are no small result.
const ENVELOPE: usize = 32;

fn base64(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}
