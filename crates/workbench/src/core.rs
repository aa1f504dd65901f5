//! What every use case needs: the open archive, two pools of locked workers, a runtime for waiting, and who is at the machine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use triptych_archive::{Archive, ArchiveError, By, KeySource};
use triptych_clinical::Instant;
use triptych_imaging::display::CornerLayouts;
use triptych_worker::{Options, Pool, PoolError, Role};

use crate::memory::Memory;

/// The file in the archive's folder that says which lines stand in which corner of a tile, by modality.
pub const CORNERS: &str = "corners.json";

/// A file of corners is small.
const MOST_CORNERS: u64 = 64 * 1024;

/// Where the archive is and how it is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the archive; made when absent.
    pub archive: PathBuf,
    /// Key file; `None` takes the keyring, or the default key file where none runs.
    pub key_file: Option<PathBuf>,
    /// Worker executable; `None` is `triptych-worker` beside the running one.
    pub worker: Option<PathBuf>,
}

/// Why a use case could not be done. One line: what, where, why; what to do where something can be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbenchError {
    /// The archive, with its own words.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// No worker can be started: then no outside byte is opened.
    #[error("no locked worker can be started: {0}")]
    Workers(#[from] PoolError),
    /// No runtime, no thread.
    #[error("this computer cannot do it now: {0}")]
    System(#[from] std::io::Error),
    /// Somebody or something that is not there.
    #[error("{0}")]
    NotFound(String),
    /// A file that cannot be used, with its reason.
    #[error("{0}")]
    Refused(String),
}

impl WorkbenchError {
    /// The archive as a whole cannot be opened: wrong key, damaged, held by another program, newer (exit code 3).
    #[must_use]
    pub fn is_archive_unopenable(&self) -> bool {
        matches!(self, Self::Archive(e) if e.is_unopenable())
    }
}

/// The pools of workers that files are opened in. Commands on files alone need no more than this.
#[derive(Debug)]
pub struct Workers {
    settings: Option<PathBuf>,
    decode: OnceLock<Pool>,
    read: OnceLock<Pool>,
    /// One starts at a time: two that need the first pool share it.
    starting: Mutex<()>,
}

impl Workers {
    /// Pools are started when first needed: a command that opens no file starts no process.
    #[must_use]
    pub fn new(program: Option<PathBuf>) -> Self {
        Self {
            settings: program,
            decode: OnceLock::new(),
            read: OnceLock::new(),
            starting: Mutex::default(),
        }
    }

    fn pool<'a>(&self, of: &'a OnceLock<Pool>, role: Role) -> Result<&'a Pool, PoolError> {
        if let Some(pool) = of.get() {
            return Ok(pool);
        }
        let alone = self.starting.lock();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = of.get() {
            return Ok(pool);
        }
        let options = Options::new(role);
        let pool = Pool::start(&match &self.settings {
            Some(program) => options.with_program(program),
            None => options,
        })?;
        Ok(of.get_or_init(|| pool))
    }

    /// DICOM: headers, frames, digests.
    ///
    /// # Errors
    /// When no worker can be started or locked in.
    pub fn decode(&self) -> Result<&Pool, PoolError> {
        self.pool(&self.decode, Role::Decode)
    }

    /// Documents and archives.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn read(&self) -> Result<&Pool, PoolError> {
        self.pool(&self.read, Role::Read)
    }

    /// Worker executable, if one was named.
    #[must_use]
    pub fn program(&self) -> Option<&Path> {
        self.settings.as_deref()
    }

    /// Fresh workers: one patient's worker never sees the next one's bytes.
    pub fn renew(&self) {
        for pool in [self.decode.get(), self.read.get()].into_iter().flatten() {
            pool.renew();
        }
    }
}

/// The use cases over one open archive. Cheap to clone. Its methods block: call them from a command or a task, never from the window's thread.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    archive: Archive,
    workers: Workers,
    memory: Memory,
    runtime: tokio::runtime::Runtime,
    user: String,
    corners: OnceLock<Arc<CornerLayouts>>,
}

impl Core {
    /// Opens the archive, or makes one where none is.
    ///
    /// # Errors
    /// [`WorkbenchError::is_archive_unopenable`] tells a closed archive from other troubles.
    pub fn open(settings: &Settings) -> Result<Self, WorkbenchError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("workbench")
            .build()?;
        let key = settings
            .key_file
            .clone()
            .map_or(KeySource::Platform, KeySource::File);
        let archive = runtime.block_on(Archive::open(&settings.archive, key))?;
        Ok(Self(Arc::new(Inner {
            archive,
            workers: Workers::new(settings.worker.clone()),
            memory: Memory::of_this_computer(),
            runtime,
            user: user_name(),
            corners: OnceLock::new(),
        })))
    }

    /// The archive.
    pub(crate) fn archive(&self) -> &Archive {
        &self.0.archive
    }

    /// The workers.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.0.workers
    }

    /// Starts the decoding workers and loads the pathways, so that the first patient does not wait for them. Blocks.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn warm_up(&self) -> Result<(), WorkbenchError> {
        self.workers().decode()?.warm_up();
        // What is wrong with a pathway is told where it would be shown.
        let _ = triptych_reasoning::pathways::shipped();
        Ok(())
    }

    /// Who holds decoded pixels.
    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// Lines in the corners of tiles: those of the site's file in the archive's folder, [`CORNERS`], else the usual ones.
    pub(crate) fn corners(&self) -> Arc<CornerLayouts> {
        let read = self.0.corners.get_or_init(|| {
            let read = self.read_corners();
            Arc::new(read.unwrap_or_default())
        });
        Arc::clone(read)
    }

    /// As [`Self::corners`], read anew.
    ///
    /// # Errors
    /// There is a file, and it cannot be used: the reason names its line.
    pub(crate) fn read_corners(&self) -> Result<CornerLayouts, WorkbenchError> {
        let path = self.archive().folder().join(CORNERS);
        let refused = |why: String| WorkbenchError::Refused(format!("{CORNERS}: {why}"));
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(CornerLayouts::default());
            }
            Err(error) => return Err(refused(error.to_string())),
            Ok(file) if file.len() > MOST_CORNERS => {
                return Err(refused(format!("larger than {MOST_CORNERS} bytes")));
            }
            Ok(_) => {}
        }
        let text = std::fs::read_to_string(&path).map_err(|e| refused(e.to_string()))?;
        CornerLayouts::parse(&text).map_err(|e| refused(e.to_string()))
    }

    /// Waits for an answer of the archive.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.runtime.block_on(future)
    }

    /// Begins something that is waited for later.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.0.runtime.spawn(future)
    }

    /// Who acts, now.
    pub(crate) fn by(&self) -> By {
        By::new(self.0.user.clone(), Instant::now())
    }

    /// Name of the user's account.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.0.user
    }

    /// Gives the archive back in order.
    ///
    /// # Errors
    /// When the last notes could not be written; nothing acknowledged is lost by it.
    pub fn close(self) -> Result<(), WorkbenchError> {
        let archive = self.0.archive.clone();
        Ok(self.0.runtime.block_on(archive.close())?)
    }
}

/// The account's name as the system gives it.
fn user_name() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "local user".to_owned())
}
