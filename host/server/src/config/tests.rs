//! What operators write, and what they are told.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use cofferdam_policy::units::Quantity as _;

use super::*;

/// A directory of its own for one test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("cofferdam-config-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn given(&self) -> Given {
        Given { directory: self.0.clone(), system: self.0.join("etc"), ..Given::default() }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn variables(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load_with(text: &str, environment: &[(&str, &str)], flags: Vec<Flag>) -> Result<Config, String> {
    let scratch = Scratch::new();
    scratch.write("cofferdam.toml", text);
    let given = Given { environment: variables(environment), flags, ..scratch.given() };
    Config::load(&given).map_err(|rejected| rejected.to_string())
}

fn load(text: &str) -> Result<Config, String> {
    load_with(text, &[], Vec::new())
}

fn id(text: &str) -> PluginId {
    PluginId::parse(text).unwrap()
}

mod meaning {
    use super::*;

    #[test]
    fn without_a_word_the_defaults_hold() {
        let scratch = Scratch::new();
        let config = Config::load(&scratch.given()).unwrap();
        assert_eq!(config.file, None);
        assert_eq!(config.plugins_dir, scratch.path("plugins"));
        assert_eq!(config.server.http.to_string(), "127.0.0.1:7331");
        assert_eq!(config.server.page_size, 250);
        assert_eq!(config.server.max_body, 4 << 20);
        assert_eq!(config.server.list_ttl, Duration::from_secs(60));
        assert!(config.server.usage_meta && !config.server.allow_remote);
        assert_eq!(config.limits, CallLimits::default());
        assert_eq!(config.load, LoadLimits::default());
        assert!(!config.server.meta_tools);
        assert_eq!(config.admin, Admin { enabled: true, socket: None });
        assert_eq!(config.trust, Trust::Open);
        assert_eq!(config.runtime().concurrent_calls, 256);
        assert!(config.is_enabled(&id("anything")));
        assert!(config.effective().iter().all(|value| value.origin == Origin::Default));
    }

    #[test]
    fn a_plugin_s_limits_go_before_the_file_s_and_those_before_the_defaults() {
        let config = load(
            "[limits]\nmemory = \"64 MiB\"\ndeadline = 5_000\n\
             [plugins.a]\nnamespace = \"x\"\nlimits = { memory = \"1 MiB\" }\nconfig = { key = [1, \"b\"] }\n\
             [plugins.b]\nenabled = false\n",
        )
        .unwrap();
        let a = config.plugin_spec(&id("a"));
        assert_eq!(a.limits.memory.value(), 1 << 20);
        assert_eq!(a.limits.deadline.value(), 5_000);
        assert_eq!(a.limits.fuel, CallLimits::default().fuel);
        assert_eq!(a.namespace, Some(Namespace::parse("x").unwrap()));
        assert_eq!(a.settings.get("key").as_deref(), Some("[1,\"b\"]"));
        let other = config.plugin_spec(&id("other"));
        assert_eq!(other.limits.memory.value(), 64 << 20);
        assert_eq!(other.namespace, None);
        assert!(config.is_enabled(&id("a")) && !config.is_enabled(&id("b")));
    }

    #[test]
    fn every_key_that_can_be_written_is_read() {
        let config = load(
            "plugins_dir = \"tools\"\n[server]\nhttp = \"0.0.0.0:80\"\nallow_remote = true\n\
             allowed_hosts = [\"tools.example.com\"]\nallowed_origins = [\"https://app.example.com\"]\n\
             concurrent_calls = 8\nmax_body = \"1 MiB\"\npage_size = 10\nlist_ttl = 0\nheartbeat = \"2s\"\n\
             shutdown_grace = \"1ms\"\nsession_idle = \"1m\"\nusage_meta = false\nmeta_tools = true\n\
             [log]\nlevel = \"debug\"\nformat = \"json\"\n[load]\nfile = \"64 MiB\"\nplugins = 10_000\n\
             [compile]\nmemory = \"256 MiB\"\ncpu = \"1s\"\ndeadline = \"10m\"\nat_once = 8\ncache = true\n\
             cache_dir = \"/var/cache/it\"\ncache_size = \"16 MiB\"\n\
             [admin]\nenabled = false\nsocket = \"/run/it.sock\"\n",
        )
        .unwrap();
        let expected = Server {
            http: "0.0.0.0:80".parse().unwrap(),
            allow_remote: true,
            allowed_hosts: vec!["tools.example.com".to_owned()],
            allowed_origins: vec!["https://app.example.com".to_owned()],
            concurrent_calls: 8,
            max_body: 1 << 20,
            page_size: 10,
            list_ttl: Duration::ZERO,
            heartbeat: Duration::from_secs(2),
            shutdown_grace: Duration::from_millis(1),
            session_idle: Duration::from_secs(60),
            usage_meta: false,
            meta_tools: true,
        };
        assert_eq!(config.server, expected);
        assert_eq!(config.log, Log { level: Level::Debug, format: LogFormat::Json });
        assert_eq!((config.load.file.value(), config.load.plugins.value()), (64 << 20, 10_000));
        let compile = Compile {
            memory: 256 << 20,
            cpu: Duration::from_secs(1),
            deadline: Duration::from_secs(600),
            at_once: 8,
            cache_dir: Some("/var/cache/it".into()),
            cache_size: 16 << 20,
        };
        assert_eq!(config.compile, compile);
        assert_eq!(config.admin, Admin { enabled: false, socket: Some("/run/it.sock".into()) });
    }

    #[test]
    fn localhost_is_an_address() {
        let config = load("[server]\nhttp = \"localhost:0\"\n").unwrap();
        assert_eq!(config.server.http.to_string(), "127.0.0.1:0");
    }
}

mod sources {
    use super::*;

    #[test]
    fn the_first_file_that_exists_is_the_policy_and_the_only_one() {
        let scratch = Scratch::new();
        let page_size = |given: &Given| {
            let config = Config::load(given).unwrap();
            (config.server.page_size, config.file)
        };
        let file = |size: usize| format!("[server]\npage_size = {size}\n");
        let home = scratch.path("home");
        let mut given = scratch.given();
        given.environment = variables(&[("HOME", home.to_str().unwrap())]);

        scratch.write("etc/cofferdam/cofferdam.toml", &file(1));
        assert_eq!(page_size(&given), (1, Some(scratch.path("etc/cofferdam/cofferdam.toml"))));
        scratch.write("home/.config/cofferdam/cofferdam.toml", &file(2));
        assert_eq!(page_size(&given).0, 2);
        scratch.write("xdg/cofferdam/cofferdam.toml", &file(3));
        let xdg = scratch.path("xdg");
        given.environment.push(("XDG_CONFIG_HOME".to_owned(), xdg.to_str().unwrap().to_owned()));
        assert_eq!(page_size(&given).0, 3);
        scratch.write("cofferdam.toml", &file(4));
        assert_eq!(page_size(&given), (4, Some("cofferdam.toml".into())));
        scratch.write("by-variable.toml", &file(5));
        given.environment.push(("COFFERDAM_CONFIG".to_owned(), "by-variable.toml".to_owned()));
        assert_eq!(page_size(&given).0, 5);
        scratch.write("by-flag.toml", "[log]\n");
        given.file = Some("by-flag.toml".into());
        // Nothing of the other files holds.
        assert_eq!(page_size(&given), (250, Some("by-flag.toml".into())));
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let text = "[server]\nhttp = \"127.0.0.1:1\"\npage_size = 1\nconcurrent_calls = 1\n";
        let environment = [("COFFERDAM_SERVER__HTTP", "127.0.0.1:2"), ("COFFERDAM_SERVER__PAGE_SIZE", "2")];
        let config = load_with(text, &environment, vec![Flag::http("127.0.0.1:3")]).unwrap();
        assert_eq!(config.server.http.port(), 3);
        assert_eq!(config.server.page_size, 2);
        assert_eq!(config.server.concurrent_calls, 1);

        assert_eq!(config.origin(&["server", "http"]), Origin::Flag("--http".to_owned()));
        let variable = Origin::Environment("COFFERDAM_SERVER__PAGE_SIZE".to_owned());
        assert_eq!(config.origin(&["server", "page_size"]), variable);
        let file = Origin::File { path: "cofferdam.toml".into(), line: 4 };
        assert_eq!(config.origin(&["server", "concurrent_calls"]), file);
        assert_eq!(config.origin(&["server", "max_body"]), Origin::Default);
    }

    #[test]
    fn every_effective_value_has_its_origin() {
        let text = "[limits]\nmemory = \"64 MiB\"\n\n[plugins.a.config]\nkey = 1\n";
        let config = load_with(text, &[("COFFERDAM_LOG__LEVEL", "warn")], Vec::new()).unwrap();
        let shown = |path: &str| {
            let effective = config.effective();
            let found = effective.iter().find(|value| value.path.join(".") == path).unwrap();
            format!("{} {}", found.value, found.origin)
        };
        assert_eq!(shown("limits.memory"), "\"64 MiB\" cofferdam.toml:2");
        assert_eq!(shown("plugins.a.config.key"), "1 cofferdam.toml:5");
        assert_eq!(shown("log.level"), "\"warn\" COFFERDAM_LOG__LEVEL");
        assert_eq!(shown("limits.deadline"), "\"30s\" default");
    }

    #[test]
    fn what_is_effective_reads_back_as_the_same_policy() {
        let config =
            load("[limits]\nfuel = 5_000_000\n[server]\nlist_ttl = 0\nhttp = \"[::1]:9\"\n").unwrap();
        let mut text = String::new();
        for value in config.effective() {
            text.push_str(&format!("{} = {}\n", value.path.join("."), value.value));
        }
        let again = load(&text).unwrap();
        assert_eq!(again.server, config.server);
        assert_eq!((again.limits, again.load), (config.limits.clone(), config.load.clone()));
        assert_eq!(again.plugins_dir, config.plugins_dir);
    }

    #[test]
    fn a_path_is_relative_to_what_it_is_written_in() {
        let scratch = Scratch::new();
        scratch.write("deep/policy.toml", "plugins_dir = \"tools\"\n");
        let mut given = Given { file: Some("deep/policy.toml".into()), ..scratch.given() };
        assert_eq!(Config::load(&given).unwrap().plugins_dir, scratch.path("deep/tools"));
        given.environment = variables(&[("COFFERDAM_PLUGINS_DIR", "./other")]);
        assert_eq!(Config::load(&given).unwrap().plugins_dir, scratch.path("other"));
        given.flags = vec![Flag::plugins("/srv/plugins")];
        assert_eq!(Config::load(&given).unwrap().plugins_dir, Path::new("/srv/plugins"));
    }

    #[test]
    fn the_environment_sets_values_of_every_type() {
        let environment = [
            ("COFFERDAM_SERVER__ALLOW_REMOTE", "true"),
            ("COFFERDAM_SERVER__ALLOWED_HOSTS", "a.example, b.example"),
            ("COFFERDAM_SERVER__ALLOWED_ORIGINS", "[\"https://a.example\"]"),
            ("COFFERDAM_SERVER__HEARTBEAT", "3000"),
            ("COFFERDAM_LIMITS__MEMORY", "64 MiB"),
            ("COFFERDAM_PLUGINS__MY_TOOL__NAMESPACE", ""),
            ("COFFERDAM_PLUGINS__MY_TOOL__LIMITS__FUEL", "2000000"),
            ("COFFERDAM_PLUGINS__MY_TOOL__CONFIG__REGION", "eu"),
            ("COFFERDAM_PLUGINS__MY_TOOL__CONFIG__DEPTH", "3"),
        ];
        let config = load_with("", &environment, Vec::new()).unwrap();
        assert!(config.server.allow_remote);
        assert_eq!(config.server.allowed_hosts, ["a.example", "b.example"]);
        assert_eq!(config.server.allowed_origins, ["https://a.example"]);
        assert_eq!(config.server.heartbeat, Duration::from_secs(3));
        assert_eq!(config.limits.memory.value(), 64 << 20);
        let spec = config.plugin_spec(&id("my-tool"));
        assert_eq!(spec.namespace, Some(Namespace::parse("").unwrap()));
        assert_eq!(spec.limits.fuel.value(), 2_000_000);
        assert_eq!(spec.settings.get("region").as_deref(), Some("\"eu\""));
        assert_eq!(spec.settings.get("depth").as_deref(), Some("3"));
    }

    #[test]
    fn variables_that_are_not_keys_are_left_alone() {
        let environment = [
            ("COFFERDAM_LOG", "debug,rmcp=trace"),
            ("COFFERDAM_SERVICE_HOST", "10.0.0.1"),
            ("COFFERDAM_SERVICE_PORT_HTTP", "80"),
            ("COFFERDAM_PORT", "tcp://10.0.0.1:80"),
            ("COFFERDAM_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("PATH", "/bin"),
        ];
        assert!(load_with("", &environment, Vec::new()).is_ok());
    }
}

mod compile;
mod databases;
mod http;
mod mistakes;
mod trust;
