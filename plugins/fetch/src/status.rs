//! A status of 400 or more, in words that say what to do.

use cofferdam_readable::{Document, decode, plain_line};
use cofferdam_sdk::{Response, ToolError};

/// Characters of what the server itself says.
const SAID: usize = 200;

/// The error that a response is.
pub(crate) fn error(response: &Response) -> ToolError {
    let status = response.status;
    let url = response.url.split(['?', '#']).next().unwrap_or_default();
    let words = match status {
        401 | 403 => {
            "it needs credentials, or doesn't let programs in; an operator can bind a secret to the plugin's grant"
        }
        404 | 410 => {
            "there is no such page; check the address, or look for it with `links` on the page above"
        }
        405 | 406 => "it isn't there to be read like this",
        429 => "too many requests for now",
        451 => "it may not be shown for legal reasons",
        500.. => "the server has a problem; it may work later",
        _ => "the server refuses the request",
    };
    let wait =
        response.header("retry-after").map(|wait| format!("; it says to wait: {}", plain_line(wait, 40)));
    let text = format!("{url} answered {status}: {words}{}{}", wait.unwrap_or_default(), said(response));
    match status {
        404 | 410 => ToolError::not_found(text),
        429 | 500.. => ToolError::unavailable(text),
        _ => ToolError::failed(text),
    }
}

/// What the server says itself: the title of a page, or the first line of a text.
fn said(response: &Response) -> String {
    let kind = response.header("content-type");
    let start = response.body.get(..64 * 1024).unwrap_or(&response.body);
    let text = decode(start, kind);
    let is_html = kind.is_some_and(|kind| kind.contains("html"));
    let said = match is_html {
        true => Document::parse(&text, &response.url).title(),
        false => text.lines().map(|text| plain_line(text, SAID)).find(|line| !line.is_empty()),
    };
    said.map(|said| format!("; the server says: {}", plain_line(&said, SAID))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, kind: &str, body: &str) -> ToolError {
        let response = Response::new(status, body.as_bytes().to_vec()).with_header("content-type", kind);
        error(&Response { url: "https://a.example/x?key=secret".to_owned(), ..response })
    }

    #[test]
    fn a_status_is_told_with_what_to_do_and_what_the_server_says() {
        assert_eq!(
            of(404, "text/html", "<title>Not  here</title><h1>x"),
            ToolError::not_found(
                "https://a.example/x answered 404: there is no such page; check the address, or look for it with `links` on the page above; the server says: Not here"
            )
        );
        assert_eq!(
            of(500, "text/plain", "\n\n oops\u{7} \nmore"),
            ToolError::unavailable(
                "https://a.example/x answered 500: the server has a problem; it may work later; the server says: oops"
            )
        );
        assert_eq!(
            of(418, "", ""),
            ToolError::failed("https://a.example/x answered 418: the server refuses the request")
        );
    }

    #[test]
    fn the_time_to_wait_is_passed_on() {
        let response = Response::new(429, Vec::new()).with_header("retry-after", "30");
        let ToolError::Unavailable(text) = error(&response) else { panic!("{response:?}") };
        assert!(text.ends_with("too many requests for now; it says to wait: 30"), "{text}");
    }
}
