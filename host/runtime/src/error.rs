//! Why a plugin is refused, and why a call gave no result.
//!
//! Texts are for the person or the model that reads them: what was expected, what was found, what to do.
//! None of them holds a host path, another plugin's data, or an engine's backtrace.

use std::{fmt, time::Duration};

use cofferdam_capabilities::{cache::remote::RemoteError, http::TlsError};
use cofferdam_policy::{CallLimits, Code, LimitKind, limits::LimitError, name::NameError};
use serde_json::Value;

pub use crate::compile::CompileError;
use crate::{
    schema::{ArgumentErrors, SchemaError},
    trust::Quarantine,
};

/// Why the runtime doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The engine can't reserve its pool.
    #[error(
        "the sandbox can't reserve address space for {places} concurrent calls ({cause}); raise the limit on virtual memory (`ulimit -v`) or lower `server.concurrent_calls`"
    )]
    Engine {
        /// How many places were wanted.
        places: u32,
        /// The engine's words.
        cause: String,
    },
    /// What is to be behind the caches is no Redis.
    #[error("what is behind the caches can't be used: {0}")]
    Cache(#[from] RemoteError),
    /// The authorities that certify upstreams can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The threads for guests can't be started.
    #[error("can't start the threads that run guests")]
    Threads(#[source] std::io::Error),
}

/// Who has a name that is reserved for tools of the host itself.
pub const HOST: &str = "cofferdam";

/// Why a plugin is refused. The host goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file's name is not a plugin id.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The file can't be read.
    #[error("can't read the file: {0}")]
    Read(std::io::Error),
    /// Not a regular file.
    #[error("not a regular file; put the component itself here, not a link, directory, pipe or device")]
    NotAFile,
    /// A link to nothing.
    #[error("a link to nothing; put the component itself here")]
    LinkLeadsNowhere,
    /// A link to something outside the plugins directory.
    #[error(
        "a link that leads out of the plugins directory; put the component itself here, or a link within"
    )]
    LinkLeadsOut,
    /// It changed while it was read.
    #[error("the file is being written; try again when it is whole")]
    Changing,
    /// Larger than `load.file`.
    #[error(
        "the file has {size} bytes, more than `load.file` allows ({ceiling}); raise it under [load] in cofferdam.toml if the plugin is meant to be this large"
    )]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        ceiling: String,
    },
    /// More files than `load.plugins`.
    #[error(
        "there are more plugin files than `load.plugins` allows ({ceiling}), and this is not among the first of them by name; remove some, or raise it under [load] in cofferdam.toml"
    )]
    TooManyPlugins {
        /// The limit.
        ceiling: u64,
    },
    /// Not a component at all.
    #[error("not a WebAssembly component: {found}; {remedy}")]
    NotAComponent {
        /// What the bytes look like.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A component that doesn't validate or compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Imports something that is not offered.
    #[error("the component imports {}", join(imports))]
    UnknownImports {
        /// Each with the reason.
        imports: Vec<String>,
    },
    /// Doesn't export `tools` in a version that is served.
    #[error("{0}")]
    Exports(String),
    /// Imports or exports the right names with other types.
    #[error("the component doesn't fit the plugin ABI: {0}; rebuild it against the WIT of this host")]
    Types(String),
    /// `list-tools` ended without a list.
    #[error("`list-tools` didn't answer: {0}")]
    ListTools(CallError),
    /// `list-tools` answered with an error.
    #[error("the plugin refuses to start: {0}")]
    Refuses(String),
    /// Something about one of its tools.
    #[error("tool {tool:?}: {problem}")]
    Tool {
        /// The tool's name, as far as it can be shown.
        tool: String,
        /// What is wrong with it.
        problem: ToolProblem,
    },
    /// More tools than `load.tools`.
    #[error("the plugin has {found} tools, more than `load.tools` allows ({ceiling})")]
    TooManyTools {
        /// How many.
        found: usize,
        /// The limit.
        ceiling: u64,
    },
    /// Two plugins with one public tool name.
    #[error(
        "tool name {name:?} is taken by {}; set another `namespace` under [plugins.{plugin}] in cofferdam.toml",
        holder_shown(holder)
    )]
    NameTaken {
        /// The public name.
        name: String,
        /// The plugin that has it, or [`HOST`].
        holder: String,
        /// Who wants it.
        plugin: String,
    },
    /// Two files with one plugin id.
    #[error("plugin id `{0}` is already loaded from another file; rename one of the files")]
    IdTaken(String),
    /// It wants what the operator hasn't granted.
    #[error(transparent)]
    NotGranted(#[from] NotGranted),
    /// Held back until the operator has decided.
    #[error(transparent)]
    Quarantined(#[from] Quarantine),
    /// A limit in the operator's file is out of bounds.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The host's own fault.
    #[error("internal error while loading: {0}")]
    Internal(String),
}

impl LoadError {
    /// Whether another plugin has what this one wants, so that it may be fit once that one is gone.
    pub(crate) fn is_a_clash(&self) -> bool {
        matches!(self, Self::NameTaken { .. } | Self::IdTaken(_))
    }

    /// Whether the plugin may be good, and is held back until the operator approves of it or it is signed.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        matches!(self, Self::Quarantined(_))
    }
}

