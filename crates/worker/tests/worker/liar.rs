//! A worker that misbehaves (PAR-16): the last argument says how. It is honest, with known contents, for every job but the one at frame
//! [`BAD_FRAME`]; with "everywhere" in front it is never honest. "honest" is the product's own worker.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::exit
)]

use std::{
    os::fd::{AsFd as _, BorrowedFd, FromRawFd as _, OwnedFd},
    process::ExitCode,
    time::Duration,
};

use triptych_sandbox::{OutputMap, Peer, Start};
use triptych_worker::protocol::{Answer, Ask, Job, SLOTS, Work};

/// The frame that is lied about; `tests/lies.rs` has the same.
const BAD_FRAME: u32 = 7;

fn main() -> ExitCode {
    let how = std::env::args().next_back().unwrap_or_default();
    if how == "honest" {
        return triptych_worker::serve::main();
    }
    let start = Start::from_arguments(std::env::args()).expect("started by the test");
    let everywhere = how.starts_with("everywhere ");
    let how = how.trim_start_matches("everywhere ").to_owned();
    let peer = start.lock().expect("the parent listens");
    let mut liar = Liar {
        peer,
        slots: Default::default(),
    };
    if how == "speaks unasked" {
        liar.done(0, 4096);
    }
    if how == "dies unasked" {
        return ExitCode::FAILURE;
    }
    while let Ok((ask, descriptor)) = liar.peer.receive::<Ask>() {
        match ask {
            Ask::Lend { slot, bytes } => {
                let memory = descriptor.unwrap();
                let map = OutputMap::new(memory.as_fd(), usize::try_from(bytes).unwrap());
                liar.slots[usize::from(slot)] = Some(map.unwrap());
            }
            Ask::Release { slot } => liar.slots[usize::from(slot)] = None,
            Ask::Work(job) => {
                let bad = !matches!(job.work, Work::Decode { frame, .. } if frame != BAD_FRAME);
                if bad || everywhere {
                    liar.lie(&how, &job, descriptor);
                } else {
                    liar.tell_the_truth(&job);
                }
            }
        }
    }
    ExitCode::SUCCESS
}

struct Liar {
    peer: Peer,
    slots: [Option<OutputMap>; SLOTS],
}

impl Liar {
    fn send(&self, answer: &Answer) {
        let _ = self.peer.send(answer);
    }

    fn raw(&self, bytes: &[u8], descriptor: Option<BorrowedFd>) {
        let _ = self.peer.send_raw(bytes, descriptor);
    }

    fn done(&self, job: u64, bytes: u64) {
        self.send(&Answer::InSlot { job, bytes });
    }

    fn here(&self, job: u64, reply: Vec<u8>) {
        self.send(&Answer::Here { job, reply });
    }

    /// Every byte of a frame is its number.
    fn tell_the_truth(&mut self, job: &Job) {
        let Work::Decode { frame, bytes } = job.work else {
            return self.here(job.number, vec![]);
        };
        let slot = self.slots[usize::from(job.slot)].as_mut().unwrap();
        slot.bytes_mut()[..usize::try_from(bytes).unwrap()].fill(u8::try_from(frame).unwrap());
        self.done(job.number, bytes);
    }

