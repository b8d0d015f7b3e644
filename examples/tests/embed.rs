//! `embed`: the runtime in a program of one's own.

use std::process::{Command, Output};

use crate::build::{plugins, profile};

fn embed(arguments: &[&str]) -> Output {
    Command::new(profile().join("examples/embed")).args(arguments).output().unwrap()
}

#[test]
fn embed_prints_the_result_and_what_the_call_used() {
    let plugins = plugins();
    let output = embed(&[plugins.path().to_str().unwrap(), "raw_echo", r#"{"text": "to be"}"#]);
    let said = String::from_utf8(output.stdout).unwrap();
    let [result, usage] = said.lines().collect::<Vec<_>>()[..] else { panic!("two lines, found {said:?}") };
    assert_eq!(result, "to be");
    let words: Vec<_> = usage.split(' ').collect();
    assert_eq!((words[0], words[2], words[4]), ("used", "fuel,", "bytes"));
    assert!(words[1].parse::<u64>().unwrap() > 0, "{usage}");
    assert_eq!(words[3].parse::<u64>().unwrap() % 65_536, 0, "{usage}");
}

#[test]
fn embed_says_what_is_wrong_with_arguments() {
    let plugins = plugins();
    let directory = plugins.path().to_str().unwrap();
    for (arguments, error) in [
        (["raw_echo", r#"{"text": 5}"#], "`text`: expected string, found number 5"),
        (["raw_shout", "{}"], "there is no tool raw_shout in "),
    ] {
        let output = embed(&[directory, arguments[0], arguments[1]]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(error), "{said}");
    }
}
