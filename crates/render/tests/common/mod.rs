//! What the tests of several files share.

use triptych_render::{Renderer, RendererChoice};

/// Numbers that look random and are the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// On whatever adapter there is, a software one too.
pub fn gpu(test: &str) -> Option<Renderer> {
    match Renderer::choose(RendererChoice::Gpu) {
        Ok(renderer) => Some(renderer),
        Err(error) => {
            eprintln!("NO ADAPTER: {test} did not run: {error}");
            None
        }
    }
}
