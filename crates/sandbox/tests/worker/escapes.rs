//! A locked child that tries to get out (PAR-04): one attempt a message, the `errno` back, 0 for success.
#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used)]

use std::{
    mem,
    os::fd::{AsFd as _, AsRawFd as _, OwnedFd},
    ptr,
};

use triptych_sandbox::{OutputMap, Start};

#[path = "../attempts/mod.rs"]
mod attempts;

use attempts::{Ask, Attempt, MEMORY_BYTES};

fn main() {
    let start = Start::from_arguments(std::env::args()).expect("started by the test");
    let peer = start.lock().expect("the parent listens");
    let mut held = None;
    while let Ok((ask, descriptor)) = peer.receive::<Ask>() {
        let answer = match ask {
            Ask::Hold => {
                let fd = descriptor.unwrap();
                let map = OutputMap::new(fd.as_fd(), MEMORY_BYTES);
                let errno = map.as_ref().map_or(libc::EIO, |_| 0);
                held = map.ok().map(|map| (map, fd));
                errno
            }
            Ask::Release => {
                held = None;
                0
            }
            Ask::Try(attempt) => attempt_now(attempt, held.as_mut(), descriptor.as_ref()),
        };
        if peer.send(&answer).is_err() {
            return;
        }
    }
}

fn attempt_now(
    attempt: Attempt,
    held: Option<&mut (OutputMap, OwnedFd)>,
    input: Option<&OwnedFd>,
) -> i32 {
    let input = input.map_or(-1, |fd| fd.as_raw_fd());
    let (start, memory) = held.map_or((ptr::null_mut(), -1), |(map, fd)| {
        (map.bytes_mut().as_mut_ptr(), fd.as_raw_fd())
    });
    let mut word = 0u64;
    let mut here = libc::iovec {
        iov_base: (&raw mut word).cast(),
        iov_len: 8,
    };
    let there = libc::iovec {
        iov_base: start.cast(),
        iov_len: 8,
    };
    let own_name = format!("/proc/self/fd/{input}\0");
    let anonymous = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let read_write = libc::PROT_READ | libc::PROT_WRITE;
    let shell = c"/bin/true".as_ptr();
    // SAFETY: raw calls with valid or deliberately refused arguments; the process is thrown away afterwards.
    let result: i64 = unsafe {
        match attempt {
            Attempt::OpenFile => libc::open(c"/etc/hostname".as_ptr(), libc::O_RDONLY).into(),
            Attempt::CreateFile => {
                libc::open(c"/tmp".as_ptr(), libc::O_TMPFILE | libc::O_RDWR, 0o600).into()
            }
            Attempt::ReopenInput => libc::open(own_name.as_ptr().cast(), libc::O_RDWR).into(),
            Attempt::SocketInternet => libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0).into(),
            Attempt::SocketUnix => libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0).into(),
            Attempt::Execute => {
                libc::execve(shell, [shell, ptr::null()].as_ptr(), [ptr::null()].as_ptr()).into()
            }
            Attempt::TraceParent => libc::ptrace(libc::PTRACE_SEIZE, libc::getppid(), 0, 0),
            Attempt::SignalParent => libc::kill(libc::getppid(), 0).into(),
            Attempt::Fork => match libc::fork() {
                0 => libc::_exit(0),
                pid => pid.into(),
            },
            Attempt::Unshare => libc::unshare(libc::CLONE_NEWUSER).into(),
            Attempt::ReadParentMemory => {
                libc::process_vm_readv(libc::getppid(), &raw mut here, 1, &raw const there, 1, 0)
                    as i64
            }
            Attempt::ExecutableMemory => {
                let prot = libc::PROT_READ | libc::PROT_EXEC;
                libc::mmap(ptr::null_mut(), 4096, prot, anonymous, -1, 0) as i64
            }
            Attempt::TwiceTheMemory => libc::mmap(
                ptr::null_mut(),
                MEMORY_BYTES * 2,
                read_write,
                anonymous,
                -1,
                0,
            ) as i64,
            Attempt::CutMemory => libc::ftruncate(memory, 0).into(),
            Attempt::GrowMemory => libc::ftruncate(memory, 1 << 40).into(),
            Attempt::PunchMemory => libc::madvise(start.cast(), 4096, libc::MADV_REMOVE).into(),
            Attempt::WriteInput => libc::write(input, (&raw const word).cast(), 8) as i64,
            Attempt::RaiseLimit => {
                let more = libc::rlimit {
                    rlim_cur: 1024,
                    rlim_max: 1024,
                };
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const more).into()
            }
            Attempt::IoUring => {
                let mut parameters: [u8; 256] = mem::zeroed();
                libc::syscall(libc::SYS_io_uring_setup, 4, parameters.as_mut_ptr())
            }
            Attempt::NewMemory => libc::memfd_create(c"x".as_ptr(), 0).into(),
            Attempt::Thread => {
                let work = || std::hint::black_box(vec![1u8; 1 << 20]).len();
                match std::thread::Builder::new().spawn(work) {
                    Ok(thread) => thread.join().map_or(-1, |_| 0),
                    Err(e) => return e.raw_os_error().unwrap_or(-1),
                }
            }
            Attempt::EndlessLoop => loop {
                std::hint::spin_loop();
            },
        }
    };
    if result == -1 {
        std::io::Error::last_os_error().raw_os_error().unwrap_or(-1)
    } else {
        0
    }
}
