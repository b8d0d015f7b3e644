use cofferdam_sdk::prelude::*;

mod text {
    use super::*;

    #[derive(Deserialize, JsonSchema)]
    struct Words {
        words: Vec<String>,
    }

    /// Count words.
    #[tool]
    pub(crate) fn count(x: Words) -> usize {
        x.words.len()
    }
}

plugin!(text::count);

fn main() {}
