//! One line of a plugin's table of tools: a `Tool` with its types erased.

use crate::arguments::Arguments;
use crate::handle::Scope;
use crate::reply::{IntoReply, Reply};
use crate::schema;
use crate::tool::{Definition, Tool, ToolInfo};
use crate::{JsonObject, Result};

/// A tool without its types.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// All but the schemas.
    pub info: ToolInfo,
    input: fn() -> JsonObject,
    output: fn() -> Option<JsonObject>,
    run: fn(&str, &Scope) -> Result<Reply>,
}

impl Entry {
    /// The entry of a tool.
    #[must_use]
    pub const fn of<T: Tool>() -> Self {
        Self {
            info: T::INFO,
            input: <T::Arguments as Arguments>::schema,
            output: <T::Output as IntoReply>::output_schema,
            run: run::<T>,
        }
    }

    /// The tool as clients see it. The error says what is wrong with its argument type.
    pub fn define(&self) -> std::result::Result<Definition, String> {
        let input_schema = (self.input)();
        schema::check_input(&input_schema)
            .map_err(|problem| format!("tool `{}`: {problem}", self.info.name))?;
        Ok(Definition {
            name: self.info.name.to_owned(),
            title: self.info.title.map(str::to_owned),
            description: schema::reflow(self.info.description),
            hints: self.info.hints,
            cache_ms: self.info.cache_ms,
            wants: self.info.wants.iter().map(|want| (*want).to_owned()).collect(),
            input_schema,
            output_schema: (self.output)(),
        })
    }

    /// Run it with arguments that are JSON text.
    pub fn run(&self, arguments: &str, scope: &Scope) -> Result<Reply> {
        (self.run)(arguments, scope)
    }
}

fn run<T: Tool>(arguments: &str, scope: &Scope) -> Result<Reply> {
    T::run(T::Arguments::read(arguments)?, scope)?.into_reply()
}

/// Whether `name` is one of `names`.
#[must_use]
pub const fn is_taken(name: &str, names: &[&str]) -> bool {
    match names {
        [] => false,
        [first, rest @ ..] => same(first.as_bytes(), name.as_bytes()) || is_taken(name, rest),
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([x, a @ ..], [y, b @ ..]) => *x == *y && same(a, b),
        _ => false,
    }
}
