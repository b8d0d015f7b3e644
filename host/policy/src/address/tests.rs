//! The judge of addresses against tables, and against an oracle that was written another way.

use ipnet::IpNet;
use proptest::prelude::*;

use super::*;

/// What the oracle refuses: networks as text, one flat list.
const NETWORKS: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    // all of IPv6 that isn't 2000::/3
    "::/3",
    "4000::/2",
    "8000::/1",
    "2001::/23",
    "2001:db8::/32",
    "2620:4f:8000::/48",
    "3fff::/20",
];

fn networks() -> Vec<IpNet> {
    NETWORKS.iter().map(|text| text.parse().unwrap()).collect()
}

/// Works on the address's hexadecimal spelling, where the judge works on segments.
fn oracle(networks: &[IpNet], ip: IpAddr) -> bool {
    let listed = |ip: IpAddr| networks.iter().any(|network| network.contains(&ip));
    let IpAddr::V6(v6) = ip else { return !listed(ip) };
    let hex: String = v6.octets().iter().map(|octet| format!("{octet:02x}")).collect();
    let v4 = |digits: &str| IpAddr::V4(u32::from_str_radix(digits, 16).unwrap().into());
    let flipped: String = hex[24..].chars().map(|c| format!("{:x}", 15 - c.to_digit(16).unwrap())).collect();
    if hex.starts_with("00000000000000000000ffff") || hex.starts_with("0064ff9b0000000000000000") {
        !listed(v4(&hex[24..]))
    } else if hex.starts_with("2002") {
        !listed(v4(&hex[4..12]))
    } else if hex.starts_with("20010000") {
        !listed(v4(&hex[8..16])) && !listed(v4(&flipped))
    } else if hex[16..].starts_with("00005efe") || hex[16..].starts_with("02005efe") {
        !listed(ip) && !listed(v4(&hex[24..]))
    } else {
        !listed(ip)
    }
}

fn public(ip: IpAddr) -> bool {
    AddressRule::default().judge(SocketAddr::new(ip, 443)).is_ok()
}

fn refusal(text: &str) -> String {
    let ip: IpAddr = text.parse().unwrap();
    AddressRule::default().judge(SocketAddr::new(ip, 443)).unwrap_err().to_string()
}

