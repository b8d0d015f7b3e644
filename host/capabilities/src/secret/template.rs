//! Text with `${secret:NAME}` in it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Secret;

/// What can't be filled in: expected, found, what to do. It never holds a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// Text as the operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Secret(String),
}

/// The same with its secrets. Shows their names only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Secret(Secret),
}

impl Template {
    /// Reads a text in which each `${` begins a secret.
    ///
    /// # Errors
    /// [`TemplateError`] for a `${` that begins something else.
    pub fn parse(mut text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        while let Some((before, rest)) = text.split_once("${") {
            let inside = rest.strip_prefix("secret:").and_then(|rest| rest.split_once('}'));
            let (name, after) = inside.ok_or_else(|| {
                TemplateError("expected `${secret:NAME}`, found a `${` that begins something else".to_owned())
            })?;
            pieces.extend([Piece::Text(before.to_owned()), Piece::Secret(name.to_owned())]);
            text = after;
        }
        pieces.push(Piece::Text(text.to_owned()));
        Ok(Self(pieces))
    }

    /// Puts the secrets in.
    ///
    /// # Errors
    /// [`TemplateError`] for a secret that isn't among `secrets`.
    pub fn fill(&self, secrets: &BTreeMap<String, Secret>) -> Result<Filled, TemplateError> {
        let fill = |piece: &Piece| match piece {
            Piece::Text(text) => Ok(Part::Text(text.clone())),
            Piece::Secret(name) => match secrets.get(name) {
                Some(secret) => Ok(Part::Secret(secret.clone())),
                None => Err(TemplateError(format!("there is no secret `{name}`; add it under [secrets]"))),
            },
        };
        Ok(Filled(self.0.iter().map(fill).collect::<Result<_, _>>()?))
    }
}

impl Filled {
    /// The whole text, secrets included.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let texts = || {
            self.0.iter().map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Secret(secret) => secret.expose(),
            })
        };
        // Of its whole size at once: growing would leave copies behind.
        let mut whole = Zeroizing::new(String::with_capacity(texts().map(str::len).sum()));
        texts().for_each(|text| whole.push_str(text));
        whole
    }

    /// The secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Secret(secret) => Some(secret),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, String> {
        let secret = Secret::new("w", Zeroizing::new("value".to_owned()));
        let secrets = BTreeMap::from([("w".to_owned(), secret)]);
        let filled = Template::parse(text).and_then(|template| template.fill(&secrets));
        let filled = filled.map_err(|error| error.to_string())?;
        assert!(!format!("{filled:?}").contains("value"), "{filled:?}");
        Ok(filled.expose().to_string())
    }

    #[test]
    fn secrets_stand_where_they_were_named() {
        for (text, expected) in [
            ("", ""),
            ("plain $ {}", "plain $ {}"),
            ("${secret:w}", "value"),
            ("a ${secret:w}, ${secret:w}.", "a value, value."),
        ] {
            assert_eq!(fill(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_is_told() {
        for (text, words) in [
            ("${secret:none}", "there is no secret `none`; add it under [secrets]"),
            ("${env:X}", "begins something else"),
            ("a ${secret:w", "begins something else"),
        ] {
            let error = fill(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
