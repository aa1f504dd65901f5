// Voxels of a volume and the value between them. Twin: crates/imaging/src/volume/oblique.rs and sample.rs.
// Texels are stored values bit for bit. Positions are whole numbers of 1/32768: of a voxel, or of a millimetre from the first slice along the
// third axis where slices are uneven.

struct Volume {
    size: vec3i,
    flags: u32,
    // Voxels along the sides of a brick, and bricks along each axis.
    brick: vec3i,
    // Bits to the left of a signed value in its 32.
    shift: u32,
    bricks: vec3i,
    kind: u32,
    // A position within these is inside.
    low: vec3i,
    unused: u32,
    high: vec3i,
    unused_too: u32,
}

struct Slice {
    slope: f32,
    intercept: f32,
    // Stored values in this range are padding.
    padding_low: f32,
    padding_high: f32,
    // 1 / (distance of the neighbours on both sides), mm.
    inverse_depth: f32,
    // Position along the normal.
    key: i32,
    there: u32,
    // Before this slice: how many are missing (low half), how many steps are gaps (high half).
    before: u32,
}

const BRICKED = 1u;
// Padding, missing slices, numbers that are none, or rescales that differ.
const WEIGHED = 2u;
const UNEVEN = 4u;

const UNSIGNED = 0u;
const SIGNED = 1u;
const FLOAT = 2u;

const VOXEL = 32768;

@group(0) @binding(0) var<uniform> volume: Volume;
// One more than there are slices.
@group(0) @binding(1) var<storage, read> slices: array<Slice>;
// First texel of each brick.
@group(0) @binding(2) var<storage, read> pages: array<vec4i>;
@group(0) @binding(3) var voxels: texture_3d<u32>;

fn volume_is(flag: u32) -> bool {
    return (volume.flags & flag) != 0u;
}

// (value, 1), or (0, 0) where there is none.
fn voxel_at(v: vec3i) -> vec2f {
    var at = v;
    if volume_is(BRICKED) {
        let b = v / volume.brick;
        at = pages[(b.z * volume.bricks.y + b.y) * volume.bricks.x + b.x].xyz + v - b * volume.brick;
    }
    let bits = textureLoad(voxels, at, 0).r;
    var stored = 0.0;
    if volume.kind == UNSIGNED {
        stored = f32(bits);
    } else if volume.kind == SIGNED {
        stored = f32(bitcast<i32>(bits << volume.shift) >> volume.shift);
    } else {
        // Not a number, or without end.
        if (bits & 0x7f800000u) == 0x7f800000u {
            return vec2f(0.0);
        }
        stored = bitcast<f32>(bits);
    }
    if !volume_is(WEIGHED) {
        return vec2f(stored, 1.0);
    }
    let turn = slices[v.z];
    if turn.there == 0u || (stored >= turn.padding_low && stored <= turn.padding_high) {
        return vec2f(0.0);
    }
    return vec2f(stored * turn.slope + turn.intercept, 1.0);
}

fn between(a: f32, b: f32, t: f32) -> f32 {
    return a + (b - a) * t;
}

// Value between the eight voxels of a cell, and 1; the second part is 0 where all is padding.
fn trilinear(cell: vec3i, f: vec3f) -> vec2f {
    let next = min(cell + 1, volume.size - 1);
    let a = voxel_at(cell);
    let b = voxel_at(vec3i(next.x, cell.yz));
    let c = voxel_at(vec3i(cell.x, next.y, cell.z));
    let d = voxel_at(vec3i(next.xy, cell.z));
    let e = voxel_at(vec3i(cell.xy, next.z));
    let g = voxel_at(vec3i(next.x, cell.y, next.z));
    let h = voxel_at(vec3i(cell.x, next.yz));
    let i = voxel_at(next);
    if a.y * b.y * c.y * d.y * e.y * g.y * h.y * i.y == 1.0 {
        let near = between(between(a.x, b.x, f.x), between(c.x, d.x, f.x), f.y);
        let far = between(between(e.x, g.x, f.x), between(h.x, i.x, f.x), f.y);
        return vec2f(between(near, far, f.z), 1.0);
    }
    let o = 1.0 - f;
    let near = vec4f(o.x * o.y, f.x * o.y, o.x * f.y, f.x * f.y) * o.z;
    let far = vec4f(o.x * o.y, f.x * o.y, o.x * f.y, f.x * f.y) * f.z;
    let near_weights = near * vec4f(a.y, b.y, c.y, d.y);
    let far_weights = far * vec4f(e.y, g.y, h.y, i.y);
    let weights = dot(near_weights, vec4f(1.0)) + dot(far_weights, vec4f(1.0));
    if weights <= 1e-6 {
        return vec2f(0.0);
    }
    let sum = dot(near_weights, vec4f(a.x, b.x, c.x, d.x)) + dot(far_weights, vec4f(e.x, g.x, h.x, i.x));
    return vec2f(sum / weights, 1.0);
}

// Last slice at or before a position along the normal, so that there is one after it.
fn slice_before(key: i32) -> i32 {
    var low = 0;
    var high = max(volume.size.z - 2, 0);
    while low < high {
        let middle = (low + high + 1) / 2;
        if slices[middle].key <= key {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}
