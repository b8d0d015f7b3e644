//! The gate before Postgres by itself, without what speaks to a server; and a scanner of its statements that was written
//! apart from it.

use cofferdam_policy::DatabaseAccess;

/// The capabilities' own files, linked to from here at the depth where they stand there: so the gate alone is compiled,
/// with no driver.
#[allow(dead_code, reason = "the host uses the rest")]
mod database {
    mod error;
    pub(super) mod sql {
        mod gate;

        use cofferdam_policy::DatabaseAccess;

        /// What would be sent of this text; and what would be run of it as a step of a migration.
        pub(crate) fn judge(access: DatabaseAccess, text: &str) -> (Option<String>, Vec<String>) {
            let gate = gate::Gate::new("p".to_owned(), "shop".to_owned(), access);
            let script = gate.judge_script(text).unwrap_or_default();
            (
                gate.judge(text).ok().map(|judged| judged.sql),
                script.into_iter().map(|judged| judged.sql).collect(),
            )
        }
    }
    pub use self::error::DatabaseError;
}

/// Any of the three.
#[must_use]
pub fn access(choice: u8) -> DatabaseAccess {
    match choice % 3 {
        0 => DatabaseAccess::Read,
        1 => DatabaseAccess::Write,
        _ => DatabaseAccess::Schema,
    }
}

/// What would be sent of this text, if anything; and what would be run of it as a step of a migration.
#[must_use]
pub fn judge(access: DatabaseAccess, text: &str) -> (Option<String>, Vec<String>) {
    database::sql::judge(access, text)
}

/// The statements of a text, without literals' and comments' contents.
#[must_use]
pub fn statements(text: &str) -> Vec<String> {
    let (mut all, mut one, mut rest) = (Vec::new(), String::new(), text);
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '\'' | '"' => quoted(rest, c),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '$' => dollars(rest),
            _ => 0,
        };
        if skipped > 0 {
            rest = &rest[skipped..];
            one.push(' ');
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            ';' => all.push(std::mem::take(&mut one)),
            _ => one.push(c),
        }
    }
    all.push(one);
    all.retain(|statement| !statement.trim().is_empty());
    all
}

/// How long a literal or a quoted name is.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(end) = text[from..].find(quote) {
        from += end + 1;
        if !text[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    text.len()
}

/// How long a comment is, with those in it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How long a text between dollars is; zero if it is none.
fn dollars(text: &str) -> usize {
    let Some(end) = text[1..].find('$') else { return 0 };
    let mark = &text[..end + 2];
    let name = &mark[1..mark.len() - 1];
    if name.starts_with(|c: char| c.is_ascii_digit())
        || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return 0;
    }
    text[mark.len()..].find(mark).map_or(text.len(), |at| mark.len() + at + mark.len())
}
