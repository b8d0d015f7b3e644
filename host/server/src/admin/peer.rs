//! Who may ask: this user and root. The second guard, should the socket's mode be changed.

use std::io;

use axum::serve::Listener;
use tokio::net::{UnixListener, UnixStream, unix::SocketAddr};

/// Root may do everything anyway.
const ROOT: u32 = 0;

/// The user that this process runs as.
pub(crate) fn ourselves() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// A listener that hangs up on everybody else.
pub(super) struct Guarded {
    listener: UnixListener,
    user: u32,
}

impl Guarded {
    /// Lets `user` in, and root.
    pub(super) fn new(listener: UnixListener, user: u32) -> Self {
        Self { listener, user }
    }
}

impl Listener for Guarded {
    type Io = UnixStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (UnixStream, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            match stream.peer_cred() {
                Ok(peer) if may_ask(peer.uid(), self.user) => return (stream, address),
                Ok(peer) => {
                    tracing::warn!(
                        user = peer.uid(),
                        "another user asked at the admin socket, and was refused"
                    );
                }
                Err(error) => tracing::debug!(%error, "can't tell who asks at the admin socket"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn may_ask(peer: u32, user: u32) -> bool {
    peer == user || peer == ROOT
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[test]
    fn nobody_asks_but_the_user_and_root() {
        for (peer, user, may) in [(5, 5, true), (0, 5, true), (5, 0, false), (6, 5, false), (0, 0, true)] {
            assert_eq!(may_ask(peer, user), may, "{peer} asks {user}");
        }
    }

    #[tokio::test]
    async fn who_may_not_ask_is_hung_up_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let user = ourselves();
        // Root is let in everywhere, so a test that runs as root proves only that.
        let mut guarded = Guarded::new(UnixListener::bind(&path).unwrap(), user + 1);
        let mut stream = UnixStream::connect(&path).await.unwrap();
        let mut read = Vec::new();
        tokio::select! {
            biased;
            ended = stream.read_to_end(&mut read) => assert!(ended.is_ok() && user != ROOT),
            _ = guarded.accept() => assert_eq!(user, ROOT),
        }
    }
}
