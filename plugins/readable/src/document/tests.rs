//! Pages as people and programs write them.

use super::*;

const URL: &str = "https://example.com/a/page.html?q=1";

fn check(html: &str, expected: &str) {
    assert_eq!(fragment(html, URL), expected, "{html}");
}

#[test]
fn what_is_within_a_line() {
    check(
        "a <b>bold</b>, <i>it</i>, <code>x`y</code> and <s>old</s>",
        "a **bold**, _it_, ``x`y`` and ~~old~~",
    );
    check("<p>a<br>b<p>c &amp; d&nbsp;e", "a\nb\n\nc & d e");
    check("H<sub>2</sub>O <q>x</q>", "H2O “x”");
    check("<b>a</b><b></b> <b> </b>b", "**a** b");
    check("<em>a<p>b</p></em>", "_a_\n\n_b_");
}

#[test]
fn links_are_absolute_and_lead_somewhere() {
    check("<a href='../b?x=1#y'>up</a>", "[up](https://example.com/b?x=1#y)");
    check("see<a href=//other.example/> other </a>now", "see [other](https://other.example/) now");
    check("<a href='javascript:alert(1)'>a</a> <a href='#x'>b</a> <a href=' '>c</a>", "a b c");
    check("<a href='data:text/html,x'>a</a>", "a");
    check("<a href='/w/X_(y)'>X</a>", "[X](<https://example.com/w/X_(y)>)");
    check("<a href=/><h3>Card</h3><p>text</p></a>", "[Card text](https://example.com/)");
    check("<a href='https://a.example/'>https://a.example/</a>", "<https://a.example/>");
    check("<a href='/x'></a>y", "y");
}

#[test]
fn pictures_are_shown_if_they_say_something() {
    check(
        "<img src=p.png alt='A  [plot]'><img src=q.png><img src=q.png alt=''>",
        "![A plot](https://example.com/a/p.png)",
    );
    check("<img src='data:image/png;base64,AAAA' alt=logo>", "[image: logo]");
    check("<a href=/><img src=p.png alt=Home></a>", "[[image: Home]](https://example.com/)");
}

#[test]
fn lists_nest_and_count() {
    check("<ul><li>a<ul><li>b<li>c</ul><li><p>d</p><p>e</p></ul>f", "- a\n  - b\n  - c\n\n- d\n\n  e\n\nf");
    check("<ol start=9><li>a<li>b</ol>", "9. a\n10. b");
    check("<ol start=-5><li>a<li></li><li>b</ol>", "1. a\n3. b");
    check("<dl><dt>a<dd>b<dd>c<dt>d<dd>e</dl>", "**a**\n: b\n: c\n\n**d**\n: e");
    check("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b");
}

#[test]
fn headings_are_one_line_without_their_own_links() {
    check("<h2>A <b>b</b>\n c <a href='#a'>¶</a></h2>x", "## A **b** c\n\nx");
    check("<h1><p>a</p><p>b</p></h1>", "# a b");
    check("<h3></h3>x", "x");
    check("<h3>a&nbsp;<button>b</button></h3>", "### a");
    check("<details><summary>a</summary>b</details>", "**a**\nb");
    check("<details><summary><h4>a</h4></summary>b</details>", "#### a\n\nb");
}

#[test]
fn code_blocks_are_as_they_were() {
    check("<pre>a\n  b &lt;c&gt;\n</pre>", "```\na\n  b <c>\n```");
    check("<pre><code class='x language-rust'><span>fn</span> f()</code></pre>", "```rust\nfn f()\n```");
    check("<pre>```\nx</pre>", "````\n```\nx\n````");
    check("<ul><li><pre>a\nb</pre></ul>", "- ```\n  a\n  b\n  ```");
    check("<pre class='language-a\u{60}b'>x</pre>", "```\nx\n```");
}

#[test]
fn tables_of_data_are_tables() {
    check(
        "<table><caption>C</caption><thead><tr><th>a<th>b</thead><tr><td>1<td>x|y<tr><td colspan=2><p>2</p><p>3</p></table>z",
        "**C**\n\n| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2 3 |  |\n\nz",
    );
    check("<table><tr><td>1<td>2</table>", "|  |  |\n| --- | --- |\n| 1 | 2 |");
    check(
        "<table><tr><td>a<td colspan=999999999>b</table>",
        &format!("|{}\n|{}\n| a | b |{}", "  |".repeat(40), " --- |".repeat(40), "  |".repeat(38)),
    );
}

#[test]
fn tables_that_arrange_a_page_are_not() {
    check("<table><tr><td>a<tr><td>b</table>", "a\n\nb");
    check(
        "<table><tr><td><h2>a</h2><td><table><tr><td>1<td>2</table></table>",
        "## a\n\n|  |  |\n| --- | --- |\n| 1 | 2 |",
    );
}

#[test]
fn what_nobody_reads_is_left_out() {
    check(
        "a<script>x</script><style>y</style><!-- z --><p hidden>h</p><i style='display: none'>i</i>b",
        "ab",
    );
    check("<noscript>x</noscript><svg><title>t</title></svg><button>y</button>a", "a");
}

