//! `http`: requests to other machines, as far as the plugin was granted.

use std::time::Duration;

use cofferdam_capabilities::{
    Budget, HttpBudget, HttpError, HttpRequest, HttpResponse, PluginHttp, Request, budget::Answer,
    http::Failure,
};
use wasmtime::component::HasData;

use super::bindings::cofferdam::plugin::http as wit;
use crate::state::{HostState, HttpReach};

/// What the interface sees of a call: its plugin's way out, what is left of its budgets and its time.
pub(crate) struct HttpView<'a> {
    /// None while the plugin is being loaded: what it says of its tools depends on no other machine.
    reach: Option<&'a HttpReach>,
    request: &'a Request,
    budget: &'a mut Budget,
}

/// The view as the linker wants it named.
pub(super) struct HasHttp;

impl HasData for HasHttp {
    type Data<'a> = HttpView<'a>;
}

pub(super) fn view(state: &mut HostState) -> HttpView<'_> {
    HttpView { reach: state.reach.http.as_ref(), request: &state.request, budget: &mut state.budget }
}

type Answered = Result<wit::Response, wit::Error>;

impl<'a> HttpView<'a> {
    fn open(&self) -> Result<(&'a PluginHttp, &'a HttpBudget), wit::Error> {
        let closed = || wit::Error::Denied("no requests are sent while tools are listed".to_owned());
        self.reach.map(|reach| (&*reach.http, &*reach.budget)).ok_or_else(closed)
    }

    /// The request as the service takes it, with no more time than the call has.
    fn plain(&self, request: wit::Request) -> HttpRequest {
        let left = self.request.remaining();
        let timeout = request.timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        HttpRequest {
            method: request.method,
            url: request.url,
            headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            body: request.body.map(Into::into),
            timeout: Some(timeout.map_or(left, |timeout| timeout.min(left))),
            begins: None,
            redirects: request.redirects,
            retries: request.retries,
        }
    }
}

impl wit::Host for HttpView<'_> {
    async fn send(&mut self, request: wit::Request) -> wasmtime::Result<Answered> {
        self.budget.host_call()?;
        let mut answer = self.budget.answer();
        let (http, budget) = match self.open() {
            Ok(open) => open,
            Err(denied) => return Ok(Err(denied)),
        };
        let sent = http.send(budget, self.plain(request)).await;
        Ok(answered(http, sent, &mut answer))
    }

    async fn send_all(&mut self, requests: Vec<wit::Request>) -> wasmtime::Result<Vec<Answered>> {
        self.budget.host_calls(requests.len().max(1))?;
        let mut answer = self.budget.answer();
        let (http, budget) = match self.open() {
            Ok(open) => open,
            Err(denied) => return Ok(requests.iter().map(|_| Err(denied.clone())).collect()),
        };
        let requests = requests.into_iter().map(|request| self.plain(request)).collect();
        let sent = http.send_all(budget, requests).await;
        Ok(sent.into_iter().map(|sent| answered(http, sent, &mut answer)).collect())
    }
}

/// Pays for what goes back to the guest, before it is copied: one that is too large is an error of its own request.
fn answered(http: &PluginHttp, sent: Result<HttpResponse, HttpError>, answer: &mut Answer) -> Answered {
    let response = sent.map_err(|failure| error(http, &failure))?;
    let left = answer.left();
    match answer.bytes(size(&response)) {
        Ok(()) => Ok(plain(response)),
        Err(_) => Err(error(http, &HttpError::answer(left))),
    }
}

fn size(response: &HttpResponse) -> usize {
    let headers = response.headers.iter().map(|(name, value)| name.len() + value.len());
    headers.sum::<usize>() + response.url.len() + response.body.len()
}

fn plain(response: HttpResponse) -> wit::Response {
    let header = |(name, value)| wit::Header { name, value };
    wit::Response {
        status: response.status,
        url: response.url,
        headers: response.headers.into_iter().map(header).collect(),
        body: response.body.into(),
    }
}

fn error(http: &PluginHttp, error: &HttpError) -> wit::Error {
    let text = http.told(error);
    match error {
        HttpError::Denied(_) | HttpError::Refused { .. } => wit::Error::Denied(text),
        HttpError::Limited { .. } => wit::Error::Limit(text),
        HttpError::Invalid(_) => wit::Error::Invalid(text),
        HttpError::Failed { kind, .. } => match kind {
            Failure::Timeout => wit::Error::Timeout(text),
            Failure::Dns => wit::Error::Dns(text),
            Failure::Connect => wit::Error::Connect(text),
            Failure::Tls => wit::Error::Tls(text),
            Failure::Reset | Failure::Protocol | Failure::Redirects | Failure::Internal => {
                wit::Error::Failed(text)
            }
        },
    }
}
