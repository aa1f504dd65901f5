// A plane or slab of a volume in greys. Twin: triptych_imaging::volume::sample and ModalityPlane::draw.

const HATCH = 96.0;
const HAIR = 3;

struct Marks {
    not_loaded: bool,
    gap: bool,
}

// Slices before and after a position along the normal; a hair from a slice is on it.
fn slices_around(position: vec3i) -> vec2i {
    let place = place_of(position);
    let off = i32(place.f.z * f32(VOXEL) + 0.5);
    if off <= HAIR {
        return vec2i(place.cell.z);
    }
    if off >= VOXEL - HAIR {
        return vec2i(place.cell.z + 1);
    }
    return vec2i(place.cell.z, place.cell.z + 1);
}

// What the samples of a pixel rest on.
fn marks_of(pixel: vec2u) -> Marks {
    var first = -1;
    var last = -1;
    for (var m = 0; m < i32(plane.samples); m++) {
        if is_inside(position_of(pixel, u32(m))) {
            if first < 0 {
                first = m;
            }
            last = m;
        }
    }
    if first < 0 {
        return Marks(false, false);
    }
    let a = slices_around(position_of(pixel, u32(first)));
    let b = slices_around(position_of(pixel, u32(last)));
    let low = min(a.x, b.x);
    let high = min(max(a.y, b.y), volume.size.z - 1);
    let before = slices[low].before;
    let missing = (slices[high + 1].before & 0xffffu) != (before & 0xffffu);
    let gap = (slices[high].before >> 16u) != (before >> 16u);
    return Marks(missing, gap);
}

@fragment
fn draw_cut(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let pixel = vec2u(position.xy);
    var value = value_of(pixel);
    var marks = Marks(false, false);
    if plane_is(HATCHED) {
        marks = marks_of(pixel);
        if marks.not_loaded && plane.samples == 1u {
            value.y = 0.0;
        }
    }
    var grey = select(0.0, grey_of(value.x), value.y > 0.0);
    if (marks.not_loaded || marks.gap) && (pixel.x + pixel.y) % 8u < 2u {
        grey = HATCH;
    }
    if plane_is(COLOURED) && value.y > 0.0 {
        return vec4f(colours[u32(grey)].rgb / 255.0, 1.0);
    }
    return vec4f(vec3f(grey / 255.0), 1.0);
}
