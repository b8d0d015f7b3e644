//! What the mock host says of databases where it has none.
#![cfg(not(feature = "sqlite"))]

use cofferdam_sdk::mock::Host;
use cofferdam_sdk::prelude::*;

#[test]
fn the_missing_feature_is_named() {
    let db: Db = Host::new().handle();
    let missing = "the mock host has databases only with a feature: in Cargo.toml, add `cofferdam-sdk` with `features = [\"sqlite\"]` to `[dev-dependencies]`";
    assert_eq!(db.execute("select 1", ()), Err(ToolError::unavailable(missing)));
    assert_eq!(db.dialect(), Err(ToolError::unavailable(missing)));
}
