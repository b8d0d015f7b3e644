//! What a version of a plugin shows to clients, and what it wants of the host, as plain data.
//!
//! Names are those within the plugin: what an operator puts before them is no part of it.
//! Only what a plugin says. What its code does can't be seen; that is what its digest is for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    content::{Hints, Icon, JsonObject, TaskSupport},
    plugin::{Plugin, Tool},
};

/// What one version of a plugin shows and wants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    /// The version of the plugin ABI that it was built against.
    pub abi: String,
    /// The interfaces that it asks the host for.
    pub imports: BTreeSet<String>,
    /// Its tools, by their names within the plugin.
    pub tools: BTreeMap<String, ToolSurface>,
}

/// What one tool shows and wants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ToolSurface {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does and when to use it.
    pub description: String,
    /// What it says of its behaviour.
    #[serde(default, skip_serializing_if = "AnnotationSurface::is_empty")]
    pub annotations: AnnotationSurface,
    /// JSON Schema of its arguments.
    pub input_schema: JsonObject,
    /// JSON Schema of its structured result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<JsonObject>,
    /// Pictures for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<IconSurface>,
    /// `_meta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<JsonObject>,
    /// Whether it may run as a task; never, if it doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskSurface>,
    /// Scopes that the caller's token must have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub required_scopes: BTreeSet<String>,
    /// How many milliseconds a result may be reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_ms: Option<u64>,
    /// Grants that it would like.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub wants: BTreeSet<String>,
}

/// What a tool says of its own behaviour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnnotationSurface {
    /// Changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// May destroy something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Twice is no more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// Reaches out to things beyond the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IconSurface {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Sizes such as `48x48`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// `light` or `dark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
}

/// How a tool may run as a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskSurface {
    /// If the client wants it.
    Optional,
    /// Always.
    Required,
}

impl Surface {
    /// Of a plugin that is loaded.
    #[must_use]
    pub fn of(plugin: &Plugin) -> Self {
        let tool = |tool: &Arc<Tool>| (tool.name.to_string(), ToolSurface::of(tool));
        Self {
            abi: plugin.abi.clone(),
            imports: plugin.imports.iter().map(|import| import.name.clone()).collect(),
            tools: plugin.tools.iter().map(tool).collect(),
        }
    }
}

impl ToolSurface {
    /// Of a tool that is loaded.
    #[must_use]
    pub fn of(tool: &Tool) -> Self {
        // Whole, so that a new field has to be thought of here.
        let Tool {
            public_name: _,
            name: _,
            title,
            description,
            input,
            output,
            hints,
            icons,
            meta,
            task,
            required_scopes,
            cache_ms,
            wants,
            pace: _,
        } = tool;
        Self {
            title: title.clone(),
            description: description.clone(),
            annotations: AnnotationSurface::of(*hints),
            input_schema: JsonObject::clone(input.source()),
            output_schema: output.as_ref().map(|schema| JsonObject::clone(schema.source())),
            icons: icons.iter().map(IconSurface::of).collect(),
            meta: meta.clone(),
            task: TaskSurface::of(*task),
            required_scopes: required_scopes.iter().cloned().collect(),
            cache_ms: *cache_ms,
            wants: wants.iter().cloned().collect(),
        }
    }
}

impl AnnotationSurface {
    /// Whether the tool says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of(Hints { read_only, destructive, idempotent, open_world }: Hints) -> Self {
        Self {
            read_only_hint: read_only,
            destructive_hint: destructive,
            idempotent_hint: idempotent,
            open_world_hint: open_world,
        }
    }
}

impl IconSurface {
    fn of(Icon { src, mime_type, sizes, theme }: &Icon) -> Self {
        Self { src: src.clone(), mime_type: mime_type.clone(), sizes: sizes.clone(), theme: theme.clone() }
    }
}

impl TaskSurface {
    fn of(task: TaskSupport) -> Option<Self> {
        match task {
            TaskSupport::Forbidden => None,
            TaskSupport::Optional => Some(Self::Optional),
            TaskSupport::Required => Some(Self::Required),
        }
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::{LoadLimits, Namespace};
    use serde_json::{Value, json};

    use super::*;
    use crate::{content::ToolDescription, describe};

    fn surface(description: ToolDescription) -> ToolSurface {
        let namespace = Namespace::parse("x").unwrap();
        let tools = describe::tools(vec![description], &namespace, &LoadLimits::default()).unwrap();
        ToolSurface::of(&tools[0])
    }

    fn full() -> ToolDescription {
        ToolDescription {
            name: "go".into(),
            title: Some("Go".into()),
            description: "Goes.".into(),
            input_schema: r#"{"type":"object","properties":{"x":{"const":0.30000000000000004}}}"#.into(),
            output_schema: Some(r#"{"type":"string"}"#.into()),
            hints: Hints {
                read_only: Some(true),
                destructive: Some(false),
                idempotent: Some(true),
                open_world: Some(false),
            },
            icons: vec![Icon {
                src: "https://a.example/i.png".into(),
                mime_type: Some("image/png".into()),
                sizes: vec!["48x48".into()],
                theme: Some("dark".into()),
            }],
            meta: Some(r#"{"k":[1,null]}"#.into()),
            task: TaskSupport::Required,
            required_scopes: vec!["write".into(), "read".into()],
            cache_ms: Some(u64::MAX),
            wants: vec!["http".into()],
        }
    }

    #[test]
    fn everything_that_a_tool_says_is_in_its_surface() {
        let shown = serde_json::to_value(surface(full())).unwrap();
        assert_eq!(
            shown,
            json!({
                "title": "Go",
                "description": "Goes.",
                "annotations": {
                    "readOnlyHint": true,
                    "destructiveHint": false,
                    "idempotentHint": true,
                    "openWorldHint": false,
                },
                "inputSchema": { "type": "object", "properties": { "x": { "const": 0.300_000_000_000_000_04 } } },
                "outputSchema": { "type": "string" },
                "icons": [{
                    "src": "https://a.example/i.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark",
                }],
                "meta": { "k": [1, Value::Null] },
                "task": "required",
                "requiredScopes": ["read", "write"],
                "cacheMs": u64::MAX,
                "wants": ["http"],
            })
        );
        let text = serde_json::to_string(&surface(full())).unwrap();
        assert_eq!(serde_json::from_str::<ToolSurface>(&text).unwrap(), surface(full()));
    }

    #[test]
    fn a_tool_that_says_little_has_a_small_surface() {
        let little = ToolDescription {
            name: "go".into(),
            description: "Goes.".into(),
            input_schema: r#"{"type":"object"}"#.into(),
            ..ToolDescription::default()
        };
        let shown = serde_json::to_value(surface(little)).unwrap();
        assert_eq!(shown, json!({ "description": "Goes.", "inputSchema": { "type": "object" } }));
    }
}
