//! A model over a DICOM file. Runtime and package are opened before the lock, for neither path is reachable after it; the manifest is
//! trusted and the graph read only behind the walls.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use triptych_imaging::{
    Colour, DicomFile, Frame, SampleType,
    display::{DisplayAttributes, modality_values},
};
use triptych_inference::{
    Cancel, ImageInput, ImageMeta, LoadedLibrary, Loading, Model, Outcome, Package, PackageBytes,
    ProviderReport, Runtime, TrustedKeys,
};

use super::{Refusal, input::Input};

/// Names of the role's arguments, each followed by a path.
pub(crate) const RUNTIME: &str = "runtime=";
pub(crate) const PACKAGE: &str = "package=";
pub(crate) const KEYS: &str = "keys=";

/// What was opened before the lock, and the model once it was asked for.
pub(super) struct Bench {
    library: Option<Result<LoadedLibrary, String>>,
    runtime: Option<Result<Runtime, String>>,
    files: Option<Result<PackageBytes, String>>,
    keys: Result<TrustedKeys, String>,
    package: Option<Result<Arc<Package>, String>>,
    model: Option<Result<Model, String>>,
}

impl Bench {
    /// Opens what `arguments` name. What does not open is the answer to every job: a reason reaches a screen, an exit code does not.
    pub fn open(arguments: &[String]) -> Self {
        let path = |name: &str| {
            let named = arguments.iter().find_map(|a| a.strip_prefix(name));
            named.map(PathBuf::from)
        };
        let load = |library: PathBuf| LoadedLibrary::load(&library).map_err(|e| e.to_string());
        let library = path(RUNTIME).ok_or("ONNX Runtime is not installed here".to_owned());
        let folder = path(PACKAGE).ok_or("no package is named".to_owned());
        let read = |folder: PathBuf| PackageBytes::read(&folder).map_err(|e| e.to_string());
        Self {
            library: Some(library.and_then(load).and_then(alone)),
            runtime: None,
            files: Some(folder.and_then(read)),
            keys: keys(path(KEYS).as_deref()),
            package: None,
            model: None,
        }
    }

    /// Frame 0 of the file, by the model. The younger of `age_years` (of the record) and the header's age counts.
    pub fn analyse(&mut self, input: &Input, age_years: Option<u16>) -> Result<Outcome, Refusal> {
        let package = match self.package() {
            Ok(package) => package,
            Err(why) => return Ok(Outcome::Failed(why)),
        };
        let file = input.dicom()?;
        let mut meta = ImageMeta::of(&file.record().map_err(Refusal::of)?);
        meta.age_years = [meta.age_years, age_years].into_iter().flatten().min();
        // Before the pixels and the runtime: a refusal needs neither.
        if let Err(reasons) = package.accepts(&meta) {
            return Ok(Outcome::Withheld(reasons));
        }
        let image = match image(file, input.bytes(), meta) {
            Ok(image) => image,
            Err(why) => return Ok(Outcome::Withheld(vec![why])),
        };
        Ok(match self.model(&package) {
            Ok(model) => model.analyse(&image, &Cancel::default()),
            Err(why) => Outcome::Failed(why),
        })
    }

    /// Loads the model, which runs its golden vectors, and says where it runs.
    pub fn self_test(&mut self) -> Result<ProviderReport, String> {
        let package = self.package()?;
        Ok(self.model(&package)?.provider().clone())
    }

    fn package(&mut self) -> Result<Arc<Package>, String> {
        if let Some(files) = self.files.take() {
            let open = |files| {
                let keys = self.keys.as_ref().map_err(String::clone)?;
                Package::open(files, keys)
                    .map(Arc::new)
                    .map_err(|e| e.to_string())
            };
            self.package = Some(files.and_then(open));
        }
        self.package
            .clone()
            .unwrap_or_else(|| Err("no package is open".to_owned()))
    }

