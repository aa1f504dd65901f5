//! The passes that draw volumes: planes, colours over them, rays, and enlarging.

use triptych_imaging::{
    display::Voi,
    volume::{Camera, EmptySpace, PlaneView, Quality, Volume},
};
use wgpu::util::DeviceExt as _;

use super::{
    cut_pass::{COLOURED, HATCHED, INVERTED, PlaneParams},
    passes::{picture_texture, pipeline_with, run, run_part},
    ray_pass::RayPass,
    shaders::{CUT, ENLARGE, FUSE, RAYS},
    volumes::{Held, VolumeLimits, Volumes},
};
use crate::{CutOverlay, CutPicture, Gpu, ScenePicture, View};

/// Pipelines, volumes on the device, and targets between passes.
#[derive(Debug)]
pub(super) struct VolumePasses {
    cut: wgpu::RenderPipeline,
    fuse: wgpu::RenderPipeline,
    rays: wgpu::RenderPipeline,
    enlarge: wgpu::RenderPipeline,
    volume_layout: wgpu::BindGroupLayout,
    pass_layout: wgpu::BindGroupLayout,
    volumes: Volumes,
    /// Pictures that another pass reads, by use.
    between: [Option<Between>; 2],
    nothing: wgpu::TextureView,
    /// Blocks that hold something to draw, of the scene drawn last.
    space: Option<(u64, [i32; 3], wgpu::Buffer)>,
}

#[derive(Debug)]
struct Between {
    view: wgpu::TextureView,
    size: [u32; 2],
}

/// What the second group of a pass holds.
struct Group<'a> {
    params: &'a [u8],
    blocks: Option<&'a wgpu::Buffer>,
    table: &'a [[f32; 4]],
    under: Option<&'a wgpu::TextureView>,
}

/// Samples of rays in one submission: a fraction of a second even where they are slow, so that no watchdog resets the device.
const SAMPLES_AT_ONCE: f64 = 2e8;

