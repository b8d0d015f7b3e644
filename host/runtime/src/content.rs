//! Results and their parts in plain types: what every ABI version converts to, and every transport from.

use serde_json::{Map, Value};

/// A JSON object.
pub type JsonObject = Map<String, Value>;

/// Who a piece of content is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person in front of the client.
    User,
    /// The language model.
    Assistant,
}

/// A picture that stands for a tool or a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Icon {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// Sizes such as `48x48`.
    pub sizes: Vec<String>,
    /// `light` or `dark`.
    pub theme: Option<String>,
}

/// Hints about how a piece of content may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotations {
    /// For whom it is.
    pub audience: Vec<Role>,
    /// From 0 (optional) to 1 (required).
    pub priority: Option<f64>,
    /// ISO 8601 time of the last change.
    pub last_modified: Option<String>,
}

/// An image or a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    /// The raw bytes.
    pub data: Vec<u8>,
    /// Its media type.
    pub mime_type: String,
}

/// What a resource holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One resource with its content.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceContents {
    /// Its URI.
    pub uri: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// The content.
    pub body: ResourceBody,
    /// `_meta`.
    pub meta: Option<JsonObject>,
}

/// A resource described without its content.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceInfo {
    /// Its URI.
    pub uri: String,
    /// Its name for programs.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its media type.
    pub mime_type: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Pictures for it.
    pub icons: Vec<Icon>,
}

/// What a content block is, without the parts that every block has.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// Text.
    Text(String),
    /// An image.
    Image(Media),
    /// A sound.
    Audio(Media),
    /// A link to a resource.
    ResourceLink(ResourceInfo),
    /// A resource with its content.
    Embedded(ResourceContents),
    /// A block of a type that this version does not know: an object with a string `type`.
    Raw(JsonObject),
}

/// One piece of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentBlock {
    /// What it is.
    pub kind: BlockKind,
    /// How it may be used.
    pub annotations: Option<Annotations>,
    /// `_meta` of the block.
    pub meta: Option<JsonObject>,
}

/// The result of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// For the model to read.
    pub content: Vec<ContentBlock>,
    /// For programs to read.
    pub structured: Option<Value>,
    /// The tool ran, and says that it failed.
    pub is_error: bool,
    /// `_meta` of the result.
    pub meta: Option<JsonObject>,
}

/// Something that only the client can answer.
#[derive(Debug, Clone, PartialEq)]
pub enum InputRequest {
    /// Ask the user by a form.
    ElicitForm {
        /// What is asked.
        message: String,
        /// JSON Schema of the answer.
        requested_schema: JsonObject,
    },
    /// Ask the user by a page.
    ElicitUrl {
        /// Why.
        message: String,
        /// The page.
        url: String,
    },
    /// Ask the client's model: the parameters of `sampling/createMessage`.
    Sampling(JsonObject),
    /// Ask for the client's roots.
    ListRoots,
}

/// What a call needs from the client before it can go on.
#[derive(Debug, Clone, PartialEq)]
pub struct InputRequired {
    /// What is asked, each under its key.
    pub requests: Vec<(String, InputRequest)>,
    /// Bytes to get back with the answers.
    pub state: Option<Vec<u8>>,
}

/// What the user did with an elicitation.
#[derive(Debug, Clone, PartialEq)]
pub enum ElicitAction {
    /// Agreed; the content of the form, none for a page.
    Accept(Option<JsonObject>),
    /// Said no.
    Decline,
    /// Closed it without a choice.
    Cancel,
}

/// The client's answer to an [`InputRequest`].
#[derive(Debug, Clone, PartialEq)]
pub enum InputResponse {
    /// To a form or a page.
    Elicit(ElicitAction),
    /// To a sampling request: its result.
    Sampling(JsonObject),
    /// To `ListRoots`: the array of roots.
    Roots(Value),
}

/// The answers with which a call goes on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resume {
    /// Answers, each under the key of its request.
    pub responses: Vec<(String, InputResponse)>,
    /// The state of the [`InputRequired`] that is answered.
    pub state: Option<Vec<u8>>,
}

/// How a call ends when nothing went wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With a result.
    Complete(ToolResult),
    /// With questions to the client.
    InputRequired(InputRequired),
}

/// What a tool says of its own behaviour; hints only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hints {
    /// Changes nothing.
    pub read_only: Option<bool>,
    /// May destroy something.
    pub destructive: Option<bool>,
    /// Twice is no more than once.
    pub idempotent: Option<bool>,
    /// Reaches out to things beyond the host.
    pub open_world: Option<bool>,
}

/// Whether a call may run as a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskSupport {
    /// Never.
    #[default]
    Forbidden,
    /// If the client wants it.
    Optional,
    /// Always.
    Required,
}

/// One tool as its plugin describes it, not yet checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ToolDescription {
    /// Its name within the plugin.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of the arguments, as text.
    pub input_schema: String,
    /// JSON Schema of the structured result, as text.
    pub output_schema: Option<String>,
    /// What it says of its behaviour.
    pub hints: Hints,
    /// Pictures for it.
    pub icons: Vec<Icon>,
    /// `_meta` of the tool, as text.
    pub meta: Option<String>,
    /// Whether it may run as a task.
    pub task: TaskSupport,
    /// Scopes that the caller's token must have.
    pub required_scopes: Vec<String>,
    /// How many milliseconds a result may be reused.
    pub cache_ms: Option<u64>,
    /// Grants that it would like.
    pub wants: Vec<String>,
}
