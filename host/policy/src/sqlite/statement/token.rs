//! The words of a statement, as SQLite's own reader tells them apart.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// A place for a value, with its sign: `?1`, `$1`, `:name`.
    Parameter(&'a str),
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `;`.
    End,
    /// Anything else: quoted text, operators.
    Other(&'a str),
}

impl<'a> Token<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Parameter(text) | Self::Other(text) => text,
            Self::Open => "(",
            Self::Close => ")",
            Self::End => ";",
        }
    }
}

/// A text that is being read.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(sql: &'a str) -> Self {
        Self { rest: sql }
    }

    /// What is left to read.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Takes so many bytes; an end within a character goes on to the character's end.
    fn take(&mut self, bytes: usize) -> &'a str {
        let end = (bytes..=self.rest.len()).find(|end| self.rest.is_char_boundary(*end));
        let (taken, rest) =
            self.rest.split_at_checked(end.unwrap_or(self.rest.len())).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_blanks(&mut self) {
        loop {
            let bytes = self.rest.as_bytes();
            let blanks = bytes.iter().take_while(|byte| is_blank(**byte)).count();
            let comment = match bytes.get(blanks..) {
                Some([b'-', b'-', rest @ ..]) => 2 + line(rest),
                Some([b'/', b'*', rest @ ..]) if !rest.is_empty() => 2 + comment(rest),
                _ => 0,
            };
            if blanks + comment == 0 {
                return;
            }
            self.take(blanks + comment);
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let bytes = self.rest.as_bytes();
        let (first, after) = bytes.split_first()?;
        Some(match *first {
            b';' => {
                self.take(1);
                Token::End
            }
            b'(' => {
                self.take(1);
                Token::Open
            }
            b')' => {
                self.take(1);
                Token::Close
            }
            quote @ (b'\'' | b'"' | b'`') => Token::Other(self.take(1 + quoted(after, quote))),
            b'[' => Token::Other(
                self.take(1 + after.iter().position(|byte| *byte == b']').map_or(after.len(), |at| at + 1)),
            ),
            b'?' => {
                Token::Parameter(self.take(1 + after.iter().take_while(|byte| byte.is_ascii_digit()).count()))
            }
            b'$' | b'@' | b':' | b'#' => Token::Parameter(self.take(1 + named(after))),
            byte if is_of_word(byte) => {
                Token::Word(self.take(bytes.iter().take_while(|byte| is_of_word(**byte)).count()))
            }
            _ => Token::Other(self.take(1)),
        })
    }
}

/// Bytes of a comment's line.
fn line(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

/// Bytes of a comment up to its end. One that is not ended ends with the text.
fn comment(rest: &[u8]) -> usize {
    rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |at| at + 2)
}

/// Bytes of quoted text after its first quote; a quote in it is written twice.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        at += 1;
        if *byte == quote {
            match rest.get(at) {
                Some(next) if *next == quote => at += 1,
                _ => return at,
            }
        }
    }
    at
}

/// Bytes of a parameter's name. What Tcl would put there belongs to it.
fn named(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| is_of_word(**byte) || matches!(byte, b':' | b'(')).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
