//! Compiling: a component that costs its compiler too much costs the host nothing but a message.

use std::{fs, path::PathBuf, pin::pin, time::Duration};

use cofferdam_runtime::{
    LoadError,
    compile::{CompileError, CompileLimits},
};
use cofferdam_tests::{
    HostProcess, Http, Setup, TestHost,
    guest::{Good, bombs},
    messages::{call, modern},
    neighbour, plugins,
    process::peak,
};
use serde_json::json;

fn limits() -> CompileLimits {
    CompileLimits { memory: 1 << 30, cpu: Duration::from_secs(2), ..CompileLimits::default() }
}

/// Loads a component while a neighbour's calls go on.
async fn loaded(limits: CompileLimits, component: Vec<u8>) -> Result<(), CompileError> {
    let (host, compiling) = (TestHost::start([neighbour::setup()]).await, TestHost::with_compiler(limits));
    let load = compiling.load(Setup::bytes("bomb", component));
    let (loaded, calls) = neighbour::during(&host, load).await;
    assert!(calls > 0, "the neighbour's calls don't get through");
    match loaded {
        Ok(_) => Ok(()),
        Err(LoadError::Compile(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

fn limit(key: &'static str, what: &'static str, ceiling: &str) -> CompileError {
    CompileError::Limit { key, what, ceiling: ceiling.to_owned() }
}

#[tokio::test]
async fn a_component_that_takes_too_much_processor_time_is_refused() {
    let component = bombs::component(&bombs::many_locals(20_000));
    let error = loaded(limits(), component).await.unwrap_err();
    assert_eq!(error, limit("compile.cpu", "processor time", "2s"));
}

#[tokio::test]
async fn a_component_that_takes_too_much_memory_is_refused() {
    let few = CompileLimits { memory: 128 << 20, cpu: Duration::from_secs(60), ..limits() };
    let component = bombs::component(&bombs::many_functions(200_000));
    let error = loaded(few, component).await.unwrap_err();
    assert_eq!(error, limit("compile.memory", "memory", "128 MiB"));
}

#[tokio::test]
async fn a_component_that_takes_too_long_is_refused() {
    let short =
        CompileLimits { cpu: Duration::from_secs(60), deadline: Duration::from_millis(200), ..limits() };
    let component = bombs::component(&bombs::many_locals(20_000));
    let error = loaded(short, component).await.unwrap_err();
    assert_eq!(error, limit("compile.deadline", "time", "200ms"));
}

#[tokio::test]
async fn every_kind_of_bomb_ends_with_a_reason_or_turns_out_harmless() {
    for (name, bomb) in bombs::all() {
        let component = bombs::component(&bomb(10_000));
        match loaded(limits(), component).await {
            Ok(()) | Err(CompileError::Limit { .. } | CompileError::Invalid(_)) => {}
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[tokio::test]
async fn bombs_in_the_folder_cost_the_host_no_memory_and_no_call() {
    let policy = tempfile::tempdir().unwrap();
    let config = policy.path().join("cofferdam.toml");
    fs::write(&config, "[compile]\nmemory = \"1 GiB\"\ncpu = \"2s\"\ncache = false\n").unwrap();
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let host = HostProcess::serve(folder.path(), &["--config", config.to_str().unwrap()]).await;
    let http = Http::new(&host.url());
    let said = modern(1, "tools/call", call("echo_echo", json!({ "text": "as ever" })));
    let before = peak(host.id());
    let sizes = [40_000, 20_000, 20_000, 300_000, 200_000];
    for (index, ((_, bomb), size)) in bombs::all().into_iter().zip(sizes).enumerate() {
        plugins::put(folder.path(), &format!("bomb{index}"), &bombs::component(&bomb(size)));
        let calls = async {
            loop {
                let answer = http.modern(&said).await.answer();
                assert_eq!(answer["result"]["content"][0]["text"], "as ever");
            }
        };
        let words = format!("\"plugin\":\"bomb{index}\"");
        // Most are refused; one that turns out harmless is as good an end.
        tokio::select! {
            judged = host.log.until(&words) => drop(judged.unwrap()),
            () = calls => unreachable!("they go on for ever"),
        }
    }
    assert!(host.log.events("plugin refused").len() >= 2, "{}", host.log.text());
    let grown = peak(host.id()).saturating_sub(before);
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
}

#[tokio::test]
async fn what_is_valid_compiles_within_the_confines_to_the_same_plugin() {
    let host = TestHost::with_compiler(CompileLimits::default());
    host.publish([Setup::of(Good::Echo)]).await;
    let said = host.result("good-echo_echo", json!({ "text": "as ever" })).await;
    assert_eq!(cofferdam_tests::host::text(&said), "as ever");
}

#[tokio::test]
async fn the_compiler_s_words_on_what_is_invalid_arrive() {
    let mut component = bombs::component("");
    component.truncate(component.len() - 10);
    let confined = loaded(limits(), component.clone()).await.unwrap_err();
    let host = TestHost::with_places(1);
    let LoadError::Compile(here) = host.load(Setup::bytes("bomb", component)).await.unwrap_err() else {
        panic!("it is invalid");
    };
    assert_eq!(confined, here);
    assert!(confined.to_string().ends_with("was it copied whole?"), "{confined}");
}

#[tokio::test]
async fn a_compiler_that_is_not_there_is_the_host_s_own_fault() {
    use cofferdam_runtime::{
        Runtime, RuntimeConfig,
        compile::{CompileConfig, Program},
    };
    let program = Program { path: "/nonexistent/compiler".into(), arguments: Vec::new() };
    let compile = CompileConfig { program: Some(program), ..CompileConfig::default() };
    let runtime = Runtime::start(RuntimeConfig { compile, ..RuntimeConfig::default() }).unwrap();
    let error = runtime
        .load_bytes(
            cofferdam_runtime::policy::PluginId::parse("a").unwrap(),
            bombs::component(""),
            Default::default(),
        )
        .await;
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("internal error while compiling: can't start a compiler"), "{error}");
}

#[tokio::test]
async fn the_compiler_has_given_up_what_it_could_misuse() {
    let marked = CompileLimits { cpu: Duration::from_secs(47), ..limits() };
    let host = TestHost::with_compiler(marked);
    let component = bombs::component(&bombs::many_locals(20_000));
    // Kept until the end: with the one who waits for it, the compiler goes too.
    let mut load = pin!(host.load(Setup::bytes("bomb", component)));
    let confined = async {
        loop {
            if let Some(compiler) = compiler_with("47").filter(|compiler| compiler.is_confined()) {
                break compiler;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let compiler = tokio::select! {
        compiler = confined => compiler,
        ended = &mut load => panic!("the compiler ended before it was looked at: {:?}", ended.err()),
    };
    for (limit, value) in [
        ("Max address space", "1073741824"),
        ("Max cpu time", "47"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
        ("Max open files", "3"),
    ] {
        assert_eq!(compiler.limit(limit).as_deref(), Some(value), "{limit}");
    }
    assert_eq!(compiler.open_files(), ["0", "1", "2"]);
    assert_eq!(compiler.read("environ"), "");
    assert_eq!(compiler.directory(), "/");
    assert!(compiler.read("status").contains("NoNewPrivs:\t1\n"));
}

/// A compiler process of this one, as the kernel shows it.
struct Compiler(PathBuf);

/// The one that was given these seconds of processor time.
fn compiler_with(cpu: &str) -> Option<Compiler> {
    let parent = format!("\nPPid:\t{}\n", std::process::id());
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| Compiler(entry.path()));
    let mut ours = processes.filter(|process| {
        let arguments = process.read("cmdline");
        arguments.contains("compile-component") && arguments.trim_end_matches('\0').ends_with(cpu)
    });
    ours.find(|process| process.read("status").contains(&parent))
}

impl Compiler {
    /// Nothing, once it has ended.
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }

    fn limit(&self, name: &str) -> Option<String> {
        let limits = self.read("limits");
        let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next().map(str::to_owned)
    }

    /// The last thing that it gives up.
    fn is_confined(&self) -> bool {
        self.limit("Max open files").as_deref() == Some("3")
    }

    fn open_files(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.join("fd")).unwrap().flatten();
        let mut files: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        files.sort();
        files
    }

    fn directory(&self) -> String {
        fs::read_link(self.0.join("cwd")).unwrap().to_string_lossy().into_owned()
    }
}
