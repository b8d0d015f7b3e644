//! Who is at stdin: decides what the program does when it isn't told.
//!
//! Not "is it a terminal": under systemd and in containers stdin is `/dev/null`, and no client is there.

use std::{
    fs::{File, FileType},
    os::{fd::AsFd as _, unix::fs::FileTypeExt as _},
};

/// Whether stdin is a pipe or a socket, and so another program.
pub(super) fn is_a_client() -> bool {
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().map(File::from);
    stdin.and_then(|file| file.metadata()).is_ok_and(|metadata| is_a_conversation(metadata.file_type()))
}

fn is_a_conversation(kind: FileType) -> bool {
    kind.is_fifo() || kind.is_socket()
}

#[cfg(test)]
mod tests {
    use std::os::{fd::OwnedFd, unix::net::UnixStream};

    use super::*;

    fn kind(file: OwnedFd) -> FileType {
        File::from(file).metadata().unwrap().file_type()
    }

    #[test]
    fn a_pipe_or_a_socket_is_a_client_and_a_file_or_dev_null_is_none() {
        let (pipe, _writer) = std::io::pipe().unwrap();
        let (socket, _peer) = UnixStream::pair().unwrap();
        let null = File::open("/dev/null").unwrap();
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        for (file, is_client) in
            [(pipe.into(), true), (socket.into(), true), (null.into(), false), (file.into(), false)]
        {
            assert_eq!(is_a_conversation(kind(file)), is_client);
        }
    }
}
