//! Decisions of a grant: what is permitted, and what a denial says.

use proptest::prelude::*;

use super::*;

fn grant(lines: &[&str]) -> HttpGrant {
    HttpGrant::parse(PluginId::parse("weather").unwrap(), lines, AddressRule::default()).unwrap()
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn a_permit_holds_what_was_judged_and_the_line_that_allowed_it() {
    let grant = grant(&["POST https://b.example/*", "GET,HEAD https://a.example/v1/*"]);
    let permit = grant.permit("HEAD", &url("https://a.example:443/v1/x?q=1#part")).unwrap();
    assert_eq!(permit.method(), "HEAD");
    assert_eq!(permit.url().as_str(), "https://a.example/v1/x?q=1");
    assert_eq!(permit.pattern(), "GET,HEAD https://a.example/v1/*");
}

#[test]
fn nothing_is_granted_where_nothing_is_written() {
    let denied = grant(&[]).permit("GET", &url("https://a.example/x?key=secret")).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "`weather` may not GET https://a.example/x: it has no grant for HTTP [C0201]; \
         to allow it, run: cofferdam grant weather http 'GET https://a.example/x'"
    );
}

#[test]
fn a_denial_names_the_nearest_miss() {
    let grant = grant(&["GET https://a.example/v1/*", "GET https://*.b.example:8443/*"]);
    for (method, address, why) in [
        ("GET", "https://c.example/", Denial::Host),
        ("GET", "https://b.example:8443/", Denial::Host),
        ("GET", "http://a.example/v1/x", Denial::Scheme),
        ("GET", "https://a.example:8443/v1/x", Denial::Port),
        ("GET", "https://x.b.example/", Denial::Port),
        ("GET", "https://a.example/v2/x", Denial::Path),
        ("DELETE", "https://a.example/v2/x", Denial::Path),
        ("DELETE", "https://a.example/v1/x", Denial::Method),
        ("GET", "https://a.example/v1/..%2fx", Denial::UnclearPath),
        ("get", "https://a.example/v1/x", Denial::UnfitMethod),
        ("TRACE", "https://a.example/v1/x", Denial::UnfitMethod),
        ("GET X", "https://a.example/v1/x", Denial::UnfitMethod),
        ("", "https://a.example/v1/x", Denial::UnfitMethod),
        ("GET", "ftp://a.example/v1/x", Denial::UnfitScheme),
        ("GET", "https://me:secret@a.example/v1/x", Denial::UserInfo),
        ("GET", "https://a.example./v1/x", Denial::TrailingDot),
        ("GET", "https://a'b.example/v1/x", Denial::UnfitHost),
        ("GET", "https://a.example:0/v1/x", Denial::UnfitPort),
    ] {
        let denied = grant.permit(method, &url(address)).unwrap_err();
        assert_eq!(denied.why(), why, "{method} {address}");
        assert!(!denied.to_string().contains("secret"), "{denied}");
        let mendable =
            matches!(why, Denial::Host | Denial::Scheme | Denial::Port | Denial::Path | Denial::Method);
        assert_eq!(denied.remedy().is_some(), mendable, "{denied}");
    }
}

#[test]
fn a_remedy_can_be_pasted_whatever_the_guest_asked_for() {
    for (address, wanted) in [
        ("https://a.example/it's", "https://a.example/*"),
        ("https://a.example/x/';rm -rf ~;'", "https://a.example/x/*"),
        ("https://a.example/x/$(id)`id`", "https://a.example/x/$(id)%60id%60"),
        ("https://a.example/x/a*b/c", "https://a.example/x/*"),
        ("https://a.example:8443", "https://a.example:8443/"),
        ("http://[fd00::1]:80/x", "http://[fd00::1]/x"),
    ] {
        let denied = grant(&[]).permit("GET", &url(address)).unwrap_err();
        assert_eq!(denied.remedy().unwrap(), format!("cofferdam grant weather http 'GET {wanted}'"));
    }
}

#[test]
fn a_denial_stays_short() {
    let long = format!("https://a.example/{}", "deep/".repeat(10_000));
    let denied = grant(&[]).permit("GET", &url(&long)).unwrap_err();
    assert!(denied.to_string().len() < 1000, "{}", denied.to_string().len());
    assert!(denied.remedy().unwrap().ends_with("/deep/*'"));
    let method = grant(&[]).permit(&"X".repeat(10_000), &url("https://a.example/")).unwrap_err();
    assert!(method.to_string().len() < 300);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_remedy_allows_what_was_denied_and_breaks_no_quote(
        method in "GET|POST|DELETE",
        scheme in "https?",
        host in "[a-z]{1,5}\\.[a-z]{2,3}|10\\.[0-9]\\.[0-9]\\.1|\\[fd00::[0-9a-f]{1,4}\\]",
        port in prop_oneof![Just(String::new()), (1..9999_u16).prop_map(|port| format!(":{port}"))],
        path in "(/[a-z0-9*'%;:@$()|^~!\\[\\]\\\\ä\" .-]{0,6}){0,5}",
    ) {
        let asked = url(&format!("{scheme}://{host}{port}{path}"));
        let denied = grant(&["GET https://granted.example/*"]).permit(&method, &asked).unwrap_err();
        if let Some(remedy) = denied.remedy() {
            let line = remedy.strip_prefix("cofferdam grant weather http '").unwrap().strip_suffix('\'').unwrap();
            prop_assert!(!line.contains('\'') && !line.contains(char::is_control), "{}", remedy);
            prop_assert!(grant(&[line]).permit(&method, &asked).is_ok(), "{} does not allow {}", line, asked);
        } else {
            prop_assert!(crate::host_pattern::path::may_climb(asked.path()), "{}", denied);
        }
    }
}
