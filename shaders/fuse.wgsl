// A plane or slab of a volume in colours over a picture (T63). Twin: triptych_imaging::volume::draw_fused.

@fragment
fn draw_fused(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let pixel = vec2u(position.xy);
    let below = textureLoad(under, pixel, 0);
    let value = value_of(pixel);
    let clear = (plane_is(CLEAR_BELOW) && value.x < plane.threshold) || (plane_is(CLEAR_ABOVE) && value.x > plane.threshold);
    if value.y == 0.0 || clear {
        return below;
    }
    let base = floor(below.rgb * 255.0 + 0.5);
    let over = colours[u32(grey_of(value.x))].rgb;
    let mixed = floor(base * (1.0 - plane.opacity) + over * plane.opacity + 0.5);
    return vec4f(clamp(mixed, vec3f(0.0), vec3f(255.0)) / 255.0, 1.0);
}
