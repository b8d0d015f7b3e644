//! `cofferdam serve`: what is said when the host is up. Serving itself is [`crate::app`]'s.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use cofferdam_runtime::{Catalog, capabilities::sanitize};
use serde_json::json;

use super::{Failure, out, plugin};
use crate::{
    app,
    config::{Config, Flag},
    telemetry::Ring,
};

/// What `serve` takes.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:7331]
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    /// Allow an address that other machines reach; there is no authentication yet
    #[arg(long)]
    allow_remote: bool,
}

impl Arguments {
    /// The values that the flags set.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let http = self.http.as_deref().map(Flag::http);
        http.into_iter().chain(self.allow_remote.then(Flag::allow_remote)).collect()
    }
}

/// Serves until a signal.
pub(super) async fn run(config: Config, ring: Ring) -> Result<(), Failure> {
    let connection = Connection::of(&config);
    let announce = |catalog: &Catalog, address| {
        // A host that serves goes on if nobody reads its greeting.
        let _ = out::print(&banner(catalog, address, &connection));
    };
    Ok(app::serve(config, ring, announce).await?)
}

/// How a client starts or reaches this host.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// This program, absolute: clients with windows don't have a shell's PATH.
    program: PathBuf,
    /// The arguments that give the same policy when a client starts the program elsewhere.
    arguments: Vec<String>,
    /// The name by which other machines address it, if it may be.
    host: Option<String>,
    plugins_dir: PathBuf,
}

impl Connection {
    /// From this process and its policy.
    pub(crate) fn of(config: &Config) -> Self {
        let mut arguments = vec!["stdio".to_owned()];
        let mut path = |flag: &str, path: &Path| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            arguments.extend([flag.to_owned(), path.to_string_lossy().into_owned()]);
        };
        path("--plugins", &config.plugins_dir);
        if let Some(file) = &config.file {
            path("--config", file);
        }
        Self {
            program: std::env::current_exe().unwrap_or_else(|_| "cofferdam".into()),
            arguments,
            host: config.server.allowed_hosts.first().cloned(),
            plugins_dir: config.plugins_dir.clone(),
        }
    }

    fn url(&self, address: SocketAddr) -> String {
        match &self.host {
            Some(host) if address.ip().is_unspecified() && host.contains(':') => format!("http://{host}/mcp"),
            Some(host) if address.ip().is_unspecified() => format!("http://{host}:{}/mcp", address.port()),
            _ => format!("http://{address}/mcp"),
        }
    }
}

/// Tools, and files that were refused, that are listed one by one; more are counted.
const LISTED: usize = 60;

/// What a person reads when the host is up: its URL, its tools, what was refused, how clients connect.
pub(crate) fn banner(catalog: &Catalog, address: SocketAddr, connection: &Connection) -> String {
    let url = connection.url(address);
    let mut text = format!("cofferdam serves {url}\n\n");
    text.push_str(&tools(catalog, &connection.plugins_dir));
    text.push_str(&refused(catalog));
    text.push_str(&clients(&url, connection));
    text
}

fn tools(catalog: &Catalog, directory: &Path) -> String {
    let (entries, plugins) = (catalog.entries(), catalog.plugins().len());
    if entries.is_empty() {
        return format!(
            "no tools: {} has no plugin that can be loaded; build some with `cofferdam build`\n\n",
            directory.display()
        );
    }
    let mut text = format!("{} of {}:\n", counted(entries.len(), "tool"), counted(plugins, "plugin"));
    text.push_str(&plugin::tools(entries.iter().take(LISTED).map(|entry| &*entry.tool)));
    if entries.len() > LISTED {
        let _ = writeln!(text, "  and {} more", entries.len() - LISTED);
    }
    text.push('\n');
    text
}

pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn refused(catalog: &Catalog) -> String {
    if catalog.refused().is_empty() {
        return String::new();
    }
    let mut text = "refused:\n".to_owned();
    for refused in catalog.refused().iter().take(LISTED) {
        let file = refused.file.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(text, "  {}: {}", sanitize::line(&file, 80), plugin::reason(&refused.error));
    }
    if catalog.refused().len() > LISTED {
        let _ = writeln!(text, "  and {} more; the log says why", catalog.refused().len() - LISTED);
    }
    text.push('\n');
    text
}

fn clients(url: &str, connection: &Connection) -> String {
    let by_url = json!({ "mcpServers": { "cofferdam": { "url": url } } });
    let started = json!({
        "mcpServers": { "cofferdam": { "command": connection.program, "args": connection.arguments } }
    });
    let code = json!({ "name": "cofferdam", "type": "http", "url": url });
    format!(
        "connect Claude Code:\n  claude mcp add --transport http cofferdam {url}\n\
         connect VS Code:\n  code --add-mcp '{code}'\n\
         connect Cursor, in ~/.cursor/mcp.json:\n{}\n\
         connect Claude Desktop, which starts the program itself, in claude_desktop_config.json:\n{}\n\
         see what it does with `cofferdam ps` and `cofferdam logs -f`; stop it with Ctrl-C\n",
        indented(&by_url),
        indented(&started),
    )
}

fn indented(value: &serde_json::Value) -> String {
    format!("{value:#}").lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection {
            program: "/opt/bin/cofferdam".into(),
            arguments: vec!["stdio".into(), "--plugins".into(), "/srv/plugins".into()],
            host: None,
            plugins_dir: "/srv/plugins".into(),
        }
    }

    #[test]
    fn the_banner_says_how_every_client_connects() {
        let banner = banner(&Catalog::default(), "127.0.0.1:7331".parse().unwrap(), &connection());
        for part in [
            "cofferdam serves http://127.0.0.1:7331/mcp\n",
            "no tools: /srv/plugins has no plugin that can be loaded",
            "claude mcp add --transport http cofferdam http://127.0.0.1:7331/mcp\n",
            r#"code --add-mcp '{"name":"cofferdam","type":"http","url":"http://127.0.0.1:7331/mcp"}'"#,
            "\"command\": \"/opt/bin/cofferdam\"",
            "\"url\": \"http://127.0.0.1:7331/mcp\"",
        ] {
            assert!(banner.contains(part), "{part}\n{banner}");
        }
    }

    #[test]
    fn a_host_for_everyone_is_addressed_by_its_name() {
        let any = "0.0.0.0:80".parse().unwrap();
        let named = |host: &str| Connection { host: Some(host.into()), ..connection() };
        assert_eq!(named("tools.example").url(any), "http://tools.example:80/mcp");
        assert_eq!(named("tools.example:8080").url(any), "http://tools.example:8080/mcp");
        assert_eq!(named("tools.example").url("[::1]:80".parse().unwrap()), "http://[::1]:80/mcp");
    }

    #[test]
    fn refused_files_are_named_with_the_reason() {
        let file = PathBuf::from("/srv/plugins/bad.wasm");
        let catalog = Catalog::assemble(vec![(
            file,
            Err(cofferdam_runtime::LoadError::Exports("no \u{1b}tools".into())),
        )]);
        assert_eq!(refused(&catalog), "refused:\n  bad.wasm: no tools\n\n");
    }

    #[test]
    fn files_that_are_too_many_to_be_read_are_counted() {
        let file = |n: usize| {
            let error = cofferdam_runtime::LoadError::Exports("no tools".into());
            (PathBuf::from(format!("{n}.wasm")), Err(error))
        };
        let shown = refused(&Catalog::assemble((0..LISTED + 7).map(file).collect()));
        assert_eq!(shown.lines().count(), 1 + LISTED + 2, "{shown}");
        assert!(shown.ends_with("\n  and 7 more; the log says why\n\n"), "{shown}");
    }
}
