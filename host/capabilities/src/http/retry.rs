//! Attempts: which requests may be made again, when, and after which pause.
//!
//! Only what a plugin asks for is made again, and only with a method that does the same when done twice.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use super::{Failure, HttpError, HttpRequest, HttpResponse};

/// Further attempts of one request.
const MOST: u8 = 5;
/// Before the first further attempt; twice as much before each next one.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause that nobody asked for.
const LONGEST: Duration = Duration::from_secs(5);

const IDEMPOTENT: [&str; 5] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/// What is left of a request's attempts.
pub(super) struct Retries {
    left: u8,
    pause: Duration,
}

impl Retries {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        if request.retries > 0 && !IDEMPOTENT.contains(&request.method.as_str()) {
            return Err(HttpError::Invalid(format!(
                "{:?} can't be retried, expected a method that does the same when done twice: {}",
                request.method.chars().take(40).collect::<String>(),
                IDEMPOTENT.join(", ")
            )));
        }
        Ok(Self { left: request.retries.min(MOST), pause: FIRST })
    }

    /// How long to wait for the next attempt; none: this was the last.
    pub(super) fn pause(&mut self, result: &Result<HttpResponse, HttpError>) -> Option<Duration> {
        let asked = may_pass(result)?;
        self.left = self.left.checked_sub(1)?;
        let pause = jittered(self.pause).max(asked);
        self.pause = (self.pause * 2).min(LONGEST);
        Some(pause)
    }
}

/// Whether it may go better the next time, and how long the upstream asks to wait.
fn may_pass(result: &Result<HttpResponse, HttpError>) -> Option<Duration> {
    match result {
        Ok(response) if matches!(response.status, 429 | 502 | 503 | 504) => Some(retry_after(response)),
        Err(HttpError::Failed { kind, .. }) => {
            let passing = matches!(kind, Failure::Dns | Failure::Connect | Failure::Timeout | Failure::Reset);
            passing.then_some(Duration::ZERO)
        }
        _ => None,
    }
}

/// In seconds; a date says nothing to a host whose clock may be wrong.
fn retry_after(response: &HttpResponse) -> Duration {
    let header = response.headers.iter().find(|(name, _)| name == "retry-after");
    let seconds = header.and_then(|(_, value)| str::from_utf8(value).ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

/// From half of it to all of it, so that many who failed together don't come back together.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) % 1_000;
    pause / 2 + pause.mul_f64(f64::from(u16::try_from(random).unwrap_or(0)) / 2_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, retries: u8) -> HttpRequest {
        HttpRequest { method: method.to_owned(), retries, ..HttpRequest::default() }
    }

    fn answered(status: u16, after: Option<&str>) -> Result<HttpResponse, HttpError> {
        let after = after.map(|after| ("retry-after".to_owned(), after.as_bytes().to_vec()));
        let headers = after.into_iter().collect();
        Ok(HttpResponse { status, url: String::new(), headers, body: bytes::Bytes::new() })
    }

    fn failed(kind: Failure) -> Result<HttpResponse, HttpError> {
        Err(HttpError::failed(kind, "x"))
    }

    #[test]
    fn pauses_grow_and_attempts_end() {
        let mut retries = Retries::of(&request("GET", 200)).unwrap();
        for ms in [100, 200, 400, 800, 1_600] {
            let pause = retries.pause(&failed(Failure::Connect)).unwrap();
            let most = Duration::from_millis(ms);
            assert!((most / 2..=most).contains(&pause), "{pause:?} of {most:?}");
        }
        assert_eq!(retries.pause(&failed(Failure::Connect)), None);
    }

    #[test]
    fn an_upstream_may_ask_for_more_time() {
        for (after, least) in [(Some("7"), 7), (Some("Fri, 20 Nov 2026 20:00:00 GMT"), 0), (None, 0)] {
            let pause = Retries::of(&request("GET", 1)).unwrap().pause(&answered(503, after)).unwrap();
            assert_eq!(pause.as_secs(), least, "{after:?}");
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (result, again) in [
            (answered(200, None), false),
            (answered(500, None), false),
            (answered(429, None), true),
            (answered(502, None), true),
            (answered(504, None), true),
            (failed(Failure::Reset), true),
            (failed(Failure::Timeout), true),
            (failed(Failure::Dns), true),
            (failed(Failure::Tls), false),
            (failed(Failure::Protocol), false),
            (Err(HttpError::Invalid(String::new())), false),
        ] {
            let pause = Retries::of(&request("PUT", 1)).unwrap().pause(&result);
            assert_eq!(pause.is_some(), again, "{result:?}");
        }
    }

    #[test]
    fn what_does_more_when_done_twice_is_not_tried_twice() {
        for method in ["POST", "PATCH", "get"] {
            assert!(Retries::of(&request(method, 0)).is_ok());
            let error = Retries::of(&request(method, 1)).err().unwrap().to_string();
            assert!(error.starts_with(&format!("{method:?} can't be retried")), "{error}");
        }
    }
}
