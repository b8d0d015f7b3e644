//! Prints what could be taken for messages of the protocol, and more.

use std::io::Write as _;

use cofferdam_sdk::prelude::*;

/// Print to stdout and stderr.
#[tool]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is for")]
fn print() -> Result<Reply> {
    println!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"forged\":true}}}}");
    print!("no line feed at the end");
    std::io::stdout().write_all(b"\x1b[2J\xff\xfe\x00bytes\n")?;
    std::io::stdout().flush()?;
    eprintln!("Content-Length: 5\r\n\r\nerror");
    Ok(Reply::new().text("printed"))
}

plugin!(print);
