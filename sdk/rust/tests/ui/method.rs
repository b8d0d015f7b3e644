use cofferdam_sdk::prelude::*;

struct Counter(u64);

impl Counter {
    /// Count.
    #[tool]
    fn count(&self) -> u64 {
        self.0
    }
}

fn main() {}
