//! The IANA special-purpose address registries, and what clouds put beside them, as tables.
//!
//! Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries, IPv4 and IPv6 multicast, and the vendors'
//! own pages for the addresses of instance metadata.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// One entry: a block, its name in the registry, and where that is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    rfc: Option<u16>,
    block: Block,
}

/// The block's first address, moved to the right by what is not part of its prefix.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    V4 { prefix: u32, shift: u32 },
    V6 { prefix: u128, shift: u32 },
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rfc {
            Some(rfc) => write!(f, "{} (RFC {rfc})", self.name),
            None => f.write_str(self.name),
        }
    }
}

const fn four(address: [u8; 4], length: u32, name: &'static str, rfc: u16) -> Entry {
    let shift = 32 - length;
    let prefix = match u32::from_be_bytes(address).checked_shr(shift) {
        Some(prefix) => prefix,
        None => 0,
    };
    Entry { name, rfc: if rfc == 0 { None } else { Some(rfc) }, block: Block::V4 { prefix, shift } }
}

const fn six(segments: [u16; 8], length: u32, name: &'static str, rfc: u16) -> Entry {
    let [a, b, c, d, e, f, g, h] = segments;
    let shift = 128 - length;
    let prefix = Ipv6Addr::new(a, b, c, d, e, f, g, h).to_bits() >> shift;
    Entry { name, rfc: if rfc == 0 { None } else { Some(rfc) }, block: Block::V6 { prefix, shift } }
}

/// The metadata services come first, since their name says more than that of the block around them.
static V4: &[Entry] = &[
    four([169, 254, 169, 254], 32, "cloud metadata", 0),
    four([169, 254, 170, 2], 32, "cloud metadata (container credentials)", 0),
    four([100, 100, 100, 200], 32, "cloud metadata", 0),
    four([192, 0, 0, 192], 32, "cloud metadata", 0),
    // A public address to IANA; inside that cloud it is the machine's own agent.
    four([168, 63, 129, 16], 32, "cloud metadata (Azure wire server)", 0),
    four([0, 0, 0, 0], 8, "\"This network\"", 791),
    four([10, 0, 0, 0], 8, "Private-Use", 1918),
    four([100, 64, 0, 0], 10, "Shared Address Space", 6598),
    four([127, 0, 0, 0], 8, "Loopback", 1122),
    four([169, 254, 0, 0], 16, "Link Local", 3927),
    four([172, 16, 0, 0], 12, "Private-Use", 1918),
    four([192, 0, 0, 0], 24, "IETF Protocol Assignments", 6890),
    four([192, 0, 2, 0], 24, "Documentation (TEST-NET-1)", 5737),
    four([192, 31, 196, 0], 24, "AS112-v4", 7535),
    four([192, 52, 193, 0], 24, "AMT", 7450),
    four([192, 88, 99, 0], 24, "Deprecated (6to4 Relay Anycast)", 7526),
    four([192, 168, 0, 0], 16, "Private-Use", 1918),
    four([192, 175, 48, 0], 24, "Direct Delegation AS112 Service", 7534),
    four([198, 18, 0, 0], 15, "Benchmarking", 2544),
    four([198, 51, 100, 0], 24, "Documentation (TEST-NET-2)", 5737),
    four([203, 0, 113, 0], 24, "Documentation (TEST-NET-3)", 5737),
    four([224, 0, 0, 0], 4, "Multicast", 1112),
    four([255, 255, 255, 255], 32, "Limited Broadcast", 919),
    four([240, 0, 0, 0], 4, "Reserved", 1112),
];

static METADATA_V6: &[Entry] = &[
    six([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, "cloud metadata", 0),
    six([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, "cloud metadata", 0),
    six([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128, "cloud metadata", 0),
];

static V6: &[Entry] = &[
    six([0, 0, 0, 0, 0, 0, 0, 1], 128, "Loopback Address", 4291),
    six([0, 0, 0, 0, 0, 0, 0, 0], 128, "Unspecified Address", 4291),
    six([0, 0, 0, 0, 0, 0, 0, 0], 96, "IPv4-compatible address (deprecated)", 4291),
    six([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "IPv4-IPv6 Translation, local use", 8215),
    six([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "Discard-Only Address Block", 6666),
    six([0x100, 0, 0, 1, 0, 0, 0, 0], 64, "Dummy IPv6 Prefix", 9780),
    six([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "Benchmarking", 5180),
    six([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "IETF Protocol Assignments", 2928),
    six([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "Documentation", 3849),
    six([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "Direct Delegation AS112 Service", 7534),
    six([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "Documentation", 9637),
    six([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "Segment Routing (SRv6) SIDs", 9602),
    six([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "Unique-Local", 4193),
    six([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "Link-Local Unicast", 4291),
    six([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "Site-Local Unicast (deprecated)", 3879),
    six([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "Multicast", 4291),
];

/// What of IPv6 is given out as global unicast; the rest is nobody's.
static GLOBAL_UNICAST: Entry = six([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, "Global Unicast", 4291);
static UNALLOCATED: Entry = six([0, 0, 0, 0, 0, 0, 0, 0], 1, "not allocated as global unicast", 4291);

/// The entry that refuses `ip`; none if it is public.
pub(super) fn v4(ip: Ipv4Addr) -> Option<&'static Entry> {
    let bits = ip.to_bits();
    V4.iter().find(|entry| matches!(entry.block, Block::V4 { prefix, shift } if bits >> shift == prefix))
}

/// The entry that refuses `ip`, what it carries inside aside; none if it is public.
pub(super) fn v6(ip: Ipv6Addr) -> Option<&'static Entry> {
    let listed = V6.iter().find(|entry| entry.holds(ip));
    listed.or_else(|| (!GLOBAL_UNICAST.holds(ip)).then_some(&UNALLOCATED))
}

/// The entry of a metadata service that `ip` is the address of.
pub(super) fn metadata_v6(ip: Ipv6Addr) -> Option<&'static Entry> {
    METADATA_V6.iter().find(|entry| entry.holds(ip))
}

impl Entry {
    fn holds(&self, ip: Ipv6Addr) -> bool {
        matches!(self.block, Block::V6 { prefix, shift } if ip.to_bits() >> shift == prefix)
    }
}
