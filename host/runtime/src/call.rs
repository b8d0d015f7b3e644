//! One call, from its arguments to its report: size and schema, a place, a fresh store, the crossing, the result.

use std::sync::Arc;

use cofferdam_capabilities::CallContext;
use cofferdam_policy::{LimitKind, units::Quantity};
use serde_json::Value;
use tokio::time::Instant;
use wasmtime::Engine;

use crate::{
    catalog::Entry,
    content::{JsonObject, Outcome, Resume, ToolResult},
    error::{CallError, GuestError, LimitHit},
    guests::Guests,
    outcome,
    places::{self, Place, Places},
    plugin::Tool,
    results::{self, Results},
    schema::Schema,
    size, store,
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
    given: Given,
    /// Free again when the store is gone, not before.
    _place: Place,
}

/// What a tool is given.
struct Given {
    arguments: String,
    resume: Option<Resume>,
    context: CallContext,
}

/// Arguments up to this size are validated where they are; larger ones on a thread of their own, once the call has
/// its place, and their results are not kept.
const SMALL: usize = 16 << 10;

/// What all calls share.
#[derive(Clone, Copy)]
pub(crate) struct Host<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) guests: &'a Guests,
    pub(crate) places: &'a Places,
    pub(crate) results: &'a Results,
}

impl Host<'_> {
    /// Runs one call, or shares the result of another one. Dropping the future ends it, guest code included.
    pub(crate) async fn call(self, entry: Entry, request: CallRequest) -> CallReport {
        let value = entry.tool.input.coerced(request.arguments);
        let Ok(arguments) = serde_json::to_string(&value) else { return CallError::Internal.into() };
        let limits = &entry.plugin.limits;
        if arguments.len() as u64 > limits.arguments.value() {
            return CallError::Limit(LimitHit::new(LimitKind::Arguments, limits)).into();
        }
        let small = arguments.len() <= SMALL;
        let given = Given { arguments, resume: request.resume, context: request.context };
        if !small {
            return self.run(entry, given, Some(value)).await;
        }
        if let Err(errors) = entry.tool.input.validate(&value) {
            return CallError::InvalidArguments(errors).into();
        }
        match results::holds(&entry.tool).filter(|_| given.resume.is_none()) {
            None => self.run(entry, given, None).await,
            Some(holds) => {
                let key = results::key(&entry, &value, &given.context);
                self.results.shared(key, holds, self.run(entry, given, None)).await
            }
        }
    }

    /// Runs the tool, in a place of its own; `unchecked` arguments are validated first.
    async fn run(self, entry: Entry, given: Given, unchecked: Option<Value>) -> CallReport {
        let (plugin, tool) = (Arc::clone(&entry.plugin), Arc::clone(&entry.tool));
        let wait = plugin.limits.queue_wait.duration();
        let place = match places::take(&plugin.places, self.places, wait).await {
            Ok(place) => place,
            Err(busy) => return busy.into(),
        };
        if let Some(value) = unchecked
            && let Err(error) = self.validate(Arc::clone(&tool), value).await
        {
            return error.into();
        }
        let job = Job { engine: self.engine.clone(), entry, given, _place: place };
        let running = plugin.stats.running();
        let Some(report) = self.guests.run(tool.pace.is_quick(), run(job)).await else {
            return CallError::Internal.into();
        };
        running.ended(report.usage.elapsed, failed(&report.result));
        tool.pace.note(&report.usage);
        report
    }

    async fn validate(self, tool: Arc<Tool>, value: Value) -> Result<(), CallError> {
        let validated = self.guests.blocking(move || tool.input.validate(&value)).await;
        validated.map_err(|_| CallError::Internal)?.map_err(CallError::InvalidArguments)
    }
}

/// Whether an operator would count it as a failure: the tool's own errors too.
fn failed(result: &Result<Outcome, CallError>) -> bool {
    match result {
        Ok(Outcome::Complete(result)) => result.is_error,
        Ok(_) => false,
        Err(_) => true,
    }
}

/// On the guests' threads from its first yield on, and from here on unless the tool is quick.
async fn run(job: Job) -> CallReport {
    let plugin = Arc::clone(&job.entry.plugin);
    let limits = &plugin.limits;
    let started = Instant::now();
    let deadline = started + limits.deadline.duration();
    let Given { arguments, resume, context } = job.given;
    let id = context.id.clone();
    let opened = store::open(&job.engine, plugin.id.as_str(), limits, plugin.reach(), context, deadline);
    let mut store = match opened {
        Ok(store) => store,
        Err(error) => {
            tracing::error!(%error, "can't open a store");
            return CallError::Internal.into();
        }
    };
    let crossing =
        plugin.linked.prepared.call_tool(&mut store, job.entry.tool.name.text(), &arguments, resume);
    // Dropping the crossing ends the guest; the store remains, to be read and dropped, never to be used again.
    let result = match tokio::time::timeout_at(deadline, crossing).await {
        Err(_elapsed) => Err(CallError::Limit(LimitHit::new(LimitKind::Deadline, limits))),
        Ok(Err(error)) => Err(outcome::classify(&error, &store, limits)),
        Ok(Ok(answer)) => Ok(answer),
    };
    let usage = Usage::of(&store, limits, started.elapsed());
    store.data().output.log(plugin.id.as_str(), &id);
    drop(store);
    CallReport { usage, result: result.and_then(|answer| checked(answer, &job.entry)) }
}

/// The guest's answer, if it is within the size limit and matches the tool's own output schema.
fn checked(answer: Result<Outcome, GuestError>, entry: &Entry) -> Result<Outcome, CallError> {
    let limits = &entry.plugin.limits;
    let size = answer.as_ref().map_or_else(size::error, size::outcome);
    if size > limits.result.value() {
        return Err(CallError::Limit(LimitHit::new(LimitKind::Result, limits)));
    }
    let outcome = answer.map_err(CallError::Guest)?;
    match (&outcome, &entry.tool.output) {
        (Outcome::Complete(result), Some(schema)) if !result.is_error => {
            structured(result, schema).map_err(CallError::InvalidOutput)?;
        }
        _ => {}
    }
    Ok(outcome)
}

/// Whether the structured result matches the schema; if not, why.
fn structured(result: &ToolResult, schema: &Schema) -> Result<(), String> {
    let value = result.structured.as_ref().ok_or_else(|| "it has none".to_owned())?;
    schema.validate(value).map_err(|errors| errors.each().join("; "))
}
