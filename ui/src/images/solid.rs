//! Volume rendering in a tile (T36): turned by a drag, drawn by the graphics processor, or by a thread of its own where there is none.
//! While it turns, a coarse picture comes at once; when it rests, the fine one follows. Nothing is measured on it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use egui::{PointerButton, Rect, Ui};
use glam::DVec3;
use triptych_render::volume::{Camera, CutPlane, Quality, Rendered, Scene, Volume, presets};
use triptych_render::{
    Colour, DisplayAttributes, Frame, FrameBytes, FrameShape, Picture, SampleType, ScenePicture,
    View,
};
use triptych_workbench::view::{NoVolume, SeriesView, StudyView, fresh_picture};

use super::corner;
use super::tile::{Content, Context, Tile, cannot_show, decoding, paint, place_texture, size_px};
use crate::actions::Action;
use crate::canvas::Canvas;
use crate::look::typeface as f;
use crate::look::{text, tokens as t};
use crate::words::{w, wf};

/// Does work that takes longer than a frame. The window's own drawing waits for rayon's common threads: those must stay free.
pub(super) fn in_background(work: impl FnOnce() + Send + 'static) {
    static POOL: LazyLock<Option<rayon::ThreadPool>> = LazyLock::new(|| {
        let pool = rayon::ThreadPoolBuilder::new().thread_name(|k| format!("volume {k}"));
        pool.build().ok()
    });
    match &*POOL {
        Some(pool) => pool.spawn(work),
        None => rayon::spawn(work),
    }
}

/// Degrees that a drag of one point turns.
const DEGREES: f32 = 0.5;

/// How a volume is looked at as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Solid {
    /// Which of [`presets`].
    pub preset: usize,
    /// What of it is cut away at the crosshair.
    pub cut: CutAway,
    right: DVec3,
    down: DVec3,
    zoom: f64,
    shift: [f64; 2],
}

/// Which side of the crosshair is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CutAway {
    #[default]
    Nothing,
    Front,
    Above,
    Left,
}

/// The picture, the thread that makes it, and what it was asked for.
#[derive(Debug, Default)]
pub(super) struct Studio {
    shared: Arc<Mutex<Shared>>,
    shown: Option<(u64, Arc<Picture>, Job)>,
}

#[derive(Debug, Default)]
struct Shared {
    /// What a thread is at, and what makes it leave that.
    at: Option<(Job, Arc<AtomicBool>)>,
    scene: Option<(SceneKey, ScenePicture)>,
    done: Option<(u64, Job, Rendered)>,
    count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct SceneKey {
    volume: u64,
    generation: u64,
    preset: usize,
    /// A point and the side that is kept.
    cut: Option<(DVec3, DVec3)>,
}

/// What a picture is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Job {
    key: SceneKey,
    camera: Camera,
    quality: Quality,
}

impl Solid {
    /// From the front; bone first for a CT.
    pub fn new() -> Self {
        Self {
            preset: 0,
            cut: CutAway::Nothing,
            right: DVec3::X,
            down: -DVec3::Z,
            zoom: 1.0,
            shift: [0.0; 2],
        }
    }

    fn camera(&self, volume: &Volume, size: [u32; 2]) -> Camera {
        let mut camera = Camera::front(volume.geometry(), size);
        camera.right = self.right;
        camera.down = self.down;
        camera.mm_per_pixel /= self.zoom;
        let [x, y] = self.shift;
        camera.centre.0 -= camera.right * (x * camera.mm_per_pixel);
        camera.centre.0 -= camera.down * (y * camera.mm_per_pixel);
        camera
    }

    fn cut_plane(&self, at: DVec3) -> Option<(DVec3, DVec3)> {
        let kept = match self.cut {
            CutAway::Nothing => return None,
            CutAway::Front => DVec3::Y,
            CutAway::Above => -DVec3::Z,
            CutAway::Left => -DVec3::X,
        };
        Some((at, kept))
    }

    /// What an action of the table does to it; false when that is none of its own.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Reset => {
                *self = Self {
                    preset: self.preset,
                    ..Self::new()
                }
            }
            Action::SolidCut => {
                self.cut = match self.cut {
                    CutAway::Nothing => CutAway::Front,
                    CutAway::Front => CutAway::Above,
                    CutAway::Above => CutAway::Left,
                    CutAway::Left => CutAway::Nothing,
                };
            }
            Action::ZoomIn => self.zoom = (self.zoom * 1.25).min(20.0),
            Action::ZoomOut => self.zoom = (self.zoom * 0.8).max(0.1),
            Action::ImageNext => self.turn(0.0, 5.0),
            Action::ImagePrevious => self.turn(0.0, -5.0),
            other => {
                let Some(digit) = other.preset() else {
                    return false;
                };
                let k = usize::from(digit).wrapping_sub(1);
                if k < presets().len() {
                    self.preset = k;
                }
            }
        }
        true
    }

    fn turn(&mut self, right_degrees: f64, down_degrees: f64) {
        let mut camera = Camera {
            centre: triptych_render::PatientMm(DVec3::ZERO),
            right: self.right,
            down: self.down,
            mm_per_pixel: 1.0,
            size: [1, 1],
            projection: triptych_render::volume::Projection::Orthographic,
        };
        camera = camera.turned(right_degrees, down_degrees);
        self.right = camera.right;
        self.down = camera.down;
    }
}

