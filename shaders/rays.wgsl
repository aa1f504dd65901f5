// Volume rendering (T36): front to back, opacity for the step, light from the viewer's lamp. Twins: crates/imaging/src/volume/render/cast.rs,
// ray by ray, and march.rs, block by block.

struct Rays {
    // In the grid: where the ray of the picture's middle begins, and one mm along the picture's axes.
    origin: vec3f,
    step_mm: f32,
    right: vec3f,
    mm_per_pixel: f32,
    down: vec3f,
    // Of the eye from the plane of the middle, mm; 0 for rays side by side.
    distance: f32,
    forward: vec3f,
    cuts: u32,
    // What is drawn of the volume, in the grid.
    low: vec3f,
    table_scale: f32,
    high: vec3f,
    table_offset: f32,
    // The picture's axes along rows, columns and normal.
    lamp_right: vec3f,
    entries: u32,
    lamp_down: vec3f,
    lights: u32,
    lamp_forward: vec3f,
    central: u32,
    middle: vec2f,
    inverse: vec2f,
    lean: vec2f,
    unused: vec2f,
    // Blocks along each axis; none where nothing is known of them.
    blocks: vec3i,
    unused_too: u32,
    // Distance from the plane (mm), and its change for each mm along the picture's axes.
    cut: array<vec4f, 8>,
}

const BLOCK_BITS = 3u;
const BLOCK = 8.0;
const ENOUGH = 0.99;

@group(1) @binding(0) var<uniform> rays: Rays;
// First number: blocks to the nearest one with something to draw.
@group(1) @binding(1) var<storage, read> blocks: array<vec2f>;
// Red, green, blue and opacity over one step; then (lit part, shine).
@group(1) @binding(2) var<storage, read> table: array<vec4f>;
@group(1) @binding(3) var under: texture_2d<f32>;

struct Corners {
    near: vec4f,
    far: vec4f,
    empty: bool,
}

fn corners_of(cell: vec3i) -> Corners {
    let n = cell + 1;
    let a = voxel_at(cell);
    let b = voxel_at(vec3i(n.x, cell.yz));
    let c = voxel_at(vec3i(cell.x, n.y, cell.z));
    let d = voxel_at(vec3i(n.xy, cell.z));
    let e = voxel_at(vec3i(cell.xy, n.z));
    let g = voxel_at(vec3i(n.x, cell.y, n.z));
    let h = voxel_at(vec3i(cell.x, n.yz));
    let i = voxel_at(n);
    var near = vec4f(a.x, b.x, c.x, d.x);
    var far = vec4f(e.x, g.x, h.x, i.x);
    let near_there = vec4f(a.y, b.y, c.y, d.y);
    let far_there = vec4f(e.y, g.y, h.y, i.y);
    let count = dot(near_there, vec4f(1.0)) + dot(far_there, vec4f(1.0));
    if count == 8.0 {
        return Corners(near, far, false);
    }
    // Padding takes no part: the others stand in for it. Its own values are 0.
    let mean = (dot(near, vec4f(1.0)) + dot(far, vec4f(1.0))) / max(count, 1.0);
    near = select(vec4f(mean), near, near_there > vec4f(0.5));
    far = select(vec4f(mean), far, far_there > vec4f(0.5));
    return Corners(near, far, count == 0.0);
}

fn value_in(c: Corners, f: vec3f) -> f32 {
    let near = between(between(c.near.x, c.near.y, f.x), between(c.near.z, c.near.w, f.x), f.y);
    let far = between(between(c.far.x, c.far.y, f.x), between(c.far.z, c.far.w, f.x), f.y);
    return between(near, far, f.z);
}

// Slope within the cell for each mm along rows, columns and normal.
fn slope_in(c: Corners, cell: vec3i, f: vec3f) -> vec3f {
    let x = between(between(c.near.y - c.near.x, c.near.w - c.near.z, f.y), between(c.far.y - c.far.x, c.far.w - c.far.z, f.y), f.z);
    let y = between(between(c.near.z - c.near.x, c.near.w - c.near.y, f.x), between(c.far.z - c.far.x, c.far.w - c.far.y, f.x), f.z);
    let z = between(between(c.far.x - c.near.x, c.far.y - c.near.y, f.x), between(c.far.z - c.near.z, c.far.w - c.near.w, f.x), f.y);
    return leaned(2.0 * vec3f(x * rays.inverse.x, y * rays.inverse.y, z * slices[cell.z].inverse_depth));
}

fn leaned(g: vec3f) -> vec3f {
    return vec3f(g.xy, g.z - dot(rays.lean, g.xy));
}

fn neighbour(v: vec3i, here: f32) -> f32 {
    let found = voxel_at(clamp(v, vec3i(0), volume.size - 1));
    return select(here, found.x, found.y > 0.5);
}

// Central differences at a voxel whose value is `here`.
fn difference_at(v: vec3i, here: f32) -> vec3f {
    let x = neighbour(v + vec3i(1, 0, 0), here) - neighbour(v - vec3i(1, 0, 0), here);
    let y = neighbour(v + vec3i(0, 1, 0), here) - neighbour(v - vec3i(0, 1, 0), here);
    let z = neighbour(v + vec3i(0, 0, 1), here) - neighbour(v - vec3i(0, 0, 1), here);
    return vec3f(x * rays.inverse.x, y * rays.inverse.y, z * slices[v.z].inverse_depth);
}