    fn model(&mut self, package: &Arc<Package>) -> Result<&mut Model, String> {
        let loaded = self.model.get_or_insert_with(|| {
            if let Some(library) = self.library.take() {
                let start = |library: LoadedLibrary| library.start().map_err(|e| e.to_string());
                self.runtime = Some(library.and_then(start));
            }
            let runtime = match &self.runtime {
                Some(Ok(runtime)) => runtime,
                Some(Err(why)) => return Err(why.clone()),
                None => return Err("ONNX Runtime is not loaded".to_owned()),
            };
            let loading = Loading::default();
            Model::load(runtime, Arc::clone(package), loading).map_err(|e| e.to_string())
        });
        loaded.as_mut().map_err(|why| why.clone())
    }
}

/// The walls hold for the thread that raises them and those that it starts: with another one running they would have a hole.
fn alone(library: LoadedLibrary) -> Result<LoadedLibrary, String> {
    let threads = fs::read_dir("/proc/self/task").map(Iterator::count);
    match threads {
        Ok(1) => Ok(library),
        _ => Err("ONNX Runtime started threads of its own before the worker was locked".into()),
    }
}

fn keys(site: Option<&Path>) -> Result<TrustedKeys, String> {
    let built_in = TrustedKeys::built_in();
    let Some(path) = site else {
        return Ok(built_in);
    };
    let text = fs::read_to_string(path).map_err(|e| format!("the site's keys: {e}"))?;
    built_in
        .with(&text)
        .map_err(|e| format!("the site's keys: {e}"))
}

/// Frame 0 in modality values.
fn image(file: &DicomFile, bytes: &[u8], mut meta: ImageMeta) -> Result<ImageInput, String> {
    let shape = file.frame_shape().map_err(|e| e.to_string())?;
    let photometric = match shape.colour {
        Colour::Monochrome1 => "MONOCHROME1",
        Colour::Monochrome2 => "MONOCHROME2",
        Colour::Palette => "PALETTE COLOR",
        Colour::Rgb => "RGB",
    };
    meta.photometric = Some(photometric.to_owned());
    meta.columns = shape.columns;
    meta.rows = shape.rows;
    let pixels = file
        .decode_frame_vec(bytes, 0)
        .map_err(|e| format!("the pixels cannot be read: {e}"))?;
    let frame = Frame {
        shape,
        bytes: pixels.into(),
    };
    let display = DisplayAttributes {
        // Padding is a part of the picture that the model was made with.
        padding: None,
        ..file.display_attributes(0)
    };
    let values = modality_values(&display, &frame);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a model takes 32-bit floats; what overflows becomes infinite and is withheld"
    )]
    let narrow = |value: f64| value as f32;
    let ends = stored_range(shape.sample, display.bits_stored)
        .map(|stored| narrow(display.modality_lut.apply(stored)));
    Ok(ImageInput {
        meta,
        values: values.into_iter().map(narrow).collect(),
        stored_range: [ends[0].min(ends[1]), ends[0].max(ends[1])],
    })
}

/// What Bits Stored can hold; 0 to 1 for floats, which say nothing of it.
fn stored_range(sample: SampleType, bits: u16) -> [f64; 2] {
    let all = 2f64.powi(i32::from(bits.min(32)));
    match sample {
        SampleType::U8 | SampleType::U16 | SampleType::U32 => [0.0, all - 1.0],
        SampleType::I8 | SampleType::I16 | SampleType::I32 => [-all / 2.0, all / 2.0 - 1.0],
        SampleType::F32 | SampleType::F64 => [0.0, 1.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stored_say_what_a_cell_can_hold() {
        assert_eq!(stored_range(SampleType::U16, 12), [0.0, 4095.0]);
        assert_eq!(stored_range(SampleType::I16, 12), [-2048.0, 2047.0]);
    }

    #[test]
    fn mdl_07_what_is_not_named_is_told() {
        let mut bench = Bench::open(&[]);
        assert_eq!(bench.package().unwrap_err(), "no package is named");
        assert!(bench.library.is_some_and(|library| library.is_err()));
    }
}
