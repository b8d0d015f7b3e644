//! Each mistake, and the exact words that an operator reads.

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(load(text).unwrap_err(), expected.trim_matches('\n'), "{text}");
}

/// The lines that name and mark the mistakes, where the rest was checked elsewhere.
fn marked(text: &str) -> Vec<String> {
    let shown = load(text).unwrap_err();
    let marks = shown.lines().filter(|line| line.contains('^') || line.contains("--> "));
    let marks = marks.map(|line| line.trim_start_matches([' ', '|', '^', '-', '>']).to_owned());
    marks.collect()
}

#[test]
fn unknown_keys_come_all_at_once_each_with_the_nearest_known_one() {
    check(
        "[servr]\nhttp = 1\nlist = 1\n[limits]\nmemry = \"1 MiB\"\n[plugins.a.limit]\nfuel = 1\n",
        r#"
error: unknown table `servr`
 --> cofferdam.toml:1:2
  |
1 | [servr]
  |  ^^^^^ the file has no such key
  |
  = help: did you mean `server`?

error: unknown key `memry`
 --> cofferdam.toml:5:1
  |
5 | memry = "1 MiB"
  | ^^^^^ [limits] has no such key
  |
  = help: did you mean `memory`?

error: unknown table `limit`
 --> cofferdam.toml:6:12
  |
6 | [plugins.a.limit]
  |            ^^^^^ [plugins.a] has no such key
  |
  = help: did you mean `limits`?
"#,
    );
}

#[test]
fn a_key_that_is_like_no_other_is_answered_with_all_of_them() {
    check(
        "[log]\nverbosity = 3\n",
        r"
error: unknown key `verbosity`
 --> cofferdam.toml:2:1
  |
2 | verbosity = 3
  | ^^^^^^^^^ [log] has no such key
  |
  = note: [log] has format, level
  = help: remove it; `cofferdam config schema` lists all keys
",
    );
}

#[test]
fn a_value_of_a_wrong_type_is_shown_with_what_its_key_means() {
    check(
        "[server]\nusage_meta = \"yes\"\n[log]\nlevel = \"loud\"\n",
        r#"
error: `server.usage_meta` can't be used
 --> cofferdam.toml:2:14
  |
2 | usage_meta = "yes"
  |              ^^^^^ expected a boolean, found string "yes"
  |
  = help: server.usage_meta: Whether results carry what the call used (fuel, memory, time) in `_meta`. Default true.

error: `log.level` can't be used
 --> cofferdam.toml:4:9
  |
4 | level = "loud"
  |         ^^^^^^ expected one of `error`, `warn`, `info`, `debug`, `trace`, found `loud`
  |
  = help: log.level: The least severe messages to show. Default "info".
"#,
    );
}

#[test]
fn every_wrong_value_is_marked_with_what_was_expected() {
    for (text, expected) in [
        ("server = 1", "expected a table, found integer"),
        ("limits = [5_000_000]", "expected a table, found array"),
        ("server.http.x = 1", "expected a value, found a table"),
        ("server.http = 7331", "expected a string, found integer `7331`"),
        ("server.http = \"all:1\"", "expected an IP address and a port, found \"all:1\""),
        ("server.page_size = 0", "expected 1 to 1000, found 0"),
        ("server.page_size = -1", "expected a whole number, found integer `-1`"),
        ("server.concurrent_calls = 4097", "expected 1 to 4096, found 4097"),
        ("server.max_body = \"1 GiB\"", "expected 1 KiB to 128 MiB, found 1 GiB"),
        ("server.heartbeat = \"1ms\"", "expected 1s to 5m, found 1ms"),
        ("server.list_ttl = \"25h\"", "expected 0 to 24h, found 25h"),
        ("server.allowed_hosts = [1]", "expected a string, found integer `1`"),
        (
            "server.allowed_origins = [\"a.example\"]",
            "expected the origin of a web page, such as \"https://app.example.com\", found \"a.example\"",
        ),
        ("limits.memory = 0", "`memory` is 0, expected 64 KiB to 2 GiB"),
        ("limits.deadline = \"2h\"", "`deadline` is 2h, expected 1ms to 1h"),
        ("limits.fuel = \"lots\"", "expected a whole number, such as 1_000, found string \"lots\""),
        ("plugins.a.limits.memory = \"9 GiB\"", "`memory` is 9 GiB, expected 64 KiB to 2 GiB"),
        (
            "load.file = -1",
            "expected a size such as \"64 MiB\" (units B, KiB, MiB, GiB), or a number of bytes, found integer `-1`",
        ),
        ("load.plugins = 10_001", "`plugins` is 10001, expected 1 to 10000"),
        ("compile.memory = \"255 MiB\"", "expected 256 MiB to 64 GiB, found 255 MiB"),
        ("compile.cpu = \"11m\"", "expected 1s to 10m, found 11m"),
        ("compile.deadline = 0", "expected 1s to 10m, found 0"),
        ("compile.at_once = 9", "expected 1 to 8, found 9"),
        ("compile.cache = \"on\"", "expected a boolean, found string \"on\""),
        ("compile.cache_dir = \"\"", "expected the path of a directory, found nothing"),
        ("compile.cache_size = \"1025 GiB\"", "expected 16 MiB to 1024 GiB, found 1025 GiB"),
        ("admin.enabled = 1", "expected a boolean, found integer `1`"),
        ("admin.socket = \"\"", "expected the path of a socket, found nothing"),
        ("plugins.trust = \"none\"", "expected one of `open`, `lock`, `signed`, found `none`"),
        ("plugins.trusted_keys = [\"RWQ\"]", "expected a public key of minisign, found \"RWQ\""),
        ("plugins.trusted_keys = \"RWQ\"", "expected a sequence, found string \"RWQ\""),
        ("plugins_dir = \"\"", "expected the path of a directory, found nothing"),
        ("plugins.a.config = 1", "expected a table, found integer"),
        ("plugins.a.config.x = nan", "expected a number that JSON has, found NaN"),
        (
            "plugins.a.namespace = \"a b\"",
            "namespace \"a b\" is not valid: expected up to 32 characters of A-Z, a-z, 0-9, _ and -, or \"\" for none",
        ),
    ] {
        let marked = marked(text);
        assert_eq!(marked.len(), 2, "{text}: {marked:?}");
        assert_eq!(marked[1], expected, "{text}");
    }
}

