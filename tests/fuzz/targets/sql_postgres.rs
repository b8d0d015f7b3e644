//! A text for Postgres: whatever it is, the gate judges it without a panic or a deep stack; what it lets through is one
//! statement for a scanner that knows nothing but quotes, comments and semicolons, and begins with a word of its list.

#![no_main]

use cofferdam_fuzz::postgres::{access, judge, statements};
use libfuzzer_sys::fuzz_target;

/// What a statement that may run can begin with, by any grant.
const HEADS: &[&str] = &[
    "SELECT", "VALUES", "WITH", "TABLE", "EXPLAIN", "DESCRIBE", "DESC", "SHOW", "INSERT", "UPDATE", "DELETE",
    "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT",
];

fuzz_target!(|input: (u8, &str)| {
    let (grant, text) = input;
    let (sent, script) = judge(access(grant), text);
    for sent in sent.iter().chain(&script) {
        assert!(text.contains(sent), "{text:?} was judged, {sent:?} is sent");
        let found = statements(sent);
        assert_eq!(found.len(), 1, "{sent:?} has {found:?}");
        let head = found[0].trim_start_matches(['(', ' ', '\t', '\r', '\n']);
        let word: String = head.chars().take_while(char::is_ascii_alphabetic).collect();
        assert!(HEADS.contains(&word.to_ascii_uppercase().as_str()), "{sent:?} begins with {word:?}");
    }
});
