//! One program holds an archive (DB-06). The lock is the system's advisory lock on a file that stays; it ends with its holder, whatever
//! the file's age. What the holder wrote into it serves two ends: the second program can say who it is, and text that is still there at
//! the next start means that the last end was not a clean one.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::ArchiveError;

pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of `folder`. The flag says that the former holder did not end cleanly.
    pub(crate) fn take(folder: &Path) -> Result<(Self, bool), ArchiveError> {
        let path = folder.join("lock");
        let error = ArchiveError::file("lock", &path);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(error)?;
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
        let mut holder = String::new();
        (&file)
            .take(200)
            .read_to_string(&mut holder)
            .map_err(ArchiveError::file("read", &path))?;
        match locked {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(ArchiveError::Held {
                    folder: folder.to_owned(),
                    holder: match holder.trim() {
                        "" => "another program".to_owned(),
                        name => name.to_owned(),
                    },
                });
            }
            Err(e) => return Err(ArchiveError::file("lock", &path)(e.into())),
        }
        let program = std::env::args_os()
            .next()
            .and_then(|arg| {
                Path::new(&arg)
                    .file_name()
                    .map(|n| n.to_string_lossy().into_owned())
            })
            .unwrap_or_else(|| "a program".to_owned());
        write_holder(
            &mut file,
            &format!("{program} (process {})", std::process::id()),
        )
        .map_err(ArchiveError::file("write", &path))?;
        Ok((Self { file }, !holder.trim().is_empty()))
    }

    /// Says that everything was put in order before the lock goes.
    pub(crate) fn mark_clean(&mut self) {
        // A mark that cannot be taken off costs a check at the next start, nothing else.
        let _ = write_holder(&mut self.file, "");
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would leave it held for as long as a process that is just being started still has a copy of the descriptor.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn write_holder(file: &mut File, text: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}
