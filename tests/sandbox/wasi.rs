//! WASI: linked, because ordinary toolchains import it, and empty.

use std::net::TcpListener;

use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use serde_json::{Value, json};

async fn structured(guest: Sandbox, tool: &str, arguments: Value) -> Value {
    let host = TestHost::start([Setup::of(guest).id("guest")]).await;
    host.result(&format!("guest_{tool}"), arguments).await.structured.unwrap()
}

#[tokio::test]
pub(crate) async fn a_guest_finds_nothing_of_the_host() {
    // All of these exist here.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let file = std::env::current_exe().unwrap();
    assert!(std::env::vars().count() > 1 && std::env::args().count() > 0);

    let found = structured(Sandbox::Wasi, "look", json!({ "address": address, "file": file })).await;
    assert_eq!(
        found,
        json!({
            "arguments": 0,
            "variables": 0,
            "directories": 0,
            "stdin": "found 0",
            "open": "NotFound",
            "root": "NotFound",
            "here": "NotFound",
            "create": "NotFound",
            "link": "NotFound",
            "tcp": "PermissionDenied",
            "listen": "PermissionDenied",
            "udp": "PermissionDenied",
            "names": "Uncategorized",
        })
    );
    server.set_nonblocking(true).unwrap();
    assert!(server.accept().is_err(), "the guest reached a server");
}

#[tokio::test]
pub(crate) async fn clocks_are_coarse() {
    let grain = structured(Sandbox::Clock, "grain", json!({})).await;
    assert_eq!(grain, json!({ "monotonic": 100_000, "wall": 1_000_000 }));
}
