//! The description in a doc comment. What comes under a heading is for people who read the source, not for models.

use syn::{Attribute, Expr, Lit, Meta};

/// The text of the doc comment up to its first heading; none if nothing is there.
pub(crate) fn description(attributes: &[Attribute]) -> Option<String> {
    let raw: Vec<String> = attributes.iter().filter_map(doc_line).collect();
    let lines: Vec<&str> = raw.iter().flat_map(|text| text.split('\n')).collect();
    let indent = common_indent(&lines);
    let text = before_heading(&lines, indent).join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    match &literal.lit {
        Lit::Str(text) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

fn common_indent(lines: &[&str]) -> usize {
    let indents = lines.iter().filter(|line| !line.trim().is_empty());
    indents.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0)
}

fn before_heading<'a>(lines: &[&'a str], indent: usize) -> Vec<&'a str> {
    let mut fenced = false;
    let unindented = lines.iter().map(|line| line.get(indent..).unwrap_or("").trim_end());
    unindented
        .take_while(|line| {
            fenced ^= line.starts_with("```");
            fenced || !is_heading(line)
        })
        .collect()
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    rest.len() < line.len() && (rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::ItemFn;

    fn check(source: &str, expected: Option<&str>) {
        let item: ItemFn = syn::parse_str(source).unwrap();
        assert_eq!(description(&item.attrs).as_deref(), expected, "{source}");
    }

    #[test]
    fn a_doc_comment_is_the_description_up_to_its_first_heading() {
        check("/// Add two numbers.\nfn f() {}", Some("Add two numbers."));
        check("/// One.\n///\n/// Two,\n///   three.\nfn f() {}", Some("One.\n\nTwo,\n  three."));
        check("/// One.\n/// # Errors\n/// Never.\nfn f() {}", Some("One."));
        check("/// #hash is no heading\nfn f() {}", Some("#hash is no heading"));
        check("/// ```\n/// # in code\n/// ```\nfn f() {}", Some("```\n# in code\n```"));
        check("/** One.\n\n Two. */ fn f() {}", Some("One.\n\nTwo."));
    }

    #[test]
    fn an_empty_doc_comment_is_none() {
        check("fn f() {}", None);
        check("///\nfn f() {}", None);
        check("/// # Errors\nfn f() {}", None);
        check("#[must_use] fn f() {}", None);
    }
}
