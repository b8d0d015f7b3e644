//! Arrays: as text in the server's own notation, `{1,2,NULL,"a b"}`.

use serde_json::Value as Json;

use super::Reader;

/// More dimensions than the server has.
const DIMENSIONS: i32 = 6;

/// From the server's form, with what makes text of an element.
pub(super) fn text(bytes: &[u8], element: &dyn Fn(&[u8]) -> Option<String>) -> Option<String> {
    let mut reader = Reader(bytes);
    let dimensions = reader.i32().filter(|count| (0..=DIMENSIONS).contains(count))?;
    reader.i32()?;
    reader.i32()?;
    let mut sizes = Vec::new();
    for _ in 0..dimensions {
        sizes.push(reader.i32()?);
        reader.i32()?;
    }
    if sizes.is_empty() {
        return Some("{}".to_owned());
    }
    let mut text = String::new();
    write(&mut reader, &sizes, element, &mut text)?;
    Some(text)
}

fn write(
    reader: &mut Reader<'_>,
    sizes: &[i32],
    element: &dyn Fn(&[u8]) -> Option<String>,
    text: &mut String,
) -> Option<()> {
    let (size, inner) = sizes.split_first()?;
    text.push('{');
    for index in 0..*size {
        if index > 0 {
            text.push(',');
        }
        if !inner.is_empty() {
            write(reader, inner, element, text)?;
            continue;
        }
        match reader.i32()? {
            -1 => text.push_str("NULL"),
            length => text.push_str(&quoted(&element(reader.bytes(usize::try_from(length).ok()?)?)?)),
        }
    }
    text.push('}');
    Some(())
}

fn quoted(text: &str) -> String {
    let plain = |c: char| !matches!(c, '{' | '}' | ',' | '"' | '\\') && !c.is_whitespace();
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The elements of a list in the server's notation, or in JSON's; of one dimension.
pub(super) fn elements(text: &str) -> Option<Vec<Option<String>>> {
    let text = text.trim();
    if text.starts_with('[') {
        return from_json(text);
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut chars = inner.chars().peekable();
    let mut elements = Vec::new();
    loop {
        while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        elements.push(if chars.next_if_eq(&'"').is_some() {
            Some(in_quotes(&mut chars)?)
        } else {
            bare(&mut chars)?
        });
        while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        match chars.next() {
            Some(',') => {}
            None => return Some(elements),
            Some(_) => return None,
        }
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn in_quotes(chars: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
}

fn bare(chars: &mut Chars<'_>) -> Option<Option<String>> {
    let mut text = String::new();
    while let Some(c) = chars.next_if(|c| *c != ',') {
        match c {
            '{' | '}' | '"' => return None,
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
    let text = text.trim_end();
    match text {
        "" => None,
        text if text.eq_ignore_ascii_case("null") => Some(None),
        text => Some(Some(text.to_owned())),
    }
}

fn from_json(text: &str) -> Option<Vec<Option<String>>> {
    let list: Vec<Json> = serde_json::from_str(text).ok()?;
    let element = |json: Json| match json {
        Json::Null => Some(None),
        Json::String(text) => Some(Some(text)),
        Json::Bool(_) | Json::Number(_) => Some(Some(json.to_string())),
        Json::Array(_) | Json::Object(_) => None,
    };
    list.into_iter().map(element).collect()
}

/// To the server's form, of elements in theirs.
pub(super) fn bytes(element_type: u32, elements: &[Option<Vec<u8>>]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.extend(i32::from(!elements.is_empty()).to_be_bytes());
    bytes.extend(i32::from(elements.iter().any(Option::is_none)).to_be_bytes());
    bytes.extend(element_type.to_be_bytes());
    if !elements.is_empty() {
        bytes.extend(i32::try_from(elements.len()).ok()?.to_be_bytes());
        bytes.extend(1_i32.to_be_bytes());
    }
    for element in elements {
        match element {
            None => bytes.extend((-1_i32).to_be_bytes()),
            Some(element) => {
                bytes.extend(i32::try_from(element.len()).ok()?.to_be_bytes());
                bytes.extend(element);
            }
        }
    }
    Some(bytes)
}
