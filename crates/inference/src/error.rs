//! Why a package, a runtime or a model is not used.

use std::io;

/// Why a package is not opened. Nothing of it was given to ONNX Runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The folder cannot be read.
    #[error("the package's folder cannot be read: {0}")]
    Folder(#[from] io::Error),
    /// A link, a device, or a name that is not UTF-8.
    #[error("{name} is no plain file")]
    NotPlain {
        /// Relative name.
        name: String,
    },
    /// More than a package may hold.
    #[error("the package holds more than {limit} bytes, or more than {files} files")]
    TooLarge {
        /// Bytes that a package may hold.
        limit: u64,
        /// Files that a package may hold.
        files: usize,
    },
    /// No `model.toml` or no `model.toml.minisig`.
    #[error("the package has no {name}")]
    Absent {
        /// Which of the two.
        name: &'static str,
    },
    /// The signature is not in minisign's form, exactly.
    #[error("model.toml.minisig is no signature: {reason}")]
    NoSignature {
        /// What is wrong.
        reason: String,
    },
    /// Signed by nobody whose key is trusted here, or changed since.
    #[error("model.toml is not signed by a trusted key: {reason}")]
    NotTrusted {
        /// What the verification said.
        reason: String,
    },
    /// The manifest is not as schema 1 says.
    #[error("model.toml: {reason}")]
    Manifest {
        /// Which key, and why.
        reason: String,
    },
    /// A source attribute of the card is missing, empty or unknown.
    #[error("model.toml: card.{key} {problem}")]
    Card {
        /// The attribute.
        key: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file that the manifest lists is not there.
    #[error("{name} is listed in model.toml and is not in the package")]
    Missing {
        /// Relative name.
        name: String,
    },
    /// A file that the manifest does not list.
    #[error("{name} is in the package and is not listed in model.toml")]
    Extra {
        /// Relative name.
        name: String,
    },
    /// A file of another size.
    #[error("{name} has {found} bytes, model.toml says {expected}")]
    Size {
        /// Relative name.
        name: String,
        /// Bytes in the folder.
        found: u64,
        /// Bytes by the manifest.
        expected: u64,
    },
    /// A file with other bytes.
    #[error("{name} is not the file that was signed: its SHA-256 differs")]
    Hash {
        /// Relative name.
        name: String,
    },
}

/// Why ONNX Runtime is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The library cannot be read.
    #[error("ONNX Runtime's library cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Not one of those that `runtime.toml` pins.
    #[error("the library has SHA-256 {found}, which runtime.toml does not list: it is not loaded")]
    NotPinned {
        /// Hash of the file.
        found: String,
    },
    /// The loader refuses it, or it is too old.
    #[error("ONNX Runtime does not load: {0}")]
    NotLoaded(String),
    /// There is one in this process already, or it refuses to start.
    #[error("ONNX Runtime does not start: {0}")]
    NotStarted(String),
}

/// Why a verified package gives no model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The graph holds what a package must not hold.
    #[error(transparent)]
    Graph(#[from] crate::OnnxError),
    /// ONNX Runtime refuses the graph.
    #[error("ONNX Runtime refuses the model: {0}")]
    Refused(String),
    /// Inputs or outputs are not as the manifest says.
    #[error("the graph and model.toml differ: {0}")]
    Mismatch(String),
    /// The self-test failed: the model is off.
    #[error("the self-test failed: {0}")]
    Golden(String),
}
