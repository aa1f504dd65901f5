// Grey images of 8 and 16 bits: stored value, padding, modality table, interpolation, window, rounding, polarity (PS3.4 N.2).
// Twin: crates/imaging/src/display/pixelwise.rs and shade.rs. Values are held as 0 to 65535: signed ones with their sign bit turned over.

struct Params {
    size: vec2i,
    mode: u32,
    flags: u32,
    sign_bit: u32,
    padding_low: u32,
    padding_high: u32,
    function: u32,
    // Value where the display value is 0 (middle, for the sigmoid): base + residual.
    base: u32,
    residual: f32,
    gain: f32,
    second_axis: u32,
}

const SWAPPED = 1u;
const INVERTED = 2u;
const PADDED = 4u;
const TABLE = 8u;
const COLOURED = 16u;
const LAYERED = 32u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> taps: array<vec4i>;
@group(0) @binding(2) var image: texture_2d<u32>;
@group(0) @binding(3) var table: texture_2d<u32>;
@group(0) @binding(4) var layers: texture_2d<f32>;
// Red, green and blue of each grey, 0 to 255.
@group(0) @binding(5) var<storage, read> colours: array<vec4f>;

const BLACK = vec4f(0.0, 0.0, 0.0, 1.0);

fn on(flag: u32) -> bool {
    return (params.flags & flag) != 0u;
}

struct Value {
    number: u32,
    counts: bool,
}

fn value_at(x: i32, y: i32) -> Value {
    let at = clamp(vec2i(x, y), vec2i(0), params.size - 1);
    let stored = textureLoad(image, at, 0).r ^ params.sign_bit;
    if on(PADDED) && stored >= params.padding_low && stored <= params.padding_high {
        return Value(0u, false);
    }
    if on(TABLE) {
        return Value(textureLoad(table, vec2u(stored & 255u, stored >> 8u), 0).r, true);
    }
    return Value(stored, true);
}

// Distance of a value from the base, exact.
fn off(value: u32) -> f32 {
    return f32(i32(value) - i32(params.base));
}

struct Sum {
    value: f32,
    weight: f32,
}

fn add(sum: Sum, weight: f32, x: i32, y: i32) -> Sum {
    if weight == 0.0 {
        return sum;
    }
    let v = value_at(x, y);
    if !v.counts {
        return sum;
    }
    return Sum(sum.value + weight * off(v.number), sum.weight + weight);
}

fn bilinear(x: vec4i, y: vec4i) -> Sum {
    let a = value_at(x.x, y.x);
    let b = value_at(x.x + 1, y.x);
    let c = value_at(x.x, y.x + 1);
    let d = value_at(x.x + 1, y.x + 1);
    let fx = u32(x.y);
    let fy = u32(y.y);
    if a.counts && b.counts && c.counts && d.counts {
        return Sum(blend(vec4u(a.number, b.number, c.number, d.number), fx, fy, params.base), 1.0);
    }
    let wx = f32(fx) / f32(ONE);
    let wy = f32(fy) / f32(ONE);
    var sum = Sum(0.0, 0.0);
    sum = add(sum, (1.0 - wx) * (1.0 - wy), x.x, y.x);
    sum = add(sum, wx * (1.0 - wy), x.x + 1, y.x);
    sum = add(sum, (1.0 - wx) * wy, x.x, y.x + 1);
    return add(sum, wx * wy, x.x + 1, y.x + 1);
}

fn bicubic(x: vec4i, y: vec4i) -> Sum {
    var wx = catmull_rom(f32(x.y) / f32(ONE));
    var wy = catmull_rom(f32(y.y) / f32(ONE));
    var sum = Sum(0.0, 0.0);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            sum = add(sum, wx[i] * wy[j], x.x + i - 1, y.x + j - 1);
        }
    }
    return sum;
}

// Rows are summed one by one: one long sum would lose the small ones.
fn area(x: vec4i, y: vec4i) -> Sum {
    var sum = Sum(0.0, 0.0);
    for (var j = y.x; j < y.y; j++) {
        var row = Sum(0.0, 0.0);
        for (var i = x.x; i < x.y; i++) {
            row = add(row, covered(x, i), i, j);
        }
        let weight = covered(y, j);
        sum = Sum(sum.value + weight * row.value, sum.weight + weight * row.weight);
    }
    return sum;
}

fn image_colour(pixel: vec2u) -> vec4f {
    let along = select(pixel, pixel.yx, on(SWAPPED));
    let x = taps[along.x];
    let y = taps[params.second_axis + along.y];
    var sum = Sum(0.0, 0.0);
    if params.mode == AREA {
        if x.x >= x.y || y.x >= y.y {
            return BLACK;
        }
        sum = area(x, y);
    } else {
        if x.w == 0 || y.w == 0 {
            return BLACK;
        }
        if params.mode == NEAREST {
            sum = add(sum, 1.0, x.z, y.z);
        } else if params.mode == BICUBIC {
            sum = bicubic(x, y);
        } else {
            sum = bilinear(x, y);
        }
    }
    if sum.weight <= 1e-6 {
        return BLACK;
    }
    let display = display_value(sum.value / sum.weight, params.function, params.residual, params.gain);
    var grey = floor(display * 255.0 + 0.5);
    if on(INVERTED) {
        grey = 255.0 - grey;
    }
    if on(COLOURED) {
        return vec4f(colours[u32(grey)].rgb / 255.0, 1.0);
    }
    return vec4f(vec3f(grey / 255.0), 1.0);
}

@fragment
fn draw_grey(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let pixel = vec2u(position.xy);
    if on(LAYERED) {
        let over = textureLoad(layers, pixel, 0);
        if over.a > 0.5 {
            return over;
        }
    }
    return image_colour(pixel);
}
