//! From what a plugin says of its tools to tools that clients may be shown.
//!
//! The text reaches a language model and an operator's terminal, so nothing in it may be invisible or obeyed.

use std::{collections::HashSet, sync::Arc};

use cofferdam_capabilities::sanitize;
use cofferdam_policy::{LoadLimits, Namespace, ToolName, units::Quantity};

use crate::{
    content::{Icon, JsonObject, ToolDescription},
    error::{LoadError, ToolProblem},
    pace::Pace,
    plugin::Tool,
    schema::Schema,
};

/// Checks all descriptions of one plugin; the tools come back sorted by name.
pub(crate) fn tools(
    described: Vec<ToolDescription>,
    namespace: &Namespace,
    limits: &LoadLimits,
) -> Result<Vec<Arc<Tool>>, LoadError> {
    if described.len() as u64 > limits.tools.value() {
        return Err(LoadError::TooManyTools { found: described.len(), ceiling: limits.tools.value() });
    }
    let mut seen = HashSet::new();
    let mut tools = Vec::with_capacity(described.len());
    for description in described {
        let shown = sanitize::line(&description.name, 64);
        let checked = tool(description, namespace, limits).and_then(|tool| {
            if seen.insert(tool.name.clone()) { Ok(tool) } else { Err(ToolProblem::Duplicate) }
        });
        tools.push(Arc::new(checked.map_err(|problem| LoadError::Tool { tool: shown, problem })?));
    }
    tools.sort_by(|a, b| a.public_name.cmp(&b.public_name));
    Ok(tools)
}

fn tool(described: ToolDescription, namespace: &Namespace, limits: &LoadLimits) -> Result<Tool, ToolProblem> {
    let name = ToolName::parse(&described.name)?;
    let public_name = namespace.public_name(&name)?;
    text(&described, limits)?;
    icons(&described.icons)?;
    if described.cache_ms.is_some() && described.hints.read_only != Some(true) {
        return Err(ToolProblem::CacheOfChanges);
    }
    let schema = |which, text: &str, root_is_object| {
        Schema::compile(text, root_is_object, limits).map_err(|error| ToolProblem::Schema { which, error })
    };
    Ok(Tool {
        public_name,
        name,
        input: schema("input", &described.input_schema, true)?,
        output: described.output_schema.as_deref().map(|text| schema("output", text, false)).transpose()?,
        meta: described.meta.as_deref().map(meta).transpose()?,
        title: described.title,
        description: described.description,
        hints: described.hints,
        icons: described.icons,
        task: described.task,
        required_scopes: described.required_scopes,
        cache_ms: described.cache_ms,
        wants: described.wants,
        pace: Pace::default(),
    })
}

fn text(described: &ToolDescription, limits: &LoadLimits) -> Result<(), ToolProblem> {
    let ceiling = limits.description;
    let title = described.title.as_deref().unwrap_or_default();
    if described.description.trim().is_empty() {
        return Err(ToolProblem::NoDescription);
    }
    for (what, text) in [("description", described.description.as_str()), ("title", title)] {
        if text.len() as u64 > ceiling.value() {
            return Err(ToolProblem::LongDescription { found: text.len(), ceiling: ceiling.to_string() });
        }
        if sanitize::has_hidden(text) {
            return Err(ToolProblem::HiddenText(what));
        }
    }
    Ok(())
}

fn icons(icons: &[Icon]) -> Result<(), ToolProblem> {
    match icons.iter().find(|icon| !icon.src.starts_with("https://") && !icon.src.starts_with("data:")) {
        Some(icon) => Err(ToolProblem::Icon(sanitize::line(&icon.src, 80))),
        None => Ok(()),
    }
}

fn meta(text: &str) -> Result<JsonObject, ToolProblem> {
    serde_json::from_str(text).map_err(|error| ToolProblem::Meta(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Hints;

    #[test]
    fn only_what_changes_nothing_may_be_reused() {
        let described = |read_only| ToolDescription {
            name: "go".to_owned(),
            description: "Goes.".to_owned(),
            input_schema: r#"{"type":"object"}"#.to_owned(),
            hints: Hints { read_only, ..Hints::default() },
            cache_ms: Some(1),
            ..ToolDescription::default()
        };
        let namespace = Namespace::from(&cofferdam_policy::PluginId::parse("a").unwrap());
        let judged = |read_only| tools(vec![described(read_only)], &namespace, &LoadLimits::default());
        assert!(judged(Some(true)).is_ok());
        for no in [None, Some(false)] {
            let error = judged(no).unwrap_err();
            assert!(matches!(error, LoadError::Tool { problem: ToolProblem::CacheOfChanges, .. }), "{error}");
        }
    }
}
