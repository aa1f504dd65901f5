//! `triptych render --view stack`: a picture of a series as PNG, by the GPU's shaders or their CPU twins.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;
use triptych_render::{Picture, Renderer, RendererChoice, View, VoiFunction, Window};
use triptych_workbench::{Workers, files};

use crate::arguments::{Arguments, Painter, PictureKind, Render};
use crate::output::{Exit, Output};

/// The choice as `render` names it.
pub const fn choice(painter: Painter) -> RendererChoice {
    match painter {
        Painter::Auto => RendererChoice::Auto,
        Painter::Gpu => RendererChoice::Gpu,
        Painter::Cpu => RendererChoice::Cpu,
    }
}

pub fn render(_: &Arguments, output: &Output, wanted: &Render) -> anyhow::Result<Exit> {
    let PictureKind::Stack = wanted.view;
    let workers = Workers::new(None);
    let slice = files::slice(
        &workers,
        &wanted.paths,
        wanted.index.map(|n| n.saturating_sub(1)),
    )?;
    let window = match wanted.window.as_deref() {
        Some([center, width]) => Some(Window::new(*center, *width, VoiFunction::Linear)?),
        Some(_) => bail!("--window takes a centre and a width"),
        None => None,
    };
    let shape = slice.frame.shape;
    let size = match wanted.size.as_deref() {
        Some([width, height]) => [*width, *height],
        _ => [shape.columns, shape.rows],
    };
    let picture = Arc::new(Picture {
        id: 1,
        frame: slice.frame,
        display: slice.display,
    });
    let view = View {
        window,
        invert: wanted.invert,
        ..View::default()
    };
    let mut renderer = Renderer::choose(choice(wanted.renderer))?;
    let rgba = renderer.draw_rgba(&picture, &view, size)?;
    write_png(&wanted.output, size, &rgba)?;
    let value = json!({ "output": wanted.output, "width": size[0], "height": size[1], "slice": slice.number + 1, "of": slice.count, "renderer": renderer.name(), "instance": slice.instance });
    output.print(&value, || {
        format!(
            "{}: slice {} of {}, {} x {}, {}\n",
            wanted.output.display(),
            slice.number + 1,
            slice.count,
            size[0],
            size[1],
            renderer.name()
        )
    })?;
    Ok(Exit::Done)
}

fn write_png(path: &std::path::Path, size: [u32; 2], rgba: &[u8]) -> anyhow::Result<()> {
    #[allow(
        clippy::disallowed_methods,
        reason = "a picture that the user asked for, at the place that the user named"
    )]
    let file =
        File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(())
}
