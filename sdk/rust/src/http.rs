//! The handle `Http`: requests to other machines, as far as the operator allows.

mod request;
mod response;

pub use request::Request;
pub use response::{Body, Response};

use crate::handle::{Handle, Scope};
use crate::{Result, ToolError};

/// Requests over HTTP. The operator allows them line by line; what no line covers is [`ToolError::Denied`], and the text
/// says which command would allow it.
///
/// Say what a tool wants with `#[tool(http("METHODS ADDRESS"))]`, so that an operator is shown what to allow.
/// The host finds the address, follows redirects, takes compression off, and adds the credentials that the operator bound to
/// an address: a plugin never has them. Each request ends at the operator's deadline at the latest.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Place {
///     city: String,
/// }
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// struct Forecast {
///     celsius: f64,
/// }
///
/// /// The weather of tomorrow.
/// #[tool(read_only, http("GET https://api.example.com/v1/*"))]
/// fn forecast(place: Place, http: Http) -> Result<Forecast> {
///     http.get("https://api.example.com/v1/forecast")
///         .query("city", place.city)
///         .timeout(seconds(5))
///         .retries(2)
///         .json()
/// }
///
/// # fn main() {
/// let host = cofferdam_sdk::mock::Host::new()
///     .http("GET https://api.example.com/v1/*", 200, json!({"celsius": 4.5}));
/// assert_eq!(host.call::<forecast>(json!({"city": "Oslo"})).unwrap().celsius, 4.5);
/// assert_eq!(host.requests()[0].url, "https://api.example.com/v1/forecast?city=Oslo");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Http {
    scope: Scope,
}

impl Http {
    /// A request with the method GET.
    pub fn get(&self, url: impl Into<String>) -> Request {
        self.request("GET", url)
    }

    /// A request with the method HEAD.
    pub fn head(&self, url: impl Into<String>) -> Request {
        self.request("HEAD", url)
    }

    /// A request with the method POST.
    pub fn post(&self, url: impl Into<String>) -> Request {
        self.request("POST", url)
    }

    /// A request with the method PUT.
    pub fn put(&self, url: impl Into<String>) -> Request {
        self.request("PUT", url)
    }

    /// A request with the method PATCH.
    pub fn patch(&self, url: impl Into<String>) -> Request {
        self.request("PATCH", url)
    }

    /// A request with the method DELETE.
    pub fn delete(&self, url: impl Into<String>) -> Request {
        self.request("DELETE", url)
    }

    /// A request with any method, in upper case.
    pub fn request(&self, method: impl Into<String>, url: impl Into<String>) -> Request {
        Request::new(self.scope.clone(), method.into(), url.into())
    }

    /// Send many at the same time, as many as the operator allows. The responses are in the order of the requests; one
    /// that fails doesn't concern the others.
    ///
    /// ```
    /// # use cofferdam_sdk::prelude::*;
    /// # let host = cofferdam_sdk::mock::Host::new()
    /// #     .http("GET https://a.example/*", 200, "a").http("GET https://b.example/*", 503, "b");
    /// # let http: Http = host.handle();
    /// let pages = ["https://a.example/", "https://b.example/"].map(|url| http.get(url));
    /// let mut statuses = Vec::new();
    /// for page in http.send_all(pages) {
    ///     statuses.push(page?.status);
    /// }
    /// assert_eq!(statuses, [200, 503]);
    /// # Ok::<(), ToolError>(())
    /// ```
    pub fn send_all(&self, requests: impl IntoIterator<Item = Request>) -> Vec<Result<Response>> {
        let ready: Vec<_> = requests.into_iter().map(Request::into_parts).collect();
        let good = ready.iter().filter_map(|parts| parts.as_ref().ok()).cloned().collect();
        let mut sent = self.scope.http_send_all(good).into_iter();
        let missing = || Err(ToolError::failed("the host gave fewer responses than there were requests"));
        let answer = |parts: Result<Parts>| {
            parts?;
            sent.next().unwrap_or_else(missing)
        };
        ready.into_iter().map(answer).collect()
    }
}

impl Handle for Http {
    fn open(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

/// A request as the host takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout_ms: Option<u32>,
    pub(crate) redirects: u8,
    pub(crate) retries: u8,
}
