//! What a tag of a feed is.

use cofferdam_sdk::prelude::*;

use crate::bounds;

/// Tags as they are kept: in small letters, without `#`, each once.
pub(crate) fn parse_all(written: &[String]) -> Result<Vec<String>> {
    let mut tags = written.iter().map(|tag| parse(tag)).collect::<Result<Vec<_>>>()?;
    tags.sort();
    tags.dedup();
    Ok(tags)
}

/// One tag.
pub(crate) fn parse(written: &str) -> Result<String> {
    let tag = written.trim().trim_start_matches('#').to_lowercase();
    let allowed = |c: char| c.is_alphanumeric() || "-_/.+".contains(c);
    let length = tag.chars().count();
    if length == 0 || length > bounds::MAX_TAG || !tag.chars().all(allowed) {
        let most = bounds::MAX_TAG;
        return Err(ToolError::invalid(format!(
            "a tag has 1 to {most} letters, digits and - _ / . + and no spaces, found {written:?}"
        )));
    }
    Ok(tag)
}
