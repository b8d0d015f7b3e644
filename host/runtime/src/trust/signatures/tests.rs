//! Signatures that minisign itself made, and what is wrong with others. Those of real plugins are in the suite
//! `sandbox`.

use std::{fs, process::Command};

use super::*;

/// Key and signatures of the four bytes `test`, from minisign's own documentation.
const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const PREHASHED: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1556193335\tfile:test
y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==
";
const LEGACY: &str = "untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
";

fn signatures(keys: &[&str]) -> Signatures {
    let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
    Signatures::new(&keys).unwrap()
}

fn refused(file: &str, bytes: &[u8], text: Option<&str>) -> String {
    let error = signatures(&[KEY]).verify(Path::new(file), bytes, text).unwrap_err();
    assert!(error.is_quarantined());
    error.to_string()
}

#[test]
fn what_minisign_signed_is_good() {
    signatures(&[KEY]).verify(Path::new("some/test"), b"test", Some(PREHASHED)).unwrap();
}

#[test]
fn a_signature_that_is_not_good_says_why_and_what_to_do() {
    for (file, bytes, text, words) in [
        (
            "a.wasm",
            &b"test"[..],
            None,
            "the plugin isn't signed: expected a.wasm.minisig beside it; sign it with `minisign -Sm a.wasm`",
        ),
        (
            "a.wasm",
            b"test",
            Some("hello"),
            "a.wasm.minisig is not a minisign signature (Invalid encoding in minisign data); sign the plugin again with `minisign -Sm a.wasm`",
        ),
        (
            "test",
            b"test",
            Some(LEGACY),
            "test.minisig is a signature in minisign's legacy format; sign the plugin again with minisign 0.10 or newer, or with `-H`",
        ),
        (
            "test",
            b"tess",
            Some(PREHASHED),
            "test.minisig doesn't fit the file: one of the two was changed or replaced; put both here as they were signed, or sign the plugin again",
        ),
        (
            "a.wasm",
            b"test",
            Some(PREHASHED),
            "a.wasm.minisig is the signature of a file called \"test\"; give the file that name, or sign it as a.wasm",
        ),
    ] {
        assert_eq!(refused(file, bytes, text), words);
    }
}

#[test]
fn a_key_that_is_not_trusted_is_named_as_minisign_names_it() {
    let mut other = base64::engine::general_purpose::STANDARD.decode(KEY).unwrap();
    other[2] ^= 1;
    let other = base64::engine::general_purpose::STANDARD.encode(other);
    let error = signatures(&[&other]).verify(Path::new("test"), b"test", Some(PREHASHED)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "test.minisig is by the key E7620F1842B4E81F, which is none of `trusted_keys`; sign the plugin with one of those, or add this key under [plugins] in cofferdam.toml if you trust its holder"
    );
    signatures(&[&other, KEY]).verify(Path::new("test"), b"test", Some(PREHASHED)).unwrap();
}

#[test]
fn no_changed_character_of_a_signature_is_overlooked() {
    let signed: Vec<usize> = PREHASHED.match_indices('\n').map(|(at, _)| at).collect();
    for (at, _) in PREHASHED.char_indices() {
        let mut changed = PREHASHED.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let judged =
            signatures(&[KEY]).verify(Path::new("test"), b"test", Some(&String::from_utf8(changed).unwrap()));
        // The first line is a comment that nobody signed, and the last one ends the text.
        let is_free = at < signed[0] || at == signed[3];
        assert!(is_free || judged.is_err(), "{at}");
    }
}

#[test]
fn only_keys_are_taken_as_keys() {
    let new = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        Signatures::new(&keys).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(new(&[KEY]), Ok(()));
    assert_eq!(new(&[&format!(" {KEY}\n")]), Ok(()));
    assert_eq!(
        new(&[]).unwrap_err(),
        "no key is trusted, so no signature could be good; expected at least one"
    );
    for wrong in ["", "RWQf6LRCGA9i53ml", "untrusted comment: minisign public key", &KEY.to_lowercase()] {
        let error = new(&[KEY, wrong]).unwrap_err();
        assert_eq!(
            error,
            format!(
                "trusted key 2 ({wrong:?}) is not a minisign public key: expected the last line of a .pub file, 56 characters that start with RW"
            )
        );
    }
}

#[test]
fn the_name_that_was_signed_is_the_name_of_the_file() {
    let of = |comment: &str| of_file("a.wasm", comment).is_ok();
    for good in ["", "by hand", "timestamp:1\tfile:a.wasm\thashed", "file:a.wasm", "file:out/a.wasm"] {
        assert!(of(good), "{good}");
    }
    for bad in
        ["file:b.wasm", "file:", "file:a.wasm file:b.wasm", "file:a.wasm/", "timestamp:1\tfile:my a.wasm"]
    {
        assert!(!of(bad), "{bad}");
    }
}

#[test]
fn what_lies_beside_a_plugin_is_read_with_care() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wasm");
    let beside = path(&file);
    assert_eq!(beside, folder.path().join("a.wasm.minisig"));
    assert_eq!(read(&file).unwrap(), None);
    fs::write(&beside, PREHASHED).unwrap();
    assert_eq!(read(&file).unwrap().as_deref(), Some(PREHASHED));
    let words = |cause: &str| {
        format!(
            "a.wasm.minisig is not a minisign signature ({cause}); sign the plugin again with `minisign -Sm a.wasm`"
        )
    };
    fs::write(&beside, vec![b'a'; 10_000]).unwrap();
    assert_eq!(read(&file).unwrap_err().to_string(), words("it is larger than 8192 bytes"));
    fs::write(&beside, b"\xff").unwrap();
    assert_eq!(read(&file).unwrap_err().to_string(), words("stream did not contain valid UTF-8"));
    fs::remove_file(&beside).unwrap();
    assert!(Command::new("mkfifo").arg(&beside).status().unwrap().success());
    assert_eq!(read(&file).unwrap_err().to_string(), words("it is not a regular file"));
}
