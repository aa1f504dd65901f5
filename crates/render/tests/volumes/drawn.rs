//! What is drawn and how it is compared: cuts and scenes, vectors, and a picture against its twin.

use std::sync::Arc;

use serde_json::Value;
use triptych_render::{
    CutPicture, Renderer, ScenePicture, View, VoiFunction, Window,
    volume::{PlaneView, Scene, Volume},
};

const VECTORS: &str = include_str!("../../../imaging/tests/imaging-vectors.json");

/// Runs `check` (id, inputs, expected) on every vector of a requirement.
pub fn each(requirement: &str, mut check: impl FnMut(&str, &Value, &Value)) {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut ran = 0;
    for v in all["vectors"].as_array().unwrap() {
        let id = v["id"].as_str().unwrap();
        if id.split('.').next() == Some(requirement) {
            check(id, &v["inputs"], &v["expected"]);
            ran += 1;
        }
    }
    assert!(ran > 0, "no vector of {requirement}");
}

pub fn list(v: &Value) -> Vec<f64> {
    let all = v.as_array().unwrap();
    all.iter().map(|n| n.as_f64().unwrap()).collect()
}

pub fn window(low: f64, high: f64) -> Window {
    Window::new((low + high) / 2.0, high - low, VoiFunction::LinearExact).unwrap()
}

pub fn cut(id: u64, volume: &Volume, plane: PlaneView, window: Window) -> CutPicture {
    CutPicture {
        id,
        volume: volume.clone(),
        plane,
        window,
        invert: false,
        over: None,
    }
}

pub fn picture_of(id: u64, scene: Scene) -> ScenePicture {
    ScenePicture {
        id,
        volume: id,
        scene: Arc::new(scene),
    }
}

#[track_caller]
pub fn near(got: &[u8], want: &[u8], width: u32, levels: u8, what: &str) {
    assert_eq!(got.len(), want.len());
    let pairs = got.iter().zip(want).enumerate();
    let (at, (a, b)) = pairs.max_by_key(|(_, (a, b))| a.abs_diff(**b)).unwrap();
    let off = got
        .iter()
        .zip(want)
        .filter(|(a, b)| a.abs_diff(**b) > levels)
        .count();
    assert!(
        a.abs_diff(*b) <= levels,
        "{what}: pixel {}, {}: {a}, twin {b}; {off} of {} are off",
        at / 4 % width as usize,
        at / 4 / width as usize,
        got.len()
    );
}

#[track_caller]
pub fn compare(gpu: &mut Renderer, cut: &CutPicture, view: &View, size: [u32; 2], what: &str) {
    let drawn = gpu.draw_cut_rgba(cut, view, size).unwrap();
    let twin = Renderer::cpu().draw_cut_rgba(cut, view, size).unwrap();
    near(
        &drawn,
        &twin,
        size[0],
        1,
        &format!("{what} {view:?} {:?}", cut.plane),
    );
}

pub fn by_twin(gpu: &Renderer) -> u64 {
    match gpu {
        Renderer::Gpu(gpu) => gpu.drawn_by_twin(),
        Renderer::Cpu(_) => panic!("not on the GPU"),
    }
}
