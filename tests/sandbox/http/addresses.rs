//! Which addresses are dialled, whatever a name answers.

use cofferdam_tests::upstream::{Names, Then, Upstream, answer};
use serde_json::json;

use super::{Grant, get, host, text};

#[tokio::test]
async fn every_form_of_an_address_inside_is_refused_and_never_dialled() {
    let upstream = Upstream::ok().await;
    let addresses = [
        ("127.0.0.1", "Loopback (RFC 1122)"),
        ("10.0.0.1", "Private-Use"),
        ("100.64.0.1", "Shared Address Space"),
        ("169.254.169.254", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"),
        ("224.0.0.1", "Multicast"),
        ("0.0.0.0", "This network"),
        ("::1", "Loopback Address"),
        ("::ffff:127.0.0.1", "an IPv4-mapped address that carries Loopback"),
        ("::127.0.0.1", "an IPv4-compatible address that carries Loopback"),
        ("64:ff9b::a9fe:a9fe", "a NAT64 address that carries cloud metadata"),
        ("2002:a9fe:a9fe::", "a 6to4 address that carries cloud metadata"),
        ("2001:0:7f00:1::", "a Teredo address that carries Loopback"),
        ("fe80::1", "Link-Local Unicast"),
        ("fd00:ec2::254", "cloud metadata"),
        ("fc00::1", "Unique-Local"),
    ];
    for (address, why) in addresses {
        let names = Names::new(&[("up.example", &[&[address]])]);
        let host = host(&names);
        let mut grant = Grant::all(&[&upstream]);
        grant.private.clear();
        host.publish([grant.plugin()]).await;
        let said = get(&host, &upstream.url("up.example", "/")).await;
        let said = text(&said, "denied");
        assert!(
            said.starts_with("`up.example` leads to an address that `p` may not reach: ")
                && said.contains(why)
                && said.contains("[C0214]"),
            "{address}: {said}"
        );
        // Where a name leads inside a network is not the plugin's to know.
        assert!(!said.contains(&format!("{address}:")) && !said.contains(&format!("[{address}]")), "{said}");
    }
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn an_address_that_is_written_out_is_judged_in_every_spelling() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let mut grant = Grant::all(&[&upstream]);
    grant.private.clear();
    host.publish([grant.plugin()]).await;
    let (v4, port) = ("127.0.0.1", upstream.address.port());
    for written in [v4, "127.1", "2130706433", "0x7f.1", "017700000001", "①②⑦.0.0.1", "%31%32%37.0.0.1"]
    {
        let said = get(&host, &upstream.url(written, "/")).await;
        assert_eq!(
            text(&said, "denied"),
            format!(
                "`127.0.0.1` leads to an address that `p` may not reach: Loopback (RFC 1122) [C0214]; to allow it, run: \
                 cofferdam grant p private 127.0.0.1:{port}"
            ),
            "{written}"
        );
    }
    let said = get(&host, &upstream.url("[::ffff:7f00:1]", "/")).await;
    assert!(text(&said, "denied").contains("an IPv4-mapped address that carries Loopback"), "{said}");
    assert!(names.asked().is_empty());
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_and_outside_is_refused_whole() {
    let good = Upstream::ok().await;
    let names = Names::new(&[
        ("first.example", &[&["127.0.0.1", "127.0.0.2"]]),
        ("last.example", &[&["1.1.1.1", "127.0.0.1", "10.0.0.1"]]),
        ("none.example", &[&[]]),
    ]);
    let host = host(&names);
    host.publish([Grant::all(&[&good]).plugin()]).await;
    for name in ["first.example", "last.example"] {
        let said = get(&host, &good.url(name, "/")).await;
        assert!(text(&said, "denied").contains("[C0214]"), "{name}: {said}");
    }
    for (name, expected) in [
        ("none.example", "no address: `none.example` has none"),
        ("unknown.example", "no address: `unknown.example` can't be resolved"),
    ] {
        let said = get(&host, &good.url(name, "/")).await;
        assert_eq!(text(&said, "unavailable"), expected);
    }
    assert_eq!(good.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_turns_inside_is_refused_when_it_is_dialled_again() {
    let outside = Upstream::saying(answer("connection: close\r\n", b"out"), Then::Close).await;
    let inside = Upstream::at(&format!("127.0.0.2:{}", outside.address.port()), |_| {
        (answer("", b"secret"), Then::KeepOpen)
    })
    .await;
    let names = Names::new(&[("up.example", &[&["127.0.0.1"], &["127.0.0.2"]])]);
    let host = host(&names);
    host.publish([Grant::all(&[&outside]).plugin()]).await;
    let url = outside.url("up.example", "/");
    assert_eq!(get(&host, &url).await["came"]["text"], "out");
    assert!(text(&get(&host, &url).await, "denied").contains("[C0214]"));
    // One look-up for each connection, and none besides.
    assert_eq!(names.asked().len(), 2);
    assert_eq!((outside.accepted(), inside.accepted()), (1, 0));
}

#[tokio::test]
async fn an_exception_opens_one_address_for_one_plugin() {
    let open = Upstream::ok().await;
    let shut =
        Upstream::at(&format!("127.0.0.2:{}", open.address.port()), |_| (answer("", b"x"), Then::Close))
            .await;
    let names = Names::new(&[("open.example", &[&["127.0.0.1"]]), ("shut.example", &[&["127.0.0.2"]])]);
    let host = host(&names);
    let mut other = Grant::all(&[&open]);
    other.private.clear();
    host.publish([Grant::all(&[&open]).plugin(), other.plugin_as("other")]).await;
    assert_eq!(get(&host, &open.url("open.example", "/")).await["came"]["text"], "hello");
    assert!(text(&get(&host, &open.url("shut.example", "/")).await, "denied").contains("[C0214]"));
    let request = json!({ "requests": [{ "url": open.url("open.example", "/") }] });
    assert!(text(&super::sent(&host, "other", request).await[0], "denied").contains("[C0214]"));
    assert_eq!((open.accepted(), shut.accepted()), (1, 0));
}

#[tokio::test]
async fn the_host_s_own_listener_is_never_reached() {
    let (names, listener) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let mut grant = Grant::all(&[&listener]);
    grant.own = vec![listener.address];
    host.publish([grant.plugin()]).await;
    for name in ["up.example", "127.0.0.1", "[::ffff:127.0.0.1]"] {
        let said = get(&host, &listener.url(name, "/")).await;
        assert!(
            text(&said, "denied").contains("may not reach: this host's own listener [C0214]"),
            "{name}: {said}"
        );
        // Nothing can be granted there, so nothing is suggested.
        assert!(!text(&said, "denied").contains("to allow it"), "{said}");
    }
    assert_eq!(listener.accepted(), 0);
}
