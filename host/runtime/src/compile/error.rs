//! Why a component gave no native code.

use cofferdam_capabilities::sanitize;

/// Why a component gave no native code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// It doesn't validate, or needs what is not offered.
    #[error("the component is not valid: {0}")]
    Invalid(String),
    /// A compilation may not use that much.
    #[error(
        "compiling it takes more than {ceiling} of {what}; if it is meant to be this large, raise `{key}` in cofferdam.toml"
    )]
    Limit {
        /// The key of the limit.
        key: &'static str,
        /// What there is not more of.
        what: &'static str,
        /// How much there is.
        ceiling: String,
    },
    /// The compiler crashed over it.
    #[error("the compiler crashed over it ({how}): {said}")]
    Died {
        /// How it ended.
        how: String,
        /// Its last words.
        said: String,
    },
    /// The host's own fault.
    #[error("internal error while compiling: {0}")]
    Internal(String),
}

impl CompileError {
    /// From the engine's words.
    pub(super) fn invalid(error: &wasmtime::Error) -> Self {
        let text = format!("{error:#}");
        if text.contains("require the component model async feature") {
            return Self::Invalid(
                "it has async functions, and this host runs plain ones: build it without `async` in its bindings"
                    .into(),
            );
        }
        if ["unexpected end", "unexpected-eof", "is out of bounds (bound"]
            .iter()
            .any(|words| text.contains(words))
        {
            return Self::Invalid(format!("it ends too early ({text}); was it copied whole?"));
        }
        Self::Invalid(sanitize::line(&text, 400))
    }
}
