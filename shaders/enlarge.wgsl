// A smaller picture of the same scene over the whole target, middle on middle, nearest pixels. Twin: crates/render/src/scene.rs.

struct Sizes {
    smaller: vec2i,
    whole: vec2i,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var smaller: texture_2d<f32>;

@fragment
fn enlarge(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let pixel = vec2i(position.xy);
    // ((pixel + 1/2) − whole / 2) · smaller.x / whole.x + smaller / 2, in whole numbers.
    let off = (2 * pixel + 1 - sizes.whole) * sizes.smaller.x + sizes.smaller * sizes.whole.x;
    let at = clamp(off / (2 * sizes.whole.x), vec2i(0), sizes.smaller - 1);
    return textureLoad(smaller, at, 0);
}
