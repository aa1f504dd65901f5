//! One window: its egui, its screen, its input, and how a frame comes about.

use std::rc::Rc;
use std::time::{Duration, Instant};

use egui::{OutputCommand, PlatformOutput, RawInput, ViewportCommand, ViewportId, ViewportInfo};
use tauri::Window;
use triptych_ui::Canvas as _;

use crate::access::Access;
use crate::clipboard::Clipboard;
use crate::inbox::{Inbox, Waker};
use crate::input::{self, TextInput};
use crate::pace::Pace;
use crate::paint::{Backend, Capture, Job, PaintError, Screen, Whole};
use crate::pictures::{Pictures, WindowCanvas};
use crate::view::{Host, Opened, Opener, View};
use crate::{cursor, faults, native};

/// After a frame that did not reach the screen.
const RETRY: Duration = Duration::from_millis(50);

/// A window, dressed.
pub struct ShellWindow {
    // Dropped before the window, whose native handle it uses.
    screen: Option<Screen>,
    pictures: Pictures,
    window: Window,
    view: Box<dyn View>,
    inbox: Inbox,
    ctx: egui::Context,
    text_input: Rc<TextInput>,
    access: Access,
    clipboard: Clipboard,
    cursor: egui::CursorIcon,
    background: egui::Color32,
    pace: Pace,
    started: Instant,
    focused: bool,
    frames: u64,
    closed: bool,
}

/// What came of a frame.
#[derive(Default)]
pub struct Drawn {
    /// The picture, if it was asked for and the view is settled.
    pub capture: Option<Capture>,
    /// Tiles of the window, and those that were painted; none where the painter has no tiles.
    pub tiles: [usize; 2],
}

/// When a frame's picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Never.
    No,
    /// Of this frame.
    Now,
    /// Of this frame if the view is settled and egui wants no other.
    Settled,
}

impl ShellWindow {
    /// Takes over a window that Tauri made.
    ///
    /// # Errors
    /// The window system does not give the window's handle.
    pub fn new(
        opened: Opened,
        screen: Screen,
        opener: &Opener,
        waker: &Waker,
        clipboard: &Clipboard,
    ) -> Result<Self, PaintError> {
        let Opened {
            window,
            view,
            background,
        } = opened;
        let mut view = view.into_inner();
        let inbox = Inbox::new(waker.clone());
        let ctx = context(&inbox);
        let gtk_window = window
            .gtk_window()
            .map_err(|error| PaintError::Surface(error.to_string()))?;
        native::own_the_pixels(&gtk_window, background, &inbox);
        let text_input = input::connect(&gtk_window, &ctx, &inbox, clipboard);
        let access = Access::new(&ctx, &inbox);
        view.start(&Host {
            ctx: ctx.clone(),
            opener: opener.clone(),
        });
        // The focus event may have come before the window was ours.
        let focused = window.is_focused().unwrap_or(false);
        let mut dressed = Self {
            screen: Some(screen),
            pictures: Pictures::default(),
            window,
            view,
            inbox,
            ctx,
            text_input,
            access,
            clipboard: clipboard.clone(),
            cursor: egui::CursorIcon::Default,
            background,
            pace: Pace::default(),
            started: Instant::now(),
            focused,
            frames: 0,
            closed: false,
        };
        dressed.focus(focused);
        Ok(dressed)
    }

    /// Tauri's name of the window.
    pub fn label(&self) -> &str {
        self.window.label()
    }

    /// Asks for a frame after `delay`.
    pub fn repaint_after(&self, delay: Duration) {
        self.inbox.repaint_after(delay);
    }

    /// Another size: all of it is drawn.
    pub fn resized(&self) {
        self.inbox.expose();
    }

    /// The window gained or lost the keyboard.
    pub fn focus(&mut self, focused: bool) {
        self.focused = focused;
        self.access.focus(focused);
        self.inbox.repaint();
    }

