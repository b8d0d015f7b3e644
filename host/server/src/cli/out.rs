//! The only place where commands write: answers to stdout, remarks to stderr.
//!
//! A reader that goes away (`cofferdam inspect x.wasm | head -1`) is no error.

use std::io;

use serde_json::Value;

use super::{Exit, Failure};

/// Writes an answer, with a line feed at its end.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    write(&mut stdout, text).map_err(|error| unwritable(&error))
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::new(Exit::Environment, format!("can't write to stdout: {error}"))
}

/// Writes an answer for programs.
pub(super) fn json(value: &Value) -> Result<(), Failure> {
    print(&format!("{value:#}"))
}

/// Writes a part of an answer that goes on. Whether there is still somebody who reads.
pub(super) fn print_to_reader(text: &str) -> Result<bool, Failure> {
    match write_all(&mut io::stdout().lock(), text) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(unwritable(&error)),
    }
}

/// Writes a remark. If stderr is closed, nobody wants it.
pub(super) fn say(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}

/// Asks whoever sits at the terminal; anything but a clear yes is a no.
pub(super) fn ask(question: &str) -> bool {
    // Without its lock while somebody thinks: others may have something to say meanwhile.
    if io::Write::write_all(&mut io::stderr(), format!("{question} [y/N] ").as_bytes()).is_err() {
        return false;
    }
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && is_yes(&answer)
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

fn write(to: &mut impl io::Write, text: &str) -> io::Result<()> {
    match write_all(to, text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn write_all(to: &mut impl io::Write, text: &str) -> io::Result<()> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    write!(to, "{text}{end}").and_then(|()| to.flush())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(io::ErrorKind);

    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_ends_with_one_line_feed() {
        let mut written = Vec::new();
        write(&mut written, "a").unwrap();
        write(&mut written, "b\n").unwrap();
        assert_eq!(written, b"a\nb\n");
    }

    #[test]
    fn only_a_clear_yes_is_one() {
        for (answer, yes) in
            [("y\n", true), (" Yes\r\n", true), ("", false), ("\n", false), ("n\n", false), ("yo\n", false)]
        {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is() {
        assert!(write(&mut Closed(io::ErrorKind::BrokenPipe), "a").is_ok());
        assert!(write(&mut Closed(io::ErrorKind::StorageFull), "a").is_err());
    }
}
