//! How a pool is set up: which worker, how many, with how much memory and time.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use triptych_sandbox::Program;

use super::{PoolError, Role, machine::memory_of_machine_mib};
use crate::serve::infer;

/// How a pool is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kind of worker.
    pub role: Role,
    /// The worker's executable; `None` is `triptych-worker` beside the running executable.
    pub program: Option<PathBuf>,
    /// Arguments of the role.
    pub arguments: Vec<String>,
    /// Workers; default: as many as cores.
    pub workers: NonZero<usize>,
    /// Private memory of one worker, MiB. Default: one sixth of the machine's, at least 512, at most 4,096 (PAR-03).
    pub memory_mib: u64,
    /// Time for one job over a small input; one more second for each 4 MiB of input and of result.
    pub time_limit: Duration,
}

impl Options {
    /// Defaults for `role` on this machine.
    #[must_use]
    pub fn new(role: Role) -> Self {
        let mebibytes = memory_of_machine_mib().map_or(512, |m| (m / 6).clamp(512, 4096));
        Self {
            role,
            program: None,
            arguments: Vec::new(),
            workers: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            memory_mib: mebibytes,
            time_limit: Duration::from_secs(30),
        }
    }

    /// One worker for the model in the folder `package`, with ONNX Runtime's `library` (absolute paths, both opened before the worker is
    /// locked). Without a library every job that is not withheld fails with that reason. `keys` is the site's file of trusted keys.
    #[must_use]
    pub fn infer(library: Option<&Path>, package: &Path, keys: Option<&Path>) -> Self {
        let named = [
            (infer::RUNTIME, library),
            (infer::PACKAGE, Some(package)),
            (infer::KEYS, keys),
        ];
        let arguments = named.into_iter().filter_map(|(name, path)| {
            // A path that is no text cannot be an argument here; the worker then says that it has none.
            Some(format!("{name}{}", path?.to_str()?))
        });
        Self {
            arguments: arguments.collect(),
            workers: NonZero::<usize>::MIN,
            // The first job loads the model and tests it; a run's own limit is in its manifest.
            time_limit: Duration::from_secs(60),
            ..Self::new(Role::Infer)
        }
    }

    /// With this worker executable.
    #[must_use]
    pub fn with_program(self, path: impl Into<PathBuf>) -> Self {
        Self {
            program: Some(path.into()),
            ..self
        }
    }

    pub(super) fn program(&self) -> Result<Program, PoolError> {
        let path = match &self.program {
            Some(path) => path.clone(),
            None => std::env::current_exe()
                .map_err(PoolError::NoPlace)?
                .with_file_name("triptych-worker"),
        };
        // Found by the system call filter: ONNX Runtime 1.32 starts a telemetry thread that looks for certificates and opens sockets.
        // The walls hold it in; this keeps it from being started.
        let environment = match self.role {
            Role::Infer => vec![("ORT_DISABLE_TELEMETRY".to_owned(), "1".to_owned())],
            Role::Decode | Role::Read => Vec::new(),
        };
        Ok(Program {
            environment,
            path,
            role: self.role.name().to_owned(),
            memory_mib: self.memory_mib,
            arguments: self.arguments.clone(),
        })
    }
}