#[test]
fn each_refusal_names_the_registry_s_entry() {
    for (address, reason) in [
        ("0.0.0.0", "\"This network\" (RFC 791)"),
        ("10.1.2.3", "Private-Use (RFC 1918)"),
        ("172.31.255.255", "Private-Use (RFC 1918)"),
        ("192.168.0.1", "Private-Use (RFC 1918)"),
        ("100.64.0.1", "Shared Address Space (RFC 6598)"),
        ("100.100.100.200", "cloud metadata"),
        ("127.0.0.1", "Loopback (RFC 1122)"),
        ("169.254.1.1", "Link Local (RFC 3927)"),
        ("169.254.169.254", "cloud metadata"),
        ("168.63.129.16", "cloud metadata (Azure wire server)"),
        ("192.0.0.10", "IETF Protocol Assignments (RFC 6890)"),
        ("192.0.2.1", "Documentation (TEST-NET-1) (RFC 5737)"),
        ("198.19.255.255", "Benchmarking (RFC 2544)"),
        ("224.0.0.1", "Multicast (RFC 1112)"),
        ("239.255.255.255", "Multicast (RFC 1112)"),
        ("240.0.0.1", "Reserved (RFC 1112)"),
        ("255.255.255.255", "Limited Broadcast (RFC 919)"),
        ("::", "Unspecified Address (RFC 4291)"),
        ("::1", "Loopback Address (RFC 4291)"),
        ("::2", "an IPv4-compatible address that carries \"This network\" (RFC 791)"),
        ("::8.8.8.8", "IPv4-compatible address (deprecated) (RFC 4291)"),
        ("::ffff:127.0.0.1", "an IPv4-mapped address that carries Loopback (RFC 1122)"),
        ("::ffff:0:127.0.0.1", "an IPv4-translated address that carries Loopback (RFC 1122)"),
        ("::ffff:0:8.8.8.8", "not allocated as global unicast (RFC 4291)"),
        ("64:ff9b::169.254.169.254", "a NAT64 address that carries cloud metadata"),
        ("64:ff9b:1::10.0.0.1", "a local NAT64 address that carries Private-Use (RFC 1918)"),
        ("64:ff9b:1::8.8.8.8", "IPv4-IPv6 Translation, local use (RFC 8215)"),
        ("2002:a9fe:a9fe::", "a 6to4 address that carries cloud metadata"),
        ("2001:0:808:808::f5ff:fffe", "a Teredo address that carries Private-Use (RFC 1918)"),
        ("2001:0:a00:1::f7f7:f7f7", "a Teredo address that carries Private-Use (RFC 1918)"),
        ("2606:4700::5efe:7f00:1", "an ISATAP address that carries Loopback (RFC 1122)"),
        ("fe80::5efe:808:808", "Link-Local Unicast (RFC 4291)"),
        ("100::1", "Discard-Only Address Block (RFC 6666)"),
        ("100:0:0:1::1", "Dummy IPv6 Prefix (RFC 9780)"),
        ("2001:2::1", "Benchmarking (RFC 5180)"),
        ("2001:20::1", "IETF Protocol Assignments (RFC 2928)"),
        ("2001:db8::1", "Documentation (RFC 3849)"),
        ("3fff::1", "Documentation (RFC 9637)"),
        ("5f00::1", "Segment Routing (SRv6) SIDs (RFC 9602)"),
        ("4000::1", "not allocated as global unicast (RFC 4291)"),
        ("fc00::1", "Unique-Local (RFC 4193)"),
        ("fd00:ec2::254", "cloud metadata"),
        ("fd20:ce::254", "cloud metadata"),
        ("fe80::1", "Link-Local Unicast (RFC 4291)"),
        ("fec0::1", "Site-Local Unicast (deprecated) (RFC 3879)"),
        ("ff02::1", "Multicast (RFC 4291)"),
    ] {
        assert_eq!(refusal(address), reason, "{address}");
    }
}

