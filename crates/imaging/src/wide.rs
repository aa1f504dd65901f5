//! Loops in the widest registers that the machine has, not only in those that every machine has.

/// Calls `f`, compiled for AVX2 where the machine has it. Everything in it that shall be must be `#[inline(always)]`, the closure too. Results are
/// the same to the bit either way: nothing is fused or put in another order.
#[inline(always)]
pub(crate) fn widened<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = fearless_simd::Level::new().as_avx2() {
        return fearless_simd::Simd::vectorize(avx2, f);
    }
    f()
}
