//! The tool `head`.

use cofferdam_readable::line;
use cofferdam_sdk::Response;
use cofferdam_sdk::prelude::*;

use crate::{address, bounds};

/// Which addresses.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Whole addresses.
    #[schemars(length(min = 1, max = bounds::MAX_HEADS), inner(length(min = 1, max = bounds::MAX_URL)))]
    urls: Vec<String>,
}

/// What is there, one for each address, in their order.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Heads {
    heads: Vec<Head>,
}

/// What an address answered, or why nothing.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Head {
    /// Where it is, after redirects.
    url: String,
    /// The status: below 400 it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// Its bytes, as far as the server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// When it changed, as the server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Ask what is at up to 20 addresses without reading it: whether it is there, its type, size and date. Use it to check links,
/// or before reading something that may be large.
#[tool(title = "Check addresses", read_only, idempotent, open_world)]
pub(crate) fn head(args: Args, http: Http) -> Result<Heads> {
    let urls: Vec<_> =
        args.urls.iter().take(bounds::MAX_HEADS).map(|url| address::parse(url)).collect::<Result<_>>()?;
    let answers = http.send_all(urls.iter().map(|url| http.head(url)));
    let heads: Vec<_> = urls.into_iter().zip(&answers).map(|(url, answer)| shown(url, answer)).collect();
    // If there is nothing but one reason, that is the answer.
    match answers.into_iter().next() {
        Some(Err(only)) if heads.len() == 1 => Err(only),
        _ => Ok(Heads { heads }),
    }
}

fn shown(url: String, answer: &Result<Response>) -> Head {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return Head { url, error: Some(error.message().to_owned()), ..Head::default() },
    };
    let header = |name| response.header(name).map(|value| line(value, 200));
    Head {
        url: response.url.clone(),
        status: Some(response.status),
        content_type: header("content-type"),
        bytes: response.header("content-length").and_then(|length| length.trim().parse().ok()),
        last_modified: header("last-modified"),
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    #[test]
    fn each_address_is_answered_for_itself() {
        let host = Host::new().http("HEAD https://a.example/gone", 404, "").http_with(
            "HEAD https://a.example/there",
            |_| {
                Response::new(200, Vec::new())
                    .with_header("content-type", "image/png")
                    .with_header("content-length", "12")
            },
        );
        let urls = ["https://a.example/there", "https://a.example/gone", "https://b.example/"];
        let heads = host.call::<head>(json!({"urls": urls})).unwrap().heads;
        let there = Head {
            url: urls[0].into(),
            status: Some(200),
            content_type: Some("image/png".into()),
            bytes: Some(12),
            ..Head::default()
        };
        assert_eq!(heads[0], there);
        assert_eq!((heads[1].status, heads[1].error.as_ref()), (Some(404), None));
        let denied = heads[2].error.as_deref().unwrap();
        assert!(denied.contains("cofferdam grant") && denied.contains("https://b.example/"), "{denied}");
    }

    #[test]
    fn a_denial_of_the_only_address_is_the_answer() {
        let answer = Host::new().call::<head>(json!({"urls": ["https://b.example/"]}));
        assert!(
            matches!(&answer, Err(ToolError::Denied(text)) if text.contains("cofferdam grant")),
            "{answer:?}"
        );
    }
}
