//! Volume rendering as a picture, and its twin.

use std::sync::Arc;

use triptych_imaging::{
    geometry::PatientMm,
    volume::{Camera, Projection, Quality, Scene},
};

use crate::RenderError;

/// A scene to be looked at with a [`Camera`].
#[derive(Clone)]
pub struct ScenePicture {
    /// Names the scene: volume, transfer function, crop box and cut planes. A change of any of them is another scene.
    pub id: u64,
    /// Names the content of its volume, as in [`crate::CutPicture`]: both share what is on the graphics processor.
    pub volume: u64,
    /// What is drawn.
    pub scene: Arc<Scene>,
}

impl std::fmt::Debug for ScenePicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScenePicture")
            .field("id", &self.id)
            .field("volume", &self.volume)
            .finish_non_exhaustive()
    }
}

impl ScenePicture {
    /// The surface under a pixel of a picture of `camera`, worked out by the twin: where more than half of the light is stopped. Lengths
    /// between two of these are marked `on rendered surface`.
    ///
    /// # Errors
    /// A camera that is not valid.
    pub fn pick(&self, camera: &Camera, at: [f64; 2]) -> Result<Option<PatientMm>, RenderError> {
        let (from, toward) = camera.ray(at[0], at[1]);
        let mut one = *camera;
        one.size = [1, 1];
        one.centre = from;
        if let Projection::Perspective { .. } = camera.projection {
            // The same eye, looking along this ray.
            const NEAR_MM: f64 = 1.0;
            one.projection = Projection::Perspective {
                distance_mm: NEAR_MM,
            };
            one.centre.0 += toward * NEAR_MM;
            one.right = (camera.right - toward * camera.right.dot(toward)).normalize_or_zero();
            one.down = toward.cross(one.right);
        }
        let rendered = self.scene.render(&one, Quality::Rest)?;
        Ok(rendered.pick(0, 0))
    }

    /// The twin's picture into `rgba`, of the camera's size.
    pub(crate) fn draw_by_twin(
        &self,
        camera: &Camera,
        quality: Quality,
        rgba: &mut Vec<u8>,
    ) -> Result<(), RenderError> {
        let rendered = self.scene.render(camera, quality)?;
        rgba.clear();
        if rendered.camera.size == camera.size {
            rgba.extend_from_slice(&rendered.rgba);
        } else {
            enlarge(&rendered.rgba, rendered.camera.size, camera.size, rgba);
        }
        Ok(())
    }
}

/// A smaller picture over a larger one, middle on middle, nearest pixels: `enlarge.wgsl`.
fn enlarge(smaller: &[u8], from: [u32; 2], to: [u32; 2], rgba: &mut Vec<u8>) {
    let [from_x, from_y] = from.map(i64::from);
    let [to_x, to_y] = to.map(i64::from);
    let nearest = |k: i64, from: i64, to: i64| {
        let off = (2 * k + 1 - to) * from_x + from * to_x;
        (off / (2 * to_x)).clamp(0, from - 1)
    };
    for y in 0..to_y {
        let row = nearest(y, from_y, to_y) * from_x;
        for x in 0..to_x {
            let at = (row + nearest(x, from_x, to_x)) as usize * 4;
            rgba.extend_from_slice(smaller.get(at..at + 4).unwrap_or(&[0, 0, 0, 255]));
        }
    }
}