#[test]
fn public_addresses_may_be_dialled_in_every_form_that_reaches_them() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "2001:0:808:808::f7f7:f7f7",
        "2001:200::1",
    ] {
        assert!(public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn every_boundary_of_every_network_is_judged_as_the_oracle_does() {
    let networks = networks();
    let mut seen = 0;
    let mut check = |ip: IpAddr| {
        assert_eq!(public(ip), oracle(&networks, ip), "{ip}");
        seen += 1;
    };
    let carriers = |v4: u32| -> Vec<Ipv6Addr> {
        let low = u128::from(v4);
        vec![
            Ipv6Addr::from_bits(0xffff << 32 | low),
            Ipv6Addr::from_bits(low),
            Ipv6Addr::from_bits(0xffff << 48 | low),
            Ipv6Addr::from_bits(0x64_ff9b << 96 | low),
            Ipv6Addr::from_bits(0x64_ff9b_0001 << 80 | low),
            Ipv6Addr::from_bits(0x2002 << 112 | low << 80 | 1),
            Ipv6Addr::from_bits(0x2001_0000 << 96 | low << 64 | u128::from(!0x0808_0808_u32)),
            Ipv6Addr::from_bits(0x2001_0000 << 96 | 0x0808_0808 << 64 | u128::from(!v4)),
            Ipv6Addr::from_bits(0x2606_4700 << 96 | 0x5efe << 32 | low),
            Ipv6Addr::from_bits(0x2606_4700 << 96 | 0x0200_5efe << 32 | low),
        ]
    };
    let more = ["2000::/3", "2001::/32", "2002::/16", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "fec0::/10"];
    for network in networks.iter().copied().chain(more.iter().map(|text| text.parse().unwrap())) {
        match network {
            IpNet::V4(network) => {
                let (first, last) = (network.network().to_bits(), network.broadcast().to_bits());
                for v4 in [first.wrapping_sub(1), first, first + 1, last - 1, last, last.wrapping_add(1)] {
                    check(IpAddr::V4(v4.into()));
                    carriers(v4).into_iter().for_each(|carrier| check(carrier.into()));
                }
            }
            IpNet::V6(network) => {
                let (first, last) = (network.network().to_bits(), network.broadcast().to_bits());
                for v6 in [first.wrapping_sub(1), first, first + 1, last - 1, last, last.wrapping_add(1)] {
                    check(IpAddr::V6(v6.into()));
                }
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

/// Addresses that lie near what matters more often than chance would put them there.
fn addresses() -> impl Strategy<Value = IpAddr> {
    let near = prop::sample::select(vec![
        0_u128,
        0xffff << 32,
        0x64_ff9b << 96,
        0x64_ff9b_0001 << 80,
        0x2001 << 112,
        0x2001_0db8 << 96,
        0x2002 << 112,
        0x2606_4700 << 96 | 0x5efe << 32,
        0x3fff << 112,
        0xfe80 << 112,
    ]);
    prop_oneof![
        2 => any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        1 => any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
        1 => any::<u128>().prop_map(|bits| IpAddr::V6((bits >> 3 | 1 << 125).into())),
        2 => (near, any::<u128>(), 0..128_u32)
            .prop_map(|(base, noise, shift)| IpAddr::V6((base | noise >> shift).into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_address_is_judged_as_the_oracle_does(ip in addresses()) {
        static TABLE: std::sync::LazyLock<Vec<IpNet>> = std::sync::LazyLock::new(networks);
        prop_assert_eq!(public(ip), oracle(&TABLE, ip), "{}", ip);
    }
}

fn sockets(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn an_exception_opens_exactly_one_address_and_port() {
    let rule = AddressRule::new(sockets(&["10.1.2.3:8080", "[fd00::1]:80"]), vec![]).unwrap();
    for (address, open) in [
        ("10.1.2.3:8080", true),
        ("[fd00::1]:80", true),
        ("10.1.2.3:8081", false),
        ("10.1.2.4:8080", false),
        ("[::ffff:10.1.2.3]:8080", false),
        ("[64:ff9b::10.1.2.3]:8080", false),
        ("[fd00::2]:80", false),
        ("8.8.8.8:8080", true),
        ("8.8.8.8:0", false),
    ] {
        assert_eq!(rule.judge(address.parse().unwrap()).is_ok(), open, "{address}");
    }
}

#[test]
fn this_host_s_own_listener_is_never_dialled_even_if_public_or_excepted() {
    let own = sockets(&["8.8.8.8:3000", "10.0.0.1:80"]);
    let rule = AddressRule::new(sockets(&["10.0.0.1:80"]), own).unwrap();
    for address in ["8.8.8.8:3000", "[::ffff:8.8.8.8]:3000", "10.0.0.1:80"] {
        let refused = rule.judge(address.parse().unwrap()).unwrap_err();
        assert_eq!(refused.to_string(), "this host's own listener");
        assert!(!refused.can_be_allowed());
    }
    assert!(rule.judge("8.8.8.8:443".parse().unwrap()).is_ok());
}

#[test]
fn groups_and_any_cannot_be_exceptions() {
    for bad in ["0.0.0.0:80", "[::]:80", "224.0.0.1:80", "[ff02::1]:80", "255.255.255.255:80", "10.0.0.1:0"] {
        let error = AddressRule::new(sockets(&[bad]), vec![]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`allow_private` has {bad}, expected the address and port of one machine, such as \"10.1.2.3:8080\""
            ),
        );
    }
}

#[test]
fn one_refused_address_refuses_all() {
    let rule = AddressRule::default();
    assert_eq!(rule.judge_all(&sockets(&["1.1.1.1:443", "8.8.8.8:443"])).unwrap().len(), 2);
    let mixed = sockets(&["1.1.1.1:443", "10.0.0.1:443", "8.8.8.8:443"]);
    let refused = rule.judge_all(&mixed).unwrap_err();
    assert_eq!((refused.address, refused.entry()), (mixed[1], "Private-Use"));
    assert!(refused.can_be_allowed());
    assert!(!refused.to_string().contains("10.0.0.1"), "a guest doesn't learn the address");
}
