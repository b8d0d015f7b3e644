//! The statement as words and signs: how much of it there may be, and which of it can be read in one way only.
//!
//! Our parser and the server read the same text, and a difference between them would be a way past the gate. So
//! whatever they are known to read differently, or seldom need to be read at all, isn't allowed: exotic literals (send
//! values as parameters), operators of one's own making (`</*` is one to our parser, and begins a comment for the
//! server), characters beyond ASCII outside of quotes.

use cofferdam_policy::Code;
use sqlparser::{
    dialect::PostgreSqlDialect,
    tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace},
};

use super::{super::super::DatabaseError, unclear};

/// How long a statement may be.
const BYTES: usize = 100 << 10;
/// How many words and signs it may have, besides literals, commas and parentheses. A chain of operators makes a tree
/// as deep as the chain is long, which whoever walks it or frees it climbs down.
const WORDS: usize = 3_000;
/// How many of everything.
const TOKENS: usize = 30_000;

/// One statement of a text.
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<TokenWithSpan>,
}

/// A name as the server compares it: in lower case unless it was quoted; and what follows.
pub(super) struct Name {
    pub(super) name: String,
    /// A `(`.
    pub(super) called: bool,
    /// `.` and a name, lower case unless quoted.
    pub(super) member: Option<String>,
}

/// The statements of a text, without the semicolons between them.
pub(super) fn pieces(sql: &str) -> Result<Vec<Piece<'_>>, DatabaseError> {
    if sql.len() > BYTES {
        return Err(DatabaseError::Limit(format!(
            "a statement of {} bytes, expected at most {BYTES}: send values as parameters [{}]",
            sql.len(),
            Code::DatabaseLimit
        )));
    }
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if let Some(odd) = sql.chars().find(|c| odd(*c)) {
        return Err(unclear(format!("it has the control character U+{:04X}", u32::from(odd))));
    }
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location().map_err(unclear)?;
    if tokens.len() > TOKENS {
        return Err(too_many("words and signs", tokens.len(), TOKENS));
    }
    Ok(split(sql, tokens))
}

fn split(sql: &str, tokens: Vec<TokenWithSpan>) -> Vec<Piece<'_>> {
    let mut places = Places::new(sql);
    let (mut pieces, mut current, mut start) = (Vec::new(), Vec::new(), 0);
    let mut close = |current: &mut Vec<TokenWithSpan>, from: usize, to: usize| {
        let tokens = std::mem::take(current);
        let counts = |token: &TokenWithSpan| !matches!(token.token, Token::Whitespace(_) | Token::EOF);
        if tokens.iter().any(counts) {
            pieces.push(Piece { text: sql.get(from..to).unwrap_or_default(), tokens });
        }
    };
    for token in tokens {
        if token.token == Token::SemiColon {
            let end = places.byte(token.span.start);
            close(&mut current, start, end);
            start = end + 1;
        } else {
            current.push(token);
        }
    }
    close(&mut current, start, sql.len());
    pieces
}

/// From lines and columns, which only grow, to bytes.
struct Places<'a> {
    chars: std::iter::Peekable<std::str::CharIndices<'a>>,
    line: u64,
    column: u64,
    end: usize,
}

impl<'a> Places<'a> {
    fn new(sql: &'a str) -> Self {
        Self { chars: sql.char_indices().peekable(), line: 1, column: 1, end: sql.len() }
    }

    fn byte(&mut self, location: Location) -> usize {
        while let Some((byte, c)) = self.chars.peek().copied() {
            if (self.line, self.column) >= (location.line, location.column) {
                return byte;
            }
            self.chars.next();
            (self.line, self.column) =
                if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.end
    }
}

/// Checks that the piece can be read in one way only, and gives its names.
pub(super) fn check(piece: &Piece<'_>) -> Result<Vec<Name>, DatabaseError> {
    let mut words = 0;
    let mut quoted = 0;
    for token in &piece.tokens {
        let (counted, beyond_ascii) = weigh(&token.token)?;
        words += usize::from(counted);
        quoted += beyond_ascii;
    }
    // `U&"…"` is one name with escapes to the server, and three words to our parser.
    let escaped = |pair: &[TokenWithSpan]| {
        matches!(pair, [first, second] if second.token == Token::Ampersand
            && matches!(&first.token, Token::Word(word) if word.value.eq_ignore_ascii_case("u")))
    };
    if piece.tokens.windows(2).any(escaped) {
        return Err(unclear("it has a name or a text with escapes (U&)"));
    }
    if words > WORDS {
        return Err(too_many("words and operators", words, WORDS));
    }
    // Whatever isn't ASCII stands where both readers agree that it is text.
    if beyond_ascii(piece.text) != quoted {
        return Err(unclear("there are characters beyond ASCII outside of quotes: quote the name"));
    }
    Ok(names(&piece.tokens))
}

/// Whether it counts as a word, and how many of its characters are text beyond ASCII.
fn weigh(token: &Token) -> Result<(bool, usize), DatabaseError> {
    let weight = match token {
        Token::Word(word) if word.quote_style.is_none() => (true, 0),
        Token::Word(word) if word.quote_style == Some('"') => (true, beyond_ascii(&word.value)),
        Token::SingleQuotedString(text) => (false, beyond_ascii(text)),
        Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) if prefix == "--" => {
            (false, beyond_ascii(comment))
        }
        Token::Whitespace(Whitespace::MultiLineComment(comment)) => (false, beyond_ascii(comment)),
        Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab) => (false, 0),
        Token::Placeholder(name) => {
            let digits = name.strip_prefix('$').unwrap_or_default();
            if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(unclear(format!("`{name}` stands for no value: number them $1, $2 and so on")));
            }
            (false, 0)
        }
        Token::Number(_, false) | Token::Comma | Token::LParen | Token::RParen | Token::EOF => (false, 0),
        Token::HexStringLiteral(_) => (false, 0),
        other if is_operator(other) => (true, 0),
        _ => {
            return Err(unclear(
                "it has a literal or an operator that isn't allowed here: send values as parameters, and use only the \
                 server's own operators",
            ));
        }
    };
    Ok(weight)
}