    /// Tells the view, once, that the window goes.
    pub fn close(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.view.close();
        }
    }

    /// Gives up what the lost device held; egui's textures come back whole.
    pub fn surrender(&mut self) -> Whole {
        self.pictures = Pictures::default();
        self.screen
            .take()
            .map(Screen::into_textures)
            .unwrap_or_default()
    }

    /// Takes what another device gives. The views and egui keep their state.
    ///
    /// # Errors
    /// The window cannot be drawn to.
    pub fn adopt(
        &mut self,
        backend: &Backend,
        screen: Option<Screen>,
        textures: Whole,
    ) -> Result<(), PaintError> {
        let mut screen = match screen {
            Some(screen) => screen,
            None => backend.screen(&self.window)?,
        };
        screen.load(backend, textures);
        self.screen = Some(screen);
        self.inbox.expose();
        Ok(())
    }

    /// The native window.
    pub fn native(&self) -> &Window {
        &self.window
    }

    /// Draws a frame if one is wanted, can be seen, and is due.
    ///
    /// # Errors
    /// The window system refuses for good.
    pub fn draw_if_wanted(
        &mut self,
        backend: &mut Backend,
        keep: Keep,
    ) -> Result<Drawn, PaintError> {
        if !self.inbox.wants_frame() {
            return Ok(Drawn::default());
        }
        let vsync = self.screen.as_ref().is_some_and(Screen::has_vsync);
        if !vsync && let Some(wait) = self.pace.wait(Instant::now()) {
            self.inbox.repaint_after(wait);
            return Ok(Drawn::default());
        }
        self.draw(backend, keep)
    }

    /// Draws a frame of `events` now, whatever the beat, and gives back its tiles as in [`Drawn`]. `whole`: every tile is painted anew.
    ///
    /// # Errors
    /// As [`ShellWindow::draw_if_wanted`].
    pub fn timed_frame(
        &mut self,
        backend: &mut Backend,
        events: Vec<egui::Event>,
        whole: bool,
    ) -> Result<[usize; 2], PaintError> {
        for event in events {
            self.inbox.push(event);
        }
        if let Some(Screen::Cpu(screen)) = self.screen.as_mut().filter(|_| whole) {
            screen.painter.invalidate();
        }
        Ok(self.draw(backend, Keep::No)?.tiles)
    }

    /// Nothing is being loaded that will change the screen by itself.
    pub fn is_settled(&self) -> bool {
        self.view.is_settled()
    }

    /// Some of what can be scrolled to is still being loaded.
    pub fn is_loading(&self) -> bool {
        self.view.is_loading()
    }

    /// The last frame had a picture in it.
    pub fn shows_pictures(&self) -> bool {
        !self.pictures.is_empty()
    }

    fn draw(&mut self, backend: &mut Backend, keep: Keep) -> Result<Drawn, PaintError> {
        let begun = Instant::now();
        self.pace.drawn(begun);
        self.inbox.begin_frame();
        let (Ok(size), Ok(scale)) = (self.window.inner_size(), self.window.scale_factor()) else {
            return Ok(Drawn::default());
        };
        // GPU-02: a window without pixels has nothing to draw.
        if size.width == 0 || size.height == 0 {
            return Ok(Drawn::default());
        }
        let size_px = [size.width, size.height];
        let input = self.raw_input(backend, size_px, scale);
        faults::on_input(&input, backend);
        let Some(screen) = &mut self.screen else {
            return Ok(Drawn::default());
        };
        let view = &mut self.view;
        let passes = backend.renderer.passes();
        let mut canvas = WindowCanvas {
            backend,
            screen,
            pictures: &mut self.pictures,
            window: self.window.label(),
        };
        let output = self.ctx.run_ui(input, |ui| {
            view.frame(ui, &mut canvas);
            // Volumes go up so many bytes a frame.
            if canvas.is_filling() {
                ui.ctx().request_repaint();
            }
        });
        if self
            .pictures
            .end_frame(self.window.label(), screen, &mut backend.renderer)
        {
            // Another patient, or none: what the renderer worked out for the pictures goes too.
            backend.renderer.clear();
        }
        let image_passes = backend.renderer.passes() - passes;

        let mut textures = output.textures_delta;
        let primitives = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let calm = output
            .viewport_output
            .get(&ViewportId::ROOT)
            .is_none_or(|viewport| viewport.repaint_delay > Duration::from_millis(100));
        let wanted: Vec<egui::ScreenshotCallback> = output
            .viewport_output
            .get(&ViewportId::ROOT)
            .into_iter()
            .flat_map(|viewport| &viewport.commands)
            .filter_map(|command| match command {
                ViewportCommand::Screenshot(answer) => Some(answer.clone()),
                _ => None,
            })
            .collect();
        let capture = match keep {
            _ if !wanted.is_empty() => true,
            Keep::No => false,
            Keep::Now => true,
            Keep::Settled => calm && self.view.is_settled(),
        };
        let shown = screen.paint(
            backend,
            &Job {
                size_px,
                pixels_per_point: output.pixels_per_point,
                textures: &textures,
                primitives: &primitives,
                background: self.background,
                exposed: self.inbox.take_exposed(),
                capture,
            },
        );
        // egui takes it for a mistake when changes are dropped that nobody said were applied.
        textures.clear();
        let shown = shown?;
        if !shown.presented {
            self.inbox.repaint_after(RETRY);
        }
        if let Some(capture) = &shown.capture {
            let size = capture.size_px.map(|n| n as usize);
            let image = std::sync::Arc::new(egui::ColorImage::from_rgb(size, &capture.rgb));
            for answer in wanted {
                answer.complete(std::sync::Arc::clone(&image));
            }
        }
        self.frames += 1;
        tracing::trace!(
            target: "triptych_shell::frame",
            window = self.window.label(),
            number = self.frames,
            width = size_px[0],
            height = size_px[1],
            image_passes,
            tiles = shown.tiles[0],
            painted = shown.tiles[1],
            presented = shown.presented,
            ms = begun.elapsed().as_secs_f64() * 1e3,
            "frame"
        );
        self.serve(output.platform_output);
        let commands = output
            .viewport_output
            .into_iter()
            .find(|(id, _)| *id == ViewportId::ROOT);
        for command in commands
            .into_iter()
            .flat_map(|(_, viewport)| viewport.commands)
        {
            self.obey(command);
        }
        Ok(Drawn {
            capture: shown.capture,
            tiles: shown.tiles,
        })
    }

    fn raw_input(&self, backend: &Backend, size_px: [u32; 2], scale: f64) -> RawInput {
        let mail = self.inbox.take_mail();
        let (hovered_files, dropped_files) = input::files_for_egui(&mail);
        let pixels_per_point = scale as f32 * self.ctx.zoom_factor();
        let points = egui::Vec2::from(size_px.map(|side| side as f32)) / pixels_per_point;
        let viewport = ViewportInfo {
            native_pixels_per_point: Some(scale as f32),
            focused: Some(self.focused),
            ..ViewportInfo::default()
        };
        RawInput {
            viewports: std::iter::once((ViewportId::ROOT, viewport)).collect(),
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, points)),
            max_texture_side: Some(backend.max_texture_side()),
            time: Some(self.started.elapsed().as_secs_f64()),
            focused: self.focused,
            events: mail.events,
            hovered_files,
            dropped_files,
            ..RawInput::default()
        }
    }

    fn serve(&mut self, output: PlatformOutput) {
        for command in output.commands {
            if let OutputCommand::CopyText(text) = command {
                self.clipboard.write(text);
            }
        }
        let zoom = self.ctx.zoom_factor();
        self.text_input
            .follow(output.ime.map(|ime| ime.cursor_rect * zoom));
        if std::mem::replace(&mut self.cursor, output.cursor_icon) != output.cursor_icon {
            self.show_cursor(output.cursor_icon);
        }
        if let Some(update) = output.accesskit_update {
            self.access.publish(&self.window, update);
        }
    }

    fn show_cursor(&self, icon: egui::CursorIcon) {
        let icon = cursor::icon(icon);
        let shown = self.window.set_cursor_visible(icon.is_some());
        let shaped = icon.map_or(Ok(()), |icon| self.window.set_cursor_icon(icon));
        if let Err(error) = shown.and(shaped) {
            tracing::debug!(%error, "pointer shape");
        }
    }

    /// What a view may do to its window through egui; a view asks for nothing else.
    fn obey(&self, command: ViewportCommand) {
        let done = match command {
            ViewportCommand::Close => self.window.close(),
            ViewportCommand::Title(title) => self.window.set_title(&title),
            ViewportCommand::Fullscreen(full) => self.window.set_fullscreen(full),
            ViewportCommand::Minimized(true) => self.window.minimize(),
            ViewportCommand::Minimized(false) => self.window.unminimize(),
            ViewportCommand::Maximized(true) => self.window.maximize(),
            ViewportCommand::Maximized(false) => self.window.unmaximize(),
            ViewportCommand::Focus => self.window.set_focus(),
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the window system refused a command");
        }
    }
}

/// An egui that asks this mailbox for its frames.
fn context(inbox: &Inbox) -> egui::Context {
    let ctx = egui::Context::default();
    ctx.set_theme(egui::Theme::Dark);
    let inbox = inbox.clone();
    ctx.set_request_repaint_callback(move |info| {
        if info.delay.is_zero() {
            inbox.repaint();
        } else {
            inbox.repaint_after(info.delay);
        }
    });
    ctx
}
