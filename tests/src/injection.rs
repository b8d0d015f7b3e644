//! Texts with which SQL has been smuggled into values, made from their parts. The capabilities' tests use this same file.

/// How a text leaves the quotes that it is thought to stand in.
const EXITS: &[&str] =
    &["", "'", "\"", "`", "')", "'))", "\")", "\\'", "%27", "\u{2019}", "''", "]", "$$", "E'", "x'27"];
/// What it would like to be run.
const WISHES: &[&str] = &[
    "",
    " OR 1=1",
    " OR '1'='1",
    " OR 'a' LIKE 'a",
    " AND 1=(SELECT count(*) FROM t)",
    " UNION SELECT sql FROM sqlite_schema",
    " UNION ALL SELECT NULL, NULL, NULL",
    " UNION SELECT passwd FROM pg_shadow",
    "; DROP TABLE t",
    "; DELETE FROM t",
    "; UPDATE t SET b = 'x'",
    "; ATTACH 'x' AS x",
    "; PRAGMA writable_schema = 1",
    "; COPY t TO PROGRAM 'id'",
    "; DO $$ BEGIN END $$",
    "; SELECT pg_sleep(9)",
    " || (SELECT b FROM t) || ",
    " ORDER BY 99",
    " HAVING 1=1",
    "; VACUUM INTO 'x'",
    "\r\n; ROLLBACK; BEGIN",
    " RETURNING *",
    "{\"$gt\": \"\"}",
];
/// How it hides what follows.
const ENDS: &[&str] = &["", " --", " -- -", "/*", "#", ";%00", " '"];

/// All of them, each once.
#[must_use]
pub fn texts() -> Vec<String> {
    let mut all: Vec<String> = ["?1", "$1", ":a", "@a", "\\", "%s%n", "\u{feff}", "\u{202e}", "NULL", "\t"]
        .map(str::to_owned)
        .into();
    for exit in EXITS {
        for wish in WISHES {
            all.extend(ENDS.iter().map(|end| format!("1{exit}{wish}{end}")));
        }
    }
    all.sort();
    all.dedup();
    all
}
