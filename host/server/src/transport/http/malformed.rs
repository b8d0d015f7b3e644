//! Bodies that are no JSON-RPC message get a JSON-RPC error, where the library answers with plain text.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde_json::json;

/// What the library says before its parser's own words.
const REFUSAL: &str = "fail to deserialize request body";
/// What its parser says of JSON that is no message; of anything else it says where the syntax ends.
const NO_MESSAGE: [&str; 6] =
    ["did not match", "JSON-RPC", "invalid type", "invalid value", "missing field", "unknown variant"];

/// JSON-RPC 2.0, section 5.1.
const PARSE_ERROR: (i32, &str) = (-32700, "the body is not JSON: expected one JSON-RPC 2.0 message in UTF-8");
const INVALID_REQUEST: (i32, &str) = (
    -32600,
    "the body is not a JSON-RPC 2.0 message: expected one request, notification or response object (no batch), \
     with `jsonrpc` \"2.0\" and a string or integer `id`",
);

/// The library answers 415 both to a wrong media type and to a body that doesn't parse; the second is mended.
pub(super) async fn as_json_rpc(response: Response<Body>) -> Response<Body> {
    if response.status() != StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The library's refusals are a line or two of text.
    let Ok(text) = axum::body::to_bytes(body, 4096).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let words = String::from_utf8_lossy(&text);
    if !words.starts_with(REFUSAL) {
        return Response::from_parts(parts, Body::from(text));
    }
    let (code, message) =
        if NO_MESSAGE.iter().any(|no| words.contains(no)) { INVALID_REQUEST } else { PARSE_ERROR };
    let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } });
    parts.status = StatusCode::BAD_REQUEST;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(error.to_string()))
}
