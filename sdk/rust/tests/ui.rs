//! What authors see when they get something wrong: the exact messages of the compiler.
//!
//! After a deliberate change, `TRYBUILD=overwrite cargo test -p cofferdam-sdk --test ui` writes them anew.

#[test]
fn mistakes_are_told_in_the_authors_words() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
