//! What stands in the parentheses of `#[tool(...)]`.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitBool, LitStr, Result, Token, parenthesized, token};

const KNOWN: &str =
    "name, title, description, read_only, destructive, idempotent, open_world, cache, http, db";

/// The options as written; what is not written is none.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: Option<Expr>,
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    /// In milliseconds.
    pub(crate) cache: Option<u64>,
    /// In the words of the operator's file.
    pub(crate) wants: Vec<String>,
}

impl Options {
    /// Parse and check them.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        syn::meta::parser(|meta| options.read(&meta)).parse2(tokens)?;
        options.check()?;
        Ok(options)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "name" => set(&mut self.name, meta, meta.value()?.parse()?),
            "title" => set(&mut self.title, meta, meta.value()?.parse()?),
            "description" => set(&mut self.description, meta, meta.value()?.parse()?),
            "read_only" => set(&mut self.read_only, meta, flag(meta)?),
            "destructive" => set(&mut self.destructive, meta, flag(meta)?),
            "idempotent" => set(&mut self.idempotent, meta, flag(meta)?),
            "open_world" => set(&mut self.open_world, meta, flag(meta)?),
            "cache" => set(&mut self.cache, meta, milliseconds(&meta.value()?.parse()?)?),
            "http" => lines(meta)?.into_iter().try_for_each(|line| self.want(meta, line)),
            "db" => self.want(meta, database(meta)?),
            _ => Err(meta.error(format!("unknown option of #[tool]: expected one of {KNOWN}"))),
        }
    }

    fn want(&mut self, meta: &ParseNestedMeta<'_>, want: String) -> Result<()> {
        if self.wants.contains(&want) {
            return Err(meta.error("this option is given twice: remove one of them"));
        }
        self.wants.push(want);
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.read_only == Some(true) && self.destructive == Some(true) {
            return Err(Error::new(Span::call_site(), "a tool can't be both read_only and destructive"));
        }
        if self.cache.is_some() && self.read_only != Some(true) {
            return Err(Error::new(
                Span::call_site(),
                "only results of a tool that changes nothing can be reused: add read_only, or leave cache out",
            ));
        }
        if let Some(name) = &self.name {
            check_name(&name.value()).map_err(|message| Error::new(name.span(), message))?;
        }
        Ok(())
    }
}

/// Whether clients can take `name` as a tool's name.
pub(crate) fn check_name(name: &str) -> std::result::Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if let Some(c) = name.chars().find(|c| !allowed(*c)) {
        return Err(format!("a tool's name is made of A-Z a-z 0-9 _ -, found {c:?}"));
    }
    match name.len() {
        1..=64 => Ok(()),
        length => Err(format!("a tool's name has 1 to 64 characters, found {length}")),
    }
}

fn set<T>(slot: &mut Option<T>, meta: &ParseNestedMeta<'_>, value: T) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(meta.error("this option is given twice: remove one of them")),
    }
}

fn flag(meta: &ParseNestedMeta<'_>) -> Result<bool> {
    if meta.input.peek(Token![=]) { Ok(meta.value()?.parse::<LitBool>()?.value) } else { Ok(true) }
}

/// Grants for HTTP in parentheses.
fn lines(meta: &ParseNestedMeta<'_>) -> Result<Vec<String>> {
    let content;
    parenthesized!(content in meta.input);
    let lines = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    if lines.is_empty() {
        return Err(content.error(format!("expected a grant for HTTP, {LINE}")));
    }
    lines.iter().try_for_each(|line| {
        check_line(&line.value()).map_err(|problem| Error::new(line.span(), format!("{problem}, {LINE}")))
    })?;
    Ok(lines.iter().map(|line| format!("http {}", line.value())).collect())
}

const LINE: &str = "such as \"GET https://api.example.com/*\"";

/// What shows of a line at once; the host reads it in full.
fn check_line(line: &str) -> std::result::Result<(), &'static str> {
    let Some((methods, address)) = line.split_once(' ') else {
        return Err("expected methods and an address, with a space between them");
    };
    let is_method =
        |method: &str| !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase() || c == '-');
    if methods != "*" && !methods.split(',').all(is_method) {
        return Err("expected methods in upper case, with commas and no spaces between them");
    }
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else {
        return Err("expected an address with https:// and a path");
    };
    match host.is_empty()
        || address.contains([' ', '?', '#', '@', '\\', '\'', '"'])
        || path.trim_end_matches('*').contains('*')
    {
        true => Err("expected an address with host and path, and nothing else"),
        false => Ok(()),
    }
}

/// `db("label")` or `db("label", access)`.
fn database(meta: &ParseNestedMeta<'_>) -> Result<String> {
    if !meta.input.peek(token::Paren) {
        return Err(meta
            .error("expected the label of a shared database, such as db(\"shop\"), or db(\"shop\", write)"));
    }
    let content;
    parenthesized!(content in meta.input);
    let label: LitStr = content.parse()?;
    check_label(&label.value()).map_err(|message| Error::new(label.span(), message))?;
    let access = if content.is_empty() { "read".to_owned() } else { access(&content)? };
    Ok(format!("database {} {access}", label.value()))
}

fn access(content: ParseStream<'_>) -> Result<String> {
    content.parse::<Token![,]>()?;
    let access: Ident = content.parse()?;
    if !content.is_empty() {
        return Err(content.error("expected one access: read, write or schema"));
    }
    match access.to_string() {
        name if matches!(name.as_str(), "read" | "write" | "schema") => Ok(name),
        _ => Err(Error::new(access.span(), "expected read, write or schema")),
    }
}

/// Whether the operator's file can have a database of that label.
fn check_label(label: &str) -> std::result::Result<(), String> {
    if label == "private" {
        return Err("the private database is always there: leave this out, and take `db: Db`".to_owned());
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let allowed = label.chars().all(|c| plain(c) || c == '_' || c == '-') && label.starts_with(plain);
    if allowed && label.len() <= 32 {
        return Ok(());
    }
    Err("a label has 1 to 32 characters of a-z 0-9 _ -, the first of them a letter or digit".to_owned())
}

/// A time such as "10m".
fn milliseconds(text: &LitStr) -> Result<u64> {
    let written = text.value();
    let unit = written.trim_start_matches(|c: char| c.is_ascii_digit());
    let factor = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = written.strip_suffix(unit).and_then(|number| number.parse().ok());
    let product = number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    product.filter(|ms| *ms > 0).ok_or_else(|| {
        Error::new(text.span(), "expected a time, a whole number with ms, s, m or h, such as \"10m\"")
    })
}
