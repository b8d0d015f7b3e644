//! One request, from the crate's form to ours, and its response back.

use std::time::Duration;

use bytes::Bytes;
use cofferdam_capabilities::{HttpRequest, HttpResponse, request::Teller};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio::time::Instant;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::error::{Unsent, code};
use crate::state::HttpReach;

/// What goes on with the connection once there is a response: nothing here, it is complete.
type Rest = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// A response that comes.
pub(super) type Sending = Box<dyn Future<Output = Result<(Response<WasiBody>, Rest), Error>> + Send>;

/// What the log calls this interface.
const LOGGER: &str = "wasi:http";

/// Sends a request, and tells why if it doesn't.
pub(super) async fn send(
    reach: Option<HttpReach>,
    deadline: Instant,
    teller: Teller,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, Rest), Error> {
    let Some(reach) = reach else {
        teller.warn(LOGGER, "no requests are sent while tools are listed").await;
        return Err(Error::HttpRequestDenied);
    };
    match exchange(&reach, deadline, request, options).await {
        Ok(response) => Ok((response, Box::new(async { Ok(()) }))),
        Err(Unsent::Aborted(error)) => Err(error),
        Err(Unsent::Trailers) => {
            teller.warn(LOGGER, "a request can't have trailers, send them as headers").await;
            Err(Error::HttpRequestTrailerSectionSize(None))
        }
        Err(Unsent::Http(error)) => {
            let text = reach.http.told(&error);
            teller.warn(LOGGER, &text).await;
            Err(code(&error, text))
        }
    }
}

async fn exchange(
    reach: &HttpReach,
    deadline: Instant,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Response<WasiBody>, Unsent> {
    let (head, body) = request.into_parts();
    let body = gather(reach, body).await?;
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    let request = HttpRequest {
        method: head.method.to_string(),
        url: head.uri.to_string(),
        headers: headers.collect(),
        body: Some(body),
        timeout: Some(deadline.saturating_duration_since(Instant::now())),
        begins: options.and_then(begins),
        redirects: 0,
        retries: 0,
    };
    Ok(response(reach.http.send(&reach.budget, request).await?)?)
}

/// The body until its end, while the guest writes it.
async fn gather(reach: &HttpReach, mut body: WasiBody) -> Result<Bytes, Unsent> {
    let mut gathering = reach.http.gather(&reach.budget);
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(piece) => gathering.take(&piece)?,
            Err(frame) if frame.trailers_ref().is_some_and(|trailers| !trailers.is_empty()) => {
                return Err(Unsent::Trailers);
            }
            Err(_) => {}
        }
    }
    Ok(gathering.whole())
}

/// A connection may be there already, so the guest's two timeouts up to the first byte are one.
fn begins(options: RequestOptions) -> Option<Duration> {
    let connect = options.connect_timeout.unwrap_or_default();
    options.first_byte_timeout.map(|first_byte| first_byte.saturating_add(connect))
}

fn response(from: HttpResponse) -> Result<Response<WasiBody>, Error> {
    let body = Full::new(from.body).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = from.status.try_into().map_err(|_| Error::HttpProtocolError)?;
    for (name, value) in from.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::HttpProtocolError)?;
        let value = HeaderValue::from_bytes(&value).map_err(|_| Error::HttpProtocolError)?;
        response.headers_mut().try_append(name, value).map_err(|_| Error::HttpProtocolError)?;
    }
    Ok(response)
}
