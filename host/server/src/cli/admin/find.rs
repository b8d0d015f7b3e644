//! Which of the hosts that run is meant.

use std::path::{Path, PathBuf};

use cofferdam_runtime::capabilities::sanitize;
use futures::future::join_all;

use super::{
    super::{Exit, Failure, out},
    Client, Patience, Wanted,
};
use crate::admin::{self, folder, peer, socket, wire::Host};

/// A host that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    socket: PathBuf,
    host: Host,
}

/// The host that is wanted, among those of this user that run.
pub(super) async fn host(wanted: &Wanted) -> Result<Client, Failure> {
    if let Some(socket) = &wanted.socket
        && let Some(found) = ask(socket.clone()).await
        && (!wanted.only || wanted.plugins_dir.as_deref().is_some_and(|directory| serves(&found, directory)))
    {
        return Ok(Client::new(found.socket));
    }
    let user = peer::ourselves();
    let mut found = Vec::new();
    for folder in admin::folders(user) {
        match folder::check(&folder, user) {
            Ok(()) => found.extend(those_in(&folder).await),
            Err(error) if error.is_absent() => {}
            Err(error) => out::say(&format!("no host is looked for in a folder that isn't safe: {error}")),
        }
    }
    let (chosen, remark) = choose(found, wanted).map_err(|(exit, said)| Failure::new(exit, said))?;
    if let Some(remark) = remark {
        out::say(&remark);
    }
    Ok(Client::new(chosen.socket))
}

/// The hosts whose sockets are in a folder. What is wrong there is said.
async fn those_in(folder: &Path) -> Vec<Found> {
    let sockets = match socket::find(folder).await {
        Ok(sockets) => sockets,
        Err(error) => {
            out::say(&format!("can't look for hosts in {}: {error}", folder.display()));
            return Vec::new();
        }
    };
    for pid in sockets.dead {
        out::say(&format!("host {pid} was killed, and its socket is removed"));
    }
    join_all(sockets.live.into_iter().map(ask)).await.into_iter().flatten().collect()
}

/// Who answers at a socket. If nobody does, that is said.
async fn ask(socket: PathBuf) -> Option<Found> {
    match Client::new(socket.clone()).get::<Host>("/host", Patience::Little).await {
        Ok(host) => Some(Found { socket, host }),
        Err(silent) => {
            silent.report();
            None
        }
    }
}

/// The one that is wanted, and a remark if that isn't plain; or what to say, and how to end.
fn choose(found: Vec<Found>, wanted: &Wanted) -> Result<(Found, Option<String>), (Exit, String)> {
    let directory = wanted.plugins_dir.as_deref();
    let (matching, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| directory.is_some_and(|directory| serves(found, directory)));
    match (<[Found; 1]>::try_from(matching), <[Found; 1]>::try_from(others)) {
        (Ok([found]), _) => Ok((found, None)),
        (Err(matching), Ok([found])) if matching.is_empty() && !wanted.only => {
            let remark = format!("asking the only host that runs: {}", described(&found));
            Ok((found, Some(remark)))
        }
        (Err(matching), others) => {
            let others = others.map_or_else(|others| others, Vec::from);
            let (exit, mut said) = undecided(&matching, &others, directory.filter(|_| wanted.only));
            if wanted.disabled {
                said = format!(
                    "{}\n`admin.enabled` is false, so a host of this configuration can't be asked",
                    said.trim_end()
                );
            }
            Err((exit, said))
        }
    }
}

fn undecided(matching: &[Found], others: &[Found], only: Option<&Path>) -> (Exit, String) {
    if !matching.is_empty() {
        let said =
            format!("several hosts serve the plugins directory; name one of them:\n{}", listed(matching));
        return (Exit::Usage, said);
    }
    if let Some(directory) = only {
        let directory = directory.display();
        let mut said =
            format!("no host serves {directory}; start one with `cofferdam serve --plugins {directory}`");
        if !others.is_empty() {
            said.push_str(&format!(", or name one of those that run:\n{}", listed(others)));
        }
        return (Exit::Environment, said);
    }
    if others.is_empty() {
        let said = "no host runs; start one with `cofferdam serve`, or name its socket with --admin if it is \
                    somewhere of its own";
        return (Exit::Environment, said.to_owned());
    }
    (Exit::Usage, format!("several hosts run; name one of them:\n{}", listed(others)))
}

