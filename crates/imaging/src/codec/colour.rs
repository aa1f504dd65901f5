//! YBR to RGB (T18, BT.601 as in JFIF; PS3.3 C.7.6.3.1.2).

/// Converts 8-bit pixels in place, rounded half up and clamped.
pub(crate) fn ybr_full_to_rgb(pixels: &mut [u8]) {
    for [y, cb, cr] in pixels.as_chunks_mut::<3>().0 {
        let chrominance = [*cb, *cr].map(|c| f64::from(c) - 128.0);
        [*y, *cb, *cr] = rgb(f64::from(*y), chrominance);
    }
}

/// The same of studio range (YBR_PARTIAL_422, retired in PS3.3 2017c): luminance 16 to 235, chrominance 16 to 240.
pub(crate) fn ybr_partial_to_rgb(pixels: &mut [u8]) {
    for [y, cb, cr] in pixels.as_chunks_mut::<3>().0 {
        let luminance = (f64::from(*y) - 16.0) * (255.0 / 219.0);
        let chrominance = [*cb, *cr].map(|c| (f64::from(c) - 128.0) * (255.0 / 224.0));
        [*y, *cb, *cr] = rgb(luminance, chrominance);
    }
}

fn rgb(l: f64, [b, r]: [f64; 2]) -> [u8; 3] {
    let green = (0.114 * 1.772 / 0.587) * b + (0.299 * 1.402 / 0.587) * r;
    [level(l + 1.402 * r), level(l - green), level(l + 1.772 * b)]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255"
)]
fn level(value: f64) -> u8 {
    (value + 0.5).floor().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ybr: [u8; 3], rgb: [u8; 3]) {
        let mut pixel = ybr;
        ybr_full_to_rgb(&mut pixel);
        assert_eq!(pixel, rgb, "of {ybr:?}");
    }

    /// T18. Hand arithmetic: (81, 90, 240): R = 81 + 1.402 * 112 = 238.02, G = 81 + 0.344136 * 38 - 0.714136 * 112 = 14.09,
    /// B = 81 - 1.772 * 38 = 13.66.
    #[test]
    fn t18_full_range_ybr_becomes_rgb() {
        check([81, 90, 240], [238, 14, 14]);
        check([128, 128, 128], [128, 128, 128]);
        check([255, 0, 255], [255, 208, 28]);
        check([0, 255, 0], [0, 48, 225]);
    }

    #[test]
    fn t18_greys_stay_grey() {
        for y in 0..=255 {
            check([y, 128, 128], [y, y, y]);
        }
    }
}