fn gradient_in(c: Corners, cell: vec3i, f: vec3f) -> vec3f {
    var sum = vec3f(0.0);
    for (var k = 0; k < 8; k++) {
        let off = vec3i(k & 1, (k >> 1u) & 1, k >> 2u);
        let w = select(1.0 - f, f, off == vec3i(1));
        let here = select(c.near[k & 3], c.far[k & 3], k > 3);
        let weight = w.x * w.y * w.z;
        if weight > 0.0 {
            sum += weight * difference_at(cell + off, here);
        }
    }
    return leaned(sum);
}

fn slice_index(mm: f32) -> f32 {
    let key = i32(mm * f32(VOXEL));
    let k = slice_before(key);
    let begin = slices[k].key;
    return f32(k) + f32(key - begin) / f32(slices[k + 1].key - begin);
}

// From which step to which a ray is in what is drawn; nothing when the first is beyond the second.
fn clip(origin: vec3f, step: vec3f, off: vec2f, along: vec3f) -> vec2f {
    const NOTHING = vec2f(1.0, 0.0);
    var range = vec2f(select(-1e30, 0.0, rays.distance > 0.0), 1e30);
    for (var a = 0; a < 3; a++) {
        let low = rays.low[a] - origin[a];
        let high = rays.high[a] - origin[a];
        if abs(step[a]) < 1e-9 {
            if low > 0.0 || high < 0.0 {
                return NOTHING;
            }
            continue;
        }
        let t = vec2f(low, high) / step[a];
        range = vec2f(max(range.x, min(t.x, t.y)), min(range.y, max(t.x, t.y)));
    }
    for (var k = 0u; k < min(rays.cuts, 8u); k++) {
        let cut = rays.cut[k];
        let away = cut.x + select(dot(cut.yz, off), 0.0, rays.distance > 0.0);
        let rate = dot(cut.yzw, along) * rays.step_mm;
        if abs(rate) < 1e-9 {
            if away < 0.0 {
                return NOTHING;
            }
        } else if rate > 0.0 {
            range.x = max(range.x, -away / rate);
        } else {
            range.y = min(range.y, -away / rate);
        }
    }
    return range;
}

// Steps to the first sample beyond the empty blocks around; 0 when this block is not empty.
fn empty_steps(at: vec3f, cell: vec3i, step: vec3f) -> i32 {
    let block = cell >> vec3u(BLOCK_BITS);
    let distance = i32(blocks[(block.z * rays.blocks.y + block.y) * rays.blocks.x + block.x].x);
    if distance == 0 {
        return 0;
    }
    if volume_is(UNEVEN) {
        return 1;
    }
    var far = 1e9;
    for (var a = 0; a < 3; a++) {
        if abs(step[a]) > 1e-9 {
            let border = select(block[a] - distance + 1, block[a] + distance, step[a] > 0.0);
            far = min(far, (f32(border) * BLOCK - at[a]) / step[a]);
        }
    }
    return i32(max(far - 1e-3, 0.0)) + 1;
}

@fragment
fn draw_rays(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let off = (floor(position.xy) - rays.middle) * rays.mm_per_pixel;
    var origin = rays.origin;
    var along = vec3f(0.0, 0.0, 1.0);
    if rays.distance > 0.0 {
        along = normalize(vec3f(off, rays.distance));
    } else {
        origin += rays.right * off.x + rays.down * off.y;
    }
    let step = (rays.right * along.x + rays.down * along.y + rays.forward * along.z) * rays.step_mm;
    let lamp = rays.lamp_right * along.x + rays.lamp_down * along.y + rays.lamp_forward * along.z;
    var light = vec4f(0.0);
    let range = clip(origin, step, off, along);
    // The first sample half a step behind where the ray enters.
    let first = range.x + 0.5;
    var count = 0;
    if first <= range.y && range.y - range.x < 1e6 {
        count = i32(floor(range.y - first)) + 1;
    }
    let start = origin + step * first;
    let last_cell = max(volume.size - 2, vec3i(0));
    var held = vec3i(-1);
    var corners = Corners(vec4f(0.0), vec4f(0.0), true);
    var s = 0;
    while s < count {
        var at = start + step * f32(s);
        if volume_is(UNEVEN) {
            at.z = slice_index(at.z);
        }
        let cell = clamp(vec3i(at), vec3i(0), last_cell);
        if rays.blocks.x > 0 {
            let far = empty_steps(at, cell, step);
            if far > 0 {
                s += far;
                continue;
            }
        }
        s += 1;
        if any(cell != held) {
            held = cell;
            corners = corners_of(cell);
        }
        if corners.empty {
            continue;
        }
        let f = clamp(at - vec3f(cell), vec3f(0.0), vec3f(1.0));
        let index = clamp(value_in(corners, f) * rays.table_scale + rays.table_offset, 0.0, f32(rays.entries - 1u));
        let entry = table[u32(index + 0.5)];
        if entry.a <= 0.0 {
            continue;
        }
        var g = vec3f(0.0);
        if rays.central != 0u {
            g = gradient_in(corners, cell, f);
        } else {
            g = slope_in(corners, cell, f);
        }
        // Where nothing faces anywhere, everything is lit.
        var cosine = 1.0;
        let squared = dot(g, g);
        if squared > 1e-12 {
            cosine = min(abs(dot(g, lamp)) / sqrt(squared), 1.0);
        }
        let lit = table[rays.entries + u32(cosine * f32(rays.lights - 1u) + 0.5)];
        let weight = (1.0 - light.a) * entry.a;
        light += vec4f(weight * (entry.rgb * lit.x + lit.y), weight);
        if light.a >= ENOUGH {
            break;
        }
    }
    return vec4f(clamp(floor(light.rgb * 255.0 + 0.5), vec3f(0.0), vec3f(255.0)) / 255.0, 1.0);
}
