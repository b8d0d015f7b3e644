//! `native-server stdio`, or `native-server http 127.0.0.1:0`, which says on stderr where it listens.

use std::{
    env,
    error::Error,
    io::{Write as _, stderr},
};

use cofferdam_native_server::{http, stdio};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["stdio"] => stdio::serve().await,
        ["http", address] => {
            let listener = TcpListener::bind(address).await?;
            writeln!(stderr(), "http://{}/mcp", listener.local_addr()?)?;
            Ok(http::serve(listener).await?)
        }
        found => Err(format!("expected `stdio` or `http ADDRESS:PORT`, found {found:?}").into()),
    }
}
