//! What a list of numbers amounts to. Sums are exact where 28 digits suffice; quotients have 15 digits.

use crate::number::Number;

/// Numbers in ascending order.
pub(crate) struct Summary {
    sorted: Vec<Number>,
}

impl Summary {
    /// Takes the numbers in any order.
    pub(crate) fn of(mut numbers: Vec<Number>) -> Self {
        numbers.sort_unstable();
        Self { sorted: numbers }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The sum; zero for none.
    pub(crate) fn sum(&self) -> Number {
        self.sorted.iter().fold(Number::ZERO, |sum, number| sum.plus(*number))
    }

    /// The smallest.
    pub(crate) fn min(&self) -> Option<Number> {
        self.sorted.first().copied()
    }

    /// The largest.
    pub(crate) fn max(&self) -> Option<Number> {
        self.sorted.last().copied()
    }

    /// The arithmetic mean.
    pub(crate) fn mean(&self) -> Option<Number> {
        (self.count() > 0).then(|| self.sum().over(Number::from_count(self.count())))
    }

    /// The middle one, or the mean of the two in the middle.
    pub(crate) fn median(&self) -> Option<Number> {
        self.quantile(1, 2)
    }

    /// The number below which `part` of `parts` lie, interpolated between neighbours (as spreadsheets do).
    pub(crate) fn quantile(&self, part: usize, parts: usize) -> Option<Number> {
        let steps = self.count().checked_sub(1)? * part;
        let (below, rest) = (steps / parts, steps % parts);
        let low = self.sorted.get(below).copied()?;
        let Some(high) = self.sorted.get(below + 1).copied().filter(|_| rest > 0) else { return Some(low) };
        let step = high.minus(low).times(Number::from_count(rest)).over(Number::from_count(parts));
        Some(low.plus(step))
    }

    /// The standard deviation of a sample (divided by n - 1), in floating point; nothing below two numbers.
    pub(crate) fn deviation(&self) -> Option<Number> {
        let mean = self.mean()?;
        let squares = self.sorted.iter().map(|number| number.minus(mean).to_f64().powi(2));
        let degrees = self.count().checked_sub(1).filter(|degrees| *degrees > 0)?;
        let deviation = (squares.sum::<f64>() / degrees as f64).sqrt();
        Some(Number::from(rounded(deviation)))
    }
}

/// To 12 significant digits: what is left after the rounding errors of a long sum.
fn rounded(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(numbers: &[&str]) -> Summary {
        Summary::of(numbers.iter().map(|digits| Number::parse(digits).unwrap()).collect())
    }

    fn text(number: Option<Number>) -> String {
        number.map_or_else(|| "nothing".to_owned(), |number| number.to_json().to_json())
    }

    #[test]
    fn numbers_are_summed_up() {
        let numbers = summary(&["4", "0.1", "0.2", "10"]);
        assert_eq!(text(Some(numbers.sum())), "14.3");
        assert_eq!(text(numbers.mean()), "3.575");
        assert_eq!((text(numbers.min()), text(numbers.max())), ("0.1".to_owned(), "10".to_owned()));
        assert_eq!(text(numbers.median()), "2.1");
        assert_eq!(text(numbers.deviation()), "4.65215004057");
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let numbers = summary(&["1", "2", "3", "4"]);
        for (part, parts, expected) in
            [(0, 4, "1"), (1, 4, "1.75"), (2, 4, "2.5"), (3, 4, "3.25"), (4, 4, "4"), (95, 100, "3.85")]
        {
            assert_eq!(text(numbers.quantile(part, parts)), expected, "{part}/{parts}");
        }
        assert_eq!(text(summary(&["7"]).quantile(3, 4)), "7");
    }

    #[test]
    fn nothing_has_a_sum_and_nothing_else() {
        let nothing = summary(&[]);
        assert_eq!(text(Some(nothing.sum())), "0");
        for number in [nothing.min(), nothing.max(), nothing.mean(), nothing.median(), nothing.deviation()] {
            assert_eq!(text(number), "nothing");
        }
        assert_eq!(text(summary(&["7"]).deviation()), "nothing");
    }

    #[test]
    fn equal_numbers_do_not_deviate() {
        assert_eq!(text(summary(&["0.1", "0.1", "0.1"]).deviation()), "0");
    }
}
