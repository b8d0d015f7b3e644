//! Codes of errors: a short name that stays the same while words change, for people to look up with
//! `cofferdam explain CODE`.
//!
//! What a plugin, a client or an operator reads when something is denied or limited ends with its code.

use std::fmt;

/// A code and what it means.
macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $code:literal, $title:literal, $text:literal; )+) => {
        /// The code of an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $( $(#[doc = $doc])+ $name, )+ }

        impl Code {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// As it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $code, )+ }
            }

            /// What happened, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $( Self::$name => $title, )+ }
            }

            /// Why there is such a rule, and what to do.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $( Self::$name => $text, )+ }
            }
        }
    };
}

codes! {
    /// An import without a grant.
    NotGranted = "C0101", "a plugin needs a capability that it was not granted",
        "A component imports what it wants to use, and the operator's file says what it gets. \
         Without any grant for HTTP, a plugin that imports it is not loaded. A new file that asks for it leaves the version before serving; where a grant is taken away, the plugin goes out of service.\n\n\
         Grant what the plugin should reach, and no more. The host loads it at once, no restart is needed:\n\n    \
         cofferdam grant weather http 'GET https://api.example.com/*'\n\n\
         The same in cofferdam.toml:\n\n    [plugins.weather]\n    http = [\"GET https://api.example.com/*\"]\n\n\
         `cofferdam inspect FILE.wasm` shows what the plugin's tools would like. That is the author's wish, not advice.";

    /// No grant for HTTP at all.
    HttpNoGrant = "C0201", "a request over HTTP, and the plugin has no grant for HTTP",
        "Nothing is allowed that cofferdam.toml doesn't allow. Run the command in the message if the plugin should do this.";
    /// No line names the host.
    HttpHost = "C0202", "a request to a host that no grant names",
        "Each line of a plugin's `http` names one host, or all below one (`*.example.com`, which is not `example.com` itself). \
         Hosts are compared as a browser would, after decoding: a spelling that only looks like a granted host is another host. \
         Redirects are judged like requests, so this may be where a granted address led to.";
    /// The wrong scheme.
    HttpScheme = "C0203", "a request with another scheme than the granted one",
        "A grant of `https://` doesn't cover `http://`: what is sent in the clear can be read and changed on the way.";
    /// The wrong port.
    HttpPort = "C0204", "a request to another port than the granted one",
        "A grant covers the port that is written, or the scheme's own (443, 80). Other ports are other services.";
    /// The wrong path.
    HttpPath = "C0205", "a request to a path that no grant covers",
        "A path that ends with `/*` covers all below that folder; any other one covers itself alone. Queries are not compared.";
    /// A path that may climb.
    HttpUnclearPath = "C0206", "a request whose path could mean one outside the granted folder",
        "Once decoded, however often, the path has `.` or `..` in it, or a backslash. Servers read such paths differently, so no grant of a folder covers them. \
         The plugin should ask for the plain path.";
    /// The wrong method.
    HttpMethod = "C0207", "a request with a method that no grant covers",
        "A grant lists its methods (`GET,POST https://…`). `*` is every method but CONNECT and TRACE.";
    /// No method that could be granted.
    HttpUnfitMethod = "C0208", "a request with a method that can't be granted",
        "Methods are written in upper case. CONNECT and TRACE can't be granted: one makes a tunnel, the other shows what proxies add.";
    /// No scheme that could be granted.
    HttpUnfitScheme = "C0209", "a request with a scheme that can't be granted",
        "Only https and http are there: no files, no sockets, no other protocols.";
    /// User name or password in the address.
    HttpUserInfo = "C0210", "a request with a user name or password in its address",
        "Addresses end up in logs. Send credentials in a header; better, let the operator bind a secret to the grant, so that the plugin never has it.";
    /// A host with a dot at its end.
    HttpTrailingDot = "C0211", "a request to a host name that ends with a dot",
        "`example.com.` and `example.com` are the same machine to a resolver and different names to a certificate. Leave the dot out.";
    /// A host that is no name.
    HttpUnfitHost = "C0212", "a request to a host name with characters that no name has",
        "Names have letters, digits, `-`, `_` and dots. Anything else is read differently by different programs.";
    /// Port 0.
    HttpUnfitPort = "C0213", "a request to port 0",
        "No service listens there.";
    /// The host is granted, its address is not public.
    HttpAddress = "C0214", "a granted host that leads to an address which is not public",
        "A grant names hosts, and whoever owns a name decides where it leads. So addresses are judged too, after they are found: private networks, \
         this machine, cloud metadata services and everything else that is not the public internet are refused, in all their spellings.\n\n\
         If the plugin should reach one such machine, open exactly that address and port, for this plugin:\n\n    \
         cofferdam grant weather private 10.1.2.3:8080\n\n\
         The same in cofferdam.toml:\n\n    [plugins.weather]\n    allow_private = [\"10.1.2.3:8080\"]";
    /// A bound of HTTP.
    HttpLimit = "C0301", "a bound on what a plugin may use of the network was hit",
        "The message names the key. Raise it for one plugin under [plugins.ID.http_limits], or for all under [http_limits]:\n\n    \
         [plugins.weather.http_limits]\n    response_body = \"32 MiB\"";

    /// A label without a grant.
    DatabaseNoGrant = "C0401", "a plugin wants to open a database that it was not granted",
        "A plugin has a database of its own, under the label `private`, and no other one unless cofferdam.toml says so.\n\n\
         The file names databases, and grants them by their labels:\n\n    \
         [databases.shop]\n    url = \"sqlite:shop.db\"\n\n    [plugins.weather]\n    databases = { shop = \"read\" }\n\n\
         `read` reads rows, `write` changes them, `schema` changes tables too.";
    /// A grant that doesn't go far enough.
    DatabaseAccess = "C0402", "a statement needs more than the plugin was granted for this database",
        "`read` reads rows, `write` changes them, `schema` changes tables too. \
         Run the command in the message if the plugin should do this, and consider what else it could do then.";
    /// A kind of statement that nobody is granted.
    DatabaseStatement = "C0403", "a statement that no plugin may run",
        "Whatever the grant, no plugin runs what reaches outside the database (in SQLite ATTACH, VACUUM, most of PRAGMA; in Postgres settings, roles, COPY, code in the \
         database), leaves something behind in a connection (temporary tables), or begins and ends transactions beside the host's own. \
         A transaction is begun with the SDK's `Db::transaction`, and the host ends it when the plugin doesn't. What has to be done all the same, do with a program of your own.";
    /// A function that nobody is granted.
    DatabaseFunction = "C0404", "a function of the database that no plugin may use",
        "Functions are on a list of those that compute and do nothing else. One that isn't on it could read files, load code, or show addresses in memory. \
         A function of your own in Postgres may do anything with the rights of whoever made it: put what it gives into a view, and grant the role that view.";
    /// A table that nobody is granted.
    DatabaseTable = "C0405", "a table that no plugin may use in this way",
        "The database's own tables can be read as far as they describe the schema (in SQLite `sqlite_…`, in Postgres information_schema and a few of pg_catalog), and never be written. \
         What tells of roles, sessions, settings and files is not open. \
         Tables whose names begin with `cofferdam_` are the host's: it records in them which migrations were run.";
    /// SQL that can't be judged.
    DatabaseUnclear = "C0406", "a statement that can't be judged before it runs",
        "The host parses each statement for Postgres, and refuses what it can't read, or what the server might read otherwise: \
         literals such as E'…', U&'…' and $$…$$, operators of one's own, names beyond ASCII without quotes. Send values as parameters.";
    /// The role may not.
    DatabaseRole = "C0407", "Postgres itself refused a statement to the role of the label",
        "The grant covers it, and the role that the label's address names may not do it. Grant the role what it needs in the database; \
         docs/postgres-role.sql shows how a role is set up.";
    /// A bound of databases.
    DatabaseLimit = "C0410", "a bound on what a plugin may use of a database was hit",
        "The message names the key. Raise it for one plugin under [plugins.ID.database_limits], or for all under [database_limits]:\n\n    \
         [plugins.notes.database_limits]\n    rows = 50000\n\n\
         A bound without a key can't be raised: it keeps a single statement from taking the memory or the time of all. \
         Ask for less: a page at a time; and send many values with the SDK's `execute_many`.";
    /// A statement or a transaction that took too long.
    DatabaseDeadline = "C0411", "a statement or a transaction took too long",
        "The work was stopped in the database too, and nothing of it was kept. \
         An index may help; if the time is needed, raise `statement` or `transaction`:\n\n    \
         [plugins.notes.database_limits]\n    statement = \"20s\"";
    /// A private database that is full.
    DatabaseSize = "C0412", "a plugin's own database has reached its size",
        "Rows can still be read and deleted, and what is deleted makes room. To let it grow:\n\n    \
         [plugins.notes.database_limits]\n    size = \"256 MiB\"";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    /// In any case, with or without the leading `C`.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let digits = text.trim().trim_start_matches(['C', 'c']);
        let same = |code: &&Self| code.as_str().trim_start_matches('C') == digits;
        Self::ALL.iter().find(same).copied().ok_or(UnknownCode)
    }
}

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such code; expected one such as C0101")]
pub struct UnknownCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_each_one_is_found_by_its_text() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()));
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(code.as_str().to_lowercase().parse(), Ok(*code));
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "C", "C01011", "HttpHost", "C9999"] {
            assert_eq!(text.parse::<Code>(), Err(UnknownCode), "{text:?}");
        }
    }
}
