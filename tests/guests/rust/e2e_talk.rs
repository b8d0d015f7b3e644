//! Talks while it runs: progress, log messages, and time to listen.

use std::time::Duration;

use cofferdam_sdk::prelude::*;

/// Report three steps and log at three levels.
#[tool]
fn steps(_: NoArgs, call: Call) -> Result<Reply> {
    call.debug("too fine for most");
    for step in 0..3 {
        call.progress_with(step * 50, 100, format!("step {step}"))?;
        call.log(Level::Info, Some("steps"), json!({ "step": step }));
    }
    call.error("not really");
    Ok(Reply::new().text("walked"))
}

#[derive(Deserialize, JsonSchema)]
struct Wait {
    /// How long.
    milliseconds: u64,
}

/// Report that it runs, and wait.
#[tool]
fn wait(wait: Wait, call: Call) -> Result<Reply> {
    call.progress(1, None::<u32>)?;
    std::thread::sleep(Duration::from_millis(wait.milliseconds));
    Ok(Reply::new().text("waited"))
}

/// Report that it runs, and spin for ever, whatever the client wants.
#[tool]
fn spin(_: NoArgs, call: Call) -> Result<Reply> {
    call.progress(1, None::<u32>)?;
    loop {
        std::hint::black_box(());
    }
}

plugin!(steps, wait, spin);
