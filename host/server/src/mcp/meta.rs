//! `tools_search` and `tools_call`: tools of the host's own, for clients that never ask for the list again.
//!
//! They show and do nothing that `tools/list` and `tools/call` don't: a search answers from the catalog as it is
//! now, and a call goes the way of every other. Off unless the operator wants them.

mod search;

use std::sync::Arc;

use cofferdam_runtime::{
    CallError, Catalog, Tool,
    content::JsonObject,
    policy::LoadLimits,
    schema::{Schema, SchemaError},
};
use rmcp::model::{self as mcp, CallToolRequestParams, CallToolResult, ToolAnnotations};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use self::search::{Query, Words};

const CALL: &str = "tools_call";
const SEARCH: &str = "tools_search";

/// Names that no plugin's tool may have while these tools are on.
pub(crate) const NAMES: [&str; 2] = [CALL, SEARCH];

/// Tools that a search answers with at most, if it doesn't say.
const FOUND: usize = 10;
/// The most that it can say.
const FOUND_MAX: usize = 50;
/// Bytes of found tools in one answer, beyond the first tool: schemas may be large, and a model reads them all.
const ANSWER: usize = 256 << 10;
/// Searches at the same time: each reads the words of every tool.
const SEARCHES: usize = 2;

/// The host's own tools.
#[derive(Debug)]
pub(crate) struct MetaTools {
    /// Sorted by name, as [`NAMES`].
    shown: [mcp::Tool; 2],
    call: Schema,
    search: Schema,
    searches: Arc<Semaphore>,
}

/// What a call of one of these tools wants.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    /// To call this tool.
    Call {
        /// Its public name, as it came.
        name: String,
        /// Its arguments, as they came.
        arguments: JsonObject,
    },
    /// To find tools.
    Search {
        /// Words.
        query: String,
        /// How many at most.
        limit: usize,
    },
}

impl MetaTools {
    /// Compiles the schemas of their arguments.
    ///
    /// # Errors
    /// [`SchemaError`] if one of them is wrong, which a test rules out.
    pub(crate) fn new() -> Result<Self, SchemaError> {
        let compile = |schema: Value| Schema::compile(&schema.to_string(), true, &LoadLimits::default());
        let (call, search) = (compile(call_input())?, compile(search_input())?);
        let found = compile(search_output())?;
        let shown_call = mcp::Tool::new(CALL, CALL_SAYS, Arc::clone(call.source())).with_title("Call a tool");
        let shown_search = mcp::Tool::new(SEARCH, SEARCH_SAYS, Arc::clone(search.source()))
            .with_title("Search tools")
            .with_raw_output_schema(Arc::clone(found.source()))
            .with_annotations(ToolAnnotations::new().read_only(true).open_world(false));
        let searches = Arc::new(Semaphore::new(SEARCHES));
        Ok(Self { shown: [shown_call, shown_search], call, search, searches })
    }

    /// As clients are shown them, sorted by name.
    pub(super) fn shown(&self) -> &[mcp::Tool] {
        &self.shown
    }

    /// The one of this name, as clients are shown it.
    pub(super) fn find(&self, name: &str) -> Option<&mcp::Tool> {
        self.shown.iter().find(|tool| tool.name == name)
    }

    /// What a request asks of these tools; none if it is for another one, and then it stays as it is.
    pub(super) fn asked(&self, request: &mut CallToolRequestParams) -> Option<Result<Asked, CallError>> {
        let schema = match request.name.as_ref() {
            CALL => &self.call,
            SEARCH => &self.search,
            _ => return None,
        };
        let mut arguments = schema.coerced(request.arguments.take().unwrap_or_default());
        if let Err(errors) = schema.validate(&arguments) {
            return Some(Err(CallError::InvalidArguments(errors)));
        }
        let mut take = |key: &str| arguments.get_mut(key).map(Value::take);
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        Some(Ok(if request.name == CALL {
            let name = text(take("name")).unwrap_or_default();
            match take("arguments") {
                Some(Value::Object(arguments)) => Asked::Call { name, arguments },
                _ => Asked::Call { name, arguments: JsonObject::new() },
            }
        } else {
            let limit = take("limit").and_then(|limit| usize::try_from(limit.as_u64()?).ok());
            Asked::Search {
                query: text(take("query")).unwrap_or_default(),
                limit: limit.unwrap_or(FOUND).min(FOUND_MAX),
            }
        }))
    }

    /// The tools of `catalog` that fit, best match first.
    ///
    /// # Errors
    /// If the search crashed.
    pub(super) async fn search(
        &self,
        catalog: Arc<Catalog>,
        query: String,
        limit: usize,
    ) -> Result<CallToolResult, CallError> {
        // Given back by the search itself, which goes on if its client no longer waits.
        let turn = Arc::clone(&self.searches).acquire_owned().await;
        let searched = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            found(&catalog, &Query::new(&query), limit)
        });
        Ok(CallToolResult::structured(searched.await.map_err(|_| CallError::Internal)?))
    }
}

fn found(catalog: &Catalog, query: &Query, limit: usize) -> Value {
    let tools = catalog.entries().iter().map(|entry| &*entry.tool);
    let ranked = search::rank(tools, query, |tool| Words {
        name: tool.public_name.as_str(),
        title: tool.title.as_deref().unwrap_or_default(),
        description: &tool.description,
    });
    let total = ranked.len();
    json!({ "tools": within(ranked.into_iter().take(limit).map(shown), ANSWER), "total": total })
}

