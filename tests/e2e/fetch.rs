//! The plugin `fetch` at work: pages and APIs of an upstream on this machine, as far as the operator allows.

use cofferdam_tests::{
    HostProcess,
    upstream::{Then, Upstream, answer},
};
use serde_json::json;

use crate::desk::{Client, Desk};

const PAGE: &str = "<title>Tea</title><nav>Menu</nav><main><h1>Tea</h1><p>It is <b>green</b>, \
    <a href=/docs/pot>in a pot</a>.</main>";

fn base(upstream: &Upstream) -> String {
    format!("http://{}", upstream.address)
}

/// A page, an API, and a way to somewhere else.
async fn site(elsewhere: String) -> Upstream {
    Upstream::start(move |request| {
        let path = request.split(' ').nth(1).unwrap();
        let said = match path {
            "/docs/tea" => answer("content-type: text/html\r\n", PAGE.as_bytes()),
            "/docs/away" => {
                format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n").into()
            }
            _ => answer(
                "content-type: application/json\r\n",
                br#"{"teas":[{"name":"green"},{"name":"black"}]}"#,
            ),
        };
        (said, Then::KeepOpen)
    })
    .await
}

/// A desk whose plugin `fetch` may read `/docs/*` of an upstream, and a client.
async fn at_work(upstream: &Upstream, more: &str) -> (Desk, HostProcess, Client) {
    let config = format!(
        "[plugins.fetch]\nallow_private = [\"{}\"{more}]\nhttp = [\"GET {}/docs/*\"]\n",
        upstream.address,
        base(upstream)
    );
    let desk = Desk::with(&["fetch"], &config);
    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    (desk, host, client)
}

fn paths(upstream: &Upstream) -> Vec<String> {
    upstream.seen().iter().map(|seen| seen.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_page_is_markdown_and_a_second_look_asks_nobody() {
    let upstream = site(String::new()).await;
    let (_desk, _host, client) = at_work(&upstream, "").await;
    let (base, page) = (base(&upstream), json!({ "url": format!("{}/docs/tea", base(&upstream)) }));
    let text = format!("# Tea\n\nIt is **green**, [in a pot]({base}/docs/pot).");
    let length = text.chars().count();
    let said = |origin: &str| {
        format!("title: Tea\nurl: {base}/docs/tea\ncharacters: 0 to {length} of {length}{origin}\n\n{text}")
    };
    assert_eq!(client.text("fetch_page", page.clone()).await, said(""));
    assert_eq!(client.text("fetch_page", page).await, said(", from the cache"));
    assert_eq!(paths(&upstream), ["/docs/tea"]);
    let seen = &upstream.seen()[0];
    assert!(seen.contains("accept: text/markdown, text/html;q=0.9"), "{seen}");
}

#[tokio::test]
async fn a_denial_names_the_command_and_the_command_opens_exactly_that() {
    let upstream = site(String::new()).await;
    let (desk, _host, client) = at_work(&upstream, "").await;
    let base = base(&upstream);
    let json = json!({ "url": format!("{base}/api/teas"), "path": "$.teas[*].name" });
    let denied = client.error("fetch_json", json.clone()).await;
    assert!(denied.contains("[C0205]; to allow it, run: "), "{denied}");
    assert_eq!(upstream.accepted(), 0);

    let remedy = desk.follow(&denied);
    assert_eq!(remedy, format!("cofferdam grant fetch http 'GET {base}/api/teas'"));
    client.once_allowed("fetch_json", json.clone()).await;
    let answer = client.value("fetch_json", json).await;
    assert_eq!((&answer["value"], &answer["from"]), (&json!(["green", "black"]), &json!("cache")));
    let other = client.error("fetch_json", json!({ "url": format!("{base}/api/pots") })).await;
    assert!(other.contains("[C0205]"), "{other}");
    assert_eq!(paths(&upstream), ["/api/teas"]);
}

#[tokio::test]
async fn a_redirect_to_a_host_without_a_grant_is_not_followed() {
    let elsewhere = Upstream::ok().await;
    let upstream = site(format!("{}/docs/tea", base(&elsewhere))).await;
    // The address alone is no grant.
    let (_desk, _host, client) = at_work(&upstream, &format!(", \"{}\"", elsewhere.address)).await;
    let away = json!({ "url": format!("{}/docs/away", base(&upstream)) });
    let denied = client.error("fetch_page", away).await;
    let remedy = format!("to allow it, run: cofferdam grant fetch http 'GET {}/docs/tea'", base(&elsewhere));
    assert!(denied.ends_with(&remedy), "{denied}");
    assert_eq!((paths(&upstream), elsewhere.accepted()), (vec!["/docs/away".to_owned()], 0));
}

#[tokio::test]
async fn a_secret_reaches_the_upstream_and_is_nowhere_else() {
    const CANARY: &str = "c4n4ry-0123456789";
    // It says what it was asked, headers and all.
    let upstream = Upstream::start(|request| {
        (answer("content-type: text/plain\r\n", request.as_bytes()), Then::KeepOpen)
    })
    .await;
    let desk = Desk::with(
        &["fetch"],
        &format!(
            "[log]\nlevel = \"trace\"\n[secrets]\nupstream = {{ env = \"FETCH_TOKEN\" }}\n[plugins.fetch]\n\
             allow_private = [\"{}\"]\nhttp = [{{ allow = \"GET {}/*\", headers = {{ Authorization = \"Bearer ${{secret:upstream}}\" }} }}]\n",
            upstream.address,
            base(&upstream)
        ),
    );
    let mut command = desk.command(&["serve", "--http", "127.0.0.1:0"]);
    command.env("FETCH_TOKEN", CANARY);
    let host = HostProcess::start(command).await;
    let client = Client::modern(&host).await;
    let said = client.text("fetch_page", json!({ "url": base(&upstream) })).await;
    assert!(said.contains("authorization: Bearer [secret:upstream]"), "{said}");
    let seen = upstream.seen().pop().unwrap();
    assert!(seen.contains(&format!("authorization: Bearer {CANARY}")), "{seen}");
    let shown = desk.command(&["config", "show"]).env("FETCH_TOKEN", CANARY).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout) + String::from_utf8_lossy(&shown.stderr);
    assert!(shown.contains("${secret:upstream}") || shown.contains("FETCH_TOKEN"), "{shown}");
    let logged = host.log.text() + &host.said.text();
    assert!(logged.contains("an upstream answered"), "{logged}");
    for text in [&said, &*shown, &logged] {
        assert!(!text.contains(CANARY), "{text}");
    }
}
