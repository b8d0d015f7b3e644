//! Bodies: too large, too slow, too short, and much larger inside than outside.

use std::io::Write;

use cofferdam_capabilities::http::{Failure, HttpBudget, HttpLimit, HttpRequest};
use cofferdam_policy::units::{Bytes, Quantity};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::support::{Names, Setup, Then, Upstream, answer, failure, get, limit, millis, request, send};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn small(limits: &mut cofferdam_policy::HttpLimits) {
    limits.response_body = Bytes::of(1_000);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    for (length, fits) in [(1_000, true), (1_001, false)] {
        let upstream = Upstream::saying(answer("", &vec![b'x'; length]), Then::KeepOpen).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).limits(small).plugin();
        let result = get(&plugin, &upstream.url("up.example", "/")).await;
        match fits {
            true => assert_eq!(result.unwrap().body.len(), length),
            false => assert_eq!(limit(result), HttpLimit::ResponseBody),
        }
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_whatever_it_says_about_its_length() {
    for head in [
        CHUNKED,
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
    ] {
        let upstream = Upstream::saying(head, Then::Repeat(b"8\r\nabcdefgh\r\n")).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).limits(small).plugin();
        let result = get(&plugin, &upstream.url("up.example", "/")).await;
        if head.contains("18446744073709551615") {
            assert!(result.is_err());
        } else {
            assert_eq!(limit(result), HttpLimit::ResponseBody, "{head}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_shorter_than_it_says_is_no_body() {
    for (head, then) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort", Then::Close),
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort", Then::Reset),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n", Then::Close),
        ("HTTP/1.1 200 OK\r\ncontent-le", Then::Close),
        ("", Then::Close),
        ("", Then::Reset),
    ] {
        let upstream = Upstream::saying(head, then).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        assert_eq!(failure(get(&plugin, &upstream.url("up.example", "/")).await), Failure::Reset, "{head:?}");
    }
}

#[tokio::test]
async fn what_comes_too_slowly_is_given_up() {
    for then in [Then::Drip, Then::Hang] {
        let upstream = Upstream::saying("HTTP/1.1 200 OK\r\n\r\nx", then).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream])
            .limits(|limits| limits.rate_window = millis(100))
            .plugin();
        let error = get(&plugin, &upstream.url("up.example", "/")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the response comes too slowly, expected at least 1 KiB in each 100ms (`rate_bytes`) [C0301]"
        );
    }
}

