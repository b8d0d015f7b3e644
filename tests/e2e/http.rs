//! HTTP: who may connect, and what is answered to what is no message.

use cofferdam_tests::{
    HostProcess, Http,
    guest::Good,
    messages::{MODERN, modern, request},
    plugins, process,
};
use serde_json::{Value, json};
use tempfile::TempDir;

async fn host(arguments: &[&str]) -> (HostProcess, TempDir) {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    (HostProcess::serve(folder.path(), arguments).await, folder)
}

fn list() -> Value {
    modern(1, "tools/list", json!({}))
}

#[tokio::test]
async fn probes_answer_without_a_message() {
    let (host, _folder) = host(&[]).await;
    for path in ["/livez", "/readyz"] {
        let reply = Http::new(&format!("{}{path}", host.base)).method("GET").await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ok"));
    }
    let elsewhere = Http::new(&format!("{}/elsewhere", host.base)).method("GET").await;
    assert_eq!(elsewhere.status, 404);
}

#[tokio::test]
async fn without_a_command_and_without_a_client_on_stdin_it_serves_http() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let mut command = process::command(&[]);
    command.env("COFFERDAM_SERVER__HTTP", "127.0.0.1:0").env("COFFERDAM_PLUGINS_DIR", folder.path());
    let host = HostProcess::start(command).await;
    let listed = Http::new(&host.url()).modern(&list()).await.answer();
    assert_eq!(listed["result"]["tools"][0]["name"], "echo_echo");
}

#[tokio::test]
async fn a_web_page_from_elsewhere_is_refused() {
    let (host, _folder) = host(&[]).await;
    let http = Http::new(&host.url());
    for (origin, status) in [
        ("http://localhost:5173", 200),
        ("http://127.0.0.1", 200),
        ("http://[::1]:8080", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
    ] {
        let reply = http.clone().with("origin", origin).modern(&list()).await;
        assert_eq!(reply.status, status, "{origin}: {}", reply.body);
    }
}

#[tokio::test]
async fn another_name_for_this_host_is_refused() {
    let (host, _folder) = host(&[]).await;
    let http = Http::new(&host.url());
    let port = host.base.rsplit(':').next().unwrap();
    for (name, status) in [
        (format!("localhost:{port}"), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("localhost".to_owned(), 200),
        ("evil.example".to_owned(), 403),
        (format!("evil.example:{port}"), 403),
        ("169.254.169.254".to_owned(), 403),
    ] {
        let reply = http.clone().with("host", &name).modern(&list()).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
    }
}

#[tokio::test]
async fn names_and_origins_of_the_operator_s_file_are_allowed_besides() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let file = folder.path().join("cofferdam.toml");
    let text =
        "[server]\nallowed_hosts = [\"tools.example\"]\nallowed_origins = [\"https://chat.example\"]\n";
    std::fs::write(&file, text).unwrap();
    let host = HostProcess::serve(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let http = Http::new(&host.url()).with("host", "tools.example").with("origin", "https://chat.example");
    assert_eq!(http.modern(&list()).await.status, 200);
    assert_eq!(http.with("origin", "https://other.example").modern(&list()).await.status, 403);
}

#[tokio::test]
async fn a_body_that_is_no_message_is_answered_with_an_error_of_json_rpc() {
    let (host, _folder) = host(&[]).await;
    let http = Http::new(&host.url());
    let long = "[".repeat(200_000);
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("not json", -32700),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"", -32700),
        (long.as_str(), -32700),
        ("[]", -32600),
        ("1", -32600),
        ("{}", -32600),
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600),
        ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"tools/list\"}", -32600),
    ] {
        let shown = &body[..body.len().min(60)];
        for http in [http.clone(), http.clone().with("mcp-protocol-version", MODERN)] {
            let reply = http.send(body.to_owned()).await;
            assert_eq!(reply.status, 400, "{shown}: {}", reply.body);
            let answer = reply.answer();
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(code)), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_body_has_a_type_and_a_largest_size() {
    let (host, _folder) = host(&[]).await;
    let http = Http::new(&host.url());
    let message = list();
    let typed = |kind: &str| http.for_message(&message).with("content-type", kind);
    assert_eq!(typed("text/plain").send(message.to_string()).await.status, 415);
    assert_eq!(typed("application/json; charset=utf-8").send(message.to_string()).await.status, 200);
    assert_eq!(
        http.for_message(&message).with("accept", "text/html").send(message.to_string()).await.status,
        406
    );
    let huge = format!("{}{}", " ".repeat(4 << 20), message);
    assert_eq!(http.for_message(&message).send(huge).await.status, 413);
    assert_eq!(http.modern(&message).await.status, 200, "the host goes on");
}

#[tokio::test]
async fn only_posts_are_for_messages_of_the_stateless_era() {
    let (host, _folder) = host(&[]).await;
    let http = Http::new(&host.url()).with("mcp-protocol-version", MODERN);
    for method in ["GET", "DELETE", "PUT"] {
        assert_eq!(http.method(method).await.status, 405, "{method}");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_deleted() {
    let (host, _folder) = host(&[]).await;
    let (session, _) = Http::new(&host.url()).initialize("2025-11-25").await;
    let list = request(1, "tools/list", Value::Null).to_string();
    assert_eq!(session.send(list.clone()).await.status, 200);
    assert!(session.method("DELETE").await.status.is_success());
    assert_eq!(session.send(list).await.status, 404);
    let unknown = session.with("mcp-session-id", "no-such-session");
    assert_eq!(unknown.send(request(1, "ping", Value::Null).to_string()).await.status, 404);
}

#[test]
fn an_address_that_others_reach_is_refused_until_it_is_said_twice() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7331"] {
        let output = process::command(&["serve", "--http", address]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{address}");
        let said = String::from_utf8(output.stderr).unwrap();
        for words in [address, "--allow-remote", "no authentication"] {
            assert!(said.contains(words), "{words} in:\n{said}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let (host, folder) = host(&[]).await;
    let address = host.base.trim_start_matches("http://");
    let plugins = folder.path().to_str().unwrap();
    let output = process::command(&["serve", "--plugins", plugins, "--http", address]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected =
        format!("error: can't listen on {address}; choose another address with --http or `server.http`: ");
    assert!(said.contains(&expected), "{said}");
}