fn is_operator(token: &Token) -> bool {
    use Token::{
        Ampersand, AmpersandLeftAngleBracket, AmpersandRightAngleBracket, Arrow, ArrowAt, AtArrow, AtAt,
        AtQuestion, AtSign, Caret, CaretAt, Colon, Div, DoubleColon, DoubleTilde, DoubleTildeAsterisk, Eq,
        ExclamationMarkDoubleTilde, ExclamationMarkDoubleTildeAsterisk, ExclamationMarkTilde,
        ExclamationMarkTildeAsterisk, Gt, GtEq, HashArrow, HashLongArrow, HashMinus, LBracket, LongArrow, Lt,
        LtEq, Minus, Mod, Mul, Neq, Overlap, PGCubeRoot, PGSquareRoot, Period, Pipe, Plus, Question,
        QuestionAnd, QuestionPipe, RArrow, RBracket, Sharp, ShiftLeft, ShiftRight, StringConcat, Tilde,
        TildeAsterisk,
    };
    matches!(
        token,
        Ampersand
            | AmpersandLeftAngleBracket
            | AmpersandRightAngleBracket
            | Arrow
            | ArrowAt
            | AtArrow
            | AtAt
            | AtQuestion
            | AtSign
            | Caret
            | CaretAt
            | Colon
            | Div
            | DoubleColon
            | DoubleTilde
            | DoubleTildeAsterisk
            | Eq
            | ExclamationMarkDoubleTilde
            | ExclamationMarkDoubleTildeAsterisk
            | ExclamationMarkTilde
            | ExclamationMarkTildeAsterisk
            | Gt
            | GtEq
            | HashArrow
            | HashLongArrow
            | HashMinus
            | LBracket
            | LongArrow
            | Lt
            | LtEq
            | Minus
            | Mod
            | Mul
            | Neq
            | Overlap
            | PGCubeRoot
            | PGSquareRoot
            | Period
            | Pipe
            | Plus
            | Question
            | QuestionAnd
            | QuestionPipe
            | RArrow
            | RBracket
            | Sharp
            | ShiftLeft
            | ShiftRight
            | StringConcat
            | Tilde
            | TildeAsterisk
    )
}

fn names(tokens: &[TokenWithSpan]) -> Vec<Name> {
    let solid: Vec<&Token> = tokens
        .iter()
        .map(|token| &token.token)
        .filter(|token| !matches!(token, Token::Whitespace(_)))
        .collect();
    let follows = |index: usize| solid.get(index).copied();
    let name = |(index, token): (usize, &&Token)| {
        let member = match (follows(index + 1), follows(index + 2)) {
            (Some(Token::Period), Some(next)) => folded(next),
            _ => None,
        };
        let called = follows(index + 1) == Some(&Token::LParen);
        folded(token).map(|name| Name { name, called, member })
    };
    solid.iter().enumerate().filter_map(name).collect()
}

fn folded(token: &Token) -> Option<String> {
    let Token::Word(word) = token else { return None };
    Some(if word.quote_style.is_some() { word.value.clone() } else { word.value.to_ascii_lowercase() })
}

fn beyond_ascii(text: &str) -> usize {
    text.chars().filter(|c| !c.is_ascii()).count()
}

fn too_many(what: &str, found: usize, most: usize) -> DatabaseError {
    DatabaseError::Limit(format!(
        "a statement of {found} {what}, expected at most {most}: send values as parameters [{}]",
        Code::DatabaseLimit
    ))
}
