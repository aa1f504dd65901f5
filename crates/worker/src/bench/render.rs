//! `bench render`: planes, slabs, the window and volume rendering, exactly as the peers draw them, by the code that draws without a GPU.
//!
//! The picture has 1024 × 1024 pixels of 1/1024 of a row of the volume; each step moves the plane or turns the camera, so nothing comes
//! from the last picture.

use std::{
    f64::consts::{FRAC_PI_2, FRAC_PI_6, PI},
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use glam::DMat3;
use serde::Serialize;
use triptych_imaging::{
    display::{Voi, VoiFunction, Window, WindowError},
    geometry::PatientMm,
    volume::{
        Camera, ModalityPlane, PlaneView, Quality, Scene, Slab, SlabMode, Transfer, ViewError,
        Volume, VolumeSlice, presets, sample_into,
    },
};

use super::{BenchError, Times, files_below, repeat};
use crate::{Options, Pool, Source, series};

/// All cases, in the order of the peers; the last one is ours alone: what is drawn first while a volume is turned on a slow machine.
pub const CASES: [&str; 14] = [
    "axial_values",
    "axial",
    "coronal_values",
    "coronal",
    "oblique_values",
    "oblique",
    "slab_mip_values",
    "slab_mip",
    "slab_mip_oblique_values",
    "slab_mip_oblique",
    "window",
    "vr_rest",
    "vr_moving",
    "vr_draft",
];

/// Width and height of every picture.
const SIZE: u32 = 1024;
/// Value outside of the volume.
const OUTSIDE: f64 = -1024.0;
const SLAB_MM: f64 = 20.0;

/// What to measure.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Only these of [`CASES`]; empty: all.
    pub cases: Vec<String>,
    /// For each case.
    pub time: Duration,
    /// Who reads the files.
    pub workers: Options,
}

/// One line of `bench render --json`: one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RenderFigures {
    /// `triptych`
    pub peer: &'static str,
    /// `render`
    pub work: &'static str,
    /// One of [`CASES`].
    pub case: String,
    /// Milliseconds for a picture in memory, median.
    pub ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// CPU milliseconds for a picture.
    pub cpu_ms: f64,
    /// Pictures.
    pub n: usize,
    /// Threads that draw.
    pub threads: usize,
    /// Seconds that the volume's own tables took, once, before the first case.
    pub prepare_s: f64,
    /// Mean of the middle quarter of step 0 in modality units; none for pictures without values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<f64>,
    /// Part of the last picture's pixels that are not black; for volume rendering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lit: Option<f64>,
}

/// Opens `folder` as one volume and draws the cases of `options`.
///
/// # Errors
/// [`BenchError`]; also for a case that does not exist.
pub fn render(folder: &Path, options: &RenderOptions) -> Result<Vec<RenderFigures>, BenchError> {
    if let Some(odd) = options.cases.iter().find(|c| !CASES.contains(&c.as_str())) {
        return Err(BenchError::Case(odd.clone()));
    }
    let volume = open(folder, &options.workers)?;
    let failed = |reason: &dyn std::fmt::Display| BenchError::Volume {
        path: folder.to_owned(),
        reason: reason.to_string(),
    };
    let bench = Bench::new(volume, options).map_err(|e| failed(&e))?;
    let all = CASES.iter().filter(|case| bench.wants(case));
    all.map(|case| bench.case(case).map_err(|e| failed(&e)))
        .collect()
}

/// All of a folder as a volume; the workers are gone afterwards.
fn open(folder: &Path, workers: &Options) -> Result<Volume, BenchError> {
    let pool = Pool::start(workers)?;
    let files = files_below(folder)?;
    let sources = files
        .iter()
        .filter_map(|path| Source::from_file(File::open(path).ok()?).ok());
    let mut stream = series::open(&pool, sources)?;
    let mut frames = Vec::new();
    frames.resize_with(stream.series().images.len(), || None);
    for (place, frame) in stream.by_ref() {
        if let Some(kept) = frames.get_mut(place) {
            *kept = frame.ok();
        }
    }
    let series = stream.into_series();
    let failed = |reason: String| BenchError::Volume {
        path: folder.to_owned(),
        reason,
    };
    let mut slices = Vec::new();
    let mut modality = String::new();
    for (image, frame) in series.images.iter().zip(frames) {
        let Some(read) = series.read(*image) else {
            continue;
        };
        let (Some(shape), Some(display)) = (read.shape, read.display(image.frame)) else {
            continue;
        };
        modality.clone_from(&read.record.modality);
        let slice = VolumeSlice::new(slices.len() + 1, shape, display, frame);
        slices.push(slice.map_err(|e| failed(e.to_string()))?);
    }
    Volume::new(&modality, slices).map_err(|e| failed(e.to_string()))
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    Window(#[from] WindowError),
    #[error("the transfer function of the peers is missing")]
    NoTransfer,
}

struct Bench<'a> {
    volume: Volume,
    options: &'a RenderOptions,
    prepare_s: f64,
    voi: Voi,
}

impl<'a> Bench<'a> {
    fn new(volume: Volume, options: &'a RenderOptions) -> Result<Self, Failure> {
        let began = Instant::now();
        volume.prepare();
        Ok(Self {
            volume,
            options,
            prepare_s: began.elapsed().as_secs_f64(),
            voi: window(40.0)?,
        })
    }

    fn wants(&self, case: &str) -> bool {
        self.options.cases.is_empty() || self.options.cases.iter().any(|c| c == case)
    }

    fn case(&self, case: &str) -> Result<RenderFigures, Failure> {
        match case {
            "window" => self.window(),
            "vr_rest" => self.rays(case, Quality::Rest),
            "vr_moving" => self.rays(case, Quality::Moving),
            "vr_draft" => self.rays(case, Quality::Draft),
            _ => self.plane(case),
        }
    }

