//! HTTP as a plugin meets it: the real service, against upstreams on loopback that do what they should not, and
//! names whose answers the tests choose.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "these are tests"
)]

mod bodies;
mod egress;
mod heads;
mod many;
mod redirects;
mod support;
mod tls;
