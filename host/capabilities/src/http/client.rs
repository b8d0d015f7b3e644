//! One plugin's client: permits, sends, follows, reads.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cofferdam_policy::{HttpGrant, HttpLimits, HttpPermit, limits::http::REDIRECTS, units::Quantity};
use futures::future::join_all;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use super::{
    Bound, Failure, Gathering, HttpBudget, HttpError, HttpLimit, HttpRequest, HttpResponse, HttpService,
    body::{self, Bounds},
    egress::Egress,
    head::Hop,
    redirect,
    retry::Retries,
    scrub::Scrubber,
};

/// How long a connection waits for another request.
const IDLE: Duration = Duration::from_secs(30);
/// Connections to one host that wait for another request.
const IDLE_PER_HOST: usize = 32;
/// Bytes that an HTTP/2 upstream may send before somebody reads them: per stream, and per connection.
const HTTP2_STREAM: u32 = 1 << 20;
const HTTP2_CONNECTION: u32 = 4 << 20;

/// The way out of one plugin.
pub struct PluginHttp {
    grant: HttpGrant,
    bound: Bound,
    scrubber: Option<Scrubber>,
    limits: HttpLimits,
    client: Client<Egress, Full<Bytes>>,
    running: Arc<Semaphore>,
}

impl std::fmt::Debug for PluginHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHttp").field("plugin", self.grant.plugin()).finish_non_exhaustive()
    }
}

impl PluginHttp {
    pub(super) fn new(service: &HttpService, grant: HttpGrant, bound: Bound, limits: HttpLimits) -> Self {
        let egress = Egress::new(service, grant.clone(), limits.clone());
        let running = usize::try_from(limits.concurrent.value()).unwrap_or(1);
        Self {
            client: pooled(egress, &limits),
            grant,
            scrubber: bound.scrubber(),
            bound,
            limits,
            running: Arc::new(Semaphore::new(running)),
        }
    }

    /// What it may do.
    #[must_use]
    pub fn grant(&self) -> &HttpGrant {
        &self.grant
    }

    /// How much it may use; a call's [`HttpBudget`] starts from these.
    #[must_use]
    pub fn limits(&self) -> &HttpLimits {
        &self.limits
    }

    /// An error as the plugin may read it: a redirect may have led to an address with a secret in it.
    #[must_use]
    pub fn told(&self, error: &HttpError) -> String {
        let text = error.to_string();
        self.scrubber.as_ref().map_or_else(|| text.clone(), |scrubber| scrubber.text(&text))
    }

    /// Takes a request's body that comes in pieces.
    #[must_use]
    pub fn gather<'a>(&'a self, budget: &'a HttpBudget) -> Gathering<'a> {
        Gathering::new(&self.limits, budget)
    }

    /// Sends one request and reads its response, as often as it may be tried. Dropping the future ends all of it.
    ///
    /// # Errors
    /// [`HttpError`]: denied, refused, limited, invalid or failed.
    pub async fn send(&self, budget: &HttpBudget, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let _mine = budget.place().await?;
        let limit = self.limits.deadline.duration();
        let deadline = Instant::now() + request.timeout.map_or(limit, |asked| asked.min(limit));
        let _running = match timeout_at(deadline, self.running.acquire()).await {
            Ok(Ok(place)) => place,
            _ => return Err(HttpLimit::Concurrent.reached(&self.limits)),
        };
        let bounds = Bounds { limits: &self.limits, budget, deadline, begins: request.begins };
        let mut retries = Retries::of(&request)?;
        let first = self.first(&request)?;
        loop {
            let result = self.follow(first.clone(), request.redirects.min(REDIRECTS), bounds).await;
            let again = retries.pause(&result).map(|pause| Instant::now() + pause);
            match again.filter(|again| *again < deadline) {
                Some(again) => tokio::time::sleep_until(again).await,
                None => return Ok(self.scrubbed(result?)),
            }
        }
    }

    fn first(&self, request: &HttpRequest) -> Result<Hop, HttpError> {
        let hop = Hop::first(request, &self.limits)?;
        // A coding that the plugin takes off would hide an echo.
        if self.scrubber.is_some() && !hop.decode {
            return Err(HttpError::Invalid(
                "the header \"accept-encoding\" is the host's to set where the operator bound a secret, leave it out"
                    .to_owned(),
            ));
        }
        Ok(hop)
    }

    /// Without what the operator keeps from the plugin.
    fn scrubbed(&self, response: HttpResponse) -> HttpResponse {
        let Some(scrubber) = &self.scrubber else { return response };
        let header = |(name, value): (String, Vec<u8>)| (name, scrubber.bytes(value.into()).to_vec());
        HttpResponse {
            status: response.status,
            url: scrubber.text(&response.url),
            headers: response.headers.into_iter().map(header).collect(),
            body: scrubber.bytes(response.body),
        }
    }

    /// The lines whose bound headers go along with a hop.
    fn lines(hop: &Hop, permit: &HttpPermit) -> Vec<usize> {
        let stays = |line: &usize| hop.bound.as_ref().is_none_or(|before| before.contains(line));
        permit.lines().iter().copied().filter(stays).collect()
    }

