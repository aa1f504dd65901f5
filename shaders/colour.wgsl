// Colour images of 8 bits a channel, interpolated in their stored values. Twin: crates/imaging/src/display/pixelwise.rs.

struct Params {
    size: vec2i,
    mode: u32,
    swapped: u32,
    second_axis: u32,
    layered: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> taps: array<vec4i>;
@group(0) @binding(2) var image: texture_2d<u32>;
@group(0) @binding(4) var layers: texture_2d<f32>;

const BLACK = vec4f(0.0, 0.0, 0.0, 1.0);

fn pixel_at(x: i32, y: i32) -> vec3u {
    return textureLoad(image, clamp(vec2i(x, y), vec2i(0), params.size - 1), 0).rgb;
}

fn bilinear(x: vec4i, y: vec4i) -> vec3f {
    let a = pixel_at(x.x, y.x);
    let b = pixel_at(x.x + 1, y.x);
    let c = pixel_at(x.x, y.x + 1);
    let d = pixel_at(x.x + 1, y.x + 1);
    let fx = u32(x.y);
    let fy = u32(y.y);
    return vec3f(
        blend(vec4u(a.r, b.r, c.r, d.r), fx, fy, 0u),
        blend(vec4u(a.g, b.g, c.g, d.g), fx, fy, 0u),
        blend(vec4u(a.b, b.b, c.b, d.b), fx, fy, 0u),
    );
}

fn bicubic(x: vec4i, y: vec4i) -> vec3f {
    var wx = catmull_rom(f32(x.y) / f32(ONE));
    var wy = catmull_rom(f32(y.y) / f32(ONE));
    var sum = vec3f(0.0);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            sum += wx[i] * wy[j] * vec3f(pixel_at(x.x + i - 1, y.x + j - 1));
        }
    }
    return sum;
}

fn area(x: vec4i, y: vec4i) -> vec3f {
    var sum = vec3f(0.0);
    var weights = 0.0;
    for (var j = y.x; j < y.y; j++) {
        var row = vec3f(0.0);
        var across = 0.0;
        for (var i = x.x; i < x.y; i++) {
            let weight = covered(x, i);
            row += weight * vec3f(pixel_at(i, j));
            across += weight;
        }
        let weight = covered(y, j);
        sum += weight * row;
        weights += weight * across;
    }
    return sum / weights;
}

fn image_colour(pixel: vec2u) -> vec4f {
    let along = select(pixel, pixel.yx, params.swapped != 0u);
    let x = taps[along.x];
    let y = taps[params.second_axis + along.y];
    var value = vec3f(0.0);
    if params.mode == AREA {
        if x.x >= x.y || y.x >= y.y {
            return BLACK;
        }
        value = area(x, y);
    } else {
        if x.w == 0 || y.w == 0 {
            return BLACK;
        }
        if params.mode == NEAREST {
            value = vec3f(pixel_at(x.z, y.z));
        } else if params.mode == BICUBIC {
            value = bicubic(x, y);
        } else {
            value = bilinear(x, y);
        }
    }
    return vec4f(clamp(floor(value + 0.5), vec3f(0.0), vec3f(255.0)) / 255.0, 1.0);
}

@fragment
fn draw_colour(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let pixel = vec2u(position.xy);
    if params.layered != 0u {
        let over = textureLoad(layers, pixel, 0);
        if over.a > 0.5 {
            return over;
        }
    }
    return image_colour(pixel);
}
