//! From millimetres along the normal to slices and back: true positions, also where the steps vary (T23).

/// Where slices lie along the normal of a volume, mm from the first one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SliceAxis {
    keys: Vec<f64>,
    /// Step of slices that are evenly spaced.
    step: Option<f64>,
    /// For each bin of [`SliceAxis::bin`] millimetres, the slice at or before its start.
    bins: Vec<u32>,
    bin: f64,
}

impl SliceAxis {
    /// Even when no slice is further than this from where even steps would put it, in parts of a step.
    const EVEN: f64 = 1e-4;

    /// From ascending keys, of which there are at least two.
    pub(super) fn new(keys: Vec<f64>) -> Self {
        let first = keys.first().copied().unwrap_or(0.0);
        let keys: Vec<f64> = keys.into_iter().map(|k| k - first).collect();
        let last = keys.last().copied().unwrap_or(0.0);
        let mean = last / (keys.len().max(2) - 1) as f64;
        let even = keys
            .iter()
            .enumerate()
            .all(|(k, at)| (at - mean * k as f64).abs() <= Self::EVEN * mean);
        if even {
            return Self {
                keys,
                step: Some(mean),
                bins: Vec::new(),
                bin: 0.0,
            };
        }
        let least = keys
            .windows(2)
            .filter_map(|w| Some(w.get(1)? - w.first()?))
            .fold(f64::INFINITY, f64::min);
        let bin = (least / 2.0).max(last / 65_536.0);
        let count = (last / bin) as usize + 2;
        let bins = (0..count)
            .map(|b| {
                let at = b as f64 * bin;
                keys.partition_point(|k| *k <= at).saturating_sub(1) as u32
            })
            .collect();
        Self {
            keys,
            step: None,
            bins,
            bin,
        }
    }

    /// Even step, mm.
    pub(crate) const fn step(&self) -> Option<f64> {
        self.step
    }

    /// Positions, mm from the first.
    pub(crate) fn keys(&self) -> &[f64] {
        &self.keys
    }

    /// Continuous slice index at `mm` from the first slice; beyond the ends the outermost steps go on.
    pub(crate) fn index(&self, mm: f64) -> f64 {
        if let Some(step) = self.step {
            return mm / step;
        }
        let last = self.keys.len().saturating_sub(2);
        let bin = (mm / self.bin).max(0.0) as usize;
        let mut k = self.bins.get(bin).map_or(last, |k| *k as usize).min(last);
        while k < last && self.key(k + 1) <= mm {
            k += 1;
        }
        let (a, b) = (self.key(k), self.key(k + 1));
        k as f64 + (mm - a) / (b - a)
    }

    /// Millimetres from the first slice at a continuous index.
    pub(crate) fn mm(&self, index: f64) -> f64 {
        if let Some(step) = self.step {
            return index * step;
        }
        let last = self.keys.len().saturating_sub(2);
        let k = (index.max(0.0) as usize).min(last);
        let (a, b) = (self.key(k), self.key(k + 1));
        a + (index - k as f64) * (b - a)
    }

    /// Thickness of the slab that slice `k` stands for: half the way to each neighbour; the ends own one full step.
    pub(crate) fn owned_mm(&self, k: usize) -> f64 {
        let last = self.keys.len().saturating_sub(1);
        let before = |k: usize| self.key(k) - self.key(k - 1);
        match k {
            0 => before(1),
            k if k >= last => before(last.max(1)),
            k => (before(k) + before(k + 1)) / 2.0,
        }
    }

    fn key(&self, k: usize) -> f64 {
        self.keys.get(k).copied().unwrap_or(f64::NAN)
    }
}
