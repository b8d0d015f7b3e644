//! Ceilings of what a plugin sends and receives over HTTP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GIB, KIB, LimitError, MIB, within};
use crate::units::{Bytes, Count, Millis, Quantity};

limits! {
    /// What one plugin may use of the network.
    HttpLimits;
    /// What the operator may write of [`HttpLimits`].
    HttpLimitsConfig;

    /// Requests of one call; each hop of a redirect and each further attempt is one. Default 50.
    requests: Count = 50, 1 => 10_000;
    /// Requests of one call that run at the same time; the others of a batch wait. Default 8.
    parallel: Count = 8, 1 => 100;
    /// Requests of one plugin that run at the same time, all calls together. Default 64.
    concurrent: Count = 64, 1 => 1_000;
    /// Connections of one plugin that are open at the same time, idle ones included. Default 128.
    connections: Count = 128, 1 => 2_000;
    /// The body of one request. Default 4 MiB.
    request_body: Bytes = 4 * MIB, 1 => GIB;
    /// Names and values of a request's headers together. Default 32 KiB.
    request_headers: Bytes = 32 * KIB, KIB => MIB;
    /// The body of one response, both as it comes and decompressed. Default 8 MiB.
    response_body: Bytes = 8 * MIB, 1 => GIB;
    /// The head of a response: status and headers. Default 64 KiB.
    response_headers: Bytes = 64 * KIB, 8 * KIB => MIB;
    /// Headers of a request, and of a response. Default 100.
    header_count: Count = 100, 1 => 1_000;
    /// Bodies of all requests and responses of one call together. Default 32 MiB.
    call_bytes: Bytes = 32 * MIB, KIB => 4 * GIB;
    /// Wall-clock time of one request, from asking to the body's end, redirects included. Default 20s.
    deadline: Millis = 20_000, 1 => 600_000;
    /// Finding the address and opening a connection, TLS included. Default 5s.
    connect: Millis = 5_000, 1 => 60_000;
    /// Bytes of a response that must have come in each `rate_window`, while it lasts. Default 1 KiB.
    rate_bytes: Bytes = KIB, 1 => 16 * MIB;
    /// See `rate_bytes`. Default 5s.
    rate_window: Millis = 5_000, 10 => 60_000;
}

/// Hops of one request. Not for the operator to change.
pub const REDIRECTS: u8 = 5;
/// Addresses that one name may have. Not for the operator to change.
pub const ADDRESSES: usize = 64;
/// Length of an address. Not for the operator to change.
pub const URL_BYTES: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_within_its_own_bounds() {
        let limits = HttpLimits::default();
        assert_eq!(limits.clone().with(&HttpLimitsConfig::from(&limits)).unwrap(), limits);
    }
}
