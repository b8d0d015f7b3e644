//! Feeds as sites publish them, and as nobody should.

use super::*;

const URL: &str = "https://site.example/feeds/all.xml";

fn read(text: &str) -> Feed {
    feed(text.as_bytes(), None, URL).unwrap().unwrap_or_else(|| panic!("no feed: {text}"))
}

/// `title|url|author|published|content` of each item.
fn shown(feed: &Feed) -> Vec<String> {
    let shown = |item: &Item| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        [
            item.title.clone(),
            text(&item.url),
            text(&item.author),
            text(&item.published),
            item.content.trim().to_owned(),
        ]
        .join("|")
    };
    feed.items.iter().map(shown).collect()
}

#[test]
fn rss_2_is_read_with_its_common_extensions() {
    let feed = read(
        r#"<?xml version="1.0"?><rss version="2.0" xmlns:content="c" xmlns:dc="d" xmlns:atom="a" xmlns:media="m"><channel>
        <atom:link href="self.xml" rel="self"/><title>News &amp; more</title><link>https://site.example/</link>
        <image><title>Logo</title><link>https://logo.example/</link></image>
        <item><title>Old</title><guid isPermaLink="false">1</guid><link>/old</link><pubDate>Mon, 01 Jul 2024 10:00:00 GMT</pubDate>
          <description>short</description><content:encoded><![CDATA[<p>long <b>one</b></p>]]></content:encoded>
          <media:title>wrong</media:title><dc:creator>Ann</dc:creator></item>
        <item><title>New</title><guid>https://site.example/new</guid><pubDate>Tue, 02 Jul 2024 10:00:00 +0200</pubDate>
          <description>&lt;p&gt;Tea &amp;amp; cake&lt;/p&gt;</description></item>
        </channel></rss>"#,
    );
    assert_eq!((feed.title.as_str(), feed.site.as_deref()), ("News & more", Some("https://site.example/")));
    assert_eq!(
        shown(&feed),
        [
            "New|https://site.example/new||2024-07-02T08:00:00Z|<p>Tea &amp; cake</p>",
            "Old|https://site.example/old|Ann|2024-07-01T10:00:00Z|<p>long <b>one</b></p>",
        ]
    );
    assert_eq!(feed.problem, None);
}

#[test]
fn rss_1_and_older_ones_are_read() {
    let rdf = r#"<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><channel><title>T</title><link>https://a.example/</link></channel>
        <item rdf:about="x"><title>I</title><link>https://a.example/i</link><dc:date>2024-07-01T12:00:00+02:00</dc:date></item></rdf:RDF>"#;
    assert_eq!(shown(&read(rdf)), ["I|https://a.example/i||2024-07-01T10:00:00Z|"]);
    let old = r#"<rss version="0.91"><channel><title>T</title><item><title>I</title><link>http://a.example/i</link></item></channel></rss>"#;
    assert_eq!(shown(&read(old)), ["I|http://a.example/i|||"]);
}

#[test]
fn atom_is_read_with_all_its_kinds_of_text() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/b/"><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>
        <link rel="self" href="x"/><link href="site"/><author><name>All</name></author>
        <entry><id>u:1</id><title>1 &lt; 2 &amp; 3</title><link rel="replies" href="r"/><link rel="alternate" href="e1"/>
          <updated>2024-07-01T12:00:00Z</updated><author><name>Ann</name><email>a@a.example</email></author>
          <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x <a href="y">&lt;z&gt;</a><br/></div></content></entry>
        <entry><id>u:2</id><title type="text">T</title><published>2024-07-02T12:00:00Z</published><updated>2024-08-01T12:00:00Z</updated>
          <summary>a &lt;b&gt;</summary><source><title>other</title><link href="https://other.example/"/></source></entry></feed>"#,
    );
    assert_eq!((feed.title.as_str(), feed.site.as_deref()), ("A b", Some("https://base.example/b/site")));
    assert_eq!(
        shown(&feed),
        [
            "T|||2024-07-02T12:00:00Z|a &lt;b>",
            "1 < 2 & 3|https://base.example/b/e1|Ann|2024-07-01T12:00:00Z|<div xmlns=\"http://www.w3.org/1999/xhtml\">x <a href=\"y\">&lt;z></a><br></div>",
        ]
    );
}

#[test]
fn atom_with_a_prefix_is_atom() {
    let feed = read(
        r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title><a:entry><a:title>I</a:title><a:id>1</a:id></a:entry></a:feed>"#,
    );
    assert_eq!(
        (feed.title.as_str(), feed.items[0].title.as_str(), feed.items[0].key.as_str()),
        ("T", "I", "1")
    );
}

