//! Which plugins are served: keys that stand among the plugins' own tables.
//!
//! Only what is written is checked here. Nothing looks at a plugin, a lock or a signature.

use minisign_verify::PublicKey;

use super::{
    Trust,
    leaf::Leaf,
    resolve::Fault,
    written::{PluginsTable, TrustMode},
};

/// The keys of the table `plugins` that are no plugin's id.
pub(super) const KEYS: [&str; 2] = ["trust", "trusted_keys"];

/// Whether a path is one of [`KEYS`].
pub(super) fn is_key(path: &[String]) -> bool {
    matches!(path, [plugins, key] if plugins == "plugins" && KEYS.contains(&key.as_str()))
}

/// What was meant; that it makes sense as a whole is for [`whole`] to say.
pub(super) fn trust(table: &PluginsTable) -> Result<Trust, Fault> {
    let keys = table.trusted_keys.as_deref().unwrap_or_default();
    keys.iter().try_for_each(|key| public_key(key))?;
    Ok(match table.trust.unwrap_or_default() {
        TrustMode::Open => Trust::Open,
        TrustMode::Lock => Trust::Lock,
        TrustMode::Signed => Trust::Signed(keys.to_vec()),
    })
}

fn public_key(text: &str) -> Result<(), Fault> {
    PublicKey::from_base64(text).map(drop).map_err(|_| {
        let label = format!("expected a public key of minisign, found {text:?}");
        Fault::new(&["plugins", "trusted_keys"], label)
            .help("copy the second line of the .pub file that `minisign -G` made; it starts with RW")
    })
}

/// Whether any plugin can be served at all.
pub(super) fn whole(trust: &Trust) -> Result<(), Fault> {
    match trust {
        Trust::Signed(keys) if keys.is_empty() => {
            let label = "no signature counts, because `plugins.trusted_keys` is empty";
            Err(Fault::new(&["plugins", "trust"], label).help(
                "set `trusted_keys` under [plugins] to the public keys of those who sign, such as [\"RWQ…\"]",
            ))
        }
        Trust::Open | Trust::Lock | Trust::Signed(_) => Ok(()),
    }
}

/// A plugin's table under a name that is a key of ours.
pub(super) fn no_plugin(leaf: &Leaf) -> Option<Fault> {
    let (name, below) = leaf.path.split_at_checked(2)?;
    if !is_key(name) || (below.is_empty() && !leaf.value.is_table()) {
        return None;
    }
    let [plugins, key] = name else { return None };
    let fault = Fault::name(&[plugins, key], "expected a value, found a table");
    Some(fault.help(format!(
        "`{key}` is a key of [plugins], so a plugin of this name can't have a table: rename its file"
    )))
}