    fn lie(&mut self, how: &str, job: &Job, input: Option<OwnedFd>) {
        let number = job.number;
        let bytes = match job.work {
            Work::Decode { bytes, .. } => bytes,
            _ => 0,
        };
        match how {
            // Not messages.
            "garbage" => self.raw(&[0xFF; 300], None),
            "one byte" => self.raw(&[1], None),
            "zeros" => self.raw(&[0; 4096], None),
            "empty packet" => self.raw(&[], None),
            "64 KiB packet" => self.raw(&[0; 65536], None),
            "bytes left over" => {
                let mut packet = packet(&Answer::InSlot { job: number, bytes });
                packet.extend([0, 0]);
                self.raw(&packet, None);
            }
            "endless number" => {
                self.raw(&[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], None)
            }
            "unknown answer" => self.raw(&[99, 0, 0], None),
            "half a message" => {
                let reply = vec![0; 200];
                let packet = packet(&Answer::Here { job: number, reply });
                self.raw(&packet[..packet.len() / 2], None);
            }
            "a list without end" => {
                let mut packet = packet(&Answer::Here {
                    job: number,
                    reply: vec![],
                });
                packet.pop();
                packet.extend([255, 255, 255, 255, 15]);
                self.raw(&packet, None);
            }
            "not UTF-8" => {
                let reason = "é".into();
                let mut packet = packet(&Answer::Refused {
                    job: number,
                    reason,
                });
                packet.pop();
                packet.push(0x28);
                self.raw(&packet, None);
            }
            // Messages that cannot be true.
            "another job" => self.done(u64::MAX, bytes),
            "the next job" => self.done(number.wrapping_add(1), bytes),
            "longer" => self.done(number, bytes + 1),
            "much longer" => self.done(number, u64::MAX),
            "shorter" => self.done(number, bytes - 1),
            "nothing" => self.done(number, 0),
            "a reply for a frame" => self.here(number, vec![0; 100]),
            "no room for a frame" => self.send(&Answer::NoRoom {
                job: number,
                bytes: u64::MAX,
            }),
            "room that it has" => self.send(&Answer::NoRoom {
                job: number,
                bytes: 1,
            }),
            "endless room" => self.send(&Answer::NoRoom {
                job: number,
                bytes: u64::MAX,
            }),
            "a reply beyond the packet" => {
                let reply = vec![0; 3900];
                self.here(number, reply);
            }
            "a reply of garbage" => self.here(number, vec![0xFF; 500]),
            "an empty reply" => self.here(number, vec![]),
            "memory that it holds" => self.done(number, 10),
            "twice" => {
                self.tell_the_truth(job);
                self.tell_the_truth(job);
            }
            "sends a descriptor" => {
                let packet = packet(&Answer::InSlot { job: number, bytes });
                self.raw(&packet, input.as_ref().map(|fd| fd.as_fd()));
            }
            "says that it panicked and stays" => self.send(&Answer::Panicked { line: 7 }),
            // Deaths.
            "exits" => std::process::exit(0),
            "exits with an error" => std::process::exit(3),
            "panics" => panic!("on purpose"),
            "aborts" => std::process::abort(),
            // SAFETY: on purpose.
            "writes to nowhere" => unsafe { std::ptr::null_mut::<u8>().write_volatile(1) },
            "recurses" => drop(deep(std::hint::black_box(0))),
            "executes" => drop(std::process::Command::new("/bin/true").spawn()),
            "connects" => drop(std::net::TcpStream::connect("127.0.0.1:80")),
            // Silence.
            "loops" => loop {
                std::hint::spin_loop();
            },
            "sleeps" => loop {
                std::thread::sleep(Duration::from_secs(3600));
            },
            "says nothing" => {}
            "closes its socket" => {
                // SAFETY: the socket, which nobody uses any more.
                drop(unsafe { OwnedFd::from_raw_fd(0) });
                loop {
                    std::hint::spin_loop();
                }
            }
            // Greed.
            "grows" => {
                let mut all = vec![];
                loop {
                    all.push(std::hint::black_box(vec![1u8; 1 << 20]));
                }
            }
            "grows at once" => drop(std::hint::black_box(vec![1u8; 1 << 40])),
            "floods" => loop {
                self.done(number, bytes);
            },
            other => panic!("no lie is called {other}"),
        }
    }
}

fn packet(answer: &Answer) -> Vec<u8> {
    postcard::to_stdvec(answer).unwrap()
}

#[allow(unconditional_recursion)]
fn deep(n: u64) -> u64 {
    let here = std::hint::black_box([n; 64]);
    deep(n + 1) + here[(n % 64) as usize]
}
