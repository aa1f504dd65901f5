//! Chance from a seed: the same sample on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// A stream of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to 1.
    pub fn uniform(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    /// Mean 0, deviation 1 (sum of twelve uniforms: no tail that would be a bright pixel).
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }
}

/// Adds noise of the given deviation whose grain is about two pixels wide, as a soft reconstruction kernel leaves it.
pub fn add_grain(pixels: &mut [f32], width: usize, deviation: f32, seed: u64) {
    let mut random = Random::new(seed);
    let white: Vec<f32> = pixels.iter().map(|_| random.normal()).collect();
    let height = pixels.len() / width.max(1);
    let at = |x: usize, y: usize| {
        white
            .get(y.min(height - 1) * width + x.min(width - 1))
            .copied()
            .unwrap_or(0.0)
    };
    for y in 0..height {
        for x in 0..width {
            let around = at(x.saturating_sub(1), y)
                + at(x + 1, y)
                + at(x, y.saturating_sub(1))
                + at(x, y + 1);
            // Weights 0.5 and 4 x 0.3 have the length sqrt(0.61): divided out, so that `deviation` is true.
            let grain = (0.5 * at(x, y) + 0.3 * around) / 0.61_f32.sqrt();
            if let Some(pixel) = pixels.get_mut(y * width + x) {
                *pixel += deviation * grain;
            }
        }
    }
}
