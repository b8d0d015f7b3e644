//! Sends whatever a test asks by the standard interface alone, as a library of an ordinary toolchain would.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a guest that fails is a test that fails")]

use cofferdam_sdk::{prelude::*, serde_json::Value};
use wasip2::{
    http::{
        outgoing_handler,
        types::{
            ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
            RequestOptions, Scheme,
        },
    },
    io::streams::StreamError,
};

#[derive(Deserialize, JsonSchema)]
struct Sends {
    requests: Vec<Send>,
}

#[derive(Deserialize, JsonSchema)]
struct Send {
    method: Option<String>,
    scheme: Option<String>,
    authority: String,
    path: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Written after the request is handed over, in pieces.
    body: Option<String>,
    /// So many times.
    times: Option<u32>,
    #[serde(default)]
    trailers: Vec<(String, String)>,
    /// Nanoseconds: to connect, to the first byte, between bytes.
    timeouts: Option<[u64; 3]>,
    /// The body is left without an end.
    #[serde(default)]
    abandon: bool,
}

/// Send some requests, one after the other.
#[tool]
fn send(sends: Sends) -> Vec<Value> {
    sends
        .requests
        .iter()
        .map(|send| one(send).unwrap_or_else(|stopped| json!({ "stopped": stopped })))
        .collect()
}

#[derive(Deserialize, JsonSchema)]
struct Together {
    authority: String,
    paths: Vec<String>,
}

/// Hand over some requests, and only then wait for them.
#[tool]
fn together(together: Together) -> Vec<Value> {
    let mut sent = Vec::new();
    for path in &together.paths {
        let request = OutgoingRequest::new(Fields::new());
        let set = [
            request.set_scheme(Some(&Scheme::Http)),
            request.set_authority(Some(&together.authority)),
            request.set_path_with_query(Some(path)),
        ];
        assert!(set.iter().all(Result::is_ok));
        sent.push(outgoing_handler::handle(request, None).unwrap());
    }
    sent.iter()
        .map(|response| came(response).unwrap_or_else(|stopped| json!({ "stopped": stopped })))
        .collect()
}

#[derive(Deserialize, JsonSchema)]
struct Hoard {
    sets: u32,
    headers: u32,
    bytes: usize,
}

/// Fill sets of headers that no request uses.
#[tool]
fn hoard(hoard: Hoard) -> u32 {
    let value = vec![b'x'; hoard.bytes];
    let mut kept = Vec::new();
    for _ in 0..hoard.sets {
        let fields = Fields::new();
        for n in 0..hoard.headers {
            fields.append(&format!("x-{n}"), &value).unwrap();
        }
        kept.push(fields);
    }
    hoard.sets
}

/// What came, or the step at which it stopped and why.
fn one(send: &Send) -> std::result::Result<Value, String> {
    let request = OutgoingRequest::new(fields(&send.headers).map_err(|why| format!("headers: {why}"))?);
    let step = |name: &str, done: std::result::Result<(), ()>| done.map_err(|()| name.to_owned());
    if let Some(method) = &send.method {
        step("method", request.set_method(&named(method)))?;
    }
    let scheme = match send.scheme.as_deref() {
        None | Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some(other) => Scheme::Other(other.to_owned()),
    };
    step("scheme", request.set_scheme(Some(&scheme)))?;
    step("authority", request.set_authority(Some(&send.authority)))?;
    step("path", request.set_path_with_query(Some(send.path.as_deref().unwrap_or("/"))))?;
    let body = send.body.as_ref().map(|_| request.body().map_err(|()| "body".to_owned())).transpose()?;
    let options = send.timeouts.map(|[connect, first_byte, between_bytes]| {
        let options = RequestOptions::new();
        options.set_connect_timeout(Some(connect)).unwrap();
        options.set_first_byte_timeout(Some(first_byte)).unwrap();
        options.set_between_bytes_timeout(Some(between_bytes)).unwrap();
        options
    });
    let response = outgoing_handler::handle(request, options).map_err(|code| format!("handle: {code:?}"))?;
    if let Some(body) = body {
        let written = write(&body, send);
        match (written, send.abandon) {
            (Err(why), _) => {
                drop(body);
                // Why nobody reads on, the response says.
                return came(&response).map_err(|code| format!("{why}, {code}"));
            }
            (Ok(()), true) => drop(body),
            (Ok(()), false) => {
                let trailers = match send.trailers.is_empty() {
                    true => None,
                    false => Some(fields(&send.trailers).map_err(|why| format!("trailers: {why}"))?),
                };
                OutgoingBody::finish(body, trailers).map_err(|code| format!("finish: {code:?}"))?;
            }
        }
    }
    came(&response)
}

fn named(method: &str) -> Method {
    match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        other => Method::Other(other.to_owned()),
    }
}

fn fields(headers: &[(String, String)]) -> std::result::Result<Fields, String> {
    let plain: Vec<_> =
        headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    Fields::from_list(&plain).map_err(|error| format!("{error:?}"))
}

fn write(body: &OutgoingBody, send: &Send) -> std::result::Result<(), String> {
    let stream = body.write().map_err(|()| "stream".to_owned())?;
    let text = send.body.as_deref().unwrap_or_default();
    for _ in 0..send.times.unwrap_or(1) {
        for piece in text.as_bytes().chunks(4096) {
            stream.blocking_write_and_flush(piece).map_err(|error| match error {
                StreamError::Closed => "write: closed".to_owned(),
                StreamError::LastOperationFailed(_) => "write: failed".to_owned(),
            })?;
        }
    }
    Ok(())
}

fn came(response: &outgoing_handler::FutureIncomingResponse) -> std::result::Result<Value, String> {
    response.subscribe().block();
    let response = response
        .get()
        .ok_or("nothing")?
        .map_err(|()| "taken")?
        .map_err(|code: ErrorCode| format!("{code:?}"))?;
    let headers = response.headers().entries();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, text(value))).collect();
    let body = read(&response)?;
    Ok(
        json!({ "status": response.status(), "headers": headers, "length": body.len(), "body": text(body.into_iter().take(4096).collect()) }),
    )
}

fn read(response: &IncomingResponse) -> std::result::Result<Vec<u8>, String> {
    let body = response.consume().map_err(|()| "consumed")?;
    let stream = body.stream().map_err(|()| "streamed")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(more) => bytes.extend(more),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(format!("read: {error:?}")),
        }
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    match trailers.get() {
        Some(Ok(Ok(None))) => Ok(bytes),
        other => Err(format!("trailers: {other:?}")),
    }
}

plugin!(send, together, hoard);
