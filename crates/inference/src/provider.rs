//! Where a graph runs: CUDA when it truly does, else the processor with the reason (MDL-07). ONNX Runtime's own fall back is silent.
//!
//! Order of evidence: the runtime was built with CUDA; the driver counts a device; the provider registers with an error on failure; the
//! session is made; ONNX Runtime's record of nodes; and, in [`Model`](crate::Model), the self-test. A registration alone proves nothing.

use std::num::NonZero;

use ort::{
    ep::{self, ExecutionProvider as _},
    session::{Session, builder::SessionBuilder},
};

use crate::{CudaState, ProviderReport, Runtime, ffi};

/// Constants that ONNX Runtime folds while it loads are no larger, bytes: a graph of 170 bytes can ask for gigabytes.
const FOLDED: &str = "67108864";
/// Memory that CUDA's arena may take, bytes.
const CUDA_MEMORY: usize = 4 << 30;

/// A session, and where it is.
pub(crate) struct Opened {
    pub session: Session,
    pub report: ProviderReport,
}

/// On CUDA, if that is asked and works, else on the processor.
///
/// # Errors
/// ONNX Runtime's words on a graph that the processor does not take either.
pub(crate) fn open(
    runtime: &Runtime,
    graph: &[u8],
    wants_cuda: bool,
    threads: NonZero<usize>,
) -> Result<Opened, String> {
    if !wants_cuda {
        return on_cpu(runtime, graph, threads, CudaState::NotRequested);
    }
    match on_cuda(runtime, graph, threads) {
        Ok(opened) => Ok(opened),
        Err(state) => on_cpu(runtime, graph, threads, state),
    }
}

/// On the processor; `state` says why not elsewhere.
pub(crate) fn on_cpu(
    runtime: &Runtime,
    graph: &[u8],
    threads: NonZero<usize>,
    state: CudaState,
) -> Result<Opened, String> {
    let make = || -> ort::Result<Session> {
        builder(runtime, threads)?
            .with_no_environment_execution_providers()?
            .commit_from_memory(graph)
    };
    let session = make().map_err(|e| e.to_string())?;
    let report = report(runtime, &session, state);
    Ok(Opened { session, report })
}

fn on_cuda(runtime: &Runtime, graph: &[u8], threads: NonZero<usize>) -> Result<Opened, CudaState> {
    if !ep::CUDA::is_available().unwrap_or(false) {
        let why = "this ONNX Runtime was built without CUDA".to_owned();
        return Err(CudaState::LibraryMissing(why));
    }
    let device = ffi::cuda_device().map_err(CudaState::DriverMissing)?;
    // TF32 is on by default, and the default search times kernels at first sight of a shape: neither is repeatable.
    let cuda = ep::CUDA::default()
        .with_tf32(false)
        .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
        .with_memory_limit(CUDA_MEMORY)
        .build()
        .error_on_failure();
    let make = || -> ort::Result<Session> {
        builder(runtime, threads)?
            .with_execution_providers([cuda])?
            .commit_from_memory(graph)
    };
    let session = make().map_err(|e| failure(&e.to_string()))?;
    let report = report(runtime, &session, CudaState::Active(device));
    Ok(Opened { session, report })
}

/// Its texts hold paths and the host's name: the local log gets neither, the reason gets the kind.
fn failure(said: &str) -> CudaState {
    let library = said
        .split(|c: char| c.is_whitespace() || "/:'\"".contains(c))
        .find(|word| word.contains(".so") && said.contains("cannot open shared object file"));
    match library {
        Some(name) => CudaState::LibraryMissing(format!("{name} cannot be opened")),
        None => CudaState::ProviderFailed("ONNX Runtime could not make a session on it".into()),
    }
}

fn builder(runtime: &Runtime, threads: NonZero<usize>) -> ort::Result<SessionBuilder> {
    Ok(Session::builder(runtime.environment())?
        .with_intra_threads(threads.get())?
        .with_inter_threads(1)?
        // A spinning thread is slower on a shared machine and burns a core of a clinician's.
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_deterministic_compute(true)?
        .with_config_entry("session.record_ep_graph_assignment_info", "1")?
        .with_config_entry("session.load_model_format", "ONNX")?
        .with_config_entry(
            "optimization.constant_folding_max_output_size_in_bytes",
            FOLDED,
        )?)
}

fn report(runtime: &Runtime, session: &Session, state: CudaState) -> ProviderReport {
    let parts = ffi::placement(session).unwrap_or_default();
    let count = |wanted: fn(&str) -> bool| {
        let matching = parts.iter().filter(|(name, _)| wanted(name));
        matching.fold(0u32, |sum, (_, n)| sum.saturating_add(*n))
    };
    let nodes_on_cuda = count(|name| name == "CUDAExecutionProvider");
    let nodes_on_cpu = count(|name| name != "CUDAExecutionProvider");
    let cuda = match state {
        CudaState::Active(device) if nodes_on_cuda == 0 => {
            CudaState::ProviderFailed(format!("no node was placed on {device}"))
        }
        CudaState::Active(_) if nodes_on_cpu > 0 => {
            CudaState::PartlyPlaced(format!("{nodes_on_cpu} nodes are on the processor"))
        }
        other => other,
    };
    ProviderReport {
        cuda,
        nodes_on_cpu,
        nodes_on_cuda,
        runtime: runtime.version().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mdl_07_a_reason_holds_no_path_and_no_host() {
        let missing = "Failed to load library /home/a/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory";
        assert_eq!(
            failure(missing),
            CudaState::LibraryMissing("libonnxruntime_providers_cuda.so cannot be opened".into())
        );
        let refused = "CUDA failure 36: GPU=-1 ; hostname=ward7 ; expr=cudaSetDevice";
        let CudaState::ProviderFailed(why) = failure(refused) else {
            panic!("another state");
        };
        assert!(!why.contains("ward7"));
    }
}
