//! What kinds of functions can be tools, and what their signature says.

use syn::{Error, FnArg, Ident, ItemFn, Path, ReturnType, Safety, Signature, Type};

/// The parts of a signature that the expansion needs.
pub(crate) struct Shape<'a> {
    /// The name of the function.
    pub(crate) ident: &'a Ident,
    /// The type of the first parameter.
    pub(crate) arguments: Option<&'a Type>,
    /// The types of the other parameters.
    pub(crate) handles: Vec<&'a Type>,
    /// The type after the arrow.
    pub(crate) output: Option<&'a Type>,
}

impl<'a> Shape<'a> {
    /// Check the signature; all that is wrong with it is told at once.
    pub(crate) fn of(function: &'a ItemFn) -> syn::Result<Self> {
        let signature = &function.sig;
        let mut problems = kind_problems(signature);
        let mut types = Vec::new();
        for input in &signature.inputs {
            match parameter(input) {
                Ok(ty) => types.push(ty),
                Err(problem) => problems.push(problem),
            }
        }
        let output = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        if let Some(ty @ Type::ImplTrait(_)) = output {
            problems.push(Error::new_spanned(ty, "a tool names its result type: `impl Trait` hides it"));
        }
        combine(problems)?;
        let mut types = types.into_iter();
        Ok(Self { ident: &signature.ident, arguments: types.next(), handles: types.collect(), output })
    }
}

/// Whether the last segment of a type is `Result`, as in `Result<i64>` and `io::Result<()>`.
pub(crate) fn is_result(ty: &Type) -> bool {
    match ty {
        Type::Path(ty) => last_is(&ty.path, "Result"),
        Type::Paren(ty) => is_result(&ty.elem),
        Type::Group(ty) => is_result(&ty.elem),
        _ => false,
    }
}

fn last_is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

fn kind_problems(signature: &Signature) -> Vec<Error> {
    let mut problems = Vec::new();
    if let Some(token) = &signature.asyncness {
        problems.push(Error::new_spanned(
            token,
            "a tool is a plain function that may block: remove `async`, the host runs other calls meanwhile",
        ));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        problems.push(Error::new_spanned(token, "a tool can't be `unsafe`: its arguments come from a model"));
    }
    if let Some(abi) = &signature.abi {
        problems.push(Error::new_spanned(abi, "a tool is a Rust function: remove `extern`"));
    }
    if !signature.generics.params.is_empty() {
        problems.push(Error::new_spanned(
            &signature.generics,
            "a tool can't be generic: its schemas come from concrete types",
        ));
    }
    if let Some(variadic) = &signature.variadic {
        problems.push(Error::new_spanned(variadic, "a tool can't be variadic"));
    }
    problems
}

fn parameter(input: &FnArg) -> syn::Result<&Type> {
    let typed = match input {
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(
                receiver,
                "a tool is a free function: every call runs in a fresh instance, there is no `self` to keep",
            ));
        }
        FnArg::Typed(typed) => typed,
    };
    match &*typed.ty {
        Type::Reference(reference) => {
            Err(Error::new_spanned(reference, "a tool takes its parameters by value: remove the `&`"))
        }
        Type::ImplTrait(ty) => {
            Err(Error::new_spanned(ty, "a tool can't be generic: its schemas come from concrete types"))
        }
        ty => Ok(ty),
    }
}

fn combine(problems: Vec<Error>) -> syn::Result<()> {
    let all = problems.into_iter().reduce(|mut all, next| {
        all.combine(next);
        all
    });
    all.map_or(Ok(()), Err)
}
