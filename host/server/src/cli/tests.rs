//! The command line as it is written.

use clap::CommandFactory as _;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn the_command_line_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_shows_an_example() {
    fn check(command: &clap::Command, path: &str) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name());
            if below.is_hide_set() {
                continue;
            }
            if below.has_subcommands() {
                check(below, &path);
                continue;
            }
            let example = below.get_after_help().map(ToString::to_string).unwrap_or_default();
            // A value may stand between the words, as in `cofferdam grant weather http …`.
            let mut words = example.split_whitespace();
            let is_shown = path.split(' ').all(|word| words.any(|shown| shown == word));
            assert!(example.starts_with("Example") && is_shown, "{path}: {example}");
        }
    }
    check(&Cli::command(), "cofferdam");
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    for line in ["cofferdam --plugins p serve", "cofferdam serve --plugins p", "cofferdam --plugins p"] {
        let cli = parse(line).unwrap();
        assert_eq!(cli.global.plugins, Some("p".into()), "{line}");
    }
    assert!(parse("cofferdam serve --log-level loud").is_err());
}

#[test]
fn flags_of_a_command_set_keys_of_the_policy() {
    let flags = |line: &str| parse(line).unwrap().command.map(|command| command.flags()).unwrap_or_default();
    assert_eq!(
        flags("cofferdam serve --http 0.0.0.0:80 --allow-remote"),
        [Flag::http("0.0.0.0:80"), Flag::allow_remote()]
    );
    assert_eq!(flags("cofferdam dev tools"), [Flag::directory("tools")]);
    assert_eq!(flags("cofferdam dev"), []);
    assert_eq!(flags("cofferdam stdio"), []);
}

#[test]
fn arguments_of_a_call_come_one_by_one_or_together() {
    assert!(parse("cofferdam call text diff a=1 b=2").is_ok());
    assert!(parse("cofferdam call text diff --args {}").is_ok());
    assert!(parse("cofferdam call text").is_ok());
    assert!(parse("cofferdam call text diff a=1 --args {}").is_err());
    assert!(parse("cofferdam call").is_err());
}

#[test]
fn plugins_are_approved_by_name_or_all_together() {
    let cli = parse("cofferdam approve a b --yes --plugins p").unwrap();
    assert_eq!(cli.global.plugins, Some("p".into()));
    assert!(parse("cofferdam approve --all").is_ok());
    assert!(parse("cofferdam approve --all a").is_err());
    assert!(parse("cofferdam approve --prune a").is_err());
    assert!(parse("cofferdam approve --prune --all").is_err());
}
