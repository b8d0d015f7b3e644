//! Numbers that stay exact as long as 28 digits suffice, and are floating point after that.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::json::Json;

/// Digits that a quotient is rounded to: what a floating-point number holds for sure.
const QUOTIENT_DIGITS: u32 = 15;

/// A number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// Exact, up to 28 digits.
    Exact(Decimal),
    /// Rounded: too large, too small or too long for the other.
    Float(f64),
}

impl Number {
    /// Nothing.
    pub(crate) const ZERO: Self = Self::Exact(Decimal::ZERO);

    /// Reads a number in JSON's grammar.
    pub(crate) fn parse(digits: &str) -> Option<Self> {
        let exact = if digits.contains(['e', 'E']) {
            Decimal::from_scientific(digits)
        } else {
            Decimal::from_str_exact(digits)
        };
        exact
            .map(Self::Exact)
            .or_else(|_| digits.parse().map(Self::Float))
            .ok()
            .filter(|number| number.to_f64().is_finite())
    }

    /// The number in a cell: of a number, and of a text that is nothing but a number.
    pub(crate) fn of(cell: &Json) -> Option<Self> {
        match cell {
            Json::Number(digits) => Self::parse(digits),
            Json::Text(text) => grammar(text).and_then(|digits| Self::parse(&digits)),
            _ => None,
        }
    }

    /// A count of things.
    pub(crate) fn from_count(count: usize) -> Self {
        Self::Exact(Decimal::from(count))
    }

    /// The nearest floating-point number.
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Self::Exact(number) => exact_to_f64(number),
            Self::Float(number) => number,
        }
    }

    /// The sum.
    pub(crate) fn plus(self, other: Self) -> Self {
        self.exactly(other, Decimal::checked_add, |a, b| a + b)
    }

    /// The difference.
    pub(crate) fn minus(self, other: Self) -> Self {
        self.exactly(other, Decimal::checked_sub, |a, b| a - b)
    }

    /// The product.
    pub(crate) fn times(self, other: Self) -> Self {
        self.exactly(other, Decimal::checked_mul, |a, b| a * b)
    }

    /// The quotient, rounded to 15 digits.
    pub(crate) fn over(self, other: Self) -> Self {
        let rounded = |a: Decimal, b: Decimal| a.checked_div(b)?.round_sf(QUOTIENT_DIGITS);
        self.exactly(other, rounded, |a, b| a / b)
    }

    /// The number as JSON; null where JSON has no such number.
    pub(crate) fn to_json(self) -> Json {
        match self {
            Self::Exact(number) => Json::Number(number.normalize().to_string().into()),
            Self::Float(number) => match serde_json::Number::from_f64(number) {
                Some(number) => Json::Number(number.to_string().into()),
                None => Json::Null,
            },
        }
    }

    fn exactly(
        self,
        other: Self,
        exact: impl Fn(Decimal, Decimal) -> Option<Decimal>,
        float: impl Fn(f64, f64) -> f64,
    ) -> Self {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => exact(a, b).map(Self::Exact),
            _ => None,
        }
        .unwrap_or_else(|| Self::Float(float(self.to_f64(), other.to_f64())))
    }
}

