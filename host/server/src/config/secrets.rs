//! Secrets: where each comes from, and its value.
//!
//! Values are read once all else holds, with the file; nothing here, no mistake and no log has one in it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use cofferdam_runtime::capabilities::secret::{Secret, Template, Zeroizing};

use super::{Given, resolve::Fault, written::SecretTable};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest value.
const LONGEST: u64 = 64 << 10;

/// Where a secret comes from.
enum Source<'a> {
    Env(&'a str),
    File(&'a str),
    Command(&'a str, &'a [String]),
}

impl Source<'_> {
    fn key(&self) -> &'static str {
        match self {
            Self::Env(_) => "env",
            Self::File(_) => "file",
            Self::Command(..) => "command",
        }
    }
}

/// What shows in one entry alone.
pub(super) fn check(secrets: &BTreeMap<String, SecretTable>) -> Result<(), Fault> {
    secrets.iter().try_for_each(|(name, table)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            let label = "expected a name of letters, digits, - and _";
            return Err(Fault::name(&["secrets", name], label).help("name it as in `${secret:weather}`"));
        }
        source(name, table).map(drop)
    })
}

fn source<'a>(name: &str, table: &'a SecretTable) -> Result<Source<'a>, Fault> {
    let wrong = |found: &str| {
        let label = format!("expected one of `env`, `file` and `command`, found {found}");
        Fault::name(&["secrets", name], label).help("such as { env = \"WEATHER_TOKEN\" }")
    };
    match (table.env.as_deref(), table.file.as_deref(), table.command.as_deref()) {
        (Some(variable), None, None) => Ok(Source::Env(variable)),
        (None, Some(file), None) => Ok(Source::File(file)),
        (None, None, Some([program, arguments @ ..])) => Ok(Source::Command(program, arguments)),
        (None, None, Some([])) => {
            let label = "expected a program and its arguments, found nothing";
            Err(Fault::new(&["secrets", name, "command"], label)
                .help("such as [\"pass\", \"show\", \"weather\"]"))
        }
        (None, None, None) => Err(wrong("none")),
        _ => Err(wrong("several")),
    }
}

/// The values of all secrets.
pub(super) fn values(
    secrets: &BTreeMap<String, SecretTable>,
    given: &Given,
) -> Result<BTreeMap<String, Secret>, Fault> {
    let read = |(name, table): (&String, &SecretTable)| {
        let source = source(name, table)?;
        let value = value(&source, given).and_then(whole);
        let value =
            value.map_err(|(label, help)| Fault::new(&["secrets", name, source.key()], label).help(help))?;
        Ok((name.clone(), Secret::new(name, value)))
    };
    secrets.iter().map(read).collect()
}

/// An address in which secrets may stand: as they are where one is all of it, percent-encoded where it is a part.
/// Without `secrets` the shape alone is checked, and something stands in their place; `whole` for all of it.
pub(super) fn address(
    text: &str,
    secrets: Option<&BTreeMap<String, Secret>>,
    whole: &str,
) -> Result<Zeroizing<String>, String> {
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    let is_whole = text.starts_with("${") && text.ends_with('}') && text.matches("${").count() == 1;
    let Some(secrets) = secrets else {
        let pieces = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
        let shape =
            pieces.fold(text.to_owned(), |text, (name, _)| text.replace(&format!("${{{name}}}"), "secret"));
        return Ok(Zeroizing::new(if is_whole { whole.to_owned() } else { shape }));
    };
    if is_whole {
        return template.fill(secrets).map(|filled| filled.expose()).map_err(|error| error.to_string());
    }
    let encoded =
        secrets.iter().map(|(name, secret)| (name.clone(), Secret::new(name, encoded(secret.expose()))));
    template.fill(&encoded.collect()).map(|filled| filled.expose()).map_err(|error| error.to_string())
}

fn encoded(value: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(value.len() * 3));
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// What is wrong, and what to do.
type Wrong = (String, &'static str);

fn value(source: &Source<'_>, given: &Given) -> Result<Zeroizing<String>, Wrong> {
    match source {
        Source::Env(name) => match given.environment.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(Zeroizing::new(value.clone())),
            None => Err((
                format!("the variable `{name}` isn't set"),
                "set it for the host; a client that starts the host may pass only the variables that it was told to",
            )),
        },
        Source::File(path) => file(Path::new(path)),
        Source::Command(program, arguments) => command(program, arguments),
    }
}

/// A value is one line of text.
fn whole(value: Zeroizing<String>) -> Result<Zeroizing<String>, Wrong> {
    match value.is_empty() || value.contains(['\n', '\r', '\0']) {
        true => Err((
            "expected one line, found none or several".to_owned(),
            "a secret is one line of text, such as a token",
        )),
        false => Ok(value),
    }
}

fn file(path: &Path) -> Result<Zeroizing<String>, Wrong> {
    let unreadable = |error: io::Error| {
        (
            format!("can't read {}: {}", path.display(), error.kind()),
            "check the path; it is relative to cofferdam.toml",
        )
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err((format!("{} is no regular file", path.display()), "put the secret into a file"));
    }
    // Of the file that is open, not of whatever has its name by now.
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        let label = format!(
            "others may read {} (mode {mode:04o}); run: chmod 600 {}",
            path.display(),
            path.display()
        );
        return Err((label, "a secret's file is for its owner alone"));
    }
    text(&mut file).map(|text| first_line(&text, false)).map_err(unreadable)
}

fn command(program: &str, arguments: &[String]) -> Result<Zeroizing<String>, Wrong> {
    const HELP: &str =
        "run it by hand and see; what it says itself isn't shown here, as the secret may be in it";
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|error| (format!("can't run `{program}`: {}", error.kind()), HELP))?;
    let (sender, printed) = mpsc::channel();
    let stdout = child.stdout.take();
    thread::spawn(move || {
        let read = stdout.map_or_else(|| Ok(Zeroizing::default()), |mut stdout| text(&mut stdout));
        // Who waited may have given up.
        drop(sender.send(read));
    });
    let printed = printed.recv_timeout(PATIENCE);
    if printed.is_err() {
        // It may have ended by itself just now.
        drop(child.kill());
    }
    let status = child.wait().map_err(|error| (format!("`{program}`: {}", error.kind()), HELP))?;
    match printed {
        Err(_) => Err((format!("`{program}` didn't end within {} s", PATIENCE.as_secs()), HELP)),
        Ok(_) if !status.success() => Err((format!("`{program}` failed ({status})"), HELP)),
        Ok(Err(error)) => Err((format!("`{program}` printed what can't be read: {}", error.kind()), HELP)),
        Ok(Ok(printed)) => Ok(first_line(&printed, true)),
    }
}

fn text(from: &mut impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    from.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// The first line; of a text that should have no other, all but the end of its last line.
fn first_line(text: &str, of_many: bool) -> Zeroizing<String> {
    let line = if of_many { text.lines().next() } else { text.strip_suffix('\n') };
    let line = line.unwrap_or(text);
    Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
