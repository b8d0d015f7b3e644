//! A real PostgreSQL for tests, from the system's packages: in a folder and on a port of its own.
//!
//! Included by path where it is needed. Its shell waits for the end of its input, so the server ends and its folder goes
//! however the test process ends. As Postgres won't run as root, root runs it as the user `postgres`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Makes the cluster, starts the server, says so, waits for the end of its input, and leaves nothing behind.
const SCRIPT: &str = r#"
set -e
trap '' INT
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
echo "listen_addresses='127.0.0.1'
port=$3
unix_socket_directories='$2'
fsync=off
max_connections=60
logging_collector=off" >> "$2/data/postgresql.conf"
"$1/pg_ctl" -D "$2/data" -w -l "$2/log" start >/dev/null </dev/null
echo ready
read -r _ || true
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1 || true
rm -rf "$2"
"#;

static SHARED: OnceLock<Server> = OnceLock::new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    shell: Child,
}

impl Server {
    /// The one that the tests of this process share.
    pub fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start)
    }

    /// One of a test's own.
    pub fn start() -> Self {
        let programs = programs().expect("PostgreSQL is not installed: apt-get install postgresql");
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cofferdam-postgres-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if is_root() {
            assert!(Command::new("chown").args(["postgres:"]).arg(&folder).status().unwrap().success());
        }
        let mut shell = unprivileged("sh")
            .args(["-c", SCRIPT, "sh"])
            .args([&programs, &folder])
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start");
        Self { programs, folder, port, shell }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database for a user.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Ends it at once, as a crash would.
    pub fn crash(&self) {
        assert!(self.control(&["-m", "immediate", "stop"]));
    }

    /// Starts it again after a crash, and waits until it takes connections.
    pub fn restart(&self) {
        let log = self.folder.join("log");
        assert!(self.control(&["-l", log.to_str().unwrap(), "start"]));
    }

    /// Stops its process without ending it, or lets it go on: `STOP`, `CONT`.
    pub fn signal(&self, signal: &str) {
        let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        assert!(Command::new("kill").args(["-s", signal, pid]).status().unwrap().success());
    }

    /// Runs statements as the superuser, and gives what they print.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.psql_with(database, &["-c", sql])
    }

    /// Runs psql as the superuser.
    pub fn psql_with(&self, database: &str, args: &[&str]) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url("postgres", database)])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Lets it speak TLS with this certificate and key; where the certificate is.
    pub fn enable_tls(&self, certificate: &str, key: &str) -> PathBuf {
        let files = [("data/server.crt", certificate), ("data/server.key", key)].map(|(name, text)| {
            let path = self.folder.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                assert!(Command::new("chown").arg("postgres:").arg(&path).status().unwrap().success());
            }
            path
        });
        self.psql("postgres", "ALTER SYSTEM SET ssl = on");
        self.crash();
        self.restart();
        files.into_iter().next().unwrap()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    fn control(&self, args: &[&str]) -> bool {
        let mut command = unprivileged(self.programs.join("pg_ctl").to_str().unwrap());
        // A server that is started keeps what it inherits: its output must not be a pipe that is read to its end.
        command.arg("-D").arg(self.folder.join("data")).arg("-w").args(args).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn unprivileged(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program]);
    command
}

/// The folder with the newest server's programs.
fn programs() -> Option<PathBuf> {
    let newest = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| Path::new(folder).join("initdb").exists())
        .max_by_key(newest)
}
