//! Looks around for anything of the host that is in reach.

use std::{
    env, fs,
    io::Read,
    net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket},
};

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Look {
    /// The address of a server that does listen.
    address: String,
    /// A file that does exist.
    file: String,
}

/// Look for the environment, files and the network.
#[tool]
fn look(look: Look) -> Reply {
    let mut stdin = Vec::new();
    let stdin = std::io::stdin().read_to_end(&mut stdin).map(|_| stdin.len());
    Reply::new().structured(json!({
        "arguments": env::args().count(),
        "variables": env::vars().count(),
        "directories": directories(),
        "stdin": said(stdin),
        "open": said(fs::read(&look.file)),
        "root": said(fs::read_dir("/").map(Iterator::count)),
        "here": said(fs::read_dir(".").map(Iterator::count)),
        "create": said(fs::write("/tmp/created-by-a-guest", "x")),
        "link": said(fs::read("/proc/self/environ")),
        "tcp": said(TcpStream::connect(&look.address)),
        "listen": said(TcpListener::bind("127.0.0.1:0")),
        "udp": said(UdpSocket::bind("127.0.0.1:0")),
        "names": said(("localhost", 80).to_socket_addrs().map(Iterator::count)),
    }))
}

fn said<T: std::fmt::Debug>(result: std::io::Result<T>) -> String {
    match result {
        Ok(found) => format!("found {found:?}"),
        Err(error) => format!("{:?}", error.kind()),
    }
}

/// Directories that the host has opened for the guest.
fn directories() -> usize {
    #[cfg(target_arch = "wasm32")]
    return wasip2::filesystem::preopens::get_directories().len();
    #[cfg(not(target_arch = "wasm32"))]
    0
}

plugin!(look);