fn listed(hosts: &[Found]) -> String {
    let line = |found: &Found| format!("  --admin {}   {}\n", found.socket.display(), described(found));
    hosts.iter().map(line).collect()
}

fn described(found: &Found) -> String {
    let Host { pid, serves, plugins_dir, .. } = &found.host;
    let (serves, plugins_dir) = (sanitize::line(serves, 200), sanitize::line(plugins_dir, 1_000));
    format!("pid {pid}, serves {serves}, plugins {plugins_dir}")
}

/// Whether it serves this directory, by whichever of its names.
fn serves(found: &Found, directory: &Path) -> bool {
    let theirs = Path::new(&found.host.plugins_dir);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    theirs == directory || real(theirs) == real(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pid: u32, plugins_dir: &str) -> Found {
        let host = Host {
            pid,
            version: "0.1.0".into(),
            plugins_dir: plugins_dir.into(),
            serves: "stdio".into(),
            uptime_seconds: 1,
            config: None,
        };
        Found { socket: format!("/run/{pid}.sock").into(), host }
    }

    fn wanted(directory: &str, only: bool) -> Wanted {
        Wanted { plugins_dir: Some(directory.into()), only, ..Wanted::default() }
    }

    #[test]
    fn the_host_of_the_plugins_directory_is_meant() {
        let hosts = vec![found(1, "/a"), found(2, "/b")];
        assert_eq!(choose(hosts.clone(), &wanted("/b", false)), Ok((found(2, "/b"), None)));
        assert_eq!(choose(hosts, &wanted("/a", true)), Ok((found(1, "/a"), None)));
    }

    #[test]
    fn the_only_host_is_meant_unless_another_directory_is_named() {
        let remark = "asking the only host that runs: pid 1, serves stdio, plugins /a".to_owned();
        for wanted in [wanted("/b", false), Wanted::default()] {
            assert_eq!(choose(vec![found(1, "/a")], &wanted), Ok((found(1, "/a"), Some(remark.clone()))));
        }
        let said = "no host serves /b; start one with `cofferdam serve --plugins /b`, or name one of those that \
                    run:\n  --admin /run/1.sock   pid 1, serves stdio, plugins /a\n";
        assert_eq!(choose(vec![found(1, "/a")], &wanted("/b", true)), Err((Exit::Environment, said.into())));
    }

    #[test]
    fn several_hosts_are_listed_with_what_to_write() {
        let list = "  --admin /run/1.sock   pid 1, serves stdio, plugins /a\n  \
                    --admin /run/2.sock   pid 2, serves stdio, plugins /a\n";
        let both = vec![found(1, "/a"), found(2, "/a")];
        let said = format!("several hosts serve the plugins directory; name one of them:\n{list}");
        assert_eq!(
            choose([both.clone(), vec![found(3, "/b")]].concat(), &wanted("/a", true)),
            Err((Exit::Usage, said))
        );
        let said = format!("several hosts run; name one of them:\n{list}");
        assert_eq!(choose(both, &wanted("/b", false)), Err((Exit::Usage, said)));
    }

    #[test]
    fn without_a_host_it_is_said_how_to_start_one() {
        let said = |wanted| choose(Vec::new(), &wanted).unwrap_err();
        let (exit, message) = said(wanted("/a", false));
        assert_eq!(exit, Exit::Environment);
        assert!(message.starts_with("no host runs; start one with `cofferdam serve`"), "{message}");
        let (_, message) = said(wanted("/a", true));
        assert_eq!(message, "no host serves /a; start one with `cofferdam serve --plugins /a`");
        let (_, message) = said(Wanted { disabled: true, ..wanted("/a", true) });
        assert!(
            message.ends_with("\n`admin.enabled` is false, so a host of this configuration can't be asked")
        );
    }

    #[test]
    fn a_directory_is_the_same_by_another_name() {
        let base = tempfile::tempdir().unwrap();
        let link = base.path().join("link");
        std::os::unix::fs::symlink(base.path(), &link).unwrap();
        let host = found(1, link.to_str().unwrap());
        let only = Wanted { only: true, ..wanted(base.path().to_str().unwrap(), true) };
        assert_eq!(choose(vec![host.clone()], &only), Ok((host, None)));
    }
}
