//! Texts of values there and back, without a server.

use super::{
    array,
    interval::Interval,
    numeric,
    time::{self, Moment},
};

#[test]
fn numbers_keep_all_their_digits_there_and_back() {
    for text in [
        "0",
        "1",
        "-1",
        "9999",
        "10000",
        "12345678901234567890.0987654321",
        "0.1",
        "0.0001",
        "0.00001",
        "-0.000000001234",
        "100000000",
        "1.50",
        "0.00",
        "123.456000",
        "NaN",
        "Infinity",
        "-Infinity",
    ] {
        assert_eq!(numeric::text(&numeric::bytes(text).unwrap()).unwrap(), text);
    }
    for (text, plain) in [
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("007", "7"),
        ("1e-7", "0.0000001"),
    ] {
        assert_eq!(numeric::text(&numeric::bytes(text).unwrap()).unwrap(), plain, "{text}");
    }
    for text in ["", "x", "1x", "1e", "1e999999", "--1", ".", "1.2.3", "٣"] {
        assert_eq!(numeric::bytes(text), None, "{text}");
    }
}

#[test]
fn moments_are_written_and_read_as_iso_8601() {
    for text in
        ["2000-01-01", "1970-01-01", "1999-12-31", "2024-02-29", "0001-01-01", "9999-12-31", "0044-03-15 BC"]
    {
        let days = Moment::parse(text).unwrap().days.unwrap();
        assert_eq!(time::date(i32::try_from(days).unwrap()), text);
    }
    for text in ["2000-01-01T00:00:00", "1999-12-31T23:59:59.999999", "2024-05-01T12:30:00.5"] {
        assert_eq!(time::timestamp(Moment::parse(text).unwrap().instant().unwrap(), ""), text);
    }
    let parsed = Moment::parse("2024-05-01 12:30+02").unwrap();
    assert_eq!((parsed.micros, parsed.east), (Some(45_000_000_000), Some(7200)));
    assert_eq!(
        Moment::parse("12:30:01Z").unwrap(),
        Moment { days: None, micros: Some(45_001_000_000), east: Some(0) }
    );
    assert_eq!(time::zone(-7200), "+02:00");
    assert_eq!(time::zone(12_600), "-03:30");
    for text in [
        "",
        "x",
        "2024-13-01",
        "2023-02-29",
        "2024-05-01T25:00",
        "24-05-01",
        "2024-05-01T12",
        "0000-01-01",
        "12:60",
        "2024-05-01T12:00+99",
    ] {
        assert_eq!(Moment::parse(text), None, "{text}");
    }
}

#[test]
fn spans_are_written_as_iso_8601_and_read_from_words_too() {
    for (text, iso) in [
        ("1 day", "P1D"),
        ("2 hours 30 minutes", "PT2H30M"),
        ("1 year 2 mons", "P1Y2M"),
        ("-90 seconds", "PT-1M-30S"),
        ("1 day 02:03:04.5", "P1DT2H3M4.5S"),
        ("3 weeks", "P21D"),
        ("P1Y2M3DT4H5M6.7S", "P1Y2M3DT4H5M6.7S"),
        ("1.5 hours", "PT1H30M"),
        ("0 days", "PT0S"),
        ("PT-0.5S", "PT-0.5S"),
    ] {
        assert_eq!(Interval::parse(text).unwrap().text(), iso, "{text}");
    }
    for text in ["", "P", "PT", "1", "day", "1 fortnight", "P1X", "1 day 2"] {
        assert_eq!(Interval::parse(text), None, "{text}");
    }
}

#[test]
fn lists_are_read_in_both_notations() {
    let of = |text: &str| array::elements(text);
    let some = |list: &[&str]| Some(list.iter().map(|one| Some((*one).to_owned())).collect::<Vec<_>>());
    assert_eq!(of("{}"), some(&[]));
    assert_eq!(of("{1, 2 ,3}"), some(&["1", "2", "3"]));
    assert_eq!(of(r#"{"a,b","c\"d",e\\f}"#), some(&["a,b", "c\"d", "e\\f"]));
    assert_eq!(of("{NULL,null,\"NULL\"}"), Some(vec![None, None, Some("NULL".into())]));
    assert_eq!(
        of(r#"["a", 1, null, true]"#),
        Some(vec![Some("a".into()), Some("1".into()), None, Some("true".into())])
    );
    for text in ["", "1,2", "{1", "{1,}", "{{1},{2}}", "[[1]]", "{\"a}", "{\"a\"b}"] {
        assert_eq!(of(text), None, "{text}");
    }
}