impl VolumePasses {
    pub(super) fn new(gpu: &Gpu) -> Self {
        let fragment = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let buffer = |ty| wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let texture = |sample_type, view_dimension| wgpu::BindingType::Texture {
            sample_type,
            view_dimension,
            multisampled: false,
        };
        let layout = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            gpu.device
                .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                    label: Some(label),
                    entries,
                })
        };
        let volume_layout = layout(
            "volume",
            &[
                fragment(0, buffer(wgpu::BufferBindingType::Uniform)),
                fragment(1, buffer(storage)),
                fragment(2, buffer(storage)),
                fragment(
                    3,
                    texture(
                        wgpu::TextureSampleType::Uint,
                        wgpu::TextureViewDimension::D3,
                    ),
                ),
            ],
        );
        let pass_layout = layout(
            "volume pass",
            &[
                fragment(0, buffer(wgpu::BufferBindingType::Uniform)),
                fragment(1, buffer(storage)),
                fragment(2, buffer(storage)),
                fragment(
                    3,
                    texture(
                        wgpu::TextureSampleType::Float { filterable: false },
                        wgpu::TextureViewDimension::D2,
                    ),
                ),
            ],
        );
        let both = gpu
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("volume passes"),
                bind_group_layouts: &[Some(&volume_layout), Some(&pass_layout)],
                ..Default::default()
            });
        Self {
            cut: pipeline_with(gpu, &CUT, Some(&both)),
            fuse: pipeline_with(gpu, &FUSE, Some(&both)),
            rays: pipeline_with(gpu, &RAYS, Some(&both)),
            enlarge: pipeline_with(gpu, &ENLARGE, None),
            volume_layout,
            pass_layout,
            volumes: Volumes::default(),
            between: [None, None],
            nothing: picture_texture(gpu, [1, 1], &[0; 4]),
            space: None,
        }
    }

    pub(super) const fn volumes(&mut self) -> &mut Volumes {
        &mut self.volumes
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.volumes.is_waiting()
    }

    pub(super) fn set_limits(&mut self, limits: VolumeLimits) {
        self.volumes.clear();
        self.volumes.limits = limits;
    }

    pub(super) fn clear(&mut self) {
        self.volumes.clear();
        self.between = [None, None];
        self.space = None;
    }

    /// Uploads what may go up now; the answer is how many slices are there, `None` when the device cannot hold the volume.
    pub(super) fn upload(
        &mut self,
        gpu: &Gpu,
        id: u64,
        volume: &Volume,
        middle: f64,
    ) -> Option<usize> {
        self.volumes
            .of(gpu, &self.volume_layout, id, volume, middle)
            .map(|held| held.count)
    }

    /// `None` when only the twin can draw it.
    pub(super) fn draw_cut(
        &mut self,
        gpu: &Gpu,
        cut: &CutPicture,
        view: &View,
        greys: Option<&[u8; 256]>,
        target: &super::draw::Target,
    ) -> Option<()> {
        let size = target.size;
        let target = &target.view;
        let plane = cut.sampled(view, size);
        if !plane.is_valid() {
            return None;
        }
        let Voi::Window(window) = cut.voi(view) else {
            return None;
        };
        let base = self.volumes.held(cut.id)?;
        let colours = match cut.over {
            Some(_) => Vec::new(),
            None => colours_of(view, greys),
        };
        let marked = !cut.volume.gaps().is_empty() || base.count < slices_of(&cut.volume);
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        let flags = flag(cut.is_inverted(view), INVERTED)
            | flag(marked, HATCHED)
            | flag(!colours.is_empty(), COLOURED);
        let mut params = PlaneParams::new(&cut.volume, &plane, &window, flags)?;
        let over = cut
            .over
            .as_ref()
            .map(|over| OverPass::new(&self.volumes, over, &plane))
            .map_or(Some(None), |pass| pass.map(Some))?;
        let blocks = blocks_of(base, &mut params);
        let group = self.group(
            gpu,
            &Group {
                params: bytemuck::bytes_of(&params),
                blocks,
                table: &colours,
                under: None,
            },
        );
        let Some(over) = over else {
            run(gpu, &self.cut, &[&base.group, &group], target);
            return Some(());
        };
        let under = between(&mut self.between[0], gpu, size);
        let base = self.volumes.held(cut.id)?;
        run(gpu, &self.cut, &[&base.group, &group], &under);
        let above = self.volumes.held(over.id)?;
        let mut params = over.params;
        let blocks = blocks_of(above, &mut params);
        let group = self.group(
            gpu,
            &Group {
                params: bytemuck::bytes_of(&params),
                blocks,
                table: &over.colours,
                under: Some(&under),
            },
        );
        run(gpu, &self.fuse, &[&above.group, &group], target);
        Some(())
    }

    /// `None` when only the twin can draw it.
    pub(super) fn draw_scene(
        &mut self,
        gpu: &Gpu,
        picture: &ScenePicture,
        camera: &Camera,
        quality: Quality,
        target: &wgpu::TextureView,
    ) -> Option<()> {
        if !camera.is_valid() {
            return None;
        }
        let mut pass = RayPass::new(&picture.scene, camera, quality)?;
        if let Some(space) = picture.scene.empty_space().filter(|s| s.side == 8)
            && self.space.as_ref().is_none_or(|held| held.0 != picture.id)
        {
            self.space = Some((
                picture.id,
                space.count.map(|n| n as i32),
                space_buffer(gpu, &space),
            ));
        }
        let space = self.space.as_ref().filter(|held| held.0 == picture.id);
        pass.params.blocks = space.map_or([0; 3], |s| s.1);
        let group = self.group(
            gpu,
            &Group {
                params: bytemuck::bytes_of(&pass.params),
                blocks: space.map(|s| &s.2),
                table: &pass.table,
                under: None,
            },
        );
        let smaller =
            (pass.size != camera.size).then(|| between(&mut self.between[1], gpu, pass.size));
        let held = self.volumes.held(picture.volume)?;
        let to = smaller.as_ref().unwrap_or(target);
        let [width, height] = pass.size;
        let rows =
            (SAMPLES_AT_ONCE / (pass.longest * f64::from(width))).clamp(1.0, 65_536.0) as u32;
        let mut from = 0;
        while from < height {
            let end = (from + rows).min(height);
            let part = Some(([from, end], width));
            run_part(gpu, &self.rays, &[&held.group, &group], to, part);
            from = end;
        }
        if let Some(smaller) = smaller {
            self.enlarge(gpu, &smaller, pass.size, camera.size, target);
        }
        Some(())
    }

    fn enlarge(
        &self,
        gpu: &Gpu,
        smaller: &wgpu::TextureView,
        from: [u32; 2],
        to: [u32; 2],
        target: &wgpu::TextureView,
    ) {
        let sizes = uniform(gpu, bytemuck::cast_slice(&[from, to]));
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("enlarge"),
            layout: &self.enlarge.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: sizes.as_entire_binding(),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(smaller),
                },
            ],
        });
        run(gpu, &self.enlarge, &[&group], target);
    }

    fn group(&self, gpu: &Gpu, of: &Group<'_>) -> wgpu::BindGroup {
        let storage = |contents| {
            gpu.device
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: Some("table"),
                    contents,
                    usage: wgpu::BufferUsages::STORAGE,
                })
        };
        let params = uniform(gpu, of.params);
        let none = [[0.0_f32; 4]];
        let table = if of.table.is_empty() { &none } else { of.table };
        let table = storage(bytemuck::cast_slice(table));
        let no_blocks = storage(bytemuck::cast_slice(&none));
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("volume pass"),
            layout: &self.pass_layout,
            entries: &[
                entry(0, params.as_entire_binding()),
                entry(1, of.blocks.unwrap_or(&no_blocks).as_entire_binding()),
                entry(2, table.as_entire_binding()),
                entry(
                    3,
                    wgpu::BindingResource::TextureView(of.under.unwrap_or(&self.nothing)),
                ),
            ],
        })
    }
}

