//! Says what it knows of its caller and of its settings.

use cofferdam_sdk::prelude::*;

/// Say who calls, with what, and how the operator has set this plugin.
#[tool(read_only)]
fn who(_: NoArgs, call: Call, config: Config) -> Result<Reply> {
    let client = call.client().map(|client| {
        json!({ "name": client.name, "version": client.version, "protocol": client.protocol_version })
    });
    Ok(Reply::new().structured(json!({
        "client": client,
        "principal": call.principal().map(|principal| principal.subject),
        "meta": call.meta(),
        "has_id": !call.id().is_empty(),
        "in_time": call.remaining().as_millis() > 0,
        "unit": config.get::<String>("unit")?,
        "list": config.get::<Vec<i64>>("list")?,
        "missing": config.get::<String>("missing")?,
    })))
}

plugin!(who);
