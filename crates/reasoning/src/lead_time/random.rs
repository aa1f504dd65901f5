//! Random numbers whose seed is kept: the same seed gives the same report on every machine.

/// SplitMix64 (Steele, Lea and Flood 2014). Draws samples; keeps no secret.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed; `stream` keeps the uses of one seed apart.
    #[must_use]
    pub fn new(seed: u64, stream: &str) -> Self {
        let hash = blake3::hash(format!("{seed} {stream}").as_bytes());
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        Self(u64::from_le_bytes(first))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 to `below` - 1; 0 where `below` is 0.
    pub fn below(&mut self, below: usize) -> usize {
        // The bias of a remainder is below 2^-40 for the sizes that occur.
        let below = below.max(1) as u64;
        usize::try_from(self.next() % below).unwrap_or(0)
    }

    /// `n` different places of `0..of`, or all of them.
    pub fn places(&mut self, n: usize, of: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..of).collect();
        let n = n.min(of);
        for k in 0..n {
            let other = k + self.below(of - k);
            all.swap(k, other);
        }
        all.truncate(n);
        all
    }
}
