//! Patterns: what reads as one, and what each covers, against a table of tricks and an oracle.

use proptest::prelude::*;

use super::*;

fn pattern(text: &str) -> HttpPattern {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn problem(text: &str) -> String {
    let error = text.parse::<HttpPattern>().unwrap_err().to_string();
    error.split_once(" is not a grant for HTTP: ").unwrap().1.to_owned()
}

/// Whether the line covers `GET url`; an address that doesn't parse covers nothing.
fn covers(line: &str, method: &str, url: &str) -> bool {
    let target = Url::parse(url).ok().and_then(|url| Target::of(&url).ok());
    target.is_some_and(|target| pattern(line).covers(method, &target).is_ok())
}

#[test]
fn a_line_is_shown_as_it_is_meant() {
    for (written, shown) in [
        ("GET https://api.example.com/*", "GET https://api.example.com/*"),
        ("  GET   https://API.Example.com:443/*  ", "GET https://api.example.com/*"),
        ("GET,POST,GET https://*.example.com:8443/v1/*", "GET,POST https://*.example.com:8443/v1/*"),
        ("* http://example.com/", "* http://example.com/"),
        ("GET https://bücher.example/*", "GET https://xn--bcher-kva.example/*"),
        ("GET http://10.1.2.3:8080/health", "GET http://10.1.2.3:8080/health"),
        ("GET http://[fd00::1]:8080/*", "GET http://[fd00::1]:8080/*"),
        ("GET https://[2606:4700::1]/*", "GET https://[2606:4700::1]/*"),
        ("M-SEARCH http://service_1.example.com/@me/*", "M-SEARCH http://service_1.example.com/@me/*"),
        ("GET https://*/* dangerous-any", "GET https://*/* dangerous-any"),
        ("GET https://*.com/* dangerous-any", "GET https://*.com/* dangerous-any"),
    ] {
        let read = pattern(written);
        assert_eq!(read.to_string(), shown);
        assert_eq!(pattern(shown), read);
    }
}

#[test]
fn a_line_with_a_mistake_is_refused_with_what_to_write() {
    for (line, what) in [
        ("", "expected `METHODS ADDRESS`, such as `GET https://api.example.com/*`"),
        ("GET", "expected `METHODS ADDRESS`, such as `GET https://api.example.com/*`"),
        (
            "GET POST https://a.example/*",
            "expected `METHODS ADDRESS`, such as `GET https://api.example.com/*`",
        ),
        (
            "https://a.example/*",
            "it names no method, write `GET https://a.example/*` or `* https://a.example/*`",
        ),
        ("get https://a.example/*", "the method \"get\" is written `GET`"),
        ("GET,,POST https://a.example/*", "\"\" is no method, expected such as `GET`, `GET,POST` or `*`"),
        ("GET,* https://a.example/*", "\"*\" is no method, expected such as `GET`, `GET,POST` or `*`"),
        (
            "CONNECT https://a.example/*",
            "\"CONNECT\" is no method, expected such as `GET`, `GET,POST` or `*`",
        ),
        ("GET a.example/*", "the address has no scheme, write `https://a.example/*`"),
        ("GET ftp://a.example/*", "the scheme is \"ftp\", expected `https` or `http`"),
        ("GET HTTPS://a.example/*", "the scheme is \"HTTPS\", expected `https` or `http`"),
        ("GET *://a.example/*", "the scheme is \"*\", expected `https` or `http`"),
        (
            "GET https://a.example",
            "it has no path, write `https://a.example/*` for all of the host or `https://a.example/`",
        ),
        (
            "GET https://a.example/x?q=*",
            "the address has '?', expected host, port and path: queries are not matched",
        ),
        (
            "GET https://a.example\\@b.example/*",
            "the address has '\\\\', expected host, port and path: queries are not matched",
        ),
        (
            "GET https://u@a.example/*",
            "the address has a user name, leave it out: a plugin sends its own headers",
        ),
        ("GET https://a.example:*/*", "the port is \"*\", expected 1 to 65535"),
        ("GET https://a.example:0/*", "the port is \"0\", expected 1 to 65535"),
        ("GET https://a.example:0443/*", "the port is \"0443\", expected 1 to 65535"),
        ("GET https://a.example:+443/*", "the port is \"+443\", expected 1 to 65535"),
        ("GET https://a.example:65536/*", "the port is \"65536\", expected 1 to 65535"),
        ("GET https://a.example:/*", "the port is \"\", expected 1 to 65535"),
        ("GET https://[::1]x/*", "\"x\" follows the host, expected a port such as `:8443`"),
        (
            "GET https://a.*.example/*",
            "the host is \"a.*.example\", expected a `*` only for whole labels in front, such as `*.example.com`",
        ),
        (
            "GET https://*a.example/*",
            "the host is \"*a.example\", expected a `*` only for whole labels in front, such as `*.example.com`",
        ),
        (
            "GET https://*.*.example/*",
            "the host is \"*.*.example\", expected a `*` only for whole labels in front, such as `*.example.com`",
        ),
        ("GET https://*.1.2.3.4/*", "\"1.2.3.4\" is an address, which has no names below it"),
        ("GET https://0x7f.1/*", "the host is \"0x7f.1\", write `127.0.0.1`"),
        ("GET https://2130706433/*", "the host is \"2130706433\", write `127.0.0.1`"),
        ("GET https://[0:0::1]/*", "the host is \"[0:0::1]\", write `[::1]`"),
        ("GET https://a.example/v1*", "the path is \"/v1*\", expected a `*` only at the end, as in `/v1/*`"),
        ("GET https://a.example/*/x", "the path is \"/*/x\", expected a `*` only at the end, as in `/v1/*`"),
        (
            "GET https://a.example/v1/../*",
            "the path is \"/v1/../*\", expected one without `.` and `..`, encoded or not",
        ),
        (
            "GET https://a.example/%2e%2e/*",
            "the path is \"/%2e%2e/*\", expected one without `.` and `..`, encoded or not",
        ),
        ("GET https://a.example/ä/*", "the path is \"/ä/*\", write `/%C3%A4/*`"),
        ("GET https://a.example/* dangerous-any", "`dangerous-any` is for wider patterns, leave it out"),
    ] {
        assert_eq!(problem(line), what, "{line}");
    }
    for bad in [
        "a.example.",
        "",
        "a..example",
        "a%2eexample",
        "a'b.example",
        "*.",
        "$(x).example",
        "-.*",
        "[::1",
        "a:b",
    ] {
        assert!(format!("GET https://{bad}/*").parse::<HttpPattern>().is_err(), "{bad}");
    }
}

#[test]
fn what_opens_hosts_that_nobody_named_needs_the_dangerous_word() {
    for line in ["* https://*/*", "GET https://*.com/*", "GET http://*:8080/x", "GET https://*.localhost/*"] {
        assert_eq!(
            problem(line),
            "it opens hosts that nobody has named; name them, or write `dangerous-any` behind it if you mean that"
        );
        assert!(pattern(&format!("{line} dangerous-any")).is_dangerous());
    }
    assert!(covers("GET https://*/* dangerous-any", "GET", "https://any.example/x"));
    assert!(
        !covers("GET https://*/* dangerous-any", "GET", "http://any.example/x"),
        "any host, not any scheme"
    );
    assert!(!covers("GET https://*/* dangerous-any", "GET", "https://any.example:8443/"), "nor any port");
}

#[test]
fn a_huge_line_is_refused_in_few_words() {
    let line = format!("GET https://{}/*", "a".repeat(10_000));
    assert!(line.parse::<HttpPattern>().unwrap_err().to_string().len() < 400);
}

#[test]
fn tricks_with_hosts_cover_nothing() {
    let line = "GET https://api.example.com/*";
    for url in [
        "https://api.example.com/",
        "https://api.example.com:443/x",
        "https://API.EXAMPLE.COM/x",
        "https://%61pi.example.com/x",
        "https://api。example。com/x",
        "https:api.example.com/x",
        "https:\\\\api.example.com\\x",
        "https://api.example.com\\@evil.example/",
        "https://api.exa\tmple.com/x",
        "https://@api.example.com/x",
        "https://api.example.com/x#@evil.example",
        "https://api.example.com/x?@evil.example",
    ] {
        assert!(covers(line, "GET", url), "{url}");
    }
    for url in [
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://api.example.com:0/",
        "https://api.example.com./",
        "https://api.example.com%2e/",
        "https://api.example.com..evil.example/",
        "https://evil-api.example.com/",
        "https://api.example.com.evil.example/",
        "https://apiXexample.com/",
        "https://api.example.com@evil.example/",
        "https://api.example.com%40evil.example/",
        "https://evil.example\\@api.example.com/",
        "https://evil.example#@api.example.com/",
        "https://evil.example?@api.example.com/",
        "https://user:password@api.example.com/",
        "https://user@api.example.com/",
        "https://:password@api.example.com/",
        "https://example.com/",
        "https://x.api.example.com/",
        "https://аpi.example.com/", // the first letter is Cyrillic
        "https://api.examplе.com/",
        "https://api.example.com\u{200b}.evil.example/",
        "ftp://api.example.com/",
        "wss://api.example.com/",
        "file://api.example.com/",
        "data:text/plain,api.example.com",
        "https://",
        "//api.example.com/",
    ] {
        assert!(!covers(line, "GET", url), "{url}");
    }
}

#[test]
fn a_wildcard_is_strictly_below_a_label_boundary() {
    let line = "GET https://*.example.com/*";
    for url in ["https://a.example.com/", "https://a.b.example.com/", "https://xn--bcher-kva.example.com/"] {
        assert!(covers(line, "GET", url), "{url}");
    }
    for url in [
        "https://example.com/",
        "https://.example.com/",
        "https://aexample.com/",
        "https://a.example.com.evil.example/",
        "https://a.example.com./",
        "https://a..example.com/",
        "https://a'b.example.com/",
        "https://$(id).example.com/",
        "https://*.example.com/",
        "https://a.example.org/",
    ] {
        assert!(!covers(line, "GET", url), "{url}");
    }
}

#[test]
fn an_address_is_one_address_however_it_is_spelled() {
    let line = "GET http://127.0.0.1:8080/*";
    for host in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "①②⑦.0.0.1", "127.0.0.1."]
    {
        assert!(covers(line, "GET", &format!("http://{host}:8080/")), "{host}");
    }
    for host in
        ["127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "localhost", "127.0.0.1.example", "127.0.0.1.nip.io"]
    {
        assert!(!covers(line, "GET", &format!("http://{host}:8080/")), "{host}");
    }
}

#[test]
fn a_folder_cannot_be_left_in_any_reading() {
    let line = "GET https://a.example/v1/*";
    for path in [
        "/v1/",
        "/v1/x",
        "/v1/x?/../../admin",
        "/v1//x",
        "/v1/group%2Fproject",
        "/v1/%41",
        "/v1/...",
        "/v1/.hidden",
        "/v1/a..b",
        "/v1/x/../y",
        "/v2/../v1/x",
        "/v1/100%",
        "/v1/%E2%82%AC",
    ] {
        assert!(covers(line, "GET", &format!("https://a.example{path}")), "{path}");
    }
    for path in [
        "/",
        "/v1",
        "/v10",
        "/V1/x",
        "/%761/x",
        "/v1%2fx",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/.%2e/admin",
        "/v1\\..\\admin",
        "/v1/..%2fadmin",
        "/v1/%2e%2e%2fadmin",
        "/v1/%2E%2E%5Cadmin",
        "/v1/x%2f..%2f..%2fadmin",
        "/v1/..%5cadmin",
        "/v1/%252e%252e%252fadmin",
        "/v1/%252e%252e/admin",
        "/v1/%25252e%25252e%25252fadmin",
        "/v1/%2525252525252e",
        "/v1/..;/admin",
        "/v1/..;x=y/admin",
        "/v1/%2e%2e%3b/admin",
        "/v1/%2e%2e%20/admin",
        "/v1/%c0%ae%c0%ae/admin",
        "/v1/%ff",
        "/v1/x%00",
        "/v1/x%0d%0aHost:%20evil",
        "/v1/%2e%2fx",
    ] {
        assert!(!covers(line, "GET", &format!("https://a.example{path}")), "{path}");
    }
    assert!(
        covers("GET https://a.example/*", "GET", "https://a.example/x%2f..%2fy"),
        "the host has no outside"
    );
}

#[test]
fn an_exact_path_is_that_path_alone() {
    let line = "GET https://a.example/v1/search";
    for (path, covered) in [
        ("/v1/search", true),
        ("/v1/search?q=x", true),
        ("/v1/search/", false),
        ("/v1/searching", false),
        ("/v1/%73earch", false),
    ] {
        assert_eq!(covers(line, "GET", &format!("https://a.example{path}")), covered, "{path}");
    }
}

#[test]
fn methods_match_as_they_are_written() {
    for (methods, method, covered) in [
        ("GET", "GET", true),
        ("GET", "get", false),
        ("GET", "HEAD", false),
        ("GET,POST", "POST", true),
        ("*", "DELETE", true),
    ] {
        assert_eq!(covers(&format!("{methods} https://a.example/*"), method, "https://a.example/"), covered);
    }
}

/// An independent reading of host rules: label lists compared from the right.
fn oracle_host(rule: &str, host: &str) -> bool {
    let reversed = |text: &str| text.split('.').rev().map(str::to_owned).collect::<Vec<_>>();
    match rule.strip_prefix("*.") {
        None => reversed(rule) == reversed(host),
        Some(suffix) => {
            let (suffix, host) = (reversed(suffix), reversed(host));
            host.len() > suffix.len() && host[..suffix.len()] == suffix[..]
        }
    }
}

/// Servers that read a path in other ways: decode it `rounds` times, turn backslashes, cut at semicolons, then
/// resolve dots; gives the folders that it ends up in.
fn oracle_resolve(path: &str, rounds: usize, turn: bool, cut: bool) -> String {
    let mut text = path.to_owned();
    for _ in 0..rounds {
        text = percent_decode(&text);
    }
    if turn {
        text = text.replace('\\', "/");
    }
    let mut stack: Vec<&str> = Vec::new();
    for segment in text.split('/').skip(1) {
        match if cut { segment.split(';').next().unwrap() } else { segment } {
            ".." => drop(stack.pop()),
            "." => {}
            segment => stack.push(segment),
        }
    }
    format!("/{}", stack.join("/"))
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes().collect::<std::collections::VecDeque<_>>();
    while let Some(byte) = bytes.pop_front() {
        let digits: String = bytes.iter().take(2).map(|b| char::from(*b)).collect();
        match u8::from_str_radix(&digits, 16) {
            Ok(value) if byte == b'%' && digits.len() == 2 && !digits.starts_with('+') => {
                out.push(value);
                bytes.drain(..2);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hosts_match_as_lists_of_labels_do(
        wild in any::<bool>(),
        rule in prop::collection::vec("[ab]", 2..4),
        host in prop::collection::vec("[ab]|aa", 1..6),
    ) {
        let rule = format!("{}{}", if wild { "*." } else { "" }, rule.join("."));
        let host = host.join(".");
        let covered = covers(&format!("GET https://{rule}/*"), "GET", &format!("https://{host}/"));
        prop_assert_eq!(covered, oracle_host(&rule, &host), "{} {}", rule, host);
    }

    #[test]
    fn a_covered_path_stays_in_its_folder_for_every_server(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "/", "..", ".", "%2e", "%2E", "%2f", "%5c", "%252e", "%252f", "%25", "2e", "2f", ";", "%3b", "a", "v1", "\\", "%",
            ]),
            0..10,
        ),
    ) {
        let path = format!("/v1/{}", parts.concat());
        if let Ok(url) = Url::parse(&format!("https://a.example{path}"))
            && covers("GET https://a.example/v1/*", "GET", url.as_str())
        {
            for (rounds, turn, cut) in (0..4).flat_map(|r| [(r, false, false), (r, true, false), (r, false, true), (r, true, true)]) {
                let end = oracle_resolve(url.path(), rounds, turn, cut);
                prop_assert!(end == "/v1" || end.starts_with("/v1/"), "{} ends at {}", url, end);
            }
        }
    }

    #[test]
    fn any_text_is_a_line_or_an_error_and_a_line_reads_back(text in ".{0,60}|[A-Z*,]{1,6} https?://[a-z0-9.*:\\[\\]-]{1,20}/[a-z*%./]{0,12}( dangerous-any)?") {
        if let Ok(read) = text.parse::<HttpPattern>() {
            prop_assert_eq!(read.to_string().parse::<HttpPattern>(), Ok(read));
        }
    }
}