#[test]
fn a_name_that_no_plugin_has_is_shown_once_at_its_table() {
    check(
        "[plugins.My_Tool]\nenabled = true\nnamespace = \"x\"\n",
        r#"
error: `plugins.My_Tool` can't be used
 --> cofferdam.toml:1:10
  |
1 | [plugins.My_Tool]
  |          ^^^^^^^ plugin id "My_Tool" is not valid: expected 1 to 32 characters of a-z, 0-9 and -, not starting with -; rename the file
  |
  = help: a plugin's id is the name of its file without .wasm
"#,
    );
    assert_eq!(marked("[plugins.a]\n[plugins.B]\n")[0], "cofferdam.toml:2:10");
}

#[test]
fn a_key_that_is_written_twice_is_shown_where_it_is_repeated() {
    check(
        "[server]\nhttp = \"127.0.0.1:1\"\nhttp = \"127.0.0.1:2\"\n",
        r#"
error: a key is written twice
 --> cofferdam.toml:3:1
  |
3 | http = "127.0.0.1:2"
  | ^^^^ duplicate key
  |
  = help: keep one of them; a table is opened once, with all of its keys below
"#,
    );
}

#[test]
fn text_that_is_not_toml_is_shown_where_it_stops_being_it() {
    let shown = marked("plugins_dir = plugins\n[server\n");
    assert_eq!(
        shown,
        [
            "cofferdam.toml:1:15",
            "string values must be quoted, expected literal string",
            "cofferdam.toml:2:8",
            "unclosed table, expected `]`"
        ]
    );
}

#[test]
fn an_address_that_others_reach_has_to_be_allowed_and_named() {
    check(
        "[server]\nhttp = \"0.0.0.0:80\"\n",
        r#"
error: `server.http` can't be used
 --> cofferdam.toml:2:8
  |
2 | http = "0.0.0.0:80"
  |        ^^^^^^^^^^^^ other machines can reach 0.0.0.0:80, and `server.allow_remote` is false
  |
  = note: server.http: Address and port to listen on; port 0 takes a free one. Default "127.0.0.1:7331".
  = help: listen on 127.0.0.1, or set `server.allow_remote = true` (flag --allow-remote) and `server.allowed_hosts`: there is no authentication yet, so whoever reaches it may call every tool
"#,
    );
    let allowed = "[server]\nhttp = \"192.0.2.1:80\"\nallow_remote = true\n";
    assert_eq!(marked(allowed)[1], "clients can't address 192.0.2.1:80 by any name");
    assert!(load(&format!("{allowed}allowed_hosts = [\"192.0.2.1\"]\n")).is_ok());
}

