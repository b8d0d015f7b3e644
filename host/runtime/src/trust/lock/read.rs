//! From the text of a lock file to what it says, or to the line that is wrong.
//!
//! Whatever is not as `cofferdam approve` writes it is an error: a lock is relied on whole or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use cofferdam_capabilities::sanitize;
use cofferdam_policy::{PluginId, ToolName};
use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

use super::{Approved, Lock, LockError, VERSION, seal};
use crate::{
    content::JsonObject,
    difference::surface::{AnnotationSurface, IconSurface, Surface, TaskSurface, ToolSurface},
};

/// Read first: a later version may have anything else in it.
#[derive(Deserialize)]
struct Head {
    version: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    #[serde(default)]
    plugins: BTreeMap<Spanned<String>, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sha256: Spanned<String>,
    seal: Spanned<String>,
    abi: String,
    #[serde(default)]
    imports: BTreeSet<String>,
    #[serde(default)]
    tools: BTreeMap<Spanned<String>, Tool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    title: Option<String>,
    description: String,
    #[serde(default)]
    annotations: AnnotationSurface,
    task: Option<TaskSurface>,
    #[serde(default)]
    required_scopes: BTreeSet<String>,
    cache_ms: Option<u64>,
    #[serde(default)]
    wants: BTreeSet<String>,
    #[serde(default)]
    icons: Vec<IconSurface>,
    input_schema: Spanned<String>,
    output_schema: Option<Spanned<String>>,
    meta: Option<Spanned<String>>,
}

/// What the text says.
pub(super) fn lock(text: &str) -> Result<Lock, LockError> {
    let reader = Reader { text };
    reader.version()?;
    let file: File = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    let plugins = file.plugins.into_iter().map(|(id, entry)| reader.plugin(&id, entry));
    Ok(Lock { plugins: plugins.collect::<Result<_, _>>()? })
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn version(&self) -> Result<(), LockError> {
        let head: Head = toml::from_str(self.text).map_err(|error| self.syntax(&error))?;
        let Some(version) = head.version else {
            return Err(self.malformed(0..0, format!("expected `version = {VERSION}`, and there is none")));
        };
        if *version.get_ref() != VERSION {
            let line = self.line(version.span().start);
            return Err(LockError::Version { line, found: *version.get_ref() });
        }
        Ok(())
    }

    fn plugin(&self, key: &Spanned<String>, entry: Entry) -> Result<(PluginId, Approved), LockError> {
        let id =
            PluginId::parse(key.get_ref()).map_err(|error| self.malformed(key.span(), error.to_string()))?;
        let Entry { sha256, seal: written, abi, imports, tools } = entry;
        if !is_digest(sha256.get_ref()) {
            let problem = "`sha256` is not a digest: expected 64 characters of 0-9 and a-f";
            return Err(self.malformed(sha256.span(), problem.to_owned()));
        }
        let tools = tools.into_iter().map(|(name, tool)| self.tool(&name, tool));
        let surface = Surface { abi, imports, tools: tools.collect::<Result<_, _>>()? };
        let approved = Approved { digest: sha256.into_inner(), surface };
        if seal(&id, &approved) != *written.get_ref() {
            let problem =
                format!("the entry of `{id}` is not as it was approved: it was edited or merged by hand");
            return Err(self.malformed(written.span(), problem));
        }
        Ok((id, approved))
    }

    fn tool(&self, key: &Spanned<String>, tool: Tool) -> Result<(String, ToolSurface), LockError> {
        let name =
            ToolName::parse(key.get_ref()).map_err(|error| self.malformed(key.span(), error.to_string()))?;
        let optional =
            |text: Option<Spanned<String>>, what| text.map(|text| self.json(&text, what)).transpose();
        let surface = ToolSurface {
            title: tool.title,
            description: tool.description,
            annotations: tool.annotations,
            input_schema: self.json(&tool.input_schema, "input_schema")?,
            output_schema: optional(tool.output_schema, "output_schema")?,
            icons: tool.icons,
            meta: optional(tool.meta, "meta")?,
            task: tool.task,
            required_scopes: tool.required_scopes,
            cache_ms: tool.cache_ms,
            wants: tool.wants,
        };
        Ok((name.to_string(), surface))
    }

    fn json(&self, text: &Spanned<String>, what: &str) -> Result<JsonObject, LockError> {
        serde_json::from_str(text.get_ref())
            .map_err(|error| self.malformed(text.span(), format!("`{what}` is not a JSON object: {error}")))
    }

    fn syntax(&self, error: &toml::de::Error) -> LockError {
        self.malformed(error.span().unwrap_or(0..0), error.message().to_owned())
    }

    fn malformed(&self, span: Range<usize>, problem: String) -> LockError {
        LockError::Malformed { line: self.line(span.start), problem: sanitize::line(&problem, 400) }
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
