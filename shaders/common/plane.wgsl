// Samples of a plane or slab. Twin: crates/imaging/src/volume/sample.rs, oblique.rs and aligned.rs.

struct Plane {
    // Position of the first sample of the first pixel, and the steps to the right, down and through: whole parts, and the rest in 1/65536.
    start: vec3i,
    samples: u32,
    right: vec3i,
    mode: u32,
    down: vec3i,
    flags: u32,
    through: vec3i,
    function: u32,
    start_rest: vec3u,
    base: f32,
    right_rest: vec3u,
    residual: f32,
    down_rest: vec3u,
    gain: f32,
    through_rest: vec3u,
    opacity: f32,
    // Blocks along each axis; none where nothing is known of them.
    blocks: vec3i,
    threshold: f32,
}

const SINGLE = 0u;
const MIP = 1u;
const MINIP = 2u;
const MEAN = 3u;

const INVERTED = 1u;
const HATCHED = 2u;
const COLOURED = 4u;
// Values below the threshold are clear, or those above it where the rescale turns them over.
const CLEAR_BELOW = 8u;
const CLEAR_ABOVE = 16u;

const BLOCK_BITS = 3u;
const BLOCK = 8;

@group(1) @binding(0) var<uniform> plane: Plane;
// Least and greatest value of each block.
@group(1) @binding(1) var<storage, read> blocks: array<vec2f>;
// Red, green and blue of each grey, 0 to 255.
@group(1) @binding(2) var<storage, read> colours: array<vec4f>;
@group(1) @binding(3) var under: texture_2d<f32>;

fn plane_is(flag: u32) -> bool {
    return (plane.flags & flag) != 0u;
}

fn position_of(pixel: vec2u, sample: u32) -> vec3i {
    let rest = plane.start_rest + plane.right_rest * pixel.x + plane.down_rest * pixel.y + plane.through_rest * sample + 32768u;
    let whole = plane.start + plane.right * i32(pixel.x) + plane.down * i32(pixel.y) + plane.through * i32(sample);
    return whole + vec3i(rest >> vec3u(16u));
}

fn is_inside(at: vec3i) -> bool {
    return all(at >= volume.low) && all(at <= volume.high);
}

struct Place {
    cell: vec3i,
    f: vec3f,
}

// The cell that holds a position inside; half a voxel beyond the outermost centres their values stand in.
fn place_of(position: vec3i) -> Place {
    let last = volume.size - 1;
    var at = clamp(position, vec3i(0), last * VOXEL);
    var cell = min(at >> vec3u(15u), max(last - 1, vec3i(0)));
    var f = vec3f(at - cell * VOXEL) / f32(VOXEL);
    if volume_is(UNEVEN) {
        let key = clamp(position.z, 0, slices[last.z].key);
        cell.z = slice_before(key);
        let start = slices[cell.z].key;
        f.z = f32(key - start) / f32(slices[min(cell.z + 1, last.z)].key - start);
    }
    return Place(cell, f);
}

fn range_at(cell: vec3i) -> vec2f {
    let b = min(cell >> vec3u(BLOCK_BITS), plane.blocks - 1);
    return blocks[(b.z * plane.blocks.y + b.y) * plane.blocks.x + b.x];
}

// Samples to the first one that may lie in another block.
fn samples_in_block(position: vec3i, cell: vec3i) -> u32 {
    if volume_is(UNEVEN) {
        return 1u;
    }
    let low = (cell >> vec3u(BLOCK_BITS)) * BLOCK;
    var most = 65536.0;
    for (var a = 0; a < 3; a++) {
        let step = f32(plane.through[a]) + f32(plane.through_rest[a]) / 65536.0;
        if abs(step) > 0.5 {
            let border = select(low[a], low[a] + BLOCK, step > 0.0) * VOXEL;
            most = min(most, f32(border - position[a]) / step);
        }
    }
    return u32(max(most - 0.01, 0.0)) + 1u;
}

// The value of a pixel, and whether there is one.
fn value_of(pixel: vec2u) -> vec2f {
    var best = vec2f(0.0);
    var sum = 0.0;
    var count = 0.0;
    let skips = plane.blocks.x > 0;
    var m = 0u;
    while m < plane.samples {
        let at = position_of(pixel, m);
        m += 1u;
        if !is_inside(at) {
            continue;
        }
        let place = place_of(at);
        if skips && best.y > 0.0 && plane.mode != MEAN {
            let range = range_at(place.cell);
            let idle = select(range.y <= best.x, range.x >= best.x, plane.mode == MINIP);
            if idle {
                m += samples_in_block(at, place.cell) - 1u;
                continue;
            }
        }
        let value = trilinear(place.cell, place.f);
        if value.y == 0.0 {
            continue;
        }
        if plane.mode == MEAN {
            sum += value.x;
            count += 1.0;
        } else if best.y == 0.0 || (plane.mode == MIP && value.x > best.x) || (plane.mode == MINIP && value.x < best.x) {
            best = value;
        }
    }
    if plane.mode == MEAN {
        return select(vec2f(0.0), vec2f(sum / max(count, 1.0), 1.0), count > 0.0);
    }
    return best;
}

fn grey_of(value: f32) -> f32 {
    let display = display_value(value - plane.base, plane.function, plane.residual, plane.gain);
    let grey = floor(display * 255.0 + 0.5);
    return select(grey, 255.0 - grey, plane_is(INVERTED));
}
