//! The tool `case`: upper and lower case, and the naming styles of programs.
//!
//! Prose styles keep punctuation and spacing. Name styles split every line into words (at anything that is
//! neither a letter nor a digit, and where the case changes) and join them again.

use cofferdam_sdk::prelude::*;
use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToTrainCase, ToUpperCamelCase};
use unicode_segmentation::UnicodeSegmentation;

use crate::{bounds, slug::slug};

/// The text and the style that it gets.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The text or the names to convert. The name styles (camel to slug) convert every line on its own.
    #[schemars(length(max = bounds::MAX_TEXT))]
    text: String,
    /// `upper`: HELLO WORLD. `lower`: hello world. `title`: Hello World. `sentence`: Hello world.
    /// `camel`: helloWorld. `pascal`: HelloWorld. `snake`: hello_world. `constant`: HELLO_WORLD.
    /// `kebab`: hello-world. `train`: Hello-World. `dot`: hello.world.
    /// `slug`: hello-world, for web addresses, with accents removed (`Größe` becomes `grosse`).
    to: Style,
}

/// The styles.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Style {
    Upper,
    Lower,
    Title,
    Sentence,
    Camel,
    Pascal,
    Snake,
    Constant,
    Kebab,
    Train,
    Dot,
    Slug,
}

/// Change the letter case of a text, or turn names into another naming style (camelCase, PascalCase,
/// snake_case, CONSTANT_CASE, kebab-case, Train-Case, dot.case) or a URL slug. Takes a list of names too,
/// one per line. Returns only the converted text.
#[tool(title = "Change case", read_only, idempotent, open_world = false)]
pub(crate) fn case(args: Args) -> Result<Text> {
    let text = convert(&args.text, args.to);
    bounds::check_output(text.len())?;
    Ok(Text(text))
}

fn convert(text: &str, style: Style) -> String {
    match style {
        Style::Upper => text.to_uppercase(),
        Style::Lower => text.to_lowercase(),
        Style::Title => title(text),
        Style::Sentence => sentence(text),
        Style::Camel => each_line(text, str::to_lower_camel_case),
        Style::Pascal => each_line(text, str::to_upper_camel_case),
        Style::Snake => each_line(text, str::to_snake_case),
        Style::Constant => each_line(text, str::to_shouty_snake_case),
        Style::Kebab => each_line(text, str::to_kebab_case),
        Style::Train => each_line(text, str::to_train_case),
        Style::Dot => each_line(text, |line| line.to_snake_case().replace('_', ".")),
        Style::Slug => each_line(text, slug),
    }
}

/// Converts every line and keeps the line breaks as they are.
fn each_line(text: &str, convert: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\r', '\n']);
        out.push_str(&convert(body));
        out.push_str(line.strip_prefix(body).unwrap_or_default());
    }
    out
}

/// Every word with a capital first letter.
fn title(text: &str) -> String {
    text.split_word_bounds().map(capitalize).collect()
}

/// Every sentence with a capital first letter, and no other capital.
///
/// Unicode's sentence rules don't help: they end no sentence before a small letter.
fn sentence(text: &str) -> String {
    let (mut begins, mut ended) = (true, false);
    let mut out = String::with_capacity(text.len());
    for letter in text.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            if begins {
                out.extend(letter.to_uppercase());
            } else {
                out.push(letter);
            }
            (begins, ended) = (false, false);
            continue;
        }
        out.push(letter);
        ended |= matches!(letter, '.' | '!' | '?' | '…');
        begins |= ended && letter.is_whitespace();
    }
    out
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.as_str().to_lowercase().chars()).collect()
    })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    #[test]
    fn names_get_every_style() {
        for (style, expected) in [
            ("upper", "XML HTTPREQUEST, PLEASE"),
            ("lower", "xml httprequest, please"),
            ("title", "Xml Httprequest, Please"),
            ("sentence", "Xml httprequest, please"),
            ("camel", "xmlHttpRequestPlease"),
            ("pascal", "XmlHttpRequestPlease"),
            ("snake", "xml_http_request_please"),
            ("constant", "XML_HTTP_REQUEST_PLEASE"),
            ("kebab", "xml-http-request-please"),
            ("train", "Xml-Http-Request-Please"),
            ("dot", "xml.http.request.please"),
            ("slug", "xml-httprequest-please"),
        ] {
            let args = json!({"text": "XML HTTPRequest, please", "to": style});
            assert_eq!(mock::Host::new().call::<case>(args).unwrap().0, expected, "{style}");
        }
    }

    #[test]
    fn prose_keeps_its_punctuation() {
        for (style, text, expected) in [
            (Style::Title, "don't  panic: it's o.k.", "Don't  Panic: It's O.k."),
            (Style::Title, "élan VITAL", "Élan Vital"),
            (Style::Sentence, "HELLO THERE. how ARE you? “fine.”", "Hello there. How are you? “Fine.”"),
            (Style::Sentence, "version 2.5 is OUT… AND good", "Version 2.5 is out… And good"),
            (Style::Upper, "straße", "STRASSE"),
            (Style::Lower, "ΣΟΦΟΣ", "σοφος"),
        ] {
            assert_eq!(convert(text, style), expected);
        }
    }

    #[test]
    fn name_styles_work_line_by_line_and_keep_the_breaks() {
        assert_eq!(convert("user id\r\nHTML parser\n\nlast", Style::Snake), "user_id\r\nhtml_parser\n\nlast");
        assert_eq!(convert("a b\n", Style::Constant), "A_B\n");
        assert_eq!(convert("", Style::Camel), "");
    }

    #[test]
    fn an_unknown_style_is_refused() {
        assert!(mock::Host::new().call::<case>(json!({"text": "a", "to": "spongebob"})).is_err());
    }
}
