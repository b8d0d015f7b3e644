//! Which addresses may be dialled for a plugin: public unicast, and single ones that the operator opened.
//!
//! An address is judged by what it is, never by the name that led to it, and after it was resolved: so it
//! doesn't matter who answered, how often, or how the address was spelled.
//! All that the IANA special-purpose registries list is refused, also the few entries that could be reached:
//! none of them is where an HTTP interface lives. Of IPv6 only `2000::/3` is given out, so nothing else is
//! public. An address that carries an IPv4 address inside, which some gateway on the way may unpack, is judged
//! by that one too.
//! Nothing here resolves or dials: see the egress of the HTTP capability.

mod registry;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use registry::Entry;

/// Why an address may not be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The address.
    pub address: SocketAddr,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Entry(&'static Entry),
    Embedded { carrier: &'static str, inner: Ipv4Addr, entry: &'static Entry },
    Own,
    NoPort,
}

impl Refused {
    /// The name of the registry's entry that refuses it, or what else does.
    #[must_use]
    pub fn entry(&self) -> &'static str {
        match self.why {
            Why::Entry(entry) | Why::Embedded { entry, .. } => entry.name,
            Why::Own => "this host's own listener",
            Why::NoPort => "port 0",
        }
    }

    /// Whether the operator's `allow_private` can open this address.
    #[must_use]
    pub fn can_be_allowed(&self) -> bool {
        can_be_opened(self.address) && !matches!(self.why, Why::Own | Why::NoPort)
    }
}

/// What a guest may read: the kind of address, not which one a name led to.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::Entry(entry) => write!(f, "{entry}"),
            Why::Embedded { carrier, entry, .. } => write!(f, "{carrier} that carries {entry}"),
            Why::Own | Why::NoPort => f.write_str(self.entry()),
        }
    }
}

impl std::error::Error for Refused {}

/// Proof that an address was judged: what may be dialled, once, for the plugin whose rule made it.
#[derive(Debug, PartialEq, Eq)]
pub struct DialPermit(SocketAddr);

impl DialPermit {
    /// The address to dial, this one and no other.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

/// Which addresses one plugin may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRule {
    allow_private: Vec<SocketAddr>,
    own: Vec<SocketAddr>,
}

/// An exception that opens nothing that could be dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`allow_private` has {0}, expected the address and port of one machine, such as \"10.1.2.3:8080\"")]
pub struct ExceptionError(pub SocketAddr);

impl AddressRule {
    /// Public unicast, the exceptions in `allow_private` (exactly that address and port), and never what
    /// this host itself listens on (`own`).
    ///
    /// # Errors
    /// [`ExceptionError`] for an exception that is no machine's address: any, all, or a group.
    pub fn new(allow_private: Vec<SocketAddr>, own: Vec<SocketAddr>) -> Result<Self, ExceptionError> {
        match allow_private.iter().find(|address| !can_be_opened(**address)) {
            Some(bad) => Err(ExceptionError(*bad)),
            None => Ok(Self { allow_private, own }),
        }
    }

    /// Judges one address, as it was resolved or written.
    ///
    /// # Errors
    /// [`Refused`] with the reason.
    pub fn judge(&self, address: SocketAddr) -> Result<DialPermit, Refused> {
        let refused = |why| Err(Refused { address, why });
        if address.port() == 0 {
            return refused(Why::NoPort);
        }
        // A mapped address reaches the same listener as the address that it maps.
        let reached = SocketAddr::new(address.ip().to_canonical(), address.port());
        if self.own.iter().any(|own| same(*own, reached)) {
            return refused(Why::Own);
        }
        if self.allow_private.iter().any(|allowed| same(*allowed, address)) {
            return Ok(DialPermit(address));
        }
        match judge(address.ip()) {
            None => Ok(DialPermit(address)),
            Some(why) => refused(why),
        }
    }

    /// Judges all addresses of one name: if one is refused, all are. A name that leads inside and outside is
    /// one that somebody prepared.
    ///
    /// # Errors
    /// [`Refused`] for the first that is refused.
    pub fn judge_all(&self, addresses: &[SocketAddr]) -> Result<Vec<DialPermit>, Refused> {
        addresses.iter().map(|address| self.judge(*address)).collect()
    }
}

/// Scope and flow labels aside: they choose an interface, not another machine.
fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && one.port() == other.port()
}

fn can_be_opened(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    let group = ip.is_unspecified() || ip.is_multicast() || ip == IpAddr::V4(Ipv4Addr::BROADCAST);
    address.port() != 0 && !group
}

fn judge(ip: IpAddr) -> Option<Why> {
    match ip {
        IpAddr::V4(ip) => registry::v4(ip).map(Why::Entry),
        IpAddr::V6(ip) => judge_v6(ip),
    }
}

fn judge_v6(ip: Ipv6Addr) -> Option<Why> {
    if let Some(metadata) = registry::metadata_v6(ip) {
        return Some(Why::Entry(metadata));
    }
    let Some((carrier, inside)) = carried(ip) else {
        return registry::v6(ip).map(Why::Entry);
    };
    let bad = inside.into_iter().flatten().find_map(|inner| Some((inner, registry::v4(inner)?)));
    match bad {
        Some((inner, entry)) => Some(Why::Embedded { carrier: carrier.name, inner, entry }),
        None if carrier.opens => None,
        None => registry::v6(ip).map(Why::Entry),
    }
}

/// A form of IPv6 address with an IPv4 address inside.
struct Carrier {
    name: &'static str,
    /// Whether a public address inside makes the whole one public; if not, the whole is judged as well.
    opens: bool,
}

/// The IPv4 addresses inside `ip`, if it has a form that carries some.
fn carried(ip: Ipv6Addr) -> Option<(Carrier, [Option<Ipv4Addr>; 2])> {
    let bits = ip.to_bits();
    // The 32 bits that end `after` bits before the end.
    let at = |after: u32| Ipv4Addr::from_bits(u32::try_from((bits >> after) & 0xffff_ffff).unwrap_or(0));
    let carrier = |name, opens| Carrier { name, opens };
    Some(match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] => (carrier("an IPv4-mapped address", true), [Some(at(0)), None]),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => (carrier("a NAT64 address", true), [Some(at(0)), None]),
        [0x2002, ..] => (carrier("a 6to4 address", true), [Some(at(80)), None]),
        // The server in the clear, the client with every bit turned over.
        [0x2001, 0, ..] => {
            let client = Ipv4Addr::from_bits(!at(0).to_bits());
            (carrier("a Teredo address", true), [Some(at(64)), Some(client)])
        }
        // Where the IPv4 address stands in these is for each network to choose: never public as a whole.
        [0x64, 0xff9b, 1, ..] => (carrier("a local NAT64 address", false), [Some(at(0)), None]),
        [0, 0, 0, 0, 0, 0, ..] if bits > 1 => {
            (carrier("an IPv4-compatible address", false), [Some(at(0)), None])
        }
        [0, 0, 0, 0, 0xffff, 0, ..] => (carrier("an IPv4-translated address", false), [Some(at(0)), None]),
        // Only inside its own site does anybody unpack this one: an interface id that spells an IPv4 address out (ISATAP).
        [.., 0x0 | 0x200, 0x5efe, _, _] => (carrier("an ISATAP address", false), [Some(at(0)), None]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
