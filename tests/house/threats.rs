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

/// The cells of all tables.
fn cells() -> Vec<Vec<String>> {
    let text = fs::read_to_string(cargo::workspace().join("tests/THREATS.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("| "));
    lines.map(|line| line.split(" | ").map(str::to_owned).collect()).collect()
}

/// The tests that a cell names.
fn named(cell: &str) -> Vec<(String, String)> {
    let names = cell.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"));
    names.map(|(suite, name)| (suite.to_owned(), name.to_owned())).collect()
}

/// The numbered rows.
fn rows() -> Vec<Vec<String>> {
    let is_number = |cell: &str| cell.len() == 3 && cell[1..].parse::<u8>().is_ok();
    cells().into_iter().filter(|cells| is_number(&cells[0])).collect()
}

#[test]
fn every_threat_has_a_row_and_no_row_is_there_twice() {
    let found: Vec<_> = rows().into_iter().map(|cells| cells[0].clone()).collect();
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
    let last = cells().into_iter().filter_map(|cells| cells.last().cloned());
    let missing: Vec<_> = last.flat_map(|cell| named(&cell)).filter(|test| !tests.contains(test)).collect();
    assert!(missing.is_empty(), "named in tests/THREATS.md, and not there: {missing:?}");
}

#[test]
fn a_threat_without_a_test_says_why() {
    let without = rows().into_iter().filter(|cells| named(cells.last().unwrap()).is_empty());
    let without: Vec<_> = without.map(|cells| cells[0].clone()).collect();
    assert_eq!(without, ["A15", "C07", "E05", "F24"]);
}
