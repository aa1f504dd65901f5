//! A loaded model: graph from verified bytes, self-test passed, one run at a time.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use ndarray::{ArrayView4, Dim};
use ort::{
    session::{RunOptions, Session},
    value::{TensorElementType, TensorRef, ValueType},
};

use crate::{
    CudaState, ImageInput, LoadError, Outcome, Package, ProviderReport, Runtime,
    manifest::Provider,
    onnx,
    outcome::{findings, guard},
    preprocess, provider,
};

/// How often a run looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

/// How a model is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Loading {
    /// Whether CUDA is tried when the package allows it. A locked worker has no device files and says no.
    pub cuda: bool,
    /// Threads of one run; with one, none is started.
    pub threads: NonZero<usize>,
}

/// Ends a run from another thread, between two nodes of the graph. Once cancelled it stays so: make a new one for the next run.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

/// A model that passed its self-test (MDL-03).
#[derive(Debug)]
pub struct Model {
    package: Arc<Package>,
    session: Session,
    report: ProviderReport,
}

impl Default for Loading {
    fn default() -> Self {
        Self {
            cuda: true,
            threads: NonZero::<usize>::MIN,
        }
    }
}

impl Cancel {
    /// Ends the run that was given this; at once, or before it starts.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Model {
    /// Loads the graph and runs the self-test; on CUDA's failure again on the processor, with the reason kept.
    ///
    /// # Errors
    /// The model is off, and why.
    pub fn load(
        runtime: &Runtime,
        package: Arc<Package>,
        loading: Loading,
    ) -> Result<Self, LoadError> {
        let manifest = package.manifest();
        let graph = package.file(&manifest.package.entry);
        let needs = &manifest.runtime;
        onnx::inspect(graph, &needs.domains, needs.onnx_opset_max)?;
        let wants_cuda = loading.cuda && needs.providers.contains(&Provider::Cuda);
        let opened = provider::open(runtime, graph, wants_cuda, loading.threads)
            .map_err(LoadError::Refused)?;
        let mut model = Self {
            package: Arc::clone(&package),
            session: opened.session,
            report: opened.report,
        };
        model.check_values()?;
        match model.self_test() {
            Err(why) if model.report.nodes_on_cuda > 0 => {
                // Wrong numbers on a card are a failure of the card, never a warning.
                let state = CudaState::ProviderFailed(format!("the self-test failed: {why}"));
                let again = provider::on_cpu(runtime, graph, loading.threads, state)
                    .map_err(LoadError::Refused)?;
                model.session = again.session;
                model.report = again.report;
                model.self_test().map_err(LoadError::Golden)?;
            }
            tested => tested.map_err(LoadError::Golden)?,
        }
        Ok(model)
    }

    /// The package that it is made of.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// Where it runs.
    #[must_use]
    pub const fn provider(&self) -> &ProviderReport {
        &self.report
    }

    /// Prepares `image`, runs and judges it. Never panics, never makes a number of what is none.
    pub fn analyse(&mut self, image: &ImageInput, cancel: &Cancel) -> Outcome {
        let package = Arc::clone(&self.package);
        let manifest = package.manifest();
        let mut reasons = package.accepts(&image.meta).err().unwrap_or_default();
        if image.meta.photometric.is_none() {
            reasons.push("photometric interpretation is not stated".into());
        }
        if !reasons.is_empty() {
            return Outcome::Withheld(reasons);
        }
        let steps = &manifest.input.preprocess;
        let picture = match preprocess::prepare(steps, image, manifest.accept.min_contrast) {
            Ok(picture) => picture,
            Err(why) => return Outcome::Withheld(vec![format!("the image cannot be used: {why}")]),
        };
        if let Some([low, high]) = manifest.input.value_range
            && !picture.values.iter().all(|v| (low..=high).contains(v))
        {
            let why = "the image cannot be used: its values leave the range of the model";
            return Outcome::Withheld(vec![why.into()]);
        }
        let limit = Duration::from_millis(manifest.runtime.timeout_ms);
        match self.run(&picture.values, 1, limit, cancel) {
            Ok(scores) => Outcome::Findings(findings(&package, &scores, &self.report)),
            Err(why) => Outcome::Failed(why),
        }
    }

