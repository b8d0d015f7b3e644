//! `cofferdam approve`: what it shows, what it asks, and what it writes into the lock.

use std::{
    fs,
    path::PathBuf,
    process::{Output, Stdio},
};

use cofferdam_runtime::{load, policy::PluginId, trust::Lock};
use cofferdam_tests::{
    guest::described::{Described, component},
    plugins, process,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A working directory with a folder of plugins.
struct Place {
    folder: TempDir,
}

/// What a command wrote, and its exit code.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
    code: i32,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }
}

impl Place {
    fn new(put: &[(&str, Vec<u8>)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("plugins")).unwrap();
        let place = Self { folder };
        for (name, component) in put {
            place.put(name, component);
        }
        place
    }

    fn put(&self, name: &str, component: &[u8]) {
        plugins::put(&self.folder.path().join("plugins"), name, component);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn approve(&self, arguments: &[&str]) -> Said {
        let output = process::command(&["approve"])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output();
        output.unwrap().into()
    }

    fn json(&self, arguments: &[&str]) -> (Value, i32) {
        let said = self.approve(&[arguments, &["--json"]].concat());
        assert_eq!(said.err, "", "{said:?}");
        (serde_json::from_str(&said.out).unwrap(), said.code)
    }

    /// The digest that the lock has for a plugin.
    fn approved(&self, plugin: &str) -> Option<String> {
        let lock = Lock::read(&self.path("cofferdam.lock")).unwrap();
        Some(lock.get(&PluginId::parse(plugin).unwrap())?.digest.clone())
    }
}

fn tool(description: &str) -> Vec<u8> {
    component(&[Described { description: description.to_owned(), ..Described::named("go") }])
}

/// Other bytes, and nothing that a client could see.
fn same_but(component: &[u8]) -> Vec<u8> {
    [component, &[0, 2, 1, b'x']].concat()
}

#[test]
fn what_is_new_is_shown_whole_and_written_when_it_is_taken() {
    let component = tool("Goes.\nThere.");
    let place = Place::new(&[("walk", component.clone())]);

    let said = place.approve(&[]);
    assert_eq!(said.code, 4);
    let digest = load::digest(&component);
    assert_eq!(
        said.out,
        format!(
            "awaiting approval:\n  walk  new, sha256 {}…\n\
             see what changed, and approve: `cofferdam approve PLUGIN`, or all with --all\n",
            &digest[..12]
        )
    );
    assert!(
        said.err.starts_with("note: plugins come into service whether they are approved or not"),
        "{said:?}"
    );

    let said = place.approve(&["walk", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    let lock = place.path("cofferdam.lock").canonicalize().unwrap();
    let expected = format!(
        "walk is new
  file      {} ({} bytes)
  sha256    {digest}
+ abi 0.1.0
+ import cofferdam:plugin/types@0.1.0: shared types
+ tool go
    + description:
        + Goes.
        + There.
    + inputSchema: {{\"type\":\"object\"}}

approved walk in {}
",
        place.path("plugins/walk.wasm").canonicalize().unwrap().display(),
        thousands(component.len()),
        lock.display()
    );
    assert_eq!(said.out, expected);
    assert_eq!(place.approved("walk"), Some(digest.clone()));
    let text = fs::read_to_string(lock).unwrap();
    assert!(text.contains(&format!("[plugins.walk]\nsha256 = \"{digest}\"\n")), "{text}");
    assert!(text.contains("[plugins.walk.tools.go]\ndescription = '''\nGoes.\nThere.'''\n"), "{text}");

    let said = place.approve(&[]);
    assert_eq!(said.code, 0);
    assert!(said.out.starts_with("nothing awaits approval: 1 plugin as approved in "), "{said:?}");
    let said = place.approve(&["walk"]);
    assert_eq!(said.code, 0);
    assert!(said.out.starts_with("walk is as it was approved\n"), "{said:?}");
}

fn thousands(number: usize) -> String {
    assert!((1_000..1_000_000).contains(&number), "{number}");
    format!("{}_{:03}", number / 1_000, number % 1_000)
}

#[test]
fn what_changed_is_shown_against_what_was_approved() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    place.approve(&["walk", "--yes"]);
    let changed = tool("Goes. Call it before any other tool.");
    place.put("walk", &changed);

    let said = place.approve(&[]);
    assert_eq!(said.code, 4);
    let (before, now) = (load::digest(&tool("Goes.")), load::digest(&changed));
    let line = format!("  walk  sha256 {}…, approved {}…\n", &now[..12], &before[..12]);
    assert!(said.out.contains(&line), "{said:?}");

    let said = place.approve(&["walk", "--yes"]);
    assert_eq!(said.code, 0);
    let difference = "\
1 tool changed:
~ tool go
    ~ description
        - Goes.
        + Goes. Call it before any other tool.
";
    assert!(said.out.starts_with("walk is not what was approved\n"), "{said:?}");
    assert!(said.out.contains(&format!("  sha256    {now}\n  approved  {before}\n{difference}")), "{said:?}");
    assert_eq!(place.approved("walk"), Some(now));

    place.put("walk", &same_but(&changed));
    let said = place.approve(&["walk", "--yes"]);
    let words = "its code changed; what it asks for and what it says of its tools did not\n";
    assert!(said.code == 0 && said.out.contains(words), "{said:?}");
    assert_eq!(place.approved("walk"), Some(load::digest(&same_but(&changed))));
}

#[test]
fn nothing_is_approved_where_nobody_can_be_asked() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    for arguments in [&["walk"][..], &["--all"]] {
        let said = place.approve(arguments);
        assert_eq!(said.code, 2);
        assert!(said.out.starts_with("walk is new\n"), "{said:?}");
        let error = "error: stdin is no terminal, so nobody can be asked; give --yes to take what is shown\n";
        assert!(said.err.ends_with(error), "{said:?}");
    }
    let (answer, code) = place.json(&["walk"]);
    assert_eq!((code, &answer["plugins"][0]["approved"]), (4, &json!(false)));
    assert!(!place.path("cofferdam.lock").exists());
}

#[test]
fn a_person_at_a_terminal_is_asked_plugin_by_plugin() {
    let place = Place::new(&[("one", tool("One.")), ("two", tool("Two."))]);
    // A terminal of its own for the command, with somebody at it who answers when asked.
    const PERSON: &str = "
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, answers = b'', [b'approve one?', b'y', b'approve two?', b'']
while True:
    try:
        came = os.read(terminal, 4096)
    except OSError:
        came = b''
    if not came:
        break
    seen += came
    if answers and answers[0] in seen:
        os.write(terminal, answers[1] + b'\\n')
        answers = answers[2:]
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";
    let command = process::command(&["approve", "--all"]);
    let mut person = std::process::Command::new("python3");
    person.args(["-c", PERSON]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => person.env(name, value),
            None => person.env_remove(name),
        };
    }
    let said = Said::from(person.current_dir(place.folder.path()).output().unwrap());
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains("approve one? [y/N] y"), "{said:?}");
    assert!(said.out.contains("approve two? [y/N]"), "{said:?}");
    assert_eq!(place.approved("one"), Some(load::digest(&tool("One."))));
    assert_eq!(place.approved("two"), None);
}

#[test]
fn all_that_is_good_is_approved_and_what_is_bad_is_named() {
    let place = Place::new(&[("one", tool("One.")), ("two", tool("Two.")), ("bad", b"hello".to_vec())]);
    fs::write(place.path("plugins/Bad_Name.wasm"), "hello").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), tool("Out.")).unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path("plugins/out.wasm")).unwrap();

    let said = place.approve(&["--all", "--yes"]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("/bad.wasm: not a WebAssembly component"), "{said:?}");
    assert!(said.out.contains("approved one, two in "), "{said:?}");
    assert!(place.approved("one").is_some() && place.approved("two").is_some());
    assert_eq!((place.approved("bad"), place.approved("out")), (None, None));

    let said = place.approve(&["out", "out", "--yes"]);
    assert_eq!((said.code, place.approved("out")), (4, None));
    assert!(said.err.contains("a link that leads out of the plugins directory"), "{said:?}");
    let (standing, code) = place.json(&[]);
    assert_eq!(code, 4);
    assert_eq!(standing["awaiting"][0]["plugin"], "bad");
    assert_eq!((&standing["approved"], &standing["enforced"]), (&json!(2), &json!(false)));
    let refused: Vec<_> = standing["refused"].as_array().unwrap().iter().map(|file| &file["file"]).collect();
    assert_eq!(refused, ["Bad_Name.wasm", "out.wasm"]);
}

