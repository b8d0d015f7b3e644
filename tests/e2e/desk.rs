//! What the tests of our own plugins share: an operator's folder, and a client that others wrote.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cofferdam_tests::{HostProcess, plugins, process};
use rmcp::{
    ClientLifecycleMode, ClientServiceExt, RoleClient,
    model::{CallToolRequestParams, ContentBlock, ProtocolVersion},
    service::RunningService,
    transport::StreamableHttpClientTransport,
};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with `cofferdam.toml`, some of our plugins in `plugins`, and their data beside it.
pub(crate) struct Desk(TempDir);

impl Desk {
    /// With these plugins and this configuration.
    pub(crate) fn with(names: &[&str], config: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::create_dir(desk.path("plugins")).unwrap();
        for name in names {
            let file = format!("{name}.wasm");
            fs::copy(plugins::first_party().join(&file), desk.path("plugins").join(&file)).unwrap();
        }
        fs::write(desk.config(), format!("plugins_dir = \"plugins\"\n{config}")).unwrap();
        desk
    }

    /// A file in it.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// The operator's file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("cofferdam.toml")
    }

    /// A command of the program, run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(arguments);
        command.current_dir(self.0.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Serves it.
    pub(crate) async fn serve(&self) -> HostProcess {
        HostProcess::start(self.command(&["serve", "--http", "127.0.0.1:0"])).await
    }

    /// Runs the command with which a denial ends, as a shell reads it; the command.
    pub(crate) fn follow(&self, denial: &str) -> String {
        let (_, remedy) = denial.split_once("to allow it, run: ").unwrap_or_else(|| panic!("{denial}"));
        let mut shell = Command::new("sh");
        // What a test of the program has in its environment, and the program under its name.
        for (name, value) in process::command(&[]).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let programs = process::binary().parent().unwrap().display();
        shell.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()));
        let output = shell.args(["-ec", remedy]).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "`{remedy}`: {}", String::from_utf8_lossy(&output.stderr));
        remedy.to_owned()
    }
}

/// rmcp's client of a host, over HTTP.
pub(crate) struct Client(RunningService<RoleClient, ()>);

impl Client {
    /// Of the stateless era.
    pub(crate) async fn modern(host: &HostProcess) -> Self {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        Self::of(host, ClientLifecycleMode::Discover { preferred_versions }).await
    }

    /// Of the era with sessions.
    pub(crate) async fn legacy(host: &HostProcess) -> Self {
        Self::of(host, ClientLifecycleMode::Initialize).await
    }

    async fn of(host: &HostProcess, era: ClientLifecycleMode) -> Self {
        let transport = StreamableHttpClientTransport::from_uri(host.url());
        Self(().serve_with_lifecycle(transport, era).await.unwrap())
    }

    /// The names of all tools.
    pub(crate) async fn tools(&self) -> Vec<String> {
        let tools = self.0.list_all_tools().await.unwrap();
        tools.into_iter().map(|tool| tool.name.into_owned()).collect()
    }

    /// What a call came to: the text of its first block, its structured result, and whether it is an error.
    async fn call(&self, tool: &str, arguments: Value) -> Option<(String, Value, bool)> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = self.0.call_tool(call).await.ok()?;
        let text = match result.content.first() {
            Some(ContentBlock::Text(block)) => block.text.clone(),
            other => panic!("{tool}: expected a text, found {other:?}"),
        };
        Some((text, result.structured_content.unwrap_or_default(), result.is_error == Some(true)))
    }

    /// The structured result of a call. None: the host has gone.
    pub(crate) async fn try_value(&self, tool: &str, arguments: Value) -> Option<Value> {
        let (text, value, failed) = self.call(tool, arguments).await?;
        assert!(!failed, "{tool}: {text}");
        Some(value)
    }

    /// The structured result of a call.
    pub(crate) async fn value(&self, tool: &str, arguments: Value) -> Value {
        self.try_value(tool, arguments).await.unwrap_or_else(|| panic!("{tool}: no answer"))
    }

    /// The text of a call's result.
    pub(crate) async fn text(&self, tool: &str, arguments: Value) -> String {
        self.either(tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}"))
    }

    /// The text of a call that fails: what a model reads.
    pub(crate) async fn error(&self, tool: &str, arguments: Value) -> String {
        self.either(tool, arguments).await.expect_err(tool)
    }

    /// The text of a call, or of its error.
    pub(crate) async fn either(&self, tool: &str, arguments: Value) -> Result<String, String> {
        let (text, _, failed) =
            self.call(tool, arguments).await.unwrap_or_else(|| panic!("{tool}: no answer"));
        if failed { Err(text) } else { Ok(text) }
    }

    /// Calls until it is allowed: a command has changed the operator's file, and the host reads it by itself.
    pub(crate) async fn once_allowed(&self, tool: &str, arguments: Value) -> String {
        loop {
            match self.either(tool, arguments.clone()).await {
                Ok(text) => return text,
                Err(text) => assert!(text.contains("to allow it, run: "), "{text}"),
            }
        }
    }
}

/// Runs statements on a file of SQLite with another program's SQLite; the first column of the last one's rows.
pub(crate) fn sqlite(file: &Path, statements: &[&str]) -> Vec<String> {
    const SCRIPT: &str = "import sqlite3, sys\n\
        file = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        for sql in sys.argv[2:]:\n    rows = file.execute(sql).fetchall()\n\
        for row in rows:\n    print(row[0])\n";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(file).args(statements).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
