//! A window painted by the tile painter, presented through softbuffer: shared memory, and only what changed is sent.

use std::num::NonZeroU32;

use softbuffer::{Context, Rect, SoftBufferError, Surface};
use tauri::Window;

use super::{Capture, Job, PaintError, Shown};
use crate::tiles::{Area, Frame, Painter};

/// A window's pixels on the processor.
pub struct CpuScreen {
    /// Paints, and keeps the pixels.
    pub painter: Painter,
    surface: Surface<Window, Window>,
    /// The last frame did not reach the screen: send all of the next.
    resend: bool,
}

impl CpuScreen {
    /// # Errors
    /// The window system has no way to take pixels.
    pub fn new(window: &Window) -> Result<Self, PaintError> {
        // tao opens a new X connection each time its display is asked for: once per window.
        let context = Context::new(window.clone()).map_err(refused)?;
        let surface = Surface::new(&context, window.clone()).map_err(refused)?;
        Ok(Self {
            painter: Painter::default(),
            surface,
            resend: true,
        })
    }

    /// Paints what changed, and presents it.
    ///
    /// # Errors
    /// The window system refuses.
    pub fn paint(&mut self, job: &Job<'_>) -> Result<Shown, PaintError> {
        self.painter.load(job.textures);
        let report = self.painter.paint(&Frame {
            size: job.size_px.map(|side| side as usize),
            pixels_per_point: job.pixels_per_point,
            primitives: job.primitives,
            background: job.background,
        });
        self.painter.free(job.textures);
        self.resend |= job.exposed;
        let presented = self.present(job.size_px, report.painted > 0);
        self.resend = presented.is_err();
        presented.map_err(refused)?;
        let capture = match job.capture {
            true => Some(self.capture(job.size_px).map_err(refused)?),
            false => None,
        };
        Ok(Shown {
            presented: true,
            capture,
            tiles: [report.tiles, report.painted],
        })
    }

    fn present(&mut self, size_px: [u32; 2], changed: bool) -> Result<(), SoftBufferError> {
        if !changed && !self.resend {
            return Ok(());
        }
        let [Some(width), Some(height)] = size_px.map(NonZeroU32::new) else {
            return Ok(());
        };
        self.surface.resize(width, height)?;
        let mut buffer = self.surface.buffer_mut()?;
        let age = if self.resend { 0 } else { buffer.age() };
        self.painter.copy_to(&mut buffer, age);
        let damage = if age == 0 {
            self.painter.everything()
        } else {
            self.painter.damage()
        };
        let damage: Vec<Rect> = damage.into_iter().filter_map(rect).collect();
        buffer.present_with_damage(&damage)?;
        // softbuffer leaves its last requests in the connection's queue, which nothing else flushes: the screen would be a frame behind
        // until the next one. Taking the buffer sends them and waits until the server has the pixels.
        self.surface.buffer_mut().map(drop)
    }

    /// What the X server shows.
    fn capture(&mut self, size_px: [u32; 2]) -> Result<Capture, SoftBufferError> {
        // Taking a buffer waits until the server has taken the last.
        let _ = self.surface.buffer_mut()?;
        let shown = self.surface.fetch()?;
        let pixels = shown.into_iter().map(u32::to_be_bytes);
        Ok(Capture::from_pixels(size_px, pixels, [1, 2, 3]))
    }
}

fn rect(area: Area) -> Option<Rect> {
    Some(Rect {
        x: u32::try_from(area.x0).ok()?,
        y: u32::try_from(area.y0).ok()?,
        width: NonZeroU32::new(u32::try_from(area.x1 - area.x0).ok()?)?,
        height: NonZeroU32::new(u32::try_from(area.y1 - area.y0).ok()?)?,
    })
}

fn refused(error: SoftBufferError) -> PaintError {
    PaintError::Surface(error.to_string())
}