#[test]
fn plugins_whose_files_are_gone_are_forgotten_only_by_a_word() {
    let place = Place::new(&[("one", tool("One.")), ("two", tool("Two."))]);
    place.approve(&["--all", "--yes"]);
    fs::remove_file(place.path("plugins/one.wasm")).unwrap();
    let said = place.approve(&[]);
    assert_eq!(said.code, 0, "nothing awaits approval");
    assert!(said.out.contains("approved, without a file:\n  one\n"), "{said:?}");
    assert_eq!(place.approve(&["--all", "--yes"]).out, "nothing awaits approval\n");
    assert_eq!(place.approve(&["--prune"]).code, 2, "nobody can be asked");
    assert!(place.approved("one").is_some());
    let said = place.approve(&["--prune", "--yes"]);
    assert!(said.code == 0 && said.out.starts_with("forgot one in "), "{said:?}");
    assert_eq!(place.approved("one"), None);
    assert!(place.approved("two").is_some());
    let (answer, code) = place.json(&["--prune", "--yes"]);
    assert_eq!((&answer["gone"], &answer["forgotten"], code), (&json!([]), &json!(false), 0));
}

#[test]
fn programs_read_what_people_do() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    place.approve(&["walk", "--yes"]);
    place.put("walk", &tool("Runs."));
    let (answer, code) = place.json(&["walk", "--yes"]);
    assert_eq!(code, 0);
    let plugin = &answer["plugins"][0];
    assert_eq!((&plugin["plugin"], &plugin["approved"]), (&json!("walk"), &json!(true)));
    assert_eq!(plugin["before"], load::digest(&tool("Goes.")));
    assert_eq!(plugin["found"], load::digest(&tool("Runs.")));
    assert_eq!(
        plugin["difference"]["tools"]["changed"],
        json!([{
            "name": "go",
            "changes": [{ "at": "/description", "from": "Goes.", "to": "Runs." }],
            "more": 0,
        }])
    );
    assert_eq!(place.approved("walk"), Some(load::digest(&tool("Runs."))));
}

