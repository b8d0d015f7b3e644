//! Components that are valid WebAssembly and yet no plugins: what they import, export and contain.

use cofferdam_runtime::{LoadError, compile::CompileError};
use cofferdam_tests::guest::{
    wat::{self, component, component_with},
    wit::Wit,
};

use crate::refused::{check, error, reason};

/// A component that calls `function` of another package's interface.
fn importing(package: &str, interface: &str) -> Vec<u8> {
    let (name, version) = package.split_once('@').unwrap();
    let import = format!("{name}/{interface}@{version}");
    let wit = Wit::current()
        .package(&format!("package {package};\ninterface {interface} {{ run: func(); }}"))
        .world(&format!("import {import};"));
    component_with(&format!("(import \"{import}\" \"run\" (func))"), &wit)
}

#[tokio::test]
async fn an_import_that_is_not_offered_is_named() {
    for (package, interface, expected) in [
        (
            "evil:parcel@1.0.0",
            "things",
            "`evil:parcel/things@1.0.0`, which is not known here; a plugin may import only cofferdam:plugin and WASI 0.2",
        ),
        (
            "wasi:http@0.2.3",
            "incoming-handler",
            "`wasi:http/incoming-handler@0.2.3`, which this host doesn't offer",
        ),
        (
            "wasi:keyvalue@0.2.0",
            "store",
            "`wasi:keyvalue/store@0.2.0`, which is version 0.2.0, and this host serves 0.2.0-draft; build the plugin for that one",
        ),
        (
            "wasi:cli@0.3.0",
            "environment",
            "`wasi:cli/environment@0.3.0`, which is WASI 0.3.0; build the plugin for WASI 0.2 (target wasm32-wasip2)",
        ),
    ] {
        check(importing(package, interface), &format!("the component imports {expected}")).await;
    }
}

#[tokio::test]
async fn an_interface_of_our_own_that_is_not_offered_is_named() {
    let wit = Wit::current()
        .changed("world imports {", "interface mail { open: func(); }\nworld imports {\n  import mail;");
    let text = "(import \"cofferdam:plugin/mail@0.1.0\" \"open\" (func))";
    let reason = reason(component_with(text, &wit)).await;
    let expected = "the component imports `cofferdam:plugin/mail@0.1.0`, which this host doesn't offer; \
                    it offers types, request, config, cache, http";
    assert!(reason.starts_with(expected), "{reason}");
}

#[tokio::test]
async fn every_import_that_is_not_offered_is_named_at_once() {
    let wit = Wit::current()
        .package("package evil:one@1.0.0;\ninterface a { run: func(); }")
        .package("package evil:two@1.0.0;\ninterface b { run: func(); }")
        .world("import evil:one/a@1.0.0;")
        .world("import evil:two/b@1.0.0;");
    let text = "(import \"evil:one/a@1.0.0\" \"run\" (func)) (import \"evil:two/b@1.0.0\" \"run\" (func))";
    let reason = reason(component_with(text, &wit)).await;
    assert!(
        reason.contains("`evil:one/a@1.0.0`, which") && reason.contains("; and `evil:two/b@1.0.0`, which")
    );
}

#[tokio::test]
async fn a_version_of_the_abi_that_is_not_served_is_told() {
    for version in ["0.2.0", "0.1.9", "1.0.0"] {
        let wit = Wit::current().changed("plugin@0.1.0", &format!("plugin@{version}"));
        let expected = format!(
            "the component imports `cofferdam:plugin/types@{version}`, which is version {version} of the plugin ABI, and this host serves 0.1.0 to 0.1.0; build the plugin with a matching SDK, or update the host"
        );
        check(component_with("", &wit), &expected).await;
    }
}

#[tokio::test]
async fn a_component_without_tools_is_told_what_is_expected() {
    const EXPECTED: &str = "the component exports no tools: expected `cofferdam:plugin/tools@0.1.0`, found {}; did you forget `plugin!(…)`?";
    check(wat::binary("(component)"), &EXPECTED.replace("{}", "nothing")).await;
    let other = "(component (instance $none) (export \"other:package/things@1.0.0\" (instance $none)))";
    check(wat::binary(other), &EXPECTED.replace("{}", "other:package/things@1.0.0")).await;
}

#[tokio::test]
async fn functions_of_other_types_don_t_fit_the_abi() {
    for (from, to, text) in [
        ("list-tools: func() -> result<list<tool>, string>;", "list-tools: func() -> string;", ""),
        (
            "list-tools: func() -> result<list<tool>, string>;",
            "list-tools: func() -> result<list<string>, string>;",
            "",
        ),
        (
            "remaining-ms: func() -> u64;",
            "remaining-ms: func() -> s64;",
            "(import \"cofferdam:plugin/request@0.1.0\" \"remaining-ms\" (func (result i64)))",
        ),
    ] {
        let wit = Wit::current().changed(from, to);
        let error = error(component_with(text, &wit)).await;
        assert!(matches!(error, LoadError::Types(_)), "{error}");
        let error = error.to_string();
        assert!(error.starts_with("the component doesn't fit the plugin ABI: "), "{error}");
        assert!(error.ends_with("; rebuild it against the WIT of this host"), "{error}");
    }
}

#[tokio::test]
async fn async_functions_are_refused_with_the_way_out() {
    let wit = Wit::current().changed("list-tools: func()", "list-tools: async func()");
    check(
        component_with("", &wit),
        "the component is not valid: it has async functions, and this host runs plain ones: build it without `async` in its bindings",
    )
    .await;
}

#[tokio::test]
async fn what_no_toolchain_of_plugins_emits_is_not_accepted() {
    for (module, feature) in [
        ("(module (memory i64 1))", "memory64"),
        ("(module (memory 1 1 shared))", "threads"),
        ("(module (memory 1) (memory 1))", "multiple memories"),
        ("(module (func (return_call 0)))", "tail calls"),
        ("(module (type (struct)))", "gc"),
        ("(module (tag))", "exceptions"),
        (
            "(module (func (result v128) v128.const i32x4 0 0 0 0 v128.const i32x4 0 0 0 0 i8x16.relaxed_swizzle))",
            "relaxed SIMD",
        ),
        (
            "(module (func (drop (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0))) drop))",
            "wide arithmetic",
        ),
        ("(module (memory 1 (pagesize 1)))", "custom page sizes"),
    ] {
        let error = error(component(&format!(";;! beside 1 {module}"))).await;
        assert!(matches!(error, LoadError::Compile(CompileError::Invalid(_))), "{feature}: {error}");
        assert!(error.to_string().contains(feature), "{feature}: {error}");
    }
}

#[tokio::test]
async fn more_memories_tables_or_instances_than_the_pool_has_for_one_are_refused_at_load() {
    for beside in ["8 (module (memory 1))", "65 (module (table 1 funcref))", "130 (module)"] {
        let error = error(component(&format!(";;! beside {beside}"))).await;
        assert!(matches!(error, LoadError::Compile(CompileError::Invalid(_))), "{beside}: {error}");
    }
}