/// A plugin that wants to send requests over HTTP, and has no grant for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotGranted {
    /// The plugin.
    pub plugin: String,
    /// The lines that its tools would like; none: they don't say.
    pub lines: Vec<String>,
}

/// What stands for the lines of a plugin whose tools don't say what they want.
const EXAMPLE: &str = "GET https://HOST/*";

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plugin, lines } = self;
        let lines: Vec<_> = match lines.as_slice() {
            [] => vec![EXAMPLE],
            lines => lines.iter().map(String::as_str).collect(),
        };
        let quoted: Vec<_> = lines.iter().map(|line| format!("{line:?}")).collect();
        let commands: Vec<_> =
            lines.iter().map(|line| format!("cofferdam grant {plugin} http '{line}'")).collect();
        write!(
            f,
            "`{plugin}` imports http, and cofferdam.toml grants it none [{}]; if it should have what its tools \
             want, add `http = [{}]` under [plugins.{plugin}] in cofferdam.toml, or run: {}",
            Code::NotGranted,
            quoted.join(", "),
            commands.join(" && ")
        )
    }
}

impl std::error::Error for NotGranted {}

/// What is wrong with a tool's description.
#[derive(Debug, thiserror::Error)]
pub enum ToolProblem {
    /// Its name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Two tools with one name.
    #[error("the plugin has two tools of this name")]
    Duplicate,
    /// Its results may be reused, and it may change something.
    #[error(
        "its results may be reused for a time (`cache`), but it doesn't say that it changes nothing; declare it read-only, or leave `cache` out"
    )]
    CacheOfChanges,
    /// No description.
    #[error("the description is empty; a model can't choose a tool that says nothing")]
    NoDescription,
    /// Its description is too long.
    #[error("the description has {found} bytes, more than `load.description` allows ({ceiling})")]
    LongDescription {
        /// Its length.
        found: usize,
        /// The limit.
        ceiling: String,
    },
    /// Text that a person wouldn't see or a terminal would obey.
    #[error("the {0} has invisible or control characters")]
    HiddenText(&'static str),
    /// An icon that is not `https:` or `data:`.
    #[error("icon {0:?} is neither an https: nor a data: URI")]
    Icon(String),
    /// `_meta` that isn't an object.
    #[error("its meta is not a JSON object: {0}")]
    Meta(String),
    /// A schema.
    #[error("its {which} schema {error}")]
    Schema {
        /// `input` or `output`.
        which: &'static str,
        /// What is wrong with it.
        error: SchemaError,
    },
}

fn holder_shown(holder: &str) -> String {
    if holder == HOST { format!("a tool of {HOST} itself") } else { format!("plugin `{holder}`") }
}

fn join(imports: &[String]) -> String {
    imports.join("; and ")
}

/// What a tool itself says went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct GuestError {
    /// What kind of failure.
    pub kind: GuestErrorKind,
    /// The tool's own words.
    pub message: String,
}