    fn plane(&self, case: &str) -> Result<RenderFigures, Failure> {
        let name = case.trim_end_matches("_values");
        let shown = name == case;
        let turn = match name {
            "coronal" => DMat3::from_rotation_x(-FRAC_PI_2),
            "oblique" | "slab_mip_oblique" => {
                DMat3::from_rotation_z(PI / 9.0) * DMat3::from_rotation_x(FRAC_PI_6)
            }
            _ => DMat3::IDENTITY,
        };
        let slab = match name.starts_with("slab") {
            true => self.slab(),
            false => Slab::default(),
        };
        let mut plane = ModalityPlane::default();
        let mut greys = vec![0; (SIZE * SIZE) as usize];
        // Whatever refuses one plane of a case refuses the first.
        sample_into(&self.volume, &self.view(turn, slab, 0), &mut plane)?;
        let check = mean_of_middle(&plane);
        let times = repeat(self.options.time, 5, |step| {
            let view = self.view(turn, slab, step);
            if sample_into(&self.volume, &view, &mut plane).is_ok() && shown {
                plane.greys(&self.voi, false, &mut greys);
            }
        });
        Ok(self.figures(case, times, Some(check), None))
    }

    /// Slab of 20 mm with as many samples as the peers take.
    fn slab(&self) -> Slab {
        let step = self.volume.geometry().smallest_spacing_mm();
        let half = (SLAB_MM / 2.0 / step + 1e-9).floor();
        Slab::new(SlabMode::Mip, 2.0 * half * step)
    }

    /// The plane of a step: right, down and normal are the columns of `turn` in the axes of the acquisition.
    fn view(&self, turn: DMat3, slab: Slab, step: usize) -> PlaneView {
        let g = self.volume.geometry();
        let axes = DMat3::from_cols(g.row(), g.column(), g.normal()) * turn;
        let depth = g.slice_positions_mm().last().copied().unwrap_or_default();
        let offset = ((7 * step % 21) as f64 - 10.0) / 10.0 * 0.3 * depth;
        PlaneView {
            centre: PatientMm(g.centre().0 + axes.z_axis * offset),
            right: axes.x_axis,
            down: axes.y_axis,
            mm_per_pixel: [self.mm_per_pixel(); 2],
            size: [SIZE; 2],
            slab,
        }
    }

    fn mm_per_pixel(&self) -> f64 {
        let g = self.volume.geometry();
        g.spacing_mm()[0] * f64::from(g.size()[0]) / f64::from(SIZE)
    }

    /// The window alone, another level each time: a drag.
    fn window(&self) -> Result<RenderFigures, Failure> {
        let mut plane = ModalityPlane::default();
        let view = self.view(DMat3::IDENTITY, Slab::default(), 0);
        sample_into(&self.volume, &view, &mut plane)?;
        let levels: Vec<Voi> = (0..50)
            .map(|k| window(40.0 + f64::from(k)))
            .collect::<Result<_, _>>()?;
        let mut greys = vec![0; (SIZE * SIZE) as usize];
        let times = repeat(self.options.time, 5, |step| {
            if let Some(voi) = levels.get(step % levels.len()) {
                plane.greys(voi, false, &mut greys);
            }
        });
        Ok(self.figures("window", times, None, None))
    }

    fn rays(&self, case: &str, quality: Quality) -> Result<RenderFigures, Failure> {
        // The transfer function that the peers draw.
        let soft: Option<&Transfer> = presets().iter().find(|p| p.name == "soft");
        let scene = Scene::new(&self.volume, soft.ok_or(Failure::NoTransfer)?);
        let mut camera = Camera::front(self.volume.geometry(), [SIZE; 2]);
        camera.mm_per_pixel = self.mm_per_pixel();
        let mut last = scene.render(&camera, quality)?;
        let times = repeat(self.options.time, 3, |step| {
            let turned = camera.turned(7.0 * (step + 1) as f64, 0.0);
            if let Ok(picture) = scene.render(&turned, quality) {
                last = picture;
            }
        });
        let pixels = last.rgba.as_chunks::<4>().0;
        let lit = pixels.iter().filter(|[r, g, b, _]| *r.max(g).max(b) > 8);
        let lit = lit.count() as f64 / pixels.len().max(1) as f64;
        Ok(self.figures(case, times, None, Some(lit)))
    }

    fn figures(
        &self,
        case: &str,
        times: Times,
        check: Option<f64>,
        lit: Option<f64>,
    ) -> RenderFigures {
        RenderFigures {
            peer: "triptych",
            work: "render",
            case: case.to_owned(),
            ms: times.ms,
            p95_ms: times.p95_ms,
            cpu_ms: times.cpu_ms,
            n: times.n,
            threads: rayon::current_num_threads(),
            prepare_s: self.prepare_s,
            check,
            lit,
        }
    }
}

fn window(centre: f64) -> Result<Voi, WindowError> {
    Ok(Voi::Window(Window::new(
        centre,
        400.0,
        VoiFunction::Linear,
    )?))
}

/// Answer to compare: mean of the middle quarter of a picture.
fn mean_of_middle(plane: &ModalityPlane) -> f64 {
    let middle = SIZE / 4..SIZE * 3 / 4;
    let pixels = middle
        .clone()
        .flat_map(|v| middle.clone().map(move |u| (u, v)));
    let sum: f64 = pixels
        .map(|(u, v)| plane.value(u, v).unwrap_or(OUTSIDE))
        .sum();
    let mean = sum / f64::from(SIZE / 2).powi(2);
    (mean * 1e3).round() / 1e3
}