fn shown(tool: &Tool) -> Value {
    let mut shown = json!({
        "name": tool.public_name.as_str(),
        "description": tool.description,
        "inputSchema": JsonObject::clone(tool.input.source()),
    });
    if let (Some(title), Value::Object(shown)) = (&tool.title, &mut shown) {
        shown.insert("title".to_owned(), json!(title));
    }
    shown
}

/// The first, and as many of the others as there is room for.
fn within(tools: impl Iterator<Item = Value>, mut room: usize) -> Vec<Value> {
    let mut shown = Vec::new();
    for tool in tools {
        let size = tool.to_string().len();
        if size > room && !shown.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        shown.push(tool);
    }
    shown
}

const CALL_SAYS: &str = "Call a tool of this server by its name, as if it were called itself: with the same \
                         checks, limits and result. For tools that tools_search found and that are not in your \
                         own list of tools.";

const SEARCH_SAYS: &str = "Find tools of this server by words. Answers with the names, titles, descriptions and \
                           input schemas of tools that are there now, best match first; your own list of tools \
                           may be older. Call one of them with tools_call.";

fn call_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "The tool's name, as tools_search shows it." },
            "arguments": {
                "type": "object",
                "description": "The tool's arguments, by its input schema. Default {}.",
            },
        },
        "required": ["name"],
        "additionalProperties": false,
    })
}

fn search_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "maxLength": 1000,
                "description": "What the tool does, in a few words, or its name. Nothing finds every tool.",
            },
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": FOUND_MAX,
                "description": format!("How many tools to answer with at most. Default {FOUND}."),
            },
        },
        "required": ["query"],
        "additionalProperties": false,
    })
}

fn search_output() -> Value {
    json!({
        "type": "object",
        "properties": {
            "tools": {
                "type": "array",
                "description": "The tools that fit best; fewer than asked for if their schemas are large.",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": { "type": "string" },
                        "title": { "type": "string" },
                        "description": { "type": "string" },
                        "inputSchema": { "type": "object" },
                    },
                    "required": ["name", "description", "inputSchema"],
                },
            },
            "total": {
                "type": "integer",
                "minimum": 0,
                "description": "How many tools fit. If it is more than are shown, other words may say more.",
            },
        },
        "required": ["tools", "total"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, arguments: Value) -> Result<Asked, String> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let mut request = CallToolRequestParams::new(name).with_arguments(arguments);
        let asked = MetaTools::new().unwrap().asked(&mut request).unwrap();
        asked.map_err(|error| error.to_string())
    }

    #[test]
    fn the_tools_are_there_in_the_order_of_their_names() {
        let tools = MetaTools::new().unwrap();
        let names: Vec<_> = tools.shown().iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(names, NAMES);
        assert!(names.is_sorted());
    }

    #[test]
    fn a_request_for_another_tool_stays_as_it_is() {
        let arguments = JsonObject::from_iter([("a".to_owned(), json!(1))]);
        let request = CallToolRequestParams::new("text_count").with_arguments(arguments);
        let mut same = request.clone();
        assert!(MetaTools::new().unwrap().asked(&mut same).is_none());
        assert_eq!(same, request);
    }

    #[test]
    fn arguments_are_read_as_those_of_every_tool() {
        let search = |query: &str, limit| Ok(Asked::Search { query: query.to_owned(), limit });
        assert_eq!(asked(SEARCH, json!({ "query": "a b" })), search("a b", FOUND));
        assert_eq!(asked(SEARCH, json!({ "query": "", "limit": "50" })), search("", 50));
        let call = |arguments: Value| match arguments {
            Value::Object(arguments) => Ok(Asked::Call { name: "x".to_owned(), arguments }),
            _ => panic!("arguments are an object"),
        };
        assert_eq!(asked(CALL, json!({ "name": "x" })), call(json!({})));
        assert_eq!(asked(CALL, json!({ "name": "x", "arguments": { "n": 1 } })), call(json!({ "n": 1 })));
        assert_eq!(asked(CALL, json!({ "name": "x", "arguments": "{\"n\":1}" })), call(json!({ "n": 1 })));
    }

    #[test]
    fn arguments_that_don_t_fit_are_named() {
        for (tool, arguments, error) in [
            (SEARCH, json!({}), "`query` is required, but missing"),
            (SEARCH, json!({ "query": "a", "limit": 51 }), "`limit`: 51 is greater than the maximum of 50"),
            (SEARCH, json!({ "query": "a", "limit": 0 }), "`limit`: 0 is less than the minimum of 1"),
            (CALL, json!({ "arguments": {} }), "`name` is required, but missing"),
            (
                CALL,
                json!({ "name": "x", "arguments": [1] }),
                "`arguments`: expected object, found array of 1",
            ),
            (
                CALL,
                json!({ "name": "x", "n": 1 }),
                "`n` is not an argument of this tool; known: `arguments`, `name`",
            ),
        ] {
            assert_eq!(asked(tool, arguments).unwrap_err(), format!("invalid arguments: {error}"));
        }
    }

    #[test]
    fn an_answer_has_the_first_tool_and_as_many_more_as_there_is_room_for() {
        let tools = |sizes: &[usize]| {
            let tools: Vec<_> = sizes.iter().map(|size| json!("x".repeat(*size - 2))).collect();
            within(tools.into_iter(), 100).len()
        };
        assert_eq!(tools(&[]), 0);
        assert_eq!(tools(&[1_000, 10]), 1);
        assert_eq!(tools(&[50, 50, 10]), 2);
        assert_eq!(tools(&[50, 51, 10]), 1);
    }
}
