//! Guest programs of the tests, one per file in `rust/` (and, without this package, in `wat/`).
//!
//! The first word of a file's name is the suite whose test runs it; `good` ones are run by several.
//! `tests/build.rs` lists the files, and a suite that leaves one of its own without a test doesn't compile.
//! The harness builds them all in one go, for wasm32-wasip2; natively they are only checked.
