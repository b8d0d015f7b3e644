//! An address: none that is inside by anybody's table may be dialled.

#![no_main]

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use cofferdam_fuzz::is_inside;
use cofferdam_policy::AddressRule;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (IpAddr, u16)| {
    let (ip, port) = input;
    let rule = AddressRule::default();
    let judged = |ip: IpAddr| rule.judge(SocketAddr::new(ip, port));
    if let Ok(permit) = judged(ip) {
        assert!(!is_inside(ip), "{ip}");
        assert_eq!(permit.address(), SocketAddr::new(ip, port));
    }
    // Carried inside others, an address is judged as it is by itself.
    if let IpAddr::V4(inner) = ip {
        let bits = u128::from(u32::from(inner));
        let carriers =
            [0xffff_u128 << 32 | bits, 0x64_ff9b_u128 << 96 | bits, 0x2002_u128 << 112 | bits << 80];
        for carrier in carriers {
            let carried = judged(IpAddr::V6(Ipv6Addr::from_bits(carrier)));
            assert_eq!(carried.is_ok(), judged(ip).is_ok(), "{inner} in {carrier:x}");
        }
    }
});
