//! What the targets share: oracles that were written apart from what they judge.

pub mod postgres;

use std::net::{IpAddr, Ipv4Addr};

/// Whether `host` is what `rule` names: itself, or any number of whole labels below `*.rule`.
#[must_use]
pub fn host_is_named(rule: &str, host: &str) -> bool {
    let Some(base) = rule.strip_prefix("*.") else { return rule == "*" || rule == host };
    let (mut base, mut host) = (base.rsplit('.'), host.rsplit('.'));
    loop {
        match (base.next(), host.next()) {
            (None, Some(_)) => return true,
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Addresses that no plugin may ever reach unless its operator opens them, whatever else is said.
#[must_use]
pub fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_inside_v4(ip),
        IpAddr::V6(ip) => {
            let inner = ip.to_ipv4_mapped().is_some_and(is_inside_v4);
            inner
                || ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
    }
}

fn is_inside_v4(ip: Ipv4Addr) -> bool {
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_unspecified()
        || ip.is_documentation()
        || ip.octets()[0] >= 240
}
