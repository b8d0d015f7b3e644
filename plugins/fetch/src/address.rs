//! The address that a client gave, read as browsers do.

use cofferdam_sdk::prelude::*;
use url::Url;

/// An address that can be asked for: without the part after `#`, which no server sees.
pub(crate) fn parse(written: &str) -> Result<String> {
    let written = written.trim();
    let mut url = Url::parse(written).map_err(|error| {
        let hint = match written.contains("://") {
            true => format!("{error}"),
            false => format!("did you mean `https://{}`?", written.trim_start_matches('/')),
        };
        ToolError::invalid(format!(
            "`url` must be a whole address such as https://example.com/page, found {written:?}: {hint}"
        ))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(ToolError::invalid(format!(
            "`url` must begin with https:// or http://, found {scheme}:"
        )));
    }
    url.set_fragment(None);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_whole_and_of_the_web() {
        assert_eq!(parse(" HTTPS://Example.com/a b#c "), Ok("https://example.com/a%20b".to_owned()));
        for (written, said) in [
            ("example.com/x", "did you mean `https://example.com/x`?"),
            ("https://", "empty host"),
            ("file:///etc/passwd", "found file:"),
        ] {
            let Err(ToolError::InvalidArguments(text)) = parse(written) else { panic!("{written}") };
            assert!(text.ends_with(said), "{text}");
        }
    }
}
