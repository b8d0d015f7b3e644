//! A line, a method and an address: what is permitted is what the line names, by an oracle of a few lines.

#![no_main]

use arbitrary::Arbitrary;
use cofferdam_fuzz::host_is_named;
use cofferdam_policy::{AddressRule, HttpGrant, PluginId};
use libfuzzer_sys::fuzz_target;
use url::Url;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    line: Line<'a>,
    method: &'a str,
    address: Address<'a>,
}

/// Of what is found by chance alone, little reads.
#[derive(Debug, Arbitrary)]
enum Line<'a> {
    Free(&'a str),
    Made { wild: bool, host: &'a str, path: &'a str, folder: bool },
}

#[derive(Debug, Arbitrary)]
enum Address<'a> {
    Free(&'a str),
    Below(&'a str),
}

impl Line<'_> {
    fn text(&self) -> String {
        match self {
            Self::Free(text) => (*text).to_owned(),
            Self::Made { wild, host, path, folder } => {
                let (wild, folder) = (if *wild { "*." } else { "" }, if *folder { "/*" } else { "" });
                format!("GET,HEAD https://{wild}{host}.example.com/{path}{folder}")
            }
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let line = input.line.text();
    let Ok(plugin) = PluginId::parse("p") else { return };
    let Ok(grant) = HttpGrant::parse(plugin, [&line], AddressRule::default()) else { return };
    let shown = grant.patterns()[0].to_string();
    let mut words = shown.split(' ');
    let (methods, rule) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let text = match input.address {
        Address::Free(text) => text.to_owned(),
        Address::Below(text) => format!("{}{text}", rule.trim_end_matches('*').replace("//*.", "//a.")),
    };
    let Ok(url) = Url::parse(&text) else { return };
    let permit = match grant.permit(input.method, &url) {
        Ok(permit) => permit,
        Err(denied) => {
            // It is read by people and pasted into shells.
            assert!(!denied.to_string().chars().any(char::is_control), "{denied}");
            return;
        }
    };
    let (scheme, rest) = rule.split_once("://").expect("a line has a scheme");
    let (host, path) = rest.split_once('/').expect("a line has a path");
    let host =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host);
    let sent = permit.url();
    assert_eq!(sent.scheme(), scheme);
    assert!(methods == "*" || methods.split(',').any(|method| method == permit.method()), "{methods}");
    assert!(host_is_named(host, sent.host_str().unwrap_or_default()), "{host} {sent}");
    assert!(sent.username().is_empty() && sent.password().is_none() && sent.fragment().is_none());
    match path.strip_suffix('*') {
        Some(folder) => {
            assert!(sent.path().starts_with(&format!("/{folder}")), "{path} {sent}");
            let decoded =
                sent.path().to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
            assert!(!decoded.split(['/', '\\']).any(|part| part == ".." || part == "."), "{sent}");
        }
        None => assert_eq!(sent.path(), format!("/{path}")),
    }
});
