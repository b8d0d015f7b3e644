//! Bodies that are no JSON-RPC message get a JSON-RPC error, where the library answers with plain text.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde_json::json;

const PARSE_ERROR: i32 = -32700;
const EXPECTED: &str = "the body is not a JSON-RPC 2.0 message: expected one request, notification or response \
                        object (no batch) with a string or integer id, as application/json in UTF-8";

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
    if !String::from_utf8_lossy(&text).contains("deserialize") {
        return Response::from_parts(parts, Body::from(text));
    }
    let error =
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": PARSE_ERROR, "message": EXPECTED } });
    parts.status = StatusCode::BAD_REQUEST;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(error.to_string()))
}
