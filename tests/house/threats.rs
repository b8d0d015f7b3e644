//! The list of threats: every row is there once, and every test that it names exists.

use std::{collections::HashSet, fs};

use cofferdam_tests::cargo;

use super::files;

/// The names of all functions that are tests.
fn tests() -> HashSet<(String, String)> {
    let mut found = HashSet::new();
    for file in files::sources() {
        let inside = file.strip_prefix(cargo::workspace()).unwrap().to_str().unwrap();
        let mut parts = inside.split('/');
        let suite = match (parts.next().unwrap(), parts.next().unwrap()) {
            ("tests" | "host", suite) => suite.to_owned(),
            _ => continue,
        };
        let text = fs::read_to_string(&file).unwrap();
        let mut marked = false;
        for line in text.lines().map(str::trim) {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            if let (true, Some((_, rest))) = (marked, line.split_once("fn ")) {
                found.insert((suite.clone(), rest.split('(').next().unwrap().to_owned()));
                marked = false;
            }
        }
    }
    found
}

/// The rows: each with its number, and the tests that it names.
fn rows() -> Vec<(String, Vec<(String, String)>)> {
    let text = fs::read_to_string(cargo::workspace().join("tests/THREATS.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = lines.map(|line| line.split(" | ").collect::<Vec<_>>());
    let rows = cells.filter(|cells| cells[0].len() == 3 && cells[0][1..].parse::<u8>().is_ok());
    rows.map(|cells| {
        let names = cells.last().unwrap().split('`').skip(1).step_by(2);
        let named = names.filter_map(|name| name.split_once("::"));
        let owned = named.map(|(suite, name)| (suite.to_owned(), name.to_owned())).collect();
        (cells[0].to_owned(), owned)
    })
    .collect()
}

#[test]
fn every_threat_has_a_row_and_no_row_is_there_twice() {
    let found: Vec<_> = rows().into_iter().map(|(number, _)| number).collect();
    let expected: Vec<_> = [('A', 18), ('C', 10), ('D', 30), ('E', 6), ('F', 24)]
        .into_iter()
        .flat_map(|(letter, last)| (1..=last).map(move |number| format!("{letter}{number:02}")))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_test_that_a_threat_names_exists() {
    let tests = tests();
    assert!(tests.len() > 300, "{} tests", tests.len());
    let missing: Vec<_> = rows()
        .into_iter()
        .flat_map(|(number, named)| named.into_iter().map(move |test| (number.clone(), test)))
        .filter(|(_, test)| !tests.contains(test))
        .collect();
    assert!(missing.is_empty(), "named in tests/THREATS.md, and not there: {missing:?}");
}

#[test]
fn a_threat_without_a_test_says_why() {
    let without: Vec<_> =
        rows().into_iter().filter(|(_, named)| named.is_empty()).map(|(number, _)| number).collect();
    assert_eq!(without, ["A15", "C07", "E05", "F24"]);
}
