//! Many requests at once: in order, within the places that there are, and paid for.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cofferdam_capabilities::http::{HttpBudget, HttpLimit, HttpRequest, HttpResponse};
use cofferdam_policy::units::{Count, Quantity};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Barrier,
};

use crate::support::{Names, Setup, Then, Upstream, answer, get, limit, ok, request};

fn numbered(upstream: &Upstream, count: usize) -> Vec<HttpRequest> {
    (0..count).map(|n| request("GET", &upstream.url("up.example", &format!("/{n}")))).collect()
}

/// Says the path that was asked for.
async fn echo() -> Upstream {
    Upstream::start(|request| (ok(request.split(' ').nth(1).unwrap()).into(), Then::KeepOpen)).await
}

fn body(response: &HttpResponse) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

#[tokio::test]
async fn results_are_in_the_order_of_the_requests() {
    let upstream = echo().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let results = plugin.send_all(&HttpBudget::new(plugin.limits()), numbered(&upstream, 40)).await;
    let bodies: Vec<_> = results.into_iter().map(|result| body(&result.unwrap())).collect();
    assert_eq!(bodies, (0..40).map(|n| format!("/{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_that_fails_does_not_concern_the_others() {
    let upstream = echo().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let mut requests = numbered(&upstream, 3);
    requests[1].url = "http://nowhere.example/".to_owned();
    let results = plugin.send_all(&HttpBudget::new(plugin.limits()), requests).await;
    assert_eq!(body(results[0].as_ref().unwrap()), "/0");
    assert!(results[1].is_err());
    assert_eq!(body(results[2].as_ref().unwrap()), "/2");
}

/// Answers nobody before `together` requests are there, and keeps count of the most that were.
async fn only_together(together: usize) -> (std::net::SocketAddr, Arc<Mutex<(usize, usize)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (barrier, count) = (Arc::new(Barrier::new(together)), Arc::new(Mutex::new((0, 0))));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (barrier, count) = (Arc::clone(&barrier), Arc::clone(&counted));
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                    {
                        let (now, most) = &mut *count.lock().unwrap();
                        *now += 1;
                        *most = (*most).max(*now);
                    }
                    barrier.wait().await;
                    count.lock().unwrap().0 -= 1;
                    stream.write_all(ok("met").as_bytes()).await.unwrap();
                }
            });
        }
    });
    (address, count)
}

#[tokio::test]
async fn as_many_run_together_as_a_call_has_places_and_no_more() {
    let (address, count) = only_together(4).await;
    let line = format!("* http://*:{}/* dangerous-any", address.port());
    let plugin = Setup::new(&Names::usual(), &[])
        .private(&[address])
        .lines(&[&line])
        .limits(|limits| limits.parallel = Count::of(4))
        .plugin();
    let url = format!("http://up.example:{}/", address.port());
    let results = plugin.send_all(&HttpBudget::new(plugin.limits()), vec![request("GET", &url); 16]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(*count.lock().unwrap(), (0, 4));
}

#[tokio::test]
async fn calls_of_one_plugin_share_its_places() {
    let (hanging, quick) = (Upstream::saying("", Then::Hang).await, Upstream::ok().await);
    let plugin = Setup::new(&Names::usual(), &[&hanging, &quick])
        .limits(|limits| limits.concurrent = Count::of(1))
        .plugin();
    let first = HttpBudget::new(plugin.limits());
    let mut waiting = Box::pin(plugin.send(&first, request("GET", &hanging.url("up.example", "/"))));
    tokio::select! {
        biased;
        result = &mut waiting => panic!("{result:?}"),
        () = std::future::ready(()) => {}
    }
    let second = HttpBudget::new(plugin.limits());
    let timeout = Some(Duration::from_millis(50));
    let asked = || HttpRequest { timeout, ..request("GET", &quick.url("up.example", "/")) };
    assert_eq!(limit(plugin.send(&second, asked()).await), HttpLimit::Concurrent);
    assert_eq!(quick.accepted(), 0);
    drop(waiting);
    let unhurried = HttpRequest { timeout: None, ..asked() };
    assert_eq!(
        plugin.send(&second, unhurried).await.unwrap().status,
        200,
        "a dropped request gives its place back"
    );
}

#[tokio::test]
async fn a_call_has_so_many_requests_and_each_hop_is_one() {
    let upstream = Upstream::start(|request| {
        let moved = "HTTP/1.1 302 X\r\nlocation: /end\r\ncontent-length: 0\r\n\r\n";
        let answer = if request.starts_with("GET /end") { ok("end") } else { moved.to_owned() };
        (answer.into(), Then::KeepOpen)
    })
    .await;
    let plugin =
        Setup::new(&Names::usual(), &[&upstream]).limits(|limits| limits.requests = Count::of(5)).plugin();
    let budget = HttpBudget::new(plugin.limits());
    let moved = || HttpRequest { redirects: 5, ..request("GET", &upstream.url("up.example", "/")) };
    plugin.send(&budget, moved()).await.unwrap();
    plugin.send(&budget, moved()).await.unwrap();
    assert_eq!(limit(plugin.send(&budget, moved()).await), HttpLimit::Requests, "in the middle");
    assert_eq!(upstream.seen().len(), 5);
    // A denied request is paid for as well: asking around is bounded.
    let plugin = Setup::new(&Names::usual(), &[]).limits(|limits| limits.requests = Count::of(2)).plugin();
    let budget = HttpBudget::new(plugin.limits());
    let results = plugin.send_all(&budget, numbered(&upstream, 10_000)).await;
    assert_eq!(results.len(), 10_000);
    let denied =
        results.iter().filter(|r| matches!(r, Err(cofferdam_capabilities::http::HttpError::Denied(_))));
    assert_eq!(denied.count(), 2);
    assert!(results[2..].iter().all(|result| limit(result.clone()) == HttpLimit::Requests));
}

#[tokio::test]
async fn a_connection_that_its_upstream_closes_is_not_used_again() {
    let upstream = Upstream::saying(answer("connection: close\r\n", b"x"), Then::Close).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    for _ in 0..10 {
        assert_eq!(get(&plugin, &upstream.url("up.example", "/")).await.unwrap().status, 200);
    }
    assert_eq!(upstream.accepted(), 10);
}
