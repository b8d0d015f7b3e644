//! The host's own tools: for clients that asked for the list once, and never again.

use std::fs;

use cofferdam_tests::{
    HostProcess, Http, StdioProcess,
    guest::{
        E2e, Good, Guest,
        described::{Described, component},
    },
    messages::{MODERN, call, initialize, modern, request, text},
    plugins::{self, put},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const ON: &str = "[server]\nmeta_tools = true\n";
const ERAS: [&str; 2] = ["2025-11-25", MODERN];

/// A client of one era, and the host on its stdin and stdout.
struct Client {
    host: StdioProcess,
    modern: bool,
    /// Messages that came before an answer.
    heard: Vec<Value>,
    _policy: TempDir,
}

impl Client {
    async fn start(era: &str, folder: &TempDir, policy: &str) -> Self {
        let (policy, file) = written(policy);
        let mut host = StdioProcess::serve(folder.path(), &["--config", &file]);
        if era != MODERN {
            host.ask(&initialize(era), &mut Vec::new()).await;
            // Not initialized: such a session hears of no change of the list, and doesn't ask.
        }
        Self { host, modern: era == MODERN, heard: Vec::new(), _policy: policy }
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        let message = if self.modern { modern(1, method, params) } else { request(1, method, params) };
        self.host.ask(&message, &mut self.heard).await
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", call(tool, arguments)).await
    }

    /// Calls `tool` through `tools_call`.
    async fn call_inside(&mut self, tool: &str, arguments: Value) -> Value {
        self.call("tools_call", json!({ "name": tool, "arguments": arguments })).await
    }

    /// What `tools_search` finds.
    async fn search(&mut self, arguments: Value) -> Value {
        let answer = self.call("tools_search", arguments).await;
        let found = answer["result"]["structuredContent"].clone();
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        // For clients that read text only.
        assert_eq!(serde_json::from_str::<Value>(text(&answer)).unwrap(), found);
        found
    }

    /// The names on all pages of the list, and how many pages there are.
    async fn list(&mut self) -> (Vec<String>, usize) {
        let (mut all, mut pages, mut params) = (Vec::new(), 0, json!({}));
        loop {
            let result = self.ask("tools/list", params).await["result"].take();
            all.extend(names(&result));
            pages += 1;
            match &result["nextCursor"] {
                Value::Null => return (all, pages),
                cursor => params = json!({ "cursor": cursor }),
            }
        }
    }
}

fn written(policy: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cofferdam.toml");
    fs::write(&file, policy).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (folder, file)
}

fn names(result: &Value) -> Vec<String> {
    result["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

fn named(names: &[&str]) -> Vec<u8> {
    component(&names.iter().map(|name| Described::named(name)).collect::<Vec<_>>())
}

/// The text and the code of a result that is an error.
fn failure(answer: &Value) -> (&str, &str) {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    (text(answer), answer["result"]["_meta"]["cofferdam/error"].as_str().unwrap())
}

#[tokio::test]
async fn they_are_not_there_unless_the_operator_wants_them() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    // The names are free then.
    put(folder.path(), "tools", &named(&["search"]));
    for era in ERAS {
        let mut client = Client::start(era, &folder, "").await;
        assert_eq!(client.list().await.0, ["echo_echo", "tools_search"]);
        let answer = client.call_inside("echo_echo", json!({ "text": "x" })).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn they_stand_in_their_place_on_pages_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a", &named(&["one", "two"]));
    put(folder.path(), "u", &named(&["three"]));
    let expected = ["a_one", "a_two", "tools_call", "tools_search", "u_three"];
    for era in ERAS {
        for size in [1, 2, 3, 4, 5, 6] {
            let mut client = Client::start(era, &folder, &format!("{ON}page_size = {size}\n")).await;
            let (names, pages) = client.list().await;
            assert_eq!((names, pages), (expected.map(str::to_owned).to_vec(), 5_usize.div_ceil(size)));
        }
    }
}

#[tokio::test]
async fn they_say_what_they_take_and_what_they_answer() {
    let folder = tempfile::tempdir().unwrap();
    for era in ERAS {
        let mut client = Client::start(era, &folder, ON).await;
        let tools = client.ask("tools/list", json!({})).await["result"]["tools"].take();
        assert_eq!(tools[0]["inputSchema"]["required"], json!(["name"]));
        assert_eq!(tools[0].get("outputSchema"), None);
        assert_eq!(tools[1]["inputSchema"]["properties"]["limit"]["maximum"], 50);
        assert_eq!(tools[1]["outputSchema"]["required"], json!(["tools", "total"]));
        assert_eq!(tools[1]["annotations"], json!({ "readOnlyHint": true, "openWorldHint": false }));
    }
}

#[tokio::test]
async fn a_plugin_that_came_later_is_found_and_called_without_another_look_at_the_list() {
    for era in ERAS {
        let folder = tempfile::tempdir().unwrap();
        let mut client = Client::start(era, &folder, ON).await;
        assert_eq!(client.search(json!({ "query": "say" })).await, json!({ "tools": [], "total": 0 }));
        put(folder.path(), "echo", &Guest::from(Good::Echo).component());
        client.host.log.until("plugin loaded").await.unwrap();
        // The swap follows the words in the log at once; the catalog that serves is asked until it has happened.
        let mut found = client.search(json!({ "query": "say" })).await;
        while found["total"] == 0 {
            found = client.search(json!({ "query": "say" })).await;
        }
        let tool = &found["tools"][0];
        assert_eq!((&tool["name"], &tool["description"]), (&json!("echo_echo"), &json!("Say `text`.")));
        assert_eq!(tool["inputSchema"]["required"], json!(["text"]));

        let answer = client.call_inside("echo_echo", json!({ "text": "inside" })).await;
        assert_eq!((text(&answer), &answer["result"]["isError"]), ("inside", &json!(false)));
        assert!(answer["result"]["_meta"]["cofferdam/usage"]["fuel"].as_u64().unwrap() > 0, "{answer}");
        assert_eq!(client.heard, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_search_answers_with_the_best_first_and_no_more_than_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let tool = |name: &str, title: Option<&str>, description: &str| Described {
        title: title.map(str::to_owned),
        description: description.to_owned(),
        ..Described::named(name)
    };
    let tools = [
        tool("aside", None, "Says nothing of weather but here."),
        tool("forecast", Some("Weather of tomorrow"), "What comes."),
        tool("weather", None, "What is."),
    ];
    put(folder.path(), "a", &component(&tools));
    for era in ERAS {
        let mut client = Client::start(era, &folder, ON).await;
        let found = client.search(json!({ "query": "the weather" })).await;
        assert_eq!(names(&found), ["a_weather", "a_forecast", "a_aside"]);
        let forecast = json!({
            "name": "a_forecast",
            "title": "Weather of tomorrow",
            "description": "What comes.",
            "inputSchema": { "type": "object" },
        });
        assert_eq!((&found["tools"][1], &found["total"]), (&forecast, &json!(3)));
        let found = client.search(json!({ "query": "weather", "limit": 1 })).await;
        assert_eq!((names(&found), &found["total"]), (vec!["a_weather".to_owned()], &json!(3)));
        // Nothing finds everything but themselves.
        let found = client.search(json!({ "query": "" })).await;
        assert_eq!(names(&found), ["a_aside", "a_forecast", "a_weather"]);
    }
}

#[tokio::test]
async fn what_a_tool_says_while_it_runs_comes_as_if_it_were_called_itself() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    for era in ERAS {
        let mut client = Client::start(era, &folder, ON).await;
        let mut heard = Vec::new();
        for (tool, arguments) in
            [("talk_steps", json!({})), ("tools_call", json!({ "name": "talk_steps", "arguments": {} }))]
        {
            let mut params = call(tool, arguments);
            params["_meta"] = json!({ "progressToken": "token" });
            if client.modern {
                params["_meta"]["io.modelcontextprotocol/logLevel"] = json!("info");
            }
            let answer = client.ask("tools/call", params).await;
            assert_eq!(text(&answer), "walked", "{answer}");
            heard.push(std::mem::take(&mut client.heard));
        }
        // Three steps, each with a message, and one at the end.
        assert_eq!(heard[0].len(), 7, "{heard:?}");
        assert_eq!(heard[1], heard[0]);
    }
}

#[tokio::test]
async fn what_goes_wrong_inside_is_what_goes_wrong_outside() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let limits = "[plugins.echo.limits]\narguments = \"1 KiB\"\n";
    for era in ERAS {
        let mut client = Client::start(era, &folder, &format!("{ON}{limits}")).await;
        for (arguments, code) in [
            (json!({}), "invalid-arguments"),
            (json!({ "text": 7 }), "invalid-arguments"),
            (json!({ "text": "x".repeat(2_000) }), "limit/arguments"),
        ] {
            let outside = client.call("echo_echo", arguments.clone()).await;
            let inside = client.call_inside("echo_echo", arguments).await;
            assert_eq!(inside["result"], outside["result"]);
            assert_eq!(failure(&inside).1, code);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_about_their_own_arguments_a_model_can_put_right() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    for era in ERAS {
        let mut client = Client::start(era, &folder, ON).await;
        let by_itself = |name: &str| format!("{name:?} can't be called through a tool; call it by itself");
        for (tool, arguments, said, code) in [
            (
                "tools_call",
                json!({ "name": "echo_ecko", "arguments": {} }),
                "unknown tool: \"echo_ecko\"; did you mean \"echo_echo\"?".to_owned(),
                "unknown-tool",
            ),
            (
                "tools_call",
                json!({ "name": "utterly-different\u{1b}" }),
                "unknown tool: \"utterly-different\"".to_owned(),
                "unknown-tool",
            ),
            ("tools_call", json!({ "name": "tools_call" }), by_itself("tools_call"), "invalid-arguments"),
            ("tools_call", json!({ "name": "tools_search" }), by_itself("tools_search"), "invalid-arguments"),
            (
                "tools_call",
                json!({ "arguments": {} }),
                "invalid arguments: `name` is required, but missing".to_owned(),
                "invalid-arguments",
            ),
            (
                "tools_search",
                json!({ "query": "a", "limit": 51 }),
                "invalid arguments: `limit`: 51 is greater than the maximum of 50".to_owned(),
                "invalid-arguments",
            ),
        ] {
            let answer = client.call(tool, arguments).await;
            assert_eq!(failure(&answer), (said.as_str(), code));
        }
        // Called as such, an unknown tool is an error of the protocol still, and they are near like any other.
        let answer = client.call("tools_serch", json!({ "query": "a" })).await;
        let message = "unknown tool: \"tools_serch\"; did you mean \"tools_search\"?";
        assert_eq!(
            (&answer["error"]["code"], &answer["error"]["message"]),
            (&json!(-32602), &json!(message))
        );
    }
}

#[tokio::test]
async fn a_plugin_s_tool_of_the_same_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "tools", &named(&["call", "other"]));
    let (policy, file) = written(ON);
    let mut host = StdioProcess::serve(folder.path(), &["--config", &file]);
    let reason = "tool name \\\"tools_call\\\" is taken by a tool of cofferdam itself; set another `namespace` \
                  under [plugins.tools] in cofferdam.toml";
    let log = host.log.until("plugin refused").await.unwrap();
    assert!(log.contains(reason), "{log}");
    let listed = host.ask(&modern(1, "tools/list", json!({})), &mut Vec::new()).await;
    assert_eq!(names(&listed["result"]), ["tools_call", "tools_search"]);
    // What to do about it helps; what brings the name back later is refused, and the plugin goes on as it is.
    fs::write(&file, format!("{ON}[plugins.tools]\nnamespace = \"x\"\n")).unwrap();
    host.log.until("plugin loaded").await.unwrap();
    fs::write(&file, ON).unwrap();
    let mut log = host.log.text();
    while log.matches(reason).count() < 2 {
        let listed = host.ask(&modern(1, "tools/list", json!({})), &mut Vec::new()).await;
        assert!(names(&listed["result"]).contains(&"tools_search".to_owned()));
        log = host.log.text();
    }
    let listed = host.ask(&modern(1, "tools/list", json!({})), &mut Vec::new()).await;
    assert_eq!(names(&listed["result"]), ["tools_call", "tools_search", "x_call", "x_other"]);
    drop(policy);
}

#[tokio::test]
async fn they_are_called_over_http_too() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let (_policy, file) = written(ON);
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    let search = modern(1, "tools/call", call("tools_search", json!({ "query": "echo" })));
    let answer = http.modern(&search).await.answer();
    assert_eq!(names(&answer["result"]["structuredContent"]), ["echo_echo"]);
    let (session, _) = http.initialize("2025-06-18").await;
    let inside = call("tools_call", json!({ "name": "echo_echo", "arguments": { "text": "http" } }));
    let answer = session.send(request(1, "tools/call", inside).to_string()).await.answer();
    assert_eq!(text(&answer), "http");
}