#[test]
fn json_feeds_are_read() {
    let feed = read(
        r#"{"version": "https://jsonfeed.org/version/1.1", "title": "A & B", "home_page_url": "https://a.example/", "items": [
        {"id": 7, "url": "/seven", "title": "Seven", "content_html": "<p>x</p>", "date_published": "2024-07-01T00:00:00Z", "authors": [{"name": "Ann"}]},
        {"id": "8", "content_text": "a < b\n\nc"}, {"bad": true}, "worse"]}"#,
    );
    assert_eq!(feed.title, "A & B");
    assert_eq!(
        shown(&feed)[..2],
        ["Seven|https://site.example/seven|Ann|2024-07-01T00:00:00Z|<p>x</p>", "||||a &lt; b<p>c"]
    );
    assert_eq!(feed.items[0].key, "7");
}

#[test]
fn what_is_no_feed_is_none() {
    for text in ["", "hello", "<html><title>x</title>", "{\"a\": 1}", "{", "<rss", "[1]", "\u{0}\u{1}"] {
        assert_eq!(feed(text.as_bytes(), None, URL), Ok(None), "{text:?}");
    }
    assert!(feed(&vec![b' '; bounds::MAX_FEED + 1], None, URL).is_err());
}

#[test]
fn entity_bombs_stay_what_they_are() {
    let feed = read(
        r#"<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">
        <!ENTITY f SYSTEM "file:///etc/passwd">]>
        <rss><channel><title>&c;&f;&nbsp;&hellip;&#x41;</title><item><title>x</title></item></channel></rss>"#,
    );
    assert_eq!(feed.title, "&c;&f; …A");
}

#[test]
fn items_without_ids_links_or_dates_are_told_apart_and_keep_their_order() {
    let feed = read(
        "<rss><channel><item><title>b</title></item><item><title>a</title></item><item><title>b</title></item>
        <item><description>only text</description></item><item/></channel></rss>",
    );
    assert_eq!(shown(&feed), ["b||||", "a||||", "||||only text", "||||"]);
    let again = read("<rss><channel><item><title>a</title></item></channel></rss>");
    assert_eq!(again.items[0].key, feed.items[1].key);
}

#[test]
fn what_occurs_twice_is_one() {
    let item = "<item><guid>1</guid><title>a</title></item>";
    assert_eq!(read(&format!("<rss><channel>{item}{item}</channel></rss>")).items.len(), 1);
}

#[test]
fn titles_with_html_and_hidden_characters_are_plain() {
    let feed = read(
        "<rss><channel><item><title><![CDATA[<b>Big</b> <img src=x onerror=alert(1)>news\u{202e}]]></title></item>
        <item><title>Un<i>escaped</i></title><link>javascript:alert(1)</link></item></channel></rss>",
    );
    assert_eq!(shown(&feed), ["Big news||||", "Unescaped||||"]);
}

#[test]
fn a_feed_that_breaks_off_gives_what_came_before() {
    let whole = "<rss><channel><title>T</title><item><title>a</title></item><item><title>b</ti";
    let feed = read(whole);
    assert_eq!(shown(&feed), ["a||||"]);
    assert!(feed.problem.is_some_and(|problem| problem.starts_with("it is no XML after ")));
}

#[test]
fn bombs_of_nesting_and_of_items_end() {
    let deep = format!("<rss><channel><title>T</title>{}", "<a>".repeat(300_000));
    assert_eq!(read(&deep).items.len(), 0);
    let in_item = format!("<rss><channel><item><description>{}", "<b>".repeat(300_000));
    assert_eq!(read(&in_item).items.len(), 0);
    let many: String = (0..3_000).map(|n| format!("<item><guid>{n}</guid></item>")).collect();
    assert_eq!(read(&format!("<rss><channel>{many}</channel></rss>")).items.len(), bounds::MAX_READ);
    assert_eq!(feed(format!("{{\"version\": {}", "[".repeat(100_000)).as_bytes(), None, URL), Ok(None));
}

#[test]
fn charsets_are_those_of_the_feed() {
    let text =
        b"<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>Caf\xe9</title></channel></rss>";
    assert_eq!(feed(text, Some("application/rss+xml"), URL).unwrap().unwrap().title, "Café");
}

#[test]
fn a_feed_may_end_anywhere() {
    let whole = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><feed xml:base="/b/"><title type="xhtml"><b>ü</b></title><link href="a&amp;b"/>
        <entry><id>1</id><content type="html">&lt;p&gt;&a;&#x110000;&#0;<![CDATA[x]]></content></entry></feed><trailing>"#;
    let ends = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
    let found = ends.filter(|end| feed(&whole.as_bytes()[..*end], None, URL).unwrap().is_some()).count();
    assert!(found > whole.len() / 2, "{found}");
    assert_eq!(read(whole).items[0].content, "<p>&a;&#x110000;&#0;x");
}
