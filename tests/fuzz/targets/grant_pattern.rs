//! A line of a grant: reads or is refused, never panics; what reads is shown as a line that means the same.

#![no_main]

use cofferdam_policy::HttpPattern;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(pattern) = text.parse::<HttpPattern>() else { return };
    let shown = pattern.to_string();
    let again: HttpPattern = shown.parse().expect("what is shown reads");
    assert_eq!(again, pattern, "{text:?} is shown as {shown:?}");
    let wide = shown.contains("://*/") || shown.ends_with(" dangerous-any");
    assert_eq!(pattern.is_dangerous(), wide, "{shown}");
});