#[tokio::test]
async fn nothing_outlives_the_deadline() {
    for (head, then) in [
        ("", Then::Hang),
        ("HTTP/1.1 200 OK\r\n", Then::Hang),
        ("", Then::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", Then::Hang),
        ("HTTP/1.1 200 OK\r\n\r\n", Then::Drip),
        (CHUNKED, Then::Drip),
    ] {
        let upstream = Upstream::saying(head, then).await;
        let setup = Setup::new(&Names::usual(), &[&upstream]);
        let mut asked = request("GET", &upstream.url("up.example", "/"));
        asked.timeout = Some(std::time::Duration::from_millis(150));
        let kind = failure(send(&setup.plugin(), asked).await);
        // What drips into the sizes of chunks is broken before it is late.
        let broken = head == CHUNKED && kind == Failure::Protocol;
        assert!(kind == Failure::Timeout || broken, "{head:?}: {kind:?}");
        let plugin = setup.limits(|limits| limits.deadline = millis(150)).plugin();
        let mut asked = request("GET", &upstream.url("up.example", "/"));
        asked.timeout = Some(std::time::Duration::from_secs(3_600));
        let kind = failure(send(&plugin, asked).await);
        assert!(kind == Failure::Timeout || broken, "the guest can't make it longer: {head:?}: {kind:?}");
    }
}

#[tokio::test]
async fn an_empty_answer_has_no_body_whatever_it_says() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-length: 99999999\r\ncontent-encoding: gzip\r\n\r\n");
        let upstream = Upstream::saying(head, Then::KeepOpen).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).limits(small).plugin();
        let response = send(&plugin, request(method, &upstream.url("up.example", "/"))).await.unwrap();
        assert_eq!((response.status, response.body.len()), (status, 0), "{method}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

const HELLO: &[u8] = b"hello hello hello hello";

async fn coded(coding: &str, body: Vec<u8>) -> Upstream {
    Upstream::saying(answer(&format!("content-encoding: {coding}\r\n"), &body), Then::KeepOpen).await
}

#[tokio::test]
async fn every_coding_that_was_asked_for_is_taken_off() {
    let skippable =
        [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(b"hello hello"), &zstd(b" hello hello")];
    for (coding, body) in [
        ("gzip", gzip(HELLO)),
        ("X-Gzip", [gzip(b"hello hello"), gzip(b" hello hello")].concat()),
        ("deflate", zlib(HELLO)),
        ("deflate", deflate(HELLO)),
        ("br", hex("1b1600f88d946ede445586966c206f214f1ce038")),
        ("zstd", zstd(HELLO)),
        ("zstd", skippable.concat()),
        ("gzip, br", hex("1b1600f88d946ede445586966c206f214f1ce038")),
        ("identity", HELLO.to_vec()),
    ] {
        let layered = if coding == "gzip, br" { "br" } else { coding };
        let upstream = coded(layered, body).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let response = get(&plugin, &upstream.url("up.example", "/")).await.unwrap();
        assert_eq!(&response.body[..], HELLO, "{coding}");
        let gone = |name: &str| !response.headers.iter().any(|(header, _)| header == name);
        assert_eq!(gone("content-length") && gone("content-encoding"), coding != "identity", "{coding}");
        assert!(upstream.seen()[0].contains("accept-encoding: gzip, br, zstd, deflate\r\n"));
    }
}

#[tokio::test]
async fn two_layers_come_off_and_three_stay_on() {
    let two = coded("deflate, gzip", gzip(&zlib(HELLO))).await;
    let plugin = Setup::new(&Names::usual(), &[&two]).plugin();
    assert_eq!(&get(&plugin, &two.url("up.example", "/")).await.unwrap().body[..], HELLO);
    let raw = gzip(&gzip(&gzip(HELLO)));
    let three = coded("gzip, gzip, gzip", raw.clone()).await;
    let plugin = Setup::new(&Names::usual(), &[&three]).plugin();
    assert_eq!(get(&plugin, &three.url("up.example", "/")).await.unwrap().body, raw);
}

#[tokio::test]
async fn what_we_did_not_ask_for_stays_as_it_came() {
    let unknown = coded("x-own", b"raw".to_vec()).await;
    let plugin = Setup::new(&Names::usual(), &[&unknown]).plugin();
    assert_eq!(&get(&plugin, &unknown.url("up.example", "/")).await.unwrap().body[..], b"raw");
    let own = coded("gzip", gzip(HELLO)).await;
    let plugin = Setup::new(&Names::usual(), &[&own]).plugin();
    let headers = vec![("Accept-Encoding".to_owned(), b"gzip".to_vec())];
    let asked = HttpRequest { headers, ..request("GET", &own.url("up.example", "/")) };
    assert_eq!(send(&plugin, asked).await.unwrap().body, gzip(HELLO));
}

#[tokio::test]
async fn bombs_are_stopped_at_the_size_that_is_allowed() {
    let zeros = vec![0; 10 << 20];
    for (coding, body) in [
        ("gzip", gzip(&zeros)),
        ("gzip", gzip(&gzip(&zeros))),
        ("deflate", zlib(&zeros)),
        ("deflate", deflate(&zeros)),
        ("br", hex("cbffff3ff82700e2b14020f7fe2fffff3ff04f00c4611180eefd07")),
        ("zstd", zstd(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
    ] {
        assert!(body.len() < 20_000, "{coding}");
        let upstream = coded(coding, body.clone()).await;
        let limits = |limits: &mut cofferdam_policy::HttpLimits| limits.response_body = Bytes::of(1 << 20);
        let plugin = Setup::new(&Names::usual(), &[&upstream]).limits(limits).plugin();
        let result = get(&plugin, &upstream.url("up.example", "/")).await;
        // One layer of two is small, and a body like any other.
        if coding == "gzip" && body == gzip(&gzip(&zeros)) {
            assert_eq!(result.unwrap().body, gzip(&zeros));
        } else {
            assert_eq!(limit(result), HttpLimit::ResponseBody, "{coding}");
        }
    }
}

#[tokio::test]
async fn damaged_and_greedy_compression_is_no_body() {
    let mut flipped = gzip(HELLO);
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    // A frame that wants a window of 16 MiB, and one without a known size that wants 2^41.
    let window = |descriptor: u8| [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor][..], &[0x01, 0, 0]].concat();
    for (coding, body) in [
        ("gzip", HELLO.to_vec()),
        ("gzip", gzip(HELLO)[..20].to_vec()),
        ("gzip", flipped),
        ("gzip", [gzip(HELLO), b"rest".to_vec()].concat()),
        ("deflate", HELLO.to_vec()),
        ("br", HELLO.to_vec()),
        ("br", hex("111e08000268656c6c6f03")),
        ("zstd", HELLO.to_vec()),
        ("zstd", window(14 << 3)),
        ("zstd", window(0xff)),
        ("zstd", [0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff].to_vec()),
    ] {
        let upstream = coded(coding, body.clone()).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let error = get(&plugin, &upstream.url("up.example", "/")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer is not HTTP: its compression is damaged",
            "{coding} {body:?}"
        );
    }
}

#[tokio::test]
async fn a_call_pays_for_every_byte_that_goes_out_comes_in_or_unfolds() {
    let upstream = Upstream::saying(answer("", &[b'x'; 400]), Then::KeepOpen).await;
    let setup =
        Setup::new(&Names::usual(), &[&upstream]).limits(|limits| limits.call_bytes = Bytes::of(1_000));
    let plugin = setup.plugin();
    let budget = HttpBudget::new(plugin.limits());
    let post = || HttpRequest {
        body: Some(vec![b'y'; 100].into()),
        ..request("POST", &upstream.url("up.example", "/"))
    };
    plugin.send(&budget, post()).await.unwrap();
    plugin.send(&budget, post()).await.unwrap();
    assert_eq!(limit(plugin.send(&budget, post()).await), HttpLimit::CallBytes);
    assert_eq!(upstream.seen().len(), 2, "the third was not even sent");
    let bomb = coded("gzip", gzip(&vec![0; 100_000])).await;
    let plugin =
        Setup::new(&Names::usual(), &[&bomb]).limits(|limits| limits.call_bytes = Bytes::of(1_000)).plugin();
    assert_eq!(limit(get(&plugin, &bomb.url("up.example", "/")).await), HttpLimit::CallBytes);
}

#[tokio::test]
async fn a_request_s_body_has_a_ceiling_too() {
    let upstream = Upstream::ok().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream])
        .limits(|limits| limits.request_body = Bytes::of(3))
        .plugin();
    for (body, fits) in [("abc", true), ("abcd", false)] {
        let result = send(
            &plugin,
            HttpRequest { body: Some(body.into()), ..request("POST", &upstream.url("up.example", "/")) },
        )
        .await;
        match fits {
            true => assert_eq!(result.unwrap().status, 200),
            false => assert_eq!(limit(result), HttpLimit::RequestBody),
        }
    }
    assert_eq!(upstream.seen().len(), 1);
}