fn page(html: &str) -> String {
    Document::parse(html, URL).markdown(Options::default())
}

const LONG: &str = "words of the article that go on and on so that it counts as the content of this page, and not as a teaser \
    of which there are many on the front pages of newspapers, each with a picture and a link to the whole of it. \
    It ends here.";

#[test]
fn the_content_of_a_page_is_found() {
    let frame = |inner: &str| {
        format!(
            "<html><head><title>T</title></head><body><header>logo</header><nav>menu</nav>{inner}<aside>ads</aside><footer>imprint</footer>"
        )
    };
    assert_eq!(page(&frame(&format!("<main><p>{LONG}</p><nav>toc</nav></main>"))), LONG);
    assert_eq!(page(&frame(&format!("<div role=main>{LONG}</div>"))), LONG);
    assert_eq!(
        page(&frame(&format!("<article>{LONG}<footer>by Ann</footer></article>"))),
        format!("{LONG}\n\nby Ann")
    );
    assert_eq!(page(&frame("<p>a</p><article>b</article><article>c</article>")), "a\n\nb\n\nc");
    assert_eq!(page("<header><h1>a</h1></header>b"), "# a\n\nb");
}

#[test]
fn a_page_that_is_all_frame_is_shown_whole() {
    assert_eq!(page("<nav><a href=/x>a</a></nav>"), "[a](https://example.com/x)");
    let whole =
        Document::parse("<nav>menu</nav><main>a</main>", URL).markdown(Options { whole: true, links: true });
    assert_eq!(whole, "menu\n\na");
}

#[test]
fn links_without_addresses_are_their_texts() {
    let document = Document::parse("<p><a href=/x>a</a> b", URL);
    assert_eq!(document.markdown(Options { links: false, whole: false }), "a b");
}

#[test]
fn a_page_says_what_it_is() {
    let document = Document::parse(
        "<base href=/b/><title> A &amp; B\n C</title><meta name=description content='About &lt;it&gt;'>
         <link rel=alternate type=application/rss+xml title=News href=feed.xml><link rel=alternate hreflang=de href=/de>
         <a href=x><img alt=Logo></a><a href=y>Y</a><a href=/b/x>again</a>",
        URL,
    );
    assert_eq!(document.title().as_deref(), Some("A & B C"));
    assert_eq!(document.description().as_deref(), Some("About <it>"));
    assert_eq!(
        document.feeds(),
        [FeedLink { title: "News".into(), url: "https://example.com/b/feed.xml".into() }]
    );
    let links: Vec<_> = document.links().into_iter().map(|link| (link.text, link.url)).collect();
    let expected = [("Logo", "https://example.com/b/x"), ("Y", "https://example.com/b/y")];
    assert_eq!(links, expected.map(|(text, url)| (text.to_owned(), url.to_owned())));
    assert_eq!(Document::parse("<h1>H <i>i</i></h1>", URL).title().as_deref(), Some("H i"));
    assert_eq!(Document::parse("x", "no address").title(), None);
}

#[test]
fn bombs_of_nesting_end_and_stay_small() {
    for (tag, text) in [
        ("div", "x"),
        ("blockquote", "x"),
        ("ul><li", "x"),
        ("b", "x"),
        ("table><tr><td", "x"),
        ("a href=/", "x"),
        ("q", "x"),
    ] {
        let html = format!("{}{text}", format!("<{tag}>").repeat(30_000));
        let found = fragment(&html, URL);
        assert!(found.contains(text) && found.len() < 2_000, "{tag}: {} bytes", found.len());
    }
    let lines = format!("{}{}", "<blockquote>".repeat(1000), "<p>x".repeat(10_000));
    assert!(fragment(&lines, URL).len() < 1_000_000);
}

/// Any tags in any order: what comes of them is bounded, and nothing ends the program.
#[test]
fn a_soup_of_tags_is_read() {
    const TAGS: &[&str] = &[
        "a href=/x",
        "b",
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td colspan=9",
        "th",
        "thead",
        "pre",
        "code",
        "h1",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "br",
        "img alt=x src=y",
        "svg",
        "main",
        "article",
        "nav",
        "header",
        "details",
        "summary",
        "caption",
        "q",
        "hr",
    ];
    let mut state = 7_u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..300 {
        let mut html = String::new();
        for _ in 0..300 {
            let tag = TAGS[next(TAGS.len())];
            match next(4) {
                0 => html.push_str(&format!("</{}>", tag.split(' ').next().unwrap())),
                1 => html.push_str([" x ", "`|*_", "&lt;&nbsp;", "\n# 1."][next(4)]),
                _ => html.push_str(&format!("<{tag}>")),
            }
        }
        let document = Document::parse(&html, URL);
        for whole in [false, true] {
            assert!(document.markdown(Options { links: true, whole }).len() < 200_000, "{html}");
        }
        drop((document.links(), document.title(), fragment(&html, "")));
    }
}