/// Kinds of failure that a tool can report.
#[derive(Debug, Clone, PartialEq)]
pub enum GuestErrorKind {
    /// The arguments are wrong in a way that their schema can't say.
    InvalidArguments,
    /// What was asked for doesn't exist.
    NotFound,
    /// Refused by a policy.
    Denied,
    /// Something needed doesn't answer now.
    Unavailable,
    /// Tried, and went wrong.
    Failed,
    /// A JSON-RPC error, for protocol extensions.
    Protocol {
        /// Its code.
        code: i32,
        /// Its details.
        data: Option<Value>,
    },
    /// The guest's answer breaks the ABI's rules (text that should be JSON and is not).
    Malformed,
}

impl GuestError {
    pub(crate) fn malformed(message: String) -> Self {
        Self { kind: GuestErrorKind::Malformed, message }
    }
}

impl fmt::Display for GuestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            GuestErrorKind::InvalidArguments => write!(f, "invalid arguments: {}", self.message),
            GuestErrorKind::NotFound => write!(f, "not found: {}", self.message),
            GuestErrorKind::Denied => write!(f, "denied: {}", self.message),
            GuestErrorKind::Unavailable => write!(f, "unavailable: {}", self.message),
            GuestErrorKind::Malformed => write!(f, "the tool's answer is malformed: {}", self.message),
            GuestErrorKind::Failed | GuestErrorKind::Protocol { .. } => f.write_str(&self.message),
        }
    }
}

/// A ceiling that ended a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitHit {
    /// Which one.
    pub kind: LimitKind,
    /// How high it was, as an operator would write it.
    pub ceiling: String,
}

impl LimitHit {
    pub(crate) fn new(kind: LimitKind, limits: &CallLimits) -> Self {
        Self { kind, ceiling: kind.ceiling(limits) }
    }
}

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ceiling = &self.ceiling;
        match self.kind {
            LimitKind::Fuel => write!(f, "the tool used up its fuel ({ceiling})"),
            LimitKind::Memory => write!(f, "the tool wanted more memory than its limit ({ceiling})"),
            LimitKind::TableElements => {
                write!(f, "the tool wanted more table elements than its limit ({ceiling})")
            }
            LimitKind::Instances => write!(f, "the tool wanted more instances than its limit ({ceiling})"),
            LimitKind::Handles => write!(f, "the tool opened more handles than its limit ({ceiling})"),
            LimitKind::HostCallBytes => {
                write!(f, "the tool passed more bytes at once than its limit ({ceiling})")
            }
            LimitKind::HostCalls => write!(f, "the tool made more host calls than its limit ({ceiling})"),
            LimitKind::Stdio => write!(f, "the tool printed more than its limit ({ceiling})"),
            LimitKind::Log => write!(f, "the tool logged more than its limit ({ceiling})"),
            LimitKind::Arguments => write!(f, "the arguments are larger than the tool's limit ({ceiling})"),
            LimitKind::Result => write!(f, "the tool's result is larger than its limit ({ceiling})"),
            LimitKind::Deadline => write!(f, "the tool ran longer than its limit ({ceiling})"),
            LimitKind::Stack => write!(f, "the tool recursed deeper than its stack ({ceiling})"),
        }?;
        match self.kind.key() {
            Some(key) => write!(f, "; the operator can raise `{key}` in cofferdam.toml"),
            None => Ok(()),
        }
    }
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The arguments don't match the tool's schema. No guest code ran.
    #[error("{0}")]
    InvalidArguments(ArgumentErrors),
    /// No place came free in time. No guest code ran.
    #[error("{} busy: no place came free within {} ms; try again later", if *.host { "the server is" } else { "this tool's plugin is" }, .waited.as_millis())]
    Busy {
        /// How long the call waited.
        waited: Duration,
        /// All places of the host are taken, not just the plugin's.
        host: bool,
    },
    /// What the tool itself says.
    #[error("{0}")]
    Guest(GuestError),
    /// A ceiling ended it.
    #[error("{0}")]
    Limit(LimitHit),
    /// The guest trapped: its own bug.
    #[error("the tool crashed: {0}")]
    Trap(String),
    /// The guest called `exit`.
    #[error("the tool ended itself with exit code {0} in place of answering")]
    Exit(i32),
    /// The structured result doesn't match the tool's own output schema.
    #[error("the tool's structured result doesn't match its output schema: {0}")]
    InvalidOutput(String),
    /// The host's own fault; the details are in its log, under the call's id.
    #[error("internal error")]
    Internal,
}
