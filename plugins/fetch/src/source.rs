//! What an address gives: from the cache while that is fresh, else from its server, which is asked whether it changed.

use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Request, Response};

use crate::freshness;
use crate::kept::{About, Copy, Place};
use crate::status;

/// How to come by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// From the cache while that is fresh.
    Usual,
    /// From the cache if it is there at all: further parts should be of the same text as the first.
    Continued,
    /// From the server.
    Refresh,
}

impl Mode {
    pub(crate) fn of(refresh: bool, start: usize) -> Self {
        match (refresh, start) {
            (true, _) => Self::Refresh,
            (false, 0) => Self::Usual,
            (false, _) => Self::Continued,
        }
    }
}

/// Where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// From its server.
    Network,
    /// From the cache, without asking.
    Cache,
    /// From the cache, after its server said that nothing changed.
    Unchanged,
}

/// What an address gave.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) copy: Copy,
    pub(crate) origin: Origin,
}

impl Source {
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.copy.about.content_type.as_deref()
    }
}

/// What is asked for, so that a server with several forms of a thing sends the one that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Page,
    Json,
}

impl Wish {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Json => "json",
        }
    }

    fn accept(self) -> &'static str {
        match self {
            Self::Page => {
                "text/markdown, text/html;q=0.9, text/plain;q=0.8, application/json;q=0.7, */*;q=0.5"
            }
            Self::Json => "application/json, */*;q=0.5",
        }
    }
}

/// Gets what is at an address. A status of 400 or more is an error.
pub(crate) fn get(url: &str, wish: Wish, mode: Mode, http: &Http, cache: &Cache) -> Result<Source> {
    let place = Place::new(cache, wish.name(), url);
    let kept = if mode == Mode::Refresh { None } else { place.get() };
    let kept = match kept {
        Some(copy) if mode == Mode::Continued || place.is_fresh() => {
            return Ok(Source { copy, origin: Origin::Cache });
        }
        other => other,
    };
    let request = http.get(url).header("accept", wish.accept()).retries(1);
    let response = conditional(request, kept.as_ref()).send()?;
    if response.status >= 400 {
        return Err(status::error(&response));
    }
    let freshness = freshness::of(&response);
    if let Some(copy) = kept.filter(|_| response.status == 304) {
        place.set_fresh(freshness);
        return Ok(Source { copy, origin: Origin::Unchanged });
    }
    if (300..400).contains(&response.status) {
        return Err(ToolError::failed(format!(
            "{} answered {}, a redirect that leads nowhere",
            response.url, response.status
        )));
    }
    let copy = copy(response);
    place.set(&copy, freshness);
    Ok(Source { copy, origin: Origin::Network })
}

fn conditional(request: Request, kept: Option<&Copy>) -> Request {
    let Some(Copy { about, .. }) = kept else { return request };
    match (&about.etag, &about.last_modified) {
        (Some(etag), _) => request.header("if-none-match", etag),
        (None, Some(time)) => request.header("if-modified-since", time),
        (None, None) => request,
    }
}

fn copy(response: Response) -> Copy {
    // Only what can be sent back as it is.
    let header = |name| response.header(name).filter(|value| value.len() <= 1000).map(str::to_owned);
    let about = About {
        url: response.url.clone(),
        content_type: header("content-type"),
        etag: header("etag"),
        last_modified: header("last-modified"),
    };
    Copy { about, body: response.body }
}
