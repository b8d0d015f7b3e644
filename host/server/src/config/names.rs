//! Hosts and origins as a browser or a client sends them.

use http::uri::Authority;

/// Checks a name by which clients may address the host: `name` or `name:port`.
pub(super) fn host(text: &str) -> Result<(), String> {
    let expected = "expected a host's name or address, with or without a port, such as \"tools.example.com\"";
    if text.contains('*') {
        return Err(format!("{expected} (there is no wildcard: name each host)"));
    }
    let authority: Authority = text.parse().map_err(|_| expected.to_owned())?;
    if authority.host().is_empty() || text.contains('@') || !port_is_fine(&authority) {
        return Err(expected.to_owned());
    }
    Ok(())
}

/// Checks the origin of a web page: `scheme://name`, `scheme://name:port` or `scheme://name:*`.
pub(super) fn origin(text: &str) -> Result<(), String> {
    let expected = "expected the origin of a web page, such as \"https://app.example.com\"";
    let (scheme, rest) = text.split_once("://").ok_or(expected)?;
    if rest.ends_with('/') {
        return Err(format!("{expected}, without a path or a / at its end"));
    }
    let name = rest.strip_suffix(":*").unwrap_or(rest);
    let scheme_is_fine = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric());
    if !scheme_is_fine || rest.contains('/') {
        return Err(expected.to_owned());
    }
    host(name).map_err(|_| expected.to_owned())
}

fn port_is_fine(authority: &Authority) -> bool {
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        _ => authority.port_u16().is_some_and(|port| port > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for good in ["tools.example.com", "tools.example.com:8443", "10.0.0.1", "[2001:db8::1]:80", "box"] {
            assert_eq!(host(good), Ok(()), "{good}");
        }
        for bad in
            ["", "*", "*.example.com", "https://a.example", "a b", "a/b", "u@a", "a:", "a:0", "a:99999"]
        {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_a_scheme_and_no_path() {
        for good in ["https://a.example", "http://a.example:8080", "https://a.example:*", "vscode://file"] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "*",
            "null",
            "a.example",
            "https://",
            "https://a.example/",
            "https://*",
            "https://a/b",
            "://a",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
