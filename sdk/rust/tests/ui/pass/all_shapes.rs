#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
//! All shapes of tools at once, without a warning.

use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Content, Resource, ResourceLink};

/// Arguments.
#[derive(Deserialize, JsonSchema)]
pub struct Pair {
    /// One.
    pub a: i64,
    /// Another.
    pub b: i64,
}

/// With everything.
#[tool(
    name = "everything-1",
    title = "Everything",
    description = concat!("All ", "of it."),
    read_only,
    destructive = false,
    idempotent = true,
    open_world = false
)]
pub fn everything(Pair { a, b }: Pair, call: Call, config: Config) -> Result<i64> {
    call.progress(a, b)?;
    call.progress(0.5, None::<u8>)?;
    Ok(a + b + config.get("c")?.unwrap_or(0))
}

/// With a cache.
#[tool]
pub fn remembers(Pair { a, b }: Pair, cache: Cache) -> Result<i64> {
    cache.get_or_insert(format!("{a}"), minutes(1), || Ok(a + b))
}

/// With no arguments and no result.
#[tool]
fn nothing() {}

/// With a handle only.
#[tool]
fn handle_only(_: NoArgs, _call: Call) -> &'static str {
    "done"
}

/// With an error of its own.
#[tool]
fn own_error() -> Result<i64, std::num::ParseIntError> {
    "1".parse()
}

/// With a full path.
#[tool]
fn full_path() -> std::io::Result<()> {
    Ok(())
}

/// With a raw name.
#[tool]
fn r#match() -> Option<i64> {
    None
}

/// Tools in a module.
pub mod content {
    use super::*;

    /// Text.
    #[tool]
    pub fn text() -> Text {
        Text(String::from("text"))
    }

    /// An image.
    #[tool]
    pub fn image() -> Result<Image> {
        Ok(Image::new([1, 2, 3], "image/png"))
    }

    /// A sound.
    #[tool]
    pub fn audio() -> Audio {
        Audio::new([1, 2, 3], "audio/wav")
    }

    /// A link.
    #[tool]
    pub fn link() -> ResourceLink {
        ResourceLink::new("file:///x", "x")
    }

    /// A resource.
    #[tool]
    pub fn resource() -> Resource {
        Resource::text("file:///x", "x")
    }

    /// A block.
    #[tool]
    pub fn block() -> Content {
        Content::text("x").priority(1.0)
    }

    /// Anything.
    #[tool]
    pub(crate) fn reply() -> Reply {
        Reply::new().text("x")
    }
}

plugin!(
    everything,
    remembers,
    nothing,
    handle_only,
    own_error,
    full_path,
    r#match,
    content::text,
    content::image,
    content::audio,
    content::link,
    content::resource,
    content::block,
    content::reply,
);

fn main() {}
