//! Checks the `$1` and `${name}` references of a replacement before it is used.
//!
//! The engine replaces an unknown group with nothing, without a word: `$1a` (a group named `1a`) is the
//! usual accident. Expanding the template stays the engine's work.

use cofferdam_sdk::prelude::*;
use regex::Regex;

/// Refuses a `template` that refers to a group which `regex` does not have.
pub(crate) fn check(template: &str, regex: &Regex) -> Result<()> {
    match references(template).find(|name| !has_group(regex, name)) {
        None => Ok(()),
        Some(name) => Err(ToolError::invalid(format!(
            "`replacement` refers to group `{name}`, expected one of {}: write `${{1}}a` for group 1 followed by `a`, and `$$` for a dollar sign",
            groups(regex)
        ))),
    }
}

fn has_group(regex: &Regex, name: &str) -> bool {
    match name.parse::<usize>() {
        Ok(index) => index < regex.captures_len(),
        Err(_) => regex.capture_names().flatten().any(|known| known == name),
    }
}

fn groups(regex: &Regex) -> String {
    let name = |(index, name): (usize, Option<&str>)| match name {
        Some(name) => format!("`${name}`"),
        None => format!("`${index}`"),
    };
    regex.capture_names().enumerate().map(name).collect::<Vec<_>>().join(", ")
}

/// The group names that a template refers to, by the engine's own rules.
fn references(template: &str) -> impl Iterator<Item = &str> {
    let mut rest = template;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('$')?;
            if let Some(escaped) = after.strip_prefix('$') {
                rest = escaped;
                continue;
            }
            let (name, tail) = reference(after);
            rest = tail;
            if !name.is_empty() {
                return Some(name);
            }
        }
    })
}

/// The name right after a dollar sign (empty when the sign stands for itself) and what follows it.
fn reference(after: &str) -> (&str, &str) {
    if let Some((name, tail)) = after.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
        return (name, tail);
    }
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
    after.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_the_engine_reads_them() {
        for (template, expected) in [
            ("", vec![]),
            ("no groups", vec![]),
            ("$1 and ${name}", vec!["1", "name"]),
            ("$1a", vec!["1a"]),
            ("${1}a", vec!["1"]),
            ("$$1", vec![]),
            ("$$$1", vec!["1"]),
            ("5$ each", vec![]),
            ("$2-$1", vec!["2", "1"]),
        ] {
            assert_eq!(references(template).collect::<Vec<_>>(), expected, "{template}");
        }
    }

    #[test]
    fn an_unknown_group_is_refused_with_the_known_ones() {
        let regex = Regex::new(r"(\d+)-(?P<word>\w+)").unwrap();
        assert!(check("$word $1 $0", &regex).is_ok());
        assert_eq!(
            check("$1a", &regex).unwrap_err().to_string(),
            "`replacement` refers to group `1a`, expected one of `$0`, `$1`, `$word`: \
             write `${1}a` for group 1 followed by `a`, and `$$` for a dollar sign"
        );
        assert!(check("$3", &regex).is_err());
    }
}
