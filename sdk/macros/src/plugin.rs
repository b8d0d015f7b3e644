//! `plugin!`: the table of tools, the check that their names differ, and (in a component) the exports.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Path, Result, Token};

/// Expand the macro.
pub(crate) fn expand(tokens: TokenStream) -> Result<TokenStream> {
    let parser = Punctuated::<Path, Token![,]>::parse_terminated;
    let tools: Vec<Path> = parser
        .parse2(tokens)
        .map_err(|error| {
            Error::new(error.span(), "expected the tools of this plugin: `plugin!(add, text::diff);`")
        })?
        .into_iter()
        .collect();
    if tools.is_empty() {
        return Err(Error::new(Span::call_site(), "a plugin has at least one tool: `plugin!(add);`"));
    }
    // As an alias a function that isn't a tool is told as "expected type, found function".
    let entries = tools.iter().map(
        |tool| quote! { { type ThisTool = #tool; ::cofferdam_sdk::__private::Entry::of::<ThisTool>() } },
    );
    let checks = tools.iter().enumerate().skip(1).map(|(index, tool)| unique(tool, tools.get(..index)));
    Ok(quote! {
        const _: () = {
            const TOOLS: &[::cofferdam_sdk::__private::Entry] = &[#(#entries),*];
            #(#checks)*
            // A native build exports nothing; there the table only keeps the tools from being called unused.
            let _ = TOOLS;
            #[cfg(target_arch = "wasm32")]
            ::cofferdam_sdk::__export_tools!(TOOLS);
        };
    })
}

fn unique(tool: &Path, others: Option<&[Path]>) -> TokenStream {
    let others = others.unwrap_or_default();
    quote_spanned! { tool.span() =>
        ::core::assert!(
            !::cofferdam_sdk::__private::is_taken(
                <#tool as ::cofferdam_sdk::Tool>::INFO.name,
                &[#(<#others as ::cofferdam_sdk::Tool>::INFO.name),*]
            ),
            "another tool of this plugin has the same name: give one of them another with #[tool(name = \"...\")]"
        );
    }
}
