//! Both ends of the socket: one `postcard` message a packet.
//!
//! A packet socket keeps the borders of messages, so there is no length prefix to lie about. The parent's end never blocks, never
//! raises `SIGPIPE` and takes no descriptor; the child's end blocks and takes at most one.

use std::{
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
        SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
        sendmsg, socketpair,
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// Largest message in bytes, both ways. What is longer goes through shared memory.
pub const MAX_MESSAGE: usize = 4096;

/// Why a message did not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The peer is gone.
    #[error("the other process closed its socket")]
    Closed,
    /// Not a message of the expected type; the text says in what way.
    #[error("{0}")]
    Malformed(&'static str),
    /// The message to be sent has more than [`MAX_MESSAGE`] bytes.
    #[error("a message of more than {MAX_MESSAGE} bytes")]
    TooLong,
    /// The peer does not read and its queue is full.
    #[error("the other process does not read")]
    Full,
    /// The socket refused.
    #[error("socket: {0}")]
    Os(Errno),
}

/// The parent's end.
#[derive(Debug)]
pub struct Channel(OwnedFd);

/// The child's end: descriptor 0.
#[derive(Debug)]
pub struct Peer(());

impl Channel {
    /// A fresh pair: ours, and the child's descriptor.
    pub(crate) fn pair() -> rustix::io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self(ours), theirs))
    }

    /// Sends `message`, with a descriptor if there is one. Returns at once.
    ///
    /// # Errors
    /// [`WireError::Full`] when the child does not read, [`WireError::Closed`] when it is gone.
    pub fn send<T: Serialize>(
        &self,
        message: &T,
        descriptor: Option<BorrowedFd>,
    ) -> Result<(), WireError> {
        send(&self.0, message, descriptor, SendFlags::DONTWAIT)
    }

    /// The next message, `None` when none is there. Returns at once.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for anything that is not exactly one `T`, a descriptor included: this end gives the kernel no room for
    /// one, so a child cannot fill the parent's table. An empty packet reads as [`WireError::Closed`]; both are the child's end.
    pub fn receive<T: DeserializeOwned>(&self) -> Result<Option<T>, WireError> {
        let mut control = RecvAncillaryBuffer::default();
        match receive(&self.0, RecvFlags::DONTWAIT, &mut control) {
            Err(WireError::Os(Errno::AGAIN)) => Ok(None),
            other => other.map(Some),
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Peer {
    /// The socket that the parent put on descriptor 0; also for a panic hook, which holds nothing.
    #[must_use]
    pub const fn again() -> Self {
        Self(())
    }

    /// Sends `message`; waits while the parent does not read.
    ///
    /// # Errors
    /// [`WireError::TooLong`] before anything was sent, [`WireError::Closed`] when the parent is gone.
    pub fn send<T: Serialize>(&self, message: &T) -> Result<(), WireError> {
        send(rustix::stdio::stdin(), message, None, SendFlags::empty())
    }

    /// Waits for a message and the descriptor that came with it.
    ///
    /// # Errors
    /// [`WireError::Closed`] when the parent is gone: the child's sign to end.
    pub fn receive<T: DeserializeOwned>(&self) -> Result<(T, Option<OwnedFd>), WireError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let message = receive(
            rustix::stdio::stdin(),
            RecvFlags::CMSG_CLOEXEC,
            &mut control,
        )?;
        let descriptor = control.drain().find_map(|part| match part {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        Ok((message, descriptor))
    }

    /// Bytes that are no message, for a test's child that lies to its parent.
    ///
    /// # Errors
    /// [`WireError::Os`] when the socket refuses.
    pub fn send_raw(&self, bytes: &[u8], descriptor: Option<BorrowedFd>) -> Result<(), WireError> {
        send_bytes(
            rustix::stdio::stdin(),
            bytes,
            descriptor,
            SendFlags::empty(),
        )
    }
}

fn send<T: Serialize>(
    socket: impl AsFd,
    message: &T,
    descriptor: Option<BorrowedFd>,
    flags: SendFlags,
) -> Result<(), WireError> {
    let mut buffer = [0u8; MAX_MESSAGE];
    let bytes = postcard::to_slice(message, &mut buffer).map_err(|e| match e {
        postcard::Error::SerializeBufferFull => WireError::TooLong,
        _ => WireError::Malformed("a message that cannot be written"),
    })?;
    send_bytes(socket, bytes, descriptor, flags)
}

fn send_bytes(
    socket: impl AsFd,
    bytes: &[u8],
    descriptor: Option<BorrowedFd>,
    flags: SendFlags,
) -> Result<(), WireError> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = descriptor.map(|d| [d]);
    if let Some(descriptors) = &descriptors {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    loop {
        return match sendmsg(
            &socket,
            &[IoSlice::new(bytes)],
            &mut control,
            flags | SendFlags::NOSIGNAL,
        ) {
            Ok(sent) if sent == bytes.len() => Ok(()),
            Ok(_) => Err(WireError::Malformed("cut while sending")),
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => Err(WireError::Full),
            Err(Errno::PIPE | Errno::CONNRESET) => Err(WireError::Closed),
            Err(e) => Err(WireError::Os(e)),
        };
    }
}

fn receive<T: DeserializeOwned>(
    socket: impl AsFd,
    flags: RecvFlags,
    control: &mut RecvAncillaryBuffer,
) -> Result<T, WireError> {
    let mut buffer = [0u8; MAX_MESSAGE];
    let got = loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut buffer)], control, flags) {
            // A peer that dies with messages unread causes CONNRESET, once, before the answers that it had already sent. Those are
            // read first, or the wrong job is blamed.
            Err(Errno::INTR | Errno::CONNRESET) => {}
            other => break other.map_err(WireError::Os)?,
        }
    };
    if got.flags.contains(ReturnFlags::TRUNC) {
        return Err(WireError::Malformed("a packet longer than a message"));
    }
    if got.flags.contains(ReturnFlags::CTRUNC) {
        return Err(WireError::Malformed("an unexpected descriptor"));
    }
    if got.bytes == 0 {
        return Err(WireError::Closed);
    }
    match postcard::take_from_bytes(buffer.get(..got.bytes).unwrap_or_default()) {
        Ok((message, [])) => Ok(message),
        Ok(_) => Err(WireError::Malformed("bytes left over after a message")),
        Err(_) => Err(WireError::Malformed("not a message")),
    }
}
