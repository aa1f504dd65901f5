//! CIELab as DICOM writes it, to sRGB.

/// Recommended Display CIELab Value (0062,000D), Shutter Presentation Color CIELab Value (0018,1624) and their like: three words, L from 0 to
/// 100, a and b from -128 to 127, under D50 (PS3.3 C.10.7.1.1). Colours beyond sRGB are clipped.
#[must_use]
pub fn srgb_of_cielab(words: [u16; 3]) -> [u8; 3] {
    let [l, a, b] = words.map(f64::from);
    let l = l * 100.0 / 65_535.0;
    let a = a * 255.0 / 65_535.0 - 128.0;
    let b = b * 255.0 / 65_535.0 - 128.0;
    let fy = (l + 16.0) / 116.0;
    let inverse = |f: f64| {
        if f > 6.0 / 29.0 {
            f.powi(3)
        } else {
            3.0 * (6.0_f64 / 29.0).powi(2) * (f - 4.0 / 29.0)
        }
    };
    // White of D50, then Bradford to D65 and the primaries of sRGB in one matrix.
    let x = 0.964_22 * inverse(fy + a / 500.0);
    let y = inverse(fy);
    let z = 0.825_21 * inverse(fy - b / 200.0);
    let linear = [
        3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z,
        -0.978_768_4 * x + 1.916_141_5 * y + 0.033_454_0 * z,
        0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z,
    ];
    linear.map(|v| {
        let v = v.clamp(0.0, 1.0);
        let v = if v <= 0.003_130_8 {
            12.92 * v
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        };
        (v * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e4_black_white_grey_and_red_of_cielab() {
        let near = |got: [u8; 3], wanted: [u8; 3]| {
            let off = got.iter().zip(wanted).map(|(g, w)| g.abs_diff(w)).max();
            assert!(off <= Some(1), "{got:?} is not {wanted:?}");
        };
        near(srgb_of_cielab([0, 0x8080, 0x8080]), [0, 0, 0]);
        near(srgb_of_cielab([0xFFFF, 0x8080, 0x8080]), [255, 255, 255]);
        near(srgb_of_cielab([34_939, 32_896, 32_896]), [127, 127, 127]);
        // sRGB red has L 54.29, a 80.81, b 69.89 under D50.
        let word = |v: f64| ((v + 128.0) * 65_535.0 / 255.0).round() as u16;
        let red = [
            (54.29 * 655.35_f64).round() as u16,
            word(80.81),
            word(69.89),
        ];
        near(srgb_of_cielab(red), [255, 0, 0]);
    }
}
