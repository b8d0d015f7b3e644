//! Takes the operator's secrets out of what an upstream sends back, in the forms in which an echo would have them:
//! as they are, as JSON, percent-encoded, and inside base64.
//!
//! It keeps an honest upstream that repeats its request from telling the plugin what it must not have. An upstream
//! that works together with the plugin can spell a secret in a thousand other ways: it has been given it.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use bytes::Bytes;

use crate::Secret;

/// Finds the secrets of one plugin.
pub(super) struct Scrubber {
    finder: AhoCorasick,
    /// What stands where each form stood.
    marks: Vec<String>,
}

impl Scrubber {
    /// None if there is nothing to find.
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a Secret>) -> Option<Self> {
        let (mut forms, mut marks) = (Vec::new(), Vec::new());
        for secret in secrets {
            for form in forms_of(secret.expose()) {
                if !forms.contains(&form) {
                    forms.push(form);
                    marks.push(secret.mark());
                }
            }
        }
        if forms.is_empty() {
            return None;
        }
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms).ok()?;
        Some(Self { finder, marks })
    }

    /// The same bytes, unless there is something to take out.
    pub(super) fn bytes(&self, bytes: Bytes) -> Bytes {
        match self.finder.is_match(&bytes[..]) {
            true => self.finder.replace_all_bytes(&bytes, &self.marks).into(),
            false => bytes,
        }
    }

    /// As [`Scrubber::bytes`], of a text.
    pub(super) fn text(&self, text: &str) -> String {
        self.finder.replace_all(text, &self.marks)
    }
}

fn forms_of(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    forms.extend([json.replace('/', "\\/"), json]);
    for kept in ["", "-_.~", "-_.!~*'()", "-_.*"] {
        let upper = percent(secret, kept);
        forms.extend([upper.replace("%20", "+"), lower_hex(&upper), upper]);
    }
    for shift in 0..3 {
        forms.extend(inside_base64(secret, shift));
    }
    // What is left of a short one inside base64 says little, and would be found everywhere.
    forms.retain(|form| form.len() >= super::bound::SHORTEST_SECRET);
    forms
}

/// Letters and digits stay, and what is in `kept`.
fn percent(text: &str, kept: &str) -> String {
    let encoded = |byte: u8| match char::from(byte) {
        c if c.is_ascii_alphanumeric() || kept.contains(c) => c.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text.extend(["%", &hex.to_ascii_lowercase(), rest]);
    }
    text
}

/// The letters that stand for the secret alone where `shift` bytes more than a multiple of three stand before it,
/// whatever these are and whatever follows.
fn inside_base64(secret: &str, shift: usize) -> Vec<String> {
    let bytes: Vec<u8> = std::iter::repeat_n(0, shift).chain(secret.bytes()).collect();
    let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
    let cut = |text: String| text.get(from..to).map(str::to_owned);
    [BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE.encode(&bytes)].into_iter().filter_map(cut).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    const VALUE: &str = "s3cr3t/+~\"x y-Zz9?";

    fn scrub(text: &str) -> String {
        let secret = Secret::new("w", Zeroizing::new(VALUE.to_owned()));
        let scrubber = Scrubber::new([&secret].into_iter()).unwrap();
        let bytes = scrubber.bytes(Bytes::from(text.to_owned()));
        assert_eq!(String::from_utf8(bytes.to_vec()).unwrap(), scrubber.text(text));
        scrubber.text(text)
    }

    #[test]
    fn an_echo_is_found_in_every_form_that_an_echo_has() {
        for form in [
            VALUE.to_owned(),
            VALUE.replace('"', "\\\""),
            VALUE.replace('"', "\\\"").replace('/', "\\/"),
            "s3cr3t%2F%2B%7E%22x%20y%2DZz9%3F".to_owned(),
            "s3cr3t%2f%2b%7e%22x%20y%2dZz9%3f".to_owned(),
            "s3cr3t%2F%2B~%22x%20y-Zz9%3F".to_owned(),
            "s3cr3t%2F%2B%7E%22x+y-Zz9%3F".to_owned(),
        ] {
            assert_eq!(scrub(&format!("<{form}>")), "<[secret:w]>", "{form}");
        }
    }

    #[test]
    fn inside_base64_it_is_found_wherever_it_stands() {
        for before in ["", "B", "Be", "Bearer ", "user:"] {
            for after in ["", "\r\n", "}", "xy"] {
                let whole = format!("{before}{VALUE}{after}");
                for encoded in [BASE64_STANDARD.encode(&whole), BASE64_URL_SAFE.encode(&whole)] {
                    let scrubbed = scrub(&encoded);
                    assert!(scrubbed.contains("[secret:w]"), "{whole}: {scrubbed}");
                    assert!(scrubbed.len() < 22 + 2 * (before.len() + after.len()), "{whole}: {scrubbed}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_secret_stays_as_it_is() {
        assert_eq!(scrub("s3cr3t/+ and more"), "s3cr3t/+ and more");
        assert!(Scrubber::new([].into_iter()).is_none());
    }
}