/// Rounded once: of two numbers that are exact the quotient is, and the rest takes the way through its text.
fn exact_to_f64(number: Decimal) -> f64 {
    const EXACT: i128 = 1 << 53;
    match i32::try_from(number.scale()) {
        Ok(scale @ 0..=22) if number.mantissa().abs() < EXACT => number.mantissa() as f64 / 10f64.powi(scale),
        _ => number.to_string().parse().unwrap_or(f64::NAN),
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        // Exact only when nothing is lost on the way there and back.
        match Decimal::from_f64(number) {
            Some(exact) if exact_to_f64(exact) == number => Self::Exact(exact),
            _ => Self::Float(number),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => a.cmp(b),
            // The variants are never equal, or their hashes would have to be.
            (Self::Exact(_), Self::Float(b)) => self.to_f64().total_cmp(b).then(Ordering::Less),
            (Self::Float(a), Self::Exact(_)) => a.total_cmp(&other.to_f64()).then(Ordering::Greater),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Exact(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
        }
    }
}

/// `text` in JSON's grammar, if it is a number to anybody: `.5` becomes `0.5`.
///
/// Not numbers: `007` and `+47 22` (codes and telephone numbers), `1,000` (which may mean 1), `NaN`.
pub(crate) fn grammar(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, size) = text.strip_prefix('-').map_or(("", text), |size| ("-", size));
    let (mantissa, exponent) = size.split_at(size.find(['e', 'E']).unwrap_or(size.len()));
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let whole_is_fine = whole == "0" || whole.is_empty() || (is_digits(whole) && !whole.starts_with('0'));
    let fraction_is_fine = fraction.map_or(!whole.is_empty(), is_digits);
    let exponent_digits = exponent.strip_prefix(['e', 'E']).unwrap_or_default();
    let exponent_is_fine =
        exponent.is_empty() || is_digits(exponent_digits.strip_prefix(['+', '-']).unwrap_or(exponent_digits));
    if !(whole_is_fine && fraction_is_fine && exponent_is_fine) {
        return None;
    }
    let zero = if whole.is_empty() { "0" } else { "" };
    Some(format!("{sign}{zero}{size}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Number {
        Number::parse(digits).unwrap()
    }

    fn text(number: Number) -> String {
        number.to_json().to_json()
    }

    #[test]
    fn texts_that_are_numbers_are_told_from_codes() {
        for (written, expected) in [
            ("0", Some("0")),
            (" -12.50 ", Some("-12.50")),
            (".5", Some("0.5")),
            ("-.5", Some("-0.5")),
            ("1e5", Some("1e5")),
            ("2E-3", Some("2E-3")),
            ("007", None),
            ("+47", None),
            ("1,000", None),
            ("5.", None),
            (".", None),
            ("-", None),
            ("", None),
            ("1e", None),
            ("1ee5", None),
            ("NaN", None),
            ("0x10", None),
            ("١٢", None),
        ] {
            assert_eq!(grammar(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(text(number("0.1").plus(number("0.2"))), "0.3");
        assert_eq!(text(number("12345678901234567890").plus(number("0.01"))), "12345678901234567890.01");
        assert_eq!(text(number("1").minus(number("0.9"))), "0.1");
        assert_eq!(text(number("0.1").times(number("3"))), "0.3");
        assert_eq!(text(number("10").over(number("4"))), "2.5");
        assert_eq!(text(number("10").over(number("3"))), "3.33333333333333");
    }

    #[test]
    fn what_is_too_large_to_be_exact_goes_on_as_floating_point() {
        assert_eq!(text(number("1e300").plus(number("1"))), "1e+300");
        assert_eq!(text(number("9e27").times(number("9e27"))), "8.1e+55");
        assert!(Number::parse("1e999").is_none());
    }

    #[test]
    fn numbers_compare_by_value() {
        assert_eq!(number("1.50"), number("1.5"));
        assert!(number("-2") < number("1e300"));
        assert!(number("0.1") < number("0.10000000000000000001"));
    }

    #[test]
    fn the_nearest_floating_point_number_is_the_one_that_the_text_means() {
        for digits in [
            "0.1",
            "1.1",
            "123456789.123456789",
            "0.3333333333333333333333333333",
            "9007199254740993",
            "-2.5",
        ] {
            assert_eq!(number(digits).to_f64(), digits.parse::<f64>().unwrap(), "{digits}");
        }
    }

    #[test]
    fn cells_with_numbers_in_text_count() {
        assert_eq!(Number::of(&Json::Text("5.0".to_owned())), Some(number("5")));
        assert_eq!(Number::of(&Json::Text("five".to_owned())), None);
        assert_eq!(Number::of(&Json::Null), None);
    }
}