impl Tile {
    /// The rendered volume, or why there is none.
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn solid(
        &mut self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        context: &Context<'_>,
        study: &StudyView,
        series: &SeriesView,
    ) {
        let Content::Solid(solid) = self.content else {
            return;
        };
        let painter = ui.painter().with_clip_rect(rect);
        let title = format!("{} · {}", study.title, w("solid.title"));
        let hung = context.volumes.get(&series.key);
        match hung.map(|h| (h, &h.volume)) {
            Some((_, Err(NoVolume::Refused(why)))) => {
                cannot_show(ui, rect, &wf("solid.refused", &[("why", &why)]));
            }
            Some((hung, Ok(volume))) if volume.ready == volume.slices.len() - volume.failed => {
                let size = size_px(ui, rect);
                let camera = solid.camera(&volume.volume, size);
                let moving = self.solid_moves;
                let by_gpu = canvas.has_gpu();
                let key = SceneKey {
                    volume: hung.id,
                    generation: hung.generation,
                    preset: solid.preset,
                    cut: hung.cross.and_then(|c| solid.cut_plane(c.at.0)),
                };
                let job = Job {
                    key,
                    camera,
                    quality: match (moving, by_gpu) {
                        (false, false) => self.studio.next_quality(&key, &camera),
                        (false, true) => Quality::Rest,
                        (true, true) => Quality::Moving,
                        (true, false) => Quality::Draft,
                    },
                };
                self.studio.ask(ui.ctx(), &volume.volume, job, !by_gpu);
                let drawn = if by_gpu {
                    self.studio.on_gpu(ui, rect, slot, canvas, job)
                } else {
                    self.studio
                        .picture(&volume.middle.display)
                        .map(|(picture, of, is_clear)| {
                            paint(ui, rect, slot, canvas, &picture, &View::default());
                            (of, is_clear)
                        })
                };
                match drawn {
                    Some((of, is_clear)) => {
                        if is_clear {
                            let at = rect.center();
                            text::center(
                                &painter,
                                at.x,
                                at.y,
                                w("solid.clear"),
                                f::body(),
                                t::BODY,
                            );
                        }
                        let name = presets().get(solid.preset).map_or("", |p| p.name.as_str());
                        let preview = if of.quality == Quality::Rest {
                            ""
                        } else {
                            w("solid.preview")
                        };
                        let words = wf("solid.mark", &[("name", &name), ("preview", &preview)]);
                        corner::bottom(&painter, rect, &words, w("solid.no_measuring"));
                        corner::letters(
                            &painter,
                            rect,
                            &of.camera.letters(volume.middle.display.quadruped),
                        );
                    }
                    None => decoding(ui, rect, series),
                }
            }
            _ => decoding(ui, rect, series),
        }
        corner::identity(&painter, rect, context.patient, study, series, &title);
    }

    /// Turning, zoom and shift by pointer: left turns, right and the wheel zoom, the middle button moves.
    pub(super) fn solid_takes(&mut self, ui: &Ui, rect: Rect, response: &egui::Response) -> bool {
        let Content::Solid(solid) = &mut self.content else {
            return false;
        };
        let moved = response.drag_delta();
        let was = *solid;
        if response.dragged_by(PointerButton::Primary) {
            solid.turn(f64::from(moved.x * DEGREES), f64::from(moved.y * DEGREES));
        } else if response.dragged_by(PointerButton::Secondary) {
            solid.zoom = (solid.zoom * f64::from((-moved.y / 150.0).exp())).clamp(0.1, 20.0);
        } else if response.dragged_by(PointerButton::Middle) {
            let ppp = f64::from(ui.pixels_per_point());
            solid.shift[0] += f64::from(moved.x) * ppp;
            solid.shift[1] += f64::from(moved.y) * ppp;
        }
        if response.contains_pointer() {
            let notches = super::cut::wheel(ui);
            if notches != 0.0 {
                solid.zoom = (solid.zoom * f64::from((notches * 0.1).exp())).clamp(0.1, 20.0);
            }
        }
        let _ = rect;
        self.solid_moves = *solid != was || response.dragged();
        true
    }
}