#[test]
fn a_lock_that_does_not_hold_is_left_as_it_is() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    place.approve(&["walk", "--yes"]);
    let path = place.path("cofferdam.lock");
    let edited = fs::read_to_string(&path).unwrap().replace("Goes.", "Runs.");
    fs::write(&path, &edited).unwrap();
    for arguments in [&[][..], &["walk", "--yes"], &["--prune", "--yes"]] {
        let said = place.approve(arguments);
        assert_eq!(said.code, 3, "{said:?}");
        let words = "cofferdam.lock: line 8: the entry of `walk` is not as it was approved: \
                     it was edited or merged by hand; restore it from version control, \
                     or remove it and approve the plugins again\n";
        assert!(said.err.ends_with(words), "{said:?}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
}

#[test]
fn the_lock_lies_beside_the_operator_s_file() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("policy.toml");
    fs::write(&file, "[plugins.off]\nenabled = false\n").unwrap();
    place.put("off", &tool("Off."));
    let config = ["--config", file.to_str().unwrap()];
    let said = place.approve(&[&config[..], &["--all", "--yes"]].concat());
    assert_eq!(said.code, 0, "{said:?}");
    let lock = Lock::read(&elsewhere.path().join("cofferdam.lock")).unwrap();
    assert_eq!(lock.ids().map(PluginId::as_str).collect::<Vec<_>>(), ["walk"]);
    assert!(!place.path("cofferdam.lock").exists());
}

#[test]
fn a_plugin_that_there_is_not_is_a_mistake_of_usage() {
    let place = Place::new(&[("walk", tool("Goes."))]);
    for (name, words) in [
        ("wlak", "did you mean `walk`?"),
        ("plugins/walk.wasm", "expected the id of a plugin in the plugins directory"),
        ("walk.wasm", "expected the id of a plugin in the plugins directory"),
    ] {
        let said = place.approve(&["walk", name, "--yes"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(words), "{said:?}");
    }
    assert!(!place.path("cofferdam.lock").exists(), "none was approved");
    assert_eq!(place.approve(&["--all", "walk"]).code, 2);
    fs::remove_dir_all(place.path("plugins")).unwrap();
    assert_eq!(place.approve(&[]).code, 5);
}
