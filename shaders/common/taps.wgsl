// Where a screen pixel lies in the image: one entry a screen column and a screen row, worked out in double precision outside.
// Bilinear, nearest, bicubic: (left pixel, fraction in 1/32768, nearest pixel, inside 0 or 1).
// Area: (first pixel, one past the last, covered part of the first, of the last; the parts are floats), first = end outside.

const BILINEAR = 0u;
const NEAREST = 1u;
const BICUBIC = 2u;
const AREA = 3u;

const ONE = 32768u;

fn catmull_rom(t: f32) -> vec4f {
    let t2 = t * t;
    let t3 = t2 * t;
    return vec4f(
        (-t3 + 2.0 * t2 - t) * 0.5,
        (3.0 * t3 - 5.0 * t2 + 2.0) * 0.5,
        (-3.0 * t3 + 4.0 * t2 + t) * 0.5,
        (t3 - t2) * 0.5,
    );
}

fn covered(tap: vec4i, at: i32) -> f32 {
    if at == tap.x {
        return bitcast<f32>(tap.z);
    }
    if at + 1 == tap.y {
        return bitcast<f32>(tap.w);
    }
    return 1.0;
}

// Bilinear value of four whole numbers of 0 to 65535, less `base` (0 to 65535). Exact up to the last conversion: 16 bits of value and
// 15 of each fraction are kept in two words.
fn blend(v: vec4u, fx: u32, fy: u32, base: u32) -> f32 {
    let top = v.x * (ONE - fx) + v.y * fx;
    let low = v.z * (ONE - fx) + v.w * fx;
    let whole = (top >> 15u) * (ONE - fy) + (low >> 15u) * fy;
    let rest = (top & 32767u) * (ONE - fy) + (low & 32767u) * fy;
    let off = bitcast<i32>(whole - base * ONE);
    return f32(off) * (1.0 / 32768.0) + f32(rest) * (1.0 / 1073741824.0);
}