impl Studio {
    /// What to draw of a view at rest: a coarse picture at once where there is none yet, then a finer one, then the fine one.
    fn next_quality(&self, key: &SceneKey, camera: &Camera) -> Quality {
        match &self.lock().done {
            Some((_, of, _)) if of.camera == *camera && of.key == *key => match of.quality {
                Quality::Draft => Quality::Moving,
                Quality::Moving | Quality::Rest => Quality::Rest,
            },
            _ => Quality::Draft,
        }
    }

    /// Starts a thread for `job` unless one is at work; the newest wish is looked at again when it ends. Without `draws` the thread makes
    /// the scene only.
    fn ask(&mut self, ctx: &egui::Context, volume: &Volume, job: Job, draws: bool) {
        let mut shared = self.lock();
        let known = shared.scene.as_ref().filter(|(key, _)| *key == job.key);
        let known = known.map(|(_, scene)| scene.clone());
        // A fine picture of the same view is no worse than a coarse one.
        let fine = Job {
            quality: Quality::Rest,
            ..job
        };
        let is_done = match &shared.done {
            Some((_, of, _)) if draws => *of == job || *of == fine,
            _ => known.is_some() && !draws,
        };
        if let Some((at, left)) = &shared.at {
            // A fine picture takes long: nobody waits for that of a view that is no more.
            if at.quality == Quality::Rest && (at.camera, at.key) != (job.camera, job.key) {
                left.store(true, Ordering::Relaxed);
            }
            return;
        }
        if is_done {
            return;
        }
        let left = Arc::new(AtomicBool::new(false));
        shared.at = Some((job, Arc::clone(&left)));
        drop(shared);
        let (shared, volume, ctx) = (Arc::clone(&self.shared), volume.clone(), ctx.clone());
        in_background(move || {
            let picture = known.or_else(|| {
                let transfer = presets().get(job.key.preset)?;
                let mut scene = Scene::new(&volume, transfer);
                scene.cuts.extend(job.key.cut.map(|(at, normal)| CutPlane {
                    point: triptych_render::PatientMm(at),
                    normal,
                }));
                Some(ScenePicture {
                    id: fresh_picture(),
                    volume: job.key.volume,
                    scene: Arc::new(scene),
                })
            });
            let rendered = picture.as_ref().filter(|_| draws).and_then(|picture| {
                let scene = &picture.scene;
                let made = scene.render_unless(&job.camera, job.quality, &left);
                made.ok().flatten()
            });
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.at = None;
            shared.scene = picture.map(|picture| (job.key, picture));
            if let Some(rendered) = rendered {
                shared.count += 1;
                shared.done = Some((shared.count, job, rendered));
            }
            drop(shared);
            ctx.request_repaint();
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the scene with the canvas, once it is made; the former one until then.
    fn on_gpu(
        &self,
        ui: &Ui,
        rect: Rect,
        slot: &str,
        canvas: &mut dyn Canvas,
        job: Job,
    ) -> Option<(Job, bool)> {
        let (key, picture) = self.lock().scene.clone()?;
        let size = job.camera.size;
        let texture = canvas.draw_volume(slot, &picture, &job.camera, job.quality)?;
        place_texture(ui, rect, texture, size);
        if canvas.is_filling() {
            ui.ctx().request_repaint();
        }
        Some((Job { key, ..job }, false))
    }

    /// The newest picture, what it is of, and whether nothing is drawn in it.
    fn picture(&mut self, like: &DisplayAttributes) -> Option<(Arc<Picture>, Job, bool)> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, job, rendered) = shared.done.as_ref()?;
        let known = self.shown.as_ref().filter(|(of, ..)| of == count);
        if known.is_none() {
            let [columns, rows] = rendered.camera.size;
            let rgb: Vec<u8> = rendered
                .rgba
                .chunks_exact(4)
                .flat_map(|p| p.iter().take(3).copied())
                .collect();
            let picture = Picture {
                id: fresh_picture(),
                frame: Frame {
                    shape: FrameShape {
                        columns,
                        rows,
                        sample: SampleType::U8,
                        colour: Colour::Rgb,
                    },
                    bytes: FrameBytes::from(rgb),
                },
                display: Arc::new(DisplayAttributes {
                    modality: like.modality.clone(),
                    bits_stored: 8,
                    ..DisplayAttributes::default()
                }),
            };
            self.shown = Some((*count, Arc::new(picture), *job));
        }
        let (_, picture, job) = self.shown.as_ref()?;
        Some((Arc::clone(picture), *job, rendered.is_clear))
    }

    /// Nothing is being drawn, and the fine picture is there.
    pub fn is_settled(&self) -> bool {
        let shared = self.lock();
        let is_fine = |of: &Job| of.quality == Quality::Rest;
        let drawn = shared.done.as_ref();
        // On a graphics processor there is a scene and no picture of our own.
        shared.at.is_none() && shared.scene.is_some() && drawn.is_none_or(|(_, of, _)| is_fine(of))
    }
}