#[test]
fn a_variable_that_is_no_key_is_an_error_beside_all_others() {
    let environment = [
        ("COFFERDAM_SERVER__HTP", "127.0.0.1:1"),
        ("COFFERDAM_PLUGINS__A__LIMIT__FUEL", "1"),
        ("COFFERDAM_WHATEVER", "1"),
        ("COFFERDAM_SERVER__PAGE_SIZE", "0"),
    ];
    let shown = load_with("", &environment, Vec::new()).unwrap_err();
    assert_eq!(
        shown,
        r"
error: unknown environment variable COFFERDAM_SERVER__HTP
 --> environment:1:1
  |
1 | COFFERDAM_SERVER__HTP=127.0.0.1:1
  | ^^^^^^^^^^^^^^^^^^^^^ no key of cofferdam.toml has this name
  |
  = note: COFFERDAM_ is followed by the key's path, with __ between its parts
  = help: did you mean COFFERDAM_SERVER__HTTP?

error: unknown environment variable COFFERDAM_PLUGINS__A__LIMIT__FUEL
 --> environment:1:1
  |
1 | COFFERDAM_PLUGINS__A__LIMIT__FUEL=1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no key of cofferdam.toml has this name
  |
  = note: COFFERDAM_ is followed by the key's path, with __ between its parts
  = help: did you mean COFFERDAM_PLUGINS__A__LIMITS__FUEL?

error: unknown environment variable COFFERDAM_WHATEVER
 --> environment:1:1
  |
1 | COFFERDAM_WHATEVER=1
  | ^^^^^^^^^^^^^^^^^^ no key of cofferdam.toml has this name
  |
  = note: COFFERDAM_ is followed by the key's path, with __ between its parts
  = help: unset it; `cofferdam config schema` lists all keys

error: `server.page_size` can't be used
 --> environment:1:29
  |
1 | COFFERDAM_SERVER__PAGE_SIZE=0
  |                             ^ expected 1 to 1000, found 0
  |
  = help: server.page_size: Tools in one page of a list, 1 to 1_000. Default 250.
"
        .trim_matches('\n')
    );
}

#[test]
fn a_flag_is_shown_as_it_was_given() {
    let shown = load_with("", &[], vec![Flag::http("x")]).unwrap_err();
    let start = "error: `server.http` can't be used\n --> command line:1:8\n  |\n1 | --http x\n  |        ^ ";
    assert!(shown.starts_with(start), "{shown}");
}

#[test]
fn a_mistake_in_the_file_is_an_error_even_where_a_flag_goes_before_it() {
    let shown = load_with("server.http = \"x\"\n", &[], vec![Flag::http("127.0.0.1:1")]).unwrap_err();
    assert!(shown.contains("--> cofferdam.toml:1:15"), "{shown}");
}

#[test]
fn a_file_that_is_named_must_be_there_and_a_small_one() {
    let missing = load_with("", &[("COFFERDAM_CONFIG", "no.toml")], Vec::new()).unwrap_err();
    assert_eq!(
        missing,
        "error: can't read the configuration file no.toml: No such file or directory (os error 2)\n |\n \
         = note: it is named by COFFERDAM_CONFIG\n \
         = help: name a file that exists and is readable, or leave out COFFERDAM_CONFIG"
    );
    let huge = load(&"#".repeat((1 << 20) + 1)).unwrap_err();
    assert!(huge.contains("cofferdam.toml: it is larger than 1 MiB\n"), "{huge}");
}

#[test]
fn trust_in_signatures_needs_a_key_to_check_them_with() {
    check(
        "[plugins]\ntrust = \"signed\"\n",
        r#"
error: `plugins.trust` can't be used
 --> cofferdam.toml:2:9
  |
2 | trust = "signed"
  |         ^^^^^^^^ no signature counts, because `plugins.trusted_keys` is empty
  |
  = note: plugins.trust: Which plugins are served. "open": every one in the directory. "lock": what cofferdam.lock beside this file records; anything that differs waits for `cofferdam approve`, and the version before it goes on. "signed": files with a signature beside them that one of `trusted_keys` made. Default "open".
  = help: set `trusted_keys` under [plugins] to the public keys of those who sign, such as ["RWQ…"]
"#,
    );
}

#[test]
fn a_plugin_with_the_name_of_a_key_has_no_table() {
    let shown = r"
error: `plugins.trust` can't be used
 --> cofferdam.toml:1:10
  |
1 | [plugins.trust]
  |          ^^^^^ expected a value, found a table
  |
  = help: `trust` is a key of [plugins], so a plugin of this name can't have a table: rename its file
";
    check("[plugins.trust]\n", shown);
    check("[plugins.trust]\nenabled = true\nlimits.fuel = 5_000_000\n", shown);
    let environment = [("COFFERDAM_PLUGINS__TRUST__NAMESPACE", "x")];
    let shown = load_with("", &environment, Vec::new()).unwrap_err();
    assert!(shown.contains(" --> environment:1:1\n") && shown.contains("rename its file"), "{shown}");
}

#[test]
fn a_key_for_all_plugins_that_is_misspelt_is_not_taken_for_a_plugin() {
    for (text, meant) in [("trsut = \"lock\"", "trust"), ("trusted-keys = []", "trusted_keys")] {
        let shown = load(&format!("[plugins]\n{text}\n")).unwrap_err();
        assert!(shown.contains("[plugins] has no such key"), "{shown}");
        assert!(shown.contains(&format!("did you mean `{meant}`?")), "{shown}");
    }
}
