//! Lists the guest programs, so that a suite can be made to have a test for each.
//!
//! For every suite this writes an enum with one variant per guest, and the guest's source. The suite matches
//! on it without a wildcard: a new guest without a test doesn't compile.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("guests");
    let mut suites: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (folder, extension) in [("rust", "rs"), ("wat", "wat")] {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        for file in files(&folder, extension)? {
            let name =
                file.file_stem().and_then(|stem| stem.to_str()).ok_or("a guest's name is not UTF-8")?;
            let (suite, rest) =
                name.split_once('_').ok_or_else(|| format!("guest `{name}` has no suite before `_`"))?;
            let source = match extension {
                "wat" => format!("Source::Wat(include_str!({:?}))", file.display().to_string()),
                _ => "Source::Rust".to_owned(),
            };
            let guest = format!("Guest {{ name: {name:?}, source: {source} }}");
            let clash = suites.entry(suite.to_owned()).or_default().insert(camel(rest), guest);
            if clash.is_some() {
                return Err(format!("two guests are called `{name}`").into());
            }
        }
    }
    let mut code = String::new();
    for (suite, guests) in suites {
        write_enum(&mut code, &camel(&suite), &guests)?;
    }
    Ok(fs::write(PathBuf::from(env::var("OUT_DIR")?).join("guests.rs"), code)?)
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(files)
}

fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

fn write_enum(
    code: &mut String,
    suite: &str,
    guests: &BTreeMap<String, String>,
) -> Result<(), std::fmt::Error> {
    writeln!(code, "/// Guests whose file name starts with `{}_`.", suite.to_lowercase())?;
    writeln!(code, "#[derive(Debug, Clone, Copy, PartialEq, Eq)]")?;
    writeln!(code, "#[allow(missing_docs, reason = \"generated; each file says what its guest does\")]")?;
    writeln!(code, "pub enum {suite} {{ {} }}", guests.keys().cloned().collect::<Vec<_>>().join(", "))?;
    writeln!(code, "impl From<{suite}> for Guest {{")?;
    writeln!(code, "    fn from(guest: {suite}) -> Self {{ match guest {{")?;
    for (variant, guest) in guests {
        writeln!(code, "        {suite}::{variant} => {guest},")?;
    }
    writeln!(code, "    }} }}\n}}")
}
