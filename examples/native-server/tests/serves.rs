//! The server answers over both transports as the plugin does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// TARGET/PROFILE/deps/test -> TARGET/PROFILE/examples.
fn program() -> Command {
    let test = env::current_exe().unwrap();
    let profile: PathBuf = test.ancestors().nth(2).unwrap().to_owned();
    Command::new(profile.join("examples/native-server"))
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn request(method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

fn count(text: &str) -> String {
    request("tools/call", json!({ "name": "text_count", "arguments": { "text": text } }))
}

/// The reply to each request, over pipes.
fn over_stdio(requests: &[String]) -> Vec<Value> {
    let mut server =
        Running(program().arg("stdio").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    let (mut input, output) = (server.0.stdin.take().unwrap(), server.0.stdout.take().unwrap());
    let mut lines = BufReader::new(output).lines();
    let mut reply = |request: &String| {
        writeln!(input, "{request}").unwrap();
        serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
    };
    requests.iter().map(&mut reply).collect()
}

fn over_http(tool: &str, body: &str) -> Value {
    let mut server = Running(program().args(["http", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap());
    let mut url = String::new();
    BufReader::new(server.0.stderr.take().unwrap()).read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
         mcp-method: tools/call\r\nmcp-name: {tool}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{reply}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn the_tool_counts_over_stdio_and_says_what_is_wrong() {
    let wrong = request("tools/call", json!({ "name": "text_count", "arguments": {} }));
    let replies = over_stdio(&[request("tools/list", json!({})), count("to be or not to be"), wrong]);
    assert_eq!(replies[0].pointer("/result/tools/0/name"), Some(&json!("text_count")));
    assert_eq!(replies[0].pointer("/result/tools/0/inputSchema/required"), Some(&json!(["text"])));
    assert_eq!(replies[1].pointer("/result/structuredContent/unique_words"), Some(&json!(4)));
    assert_eq!(replies[2].pointer("/result/isError"), Some(&json!(true)));
    assert_eq!(replies[2].pointer("/result/content/0/text"), Some(&json!("missing field `text`")));
}

#[test]
fn the_tool_counts_over_http() {
    let reply = over_http("text_count", &count("to be or not to be"));
    assert_eq!(reply.pointer("/result/structuredContent/words"), Some(&json!(6)));
    assert_eq!(reply.pointer("/result/isError"), Some(&json!(false)));
}
