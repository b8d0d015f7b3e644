use cofferdam_sdk::prelude::*;

plugin!();

fn main() {}