/// What draws an overlay.
struct OverPass {
    id: u64,
    params: PlaneParams,
    colours: Vec<[f32; 4]>,
}

impl OverPass {
    fn new(volumes: &Volumes, over: &CutOverlay, plane: &PlaneView) -> Option<Self> {
        volumes.held(over.id)?;
        let params = PlaneParams::new(&over.volume, plane, &over.window, 0)?;
        let colours = (0..=255)
            .map(|grey| level(over.colours.colour(grey)))
            .collect();
        Some(Self {
            id: over.id,
            params: params.over(&over.volume, over.opacity, over.threshold),
            colours,
        })
    }
}

fn slices_of(volume: &Volume) -> usize {
    volume.geometry().size()[2] as usize
}

/// Red, green and blue of each grey, as shaders take them; none where greys are shown as they are.
pub(super) fn colours_of(view: &View, greys: Option<&[u8; 256]>) -> Vec<[f32; 4]> {
    match (view.pseudo_colour, greys) {
        (Some(palette), _) => palette.colours().iter().copied().map(level).collect(),
        (None, Some(greys)) => greys.iter().map(|grey| level([*grey; 3])).collect(),
        (None, None) => Vec::new(),
    }
}

fn level(colour: [u8; 3]) -> [f32; 4] {
    let [r, g, b] = colour.map(f32::from);
    [r, g, b, 0.0]
}

fn blocks_of<'a>(held: &'a Held, params: &mut PlaneParams) -> Option<&'a wgpu::Buffer> {
    let (count, buffer) = held.ranges.as_ref()?;
    params.blocks = *count;
    Some(buffer)
}

fn uniform(gpu: &Gpu, contents: &[u8]) -> wgpu::Buffer {
    gpu.device
        .create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("params"),
            contents,
            usage: wgpu::BufferUsages::UNIFORM,
        })
}

fn space_buffer(gpu: &Gpu, space: &EmptySpace<'_>) -> wgpu::Buffer {
    let distances: Vec<[f32; 2]> = space
        .distance
        .iter()
        .map(|d| [f32::from(*d), 0.0])
        .collect();
    gpu.device
        .create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("space"),
            contents: bytemuck::cast_slice(&distances),
            usage: wgpu::BufferUsages::STORAGE,
        })
}

/// A target that another pass reads, kept while its size is asked for.
fn between(held: &mut Option<Between>, gpu: &Gpu, size: [u32; 2]) -> wgpu::TextureView {
    if let Some(held) = held.as_ref().filter(|held| held.size == size) {
        return held.view.clone();
    }
    let view =
        super::draw::target_texture(gpu, size).create_view(&wgpu::TextureViewDescriptor::default());
    *held = Some(Between {
        view: view.clone(),
        size,
    });
    view
}