    /// `pictures` prepared pictures, one behind the other; the scores of all, guarded.
    fn run(
        &mut self,
        values: &[f32],
        pictures: usize,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<Vec<(f32, usize)>, String> {
        let package = Arc::clone(&self.package);
        let manifest = package.manifest();
        let [height, width] = manifest.input.spatial_shape;
        let shape = Dim([pictures, 1, height, width]);
        let view = ArrayView4::from_shape(shape, values).map_err(|e| e.to_string())?;
        let input = TensorRef::from_array_view(view).map_err(|e| e.to_string())?;
        let options = Arc::new(RunOptions::new().map_err(|e| e.to_string())?);
        let watch = Watch::start(&options, limit, cancel)?;
        let inputs = ort::inputs![manifest.input.name.as_str() => input];
        let ran = self.session.run_with_options(inputs, &*options);
        let ended = watch.end();
        let outputs = match (ran, ended) {
            (_, Some(why)) => return Err(why.into()),
            (Err(_), None) => return Err("ONNX Runtime could not run the graph".into()),
            (Ok(outputs), None) => outputs,
        };
        let output = outputs
            .get(manifest.output.name.as_str())
            .ok_or("the graph gave no output of the name in model.toml")?;
        let (shape, numbers) = output
            .try_extract_tensor::<f32>()
            .map_err(|_| "the output is not of 32-bit floats")?;
        let scores = guard(&package, shape, numbers)?;
        if scores.len() != pictures * manifest.output.channel.len() {
            return Err(format!("{} scores for {pictures} pictures", scores.len()));
        }
        Ok(scores)
    }

    /// Names, types and ranks of the session against the manifest.
    fn check_values(&self) -> Result<(), LoadError> {
        let manifest = self.package.manifest();
        let mismatch = |why: String| Err(LoadError::Mismatch(why));
        let ([input], [output]) = (self.session.inputs(), self.session.outputs()) else {
            return mismatch("not one input and one output".into());
        };
        let [height, width] = manifest.input.spatial_shape;
        let channels = manifest.output.channel.len();
        let wanted: [(_, _, &[usize]); 2] = [
            (input, &manifest.input.name, &[1, height, width]),
            (output, &manifest.output.name, &[channels]),
        ];
        for (value, name, inner) in wanted {
            if value.name() != name {
                return mismatch(format!("{:?} is called {name:?}", value.name()));
            }
            let ValueType::Tensor {
                ty: TensorElementType::Float32,
                shape,
                ..
            } = value.dtype()
            else {
                return mismatch(format!("{name} is no tensor of 32-bit floats"));
            };
            // -1 is a dimension that the run decides; the first is the batch.
            let fits = |(found, wanted): (&i64, &usize)| {
                *found == -1 || usize::try_from(*found).is_ok_and(|found| found == *wanted)
            };
            let same = shape.len() == inner.len() + 1;
            if !same || !shape.iter().skip(1).zip(inner).all(fits) {
                return mismatch(format!("{name} has shape {shape:?}"));
            }
        }
        Ok(())
    }

    /// The packaged input must give the packaged output.
    fn self_test(&mut self) -> Result<(), String> {
        let package = Arc::clone(&self.package);
        let golden = &package.manifest().golden;
        let floats = |name: &str| -> Vec<f32> {
            let (cells, _) = package.file(name).as_chunks::<4>();
            cells.iter().map(|cell| f32::from_le_bytes(*cell)).collect()
        };
        let (values, expected) = (floats(&golden.input), floats(&golden.output));
        let [pictures, _, height, width] = golden.input_shape;
        let channels = package.manifest().output.channel.len();
        if values.len() != pictures * height * width || expected.len() != pictures * channels {
            return Err("its stored vectors have another length than model.toml says".into());
        }
        let limit = Duration::from_millis(package.manifest().runtime.timeout_ms);
        let bound = match self.report.nodes_on_cuda {
            0 => golden.atol_cpu,
            _ => golden.atol_cuda,
        };
        let batch = package.manifest().runtime.batch_max;
        let cells = height * width;
        let mut got = Vec::with_capacity(expected.len());
        for part in values.chunks(batch * cells) {
            let cancel = Cancel::default();
            got.extend(self.run(part, part.len() / cells, limit, &cancel)?);
        }
        let mut worst = 0f32;
        for ((score, _), wanted) in got.iter().zip(&expected) {
            let difference = (score - wanted).abs();
            // False for a NaN.
            let agrees = difference <= bound + golden.rtol * wanted.abs();
            if !agrees {
                return Err(format!("{score} where {wanted} was stored"));
            }
            worst = worst.max(difference);
        }
        tracing::debug!(worst, "self-test passed");
        Ok(())
    }
}

/// Ends a run that takes too long or is cancelled: a thread that lives as long as the run.
struct Watch {
    end: mpsc::Sender<()>,
    thread: thread::JoinHandle<Option<&'static str>>,
}

impl Watch {
    fn start(options: &Arc<RunOptions>, limit: Duration, cancel: &Cancel) -> Result<Self, String> {
        let (options, cancel) = (Arc::clone(options), cancel.clone());
        let (end, ended) = mpsc::channel();
        let began = Instant::now();
        let watch = move || {
            let why = loop {
                if cancel.is_cancelled() {
                    break "cancelled";
                }
                let left = limit.saturating_sub(began.elapsed());
                if left.is_zero() {
                    break "the time limit of the model was reached";
                }
                match ended.recv_timeout(left.min(LOOK)) {
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    _ => return None,
                }
            };
            // Refused only when nothing runs any more.
            let _ = options.terminate();
            Some(why)
        };
        let thread = thread::Builder::new()
            .name("model watch".into())
            .spawn(watch)
            .map_err(|e| format!("no thread to watch the run: {e}"))?;
        Ok(Self { end, thread })
    }

    /// Why it ended the run, if it did.
    fn end(self) -> Option<&'static str> {
        // Gone when it ended the run.
        let _ = self.end.send(());
        self.thread.join().ok().flatten()
    }
}
