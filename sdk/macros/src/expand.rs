//! `#[tool]`: the function as it was, and a type of the same name that implements the SDK's `Tool`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Item, ItemFn, LitStr, Result, Visibility};

use crate::docs;
use crate::options::{Options, check_name};
use crate::signature::{Shape, is_result};

/// Expand the attribute. After an error the item still is there, and a tool that does nothing, so that one mistake is
/// told once.
pub(crate) fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    let function = match function(item.clone()) {
        Ok(function) => function,
        Err(error) => return with_error(&item, &error),
    };
    match implementation(options, &function) {
        Ok(implementation) => quote! { #function #implementation },
        // Within an `impl` there is no place for the type.
        Err(error) if function.sig.receiver().is_some() => with_error(&quote! { #function }, &error),
        Err(error) => {
            let stub = stub(&function.vis, &function.sig.ident);
            with_error(&quote! { #function #stub }, &error)
        }
    }
}

fn with_error(item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote! { #error #item }
}

fn function(item: TokenStream) -> Result<ItemFn> {
    match syn::parse2(item)? {
        Item::Fn(function) => Ok(function),
        other => Err(Error::new(
            other.span(),
            "#[tool] goes on a function: `fn name(arguments: Arguments) -> Result<T>`",
        )),
    }
}

fn implementation(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let options = Options::parse(options)?;
    let shape = Shape::of(function)?;
    let info = info(&options, function)?;
    let declaration = declaration(&function.vis, shape.ident);
    let ident = shape.ident;
    let (arguments, output) = types(&shape);
    let body = body(&shape);
    Ok(quote! {
        #declaration
        impl ::cofferdam_sdk::Tool for #ident {
            #arguments
            #output
            const INFO: ::cofferdam_sdk::ToolInfo = #info;
            fn run(
                arguments: Self::Arguments,
                scope: &::cofferdam_sdk::Scope,
            ) -> ::core::result::Result<Self::Output, ::cofferdam_sdk::ToolError> {
                #body
            }
        }
    })
}

fn declaration(visibility: &Visibility, ident: &Ident) -> TokenStream {
    let doc = format!("The tool `{ident}`, for `plugin!` and `mock::Host`.");
    quote! {
        #[doc = #doc]
        #[allow(non_camel_case_types, reason = "it has the name of the function that it stands for")]
        #visibility enum #ident {}
    }
}

/// The associated types, at the place where the author wrote them: errors about them point there.
fn types(shape: &Shape<'_>) -> (TokenStream, TokenStream) {
    let arguments = match shape.arguments {
        Some(ty) => quote_spanned! { ty.span() => type Arguments = #ty; },
        None => quote! { type Arguments = ::cofferdam_sdk::NoArgs; },
    };
    let output = match shape.output {
        None => quote! { type Output = (); },
        Some(ty) if is_result(ty) => quote_spanned! { ty.span() =>
            type Output = <#ty as ::cofferdam_sdk::__private::Fallible>::Value;
        },
        Some(ty) => quote_spanned! { ty.span() => type Output = #ty; },
    };
    (arguments, output)
}

fn body(shape: &Shape<'_>) -> TokenStream {
    let ident = shape.ident;
    let names: Vec<Ident> = (0..shape.handles.len()).map(|index| format_ident!("handle_{index}")).collect();
    let opened = shape.handles.iter().zip(&names).map(|(ty, name)| {
        quote_spanned! { ty.span() => let #name = <#ty as ::cofferdam_sdk::Handle>::open(scope); }
    });
    let first = shape.arguments.map(|_| quote! { arguments, });
    let call = quote! { #ident(#first #(#names),*) };
    let unused = [
        shape.arguments.is_none().then(|| quote! { let _ = arguments; }),
        shape.handles.is_empty().then(|| quote! { let _ = scope; }),
    ];
    let unused = unused.into_iter().flatten();
    let result = match shape.output {
        Some(ty) if is_result(ty) => {
            quote_spanned! { ty.span() => ::cofferdam_sdk::__private::convert(#call) }
        }
        _ => quote! { ::core::result::Result::Ok(#call) },
    };
    quote! { #(#unused)* #(#opened)* #result }
}

fn info(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    let name = name(options, &function.sig.ident)?;
    let description = description(options, function)?;
    let title = options.title.as_ref().map(|title| quote! { .with_title(#title) });
    let hints = hints(options);
    let cache = options.cache.map(|ms| quote! { .with_cache_ms(#ms) });
    let wants = (!options.wants.is_empty()).then(|| {
        let wants = &options.wants;
        quote! { .with_wants(&[#(#wants),*]) }
    });
    Ok(
        quote! { ::cofferdam_sdk::ToolInfo::new(#name, #description) #title .with_hints(#hints) #cache #wants },
    )
}

fn name(options: &Options, ident: &Ident) -> Result<LitStr> {
    if let Some(name) = &options.name {
        return Ok(name.clone());
    }
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    check_name(text).map_err(|message| {
        Error::new(ident.span(), format!("{message}: name the tool with #[tool(name = \"...\")]"))
    })?;
    Ok(LitStr::new(text, ident.span()))
}

fn description(options: &Options, function: &ItemFn) -> Result<Expr> {
    if let Some(description) = &options.description {
        return Ok(description.clone());
    }
    let text = docs::description(&function.attrs).ok_or_else(|| {
        Error::new(
            function.sig.ident.span(),
            "a tool needs a description, models choose by it: write a doc comment (`/// What it does and when to use it`) above #[tool]",
        )
    })?;
    let literal = LitStr::new(&text, function.sig.ident.span());
    Ok(syn::parse_quote! { #literal })
}

fn hints(options: &Options) -> TokenStream {
    let option = |flag: Option<bool>| match flag {
        Some(value) => quote! { ::core::option::Option::Some(#value) },
        None => quote! { ::core::option::Option::None },
    };
    let (read_only, destructive) = (option(options.read_only), option(options.destructive));
    let (idempotent, open_world) = (option(options.idempotent), option(options.open_world));
    quote! {
        ::cofferdam_sdk::Hints {
            read_only: #read_only,
            destructive: #destructive,
            idempotent: #idempotent,
            open_world: #open_world,
        }
    }
}

fn stub(visibility: &Visibility, ident: &Ident) -> TokenStream {
    let declaration = declaration(visibility, ident);
    let name = ident.to_string();
    quote! {
        #declaration
        impl ::cofferdam_sdk::Tool for #ident {
            type Arguments = ::cofferdam_sdk::NoArgs;
            type Output = ();
            const INFO: ::cofferdam_sdk::ToolInfo = ::cofferdam_sdk::ToolInfo::new(#name, "");
            fn run(
                _: Self::Arguments,
                _: &::cofferdam_sdk::Scope,
            ) -> ::core::result::Result<Self::Output, ::cofferdam_sdk::ToolError> {
                ::core::result::Result::Ok(())
            }
        }
    }
}
