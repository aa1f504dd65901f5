//! Arithmetic on packed pixels: gamma-encoded bytes with premultiplied alpha, as egui composes.
//!
//! A pixel is `0xAARRGGBB`, the order that X11, Wayland and Windows present. Two channels at a time travel in the 16-bit
//! lanes of one word; results are rounded to nearest, as a GPU rounds when it stores into an 8-bit target.

use egui::Color32;

/// Four channels of 255.
pub const WHITE: u32 = u32::MAX;

const LANES: u32 = 0x00ff_00ff;
const HALF: u32 = 0x0080_0080;

/// egui's colour as a pixel.
#[must_use]
pub fn pack(color: Color32) -> u32 {
    let [r, g, b, a] = color.to_array();
    u32::from_be_bytes([a, r, g, b])
}

/// 0 (nothing) to 255 (opaque).
#[must_use]
pub fn alpha(color: u32) -> u32 {
    color >> 24
}

/// Every channel times `by` / 255.
#[inline(always)]
#[must_use]
pub fn scale(color: u32, by: u32) -> u32 {
    scale_lanes(color & LANES, by) | scale_lanes(color >> 8 & LANES, by) << 8
}

/// Channel times channel / 255: a texel under a vertex colour.
#[inline(always)]
#[must_use]
pub fn multiply(a: u32, b: u32) -> u32 {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    u32::from_le_bytes(std::array::from_fn(|i| {
        let product = u32::from(a[i]) * u32::from(b[i]) + 128;
        ((product + (product >> 8)) >> 8) as u8
    }))
}

/// `source` over `target`. Colours brighter than their alpha (egui's additive ones) add, and stop at white.
#[inline(always)]
#[must_use]
pub fn over(target: u32, source: u32) -> u32 {
    let rest = 255 - alpha(source);
    let even = add_lanes(scale_lanes(target & LANES, rest), source & LANES);
    let odd = add_lanes(scale_lanes(target >> 8 & LANES, rest), source >> 8 & LANES);
    even | odd << 8
}

/// From `a` (weight 0) towards `b` (weight 256, exclusive).
#[inline(always)]
#[must_use]
pub fn mix(a: u32, b: u32, weight: u32) -> u32 {
    let lanes = |a: u32, b: u32| (a * (256 - weight) + b * weight + HALF) >> 8 & LANES;
    lanes(a & LANES, b & LANES) | lanes(a >> 8 & LANES, b >> 8 & LANES) << 8
}

#[inline(always)]
fn scale_lanes(lanes: u32, by: u32) -> u32 {
    // Exact rounding of x / 255 for x up to 255 * 255.
    let product = lanes * by + HALF;
    (product + (product >> 8 & LANES)) >> 8 & LANES
}

#[inline(always)]
fn add_lanes(a: u32, b: u32) -> u32 {
    let sum = a + b;
    let over = sum >> 8 & 0x0001_0001;
    (sum | ((over << 8) - over)) & LANES
}

/// Adds a word to a running hash. Tells pictures apart; not meant against an adversary.
#[inline]
#[must_use]
pub(super) fn fold(hash: u64, word: u64) -> u64 {
    let mixed = hash.rotate_left(23) ^ word ^ 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(mixed) * 0xd6e8_feb8_6659_fd93_u128;
    (product >> 64) as u64 ^ product as u64
}

/// The hash of some words, in order.
#[must_use]
pub(super) fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash, &word| fold(hash, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against plain arithmetic on every pair of channel values.
    #[test]
    fn products_are_rounded_to_nearest() {
        for a in 0..=255_u32 {
            for b in 0..=255_u32 {
                let expected = (f64::from(a * b) / 255.0).round() as u32;
                assert_eq!(
                    multiply(a * 0x0101_0101, b * 0x0101_0101),
                    expected * 0x0101_0101
                );
                assert_eq!(scale(a * 0x0101_0101, b), expected * 0x0101_0101);
            }
        }
    }

    #[test]
    fn an_opaque_source_replaces_and_nothing_keeps() {
        assert_eq!(over(0xff11_2233, 0xff44_5566), 0xff44_5566);
        assert_eq!(over(0xff11_2233, 0), 0xff11_2233);
        // Half of white over black: 128 in each colour, and the alpha stays whole.
        assert_eq!(over(0xff00_0000, 0x8080_8080), 0xff80_8080);
    }

    #[test]
    fn additive_colours_stop_at_white() {
        assert_eq!(over(0xfff0_1000, 0x0020_2020), 0xffff_3020);
    }

    #[test]
    fn mixing_halfway_is_the_mean() {
        assert_eq!(mix(0x0010_2030, 0x2030_4050, 128), 0x1020_3040);
        assert_eq!(mix(0x1234_5678, 0xffff_ffff, 0), 0x1234_5678);
    }
}