    /// Sends all of them at the same time, as far as there are places; the results are in the order of the
    /// requests. One that fails doesn't concern the others. Those that the call can't pay for aren't begun.
    pub async fn send_all(
        &self,
        budget: &HttpBudget,
        requests: Vec<HttpRequest>,
    ) -> Vec<Result<HttpResponse, HttpError>> {
        let (all, paid) = (requests.len(), budget.requests_left());
        let sending = requests.into_iter().take(paid).map(|request| self.send(budget, request));
        let mut results = join_all(sending).await;
        results.resize_with(all, || Err(HttpLimit::Requests.reached(&self.limits)));
        results
    }

    async fn follow(
        &self,
        mut hop: Hop,
        redirects: u8,
        bounds: Bounds<'_>,
    ) -> Result<HttpResponse, HttpError> {
        let mut left = redirects;
        loop {
            let (permit, response) = self.exchange(&hop, bounds).await?;
            let lines = Self::lines(&hop, &permit);
            let next = match redirects {
                // Whoever follows by hand gets to see what the redirect says.
                0 => None,
                _ => redirect::next(&hop, response.status(), response.headers())?,
            };
            let Some(next) = next else { return self.finish(&hop, &permit, response, bounds).await };
            left = left.checked_sub(1).ok_or_else(|| {
                HttpError::failed(Failure::Redirects, format!("expected at most {redirects}"))
            })?;
            let within = next.url.origin() == hop.url.origin();
            hop = Hop { bound: Some(if within { lines } else { Vec::new() }), ..next };
        }
    }

    /// One hop, up to the head of its response.
    async fn exchange(
        &self,
        hop: &Hop,
        bounds: Bounds<'_>,
    ) -> Result<(HttpPermit, Response<Incoming>), HttpError> {
        bounds.budget.request(&self.limits)?;
        let permit = self.grant.permit(&hop.method, &hop.url)?;
        bounds.budget.bytes(hop.body.len(), &self.limits)?;
        let lines = Self::lines(hop, &permit);
        self.bound.check(&lines, &hop.headers)?;
        let mut request = message(&permit, hop)?;
        self.bound.add(&lines, request.headers_mut());
        let answered = timeout_at(bounds.beginning(), self.client.request(request)).await;
        let response = answered
            .map_err(|_| bounds.late("the response did not begin"))?
            .map_err(|error| HttpError::from_exchange(&error, &self.limits))?;
        check_head(response.headers(), &self.limits)?;
        tracing::debug!(
            target: "cofferdam::http",
            plugin = %self.grant.plugin(), method = permit.method(), host = permit.url().host_str(),
            status = response.status().as_u16(), grant = permit.pattern(), "an upstream answered",
        );
        Ok((permit, response))
    }

    async fn finish(
        &self,
        hop: &Hop,
        permit: &HttpPermit,
        response: Response<Incoming>,
        bounds: Bounds<'_>,
    ) -> Result<HttpResponse, HttpError> {
        let (head, body) = response.into_parts();
        let mut headers = head.headers;
        let mut body = match has_body(permit.method(), head.status) {
            true => body::read(body, bounds).await?,
            false => Bytes::new(),
        };
        if hop.decode {
            body = body::decoded(body, &mut headers, bounds).await?;
        }
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Ok(HttpResponse {
            status: head.status.as_u16(),
            url: permit.url().to_string(),
            headers: headers.collect(),
            body,
        })
    }
}

fn pooled(egress: Egress, limits: &HttpLimits) -> Client<Egress, Full<Bytes>> {
    let head = u32::try_from(limits.response_headers.value()).unwrap_or(u32::MAX);
    let count = usize::try_from(limits.header_count.value()).unwrap_or(100);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .http1_max_headers(count)
        // The library takes no less.
        .http1_max_buf_size((head as usize).max(8 << 10))
        .http2_max_header_list_size(head)
        .http2_initial_stream_window_size(HTTP2_STREAM)
        .http2_initial_connection_window_size(HTTP2_CONNECTION)
        .build(egress)
}

/// The message of a permit: address and method are those that were judged.
fn message(permit: &HttpPermit, hop: &Hop) -> Result<Request<Full<Bytes>>, HttpError> {
    let invalid = |what: &str| HttpError::Invalid(format!("the {what} can't be sent"));
    let uri: Uri = permit.url().as_str().parse().map_err(|_| invalid("address"))?;
    // Two parsers have read it; they must mean the same place.
    if uri.host() != permit.url().host_str() || uri.port_u16() != permit.url().port() {
        return Err(invalid("address"));
    }
    let method = Method::from_bytes(permit.method().as_bytes()).map_err(|_| invalid("method"))?;
    let mut request = Request::new(Full::new(hop.body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = hop.headers.clone();
    Ok(request)
}

fn check_head(headers: &HeaderMap, limits: &HttpLimits) -> Result<(), HttpError> {
    if headers.len() as u64 > limits.header_count.value() {
        return Err(HttpLimit::HeaderCount.reached(limits));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes as u64 > limits.response_headers.value() {
        return Err(HttpLimit::ResponseHeaders.reached(limits));
    }
    Ok(())
}

/// Some responses only say how long their body would have been.
fn has_body(method: &str, status: StatusCode) -> bool {
    method != "HEAD" && !matches!(status.as_u16(), 204 | 304)
}
