//! Slugs: names for web addresses, made of lower-case words and hyphens.
//!
//! Latin letters lose their accents. Letters of other scripts stay as they are (browsers show them), because
//! a transliteration without knowing the language is wrong more often than not.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The slug of one line of text.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c) && !is_apostrophe(*c));
    for letter in plain.flat_map(char::to_lowercase).flat_map(spelled_out) {
        if letter.is_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    // Composed again: a Hangul or Kana syllable was taken apart with the accents.
    out.nfc().collect()
}

/// Apostrophes join: `don't` becomes `dont`.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// Latin letters that have no accent to remove but an accepted spelling in plain letters.
fn spelled_out(c: char) -> impl Iterator<Item = char> {
    let spelled = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        '&' => "-and-",
        _ => "",
    };
    spelled.chars().chain(spelled.is_empty().then_some(c))
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_plain_words_and_hyphens() {
        for (text, expected) in [
            ("Hello, World!", "hello-world"),
            ("  Crème brûlée  ", "creme-brulee"),
            ("Größe & Maß", "grosse-and-mass"),
            ("Łódź – Øresund", "lodz-oresund"),
            ("Don't stop", "dont-stop"),
            ("version 2.0_rc1", "version-2-0-rc1"),
            ("ﬁne ①", "fine-1"),
            ("Привет мир", "привет-мир"),
            ("東京 タワー", "東京-タワー"),
            ("한국어", "한국어"),
            ("---", ""),
            ("", ""),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }
}
