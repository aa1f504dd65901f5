//! The order of facts carries no meaning: same answer, same words, same input hash.

use serde_json::Value as Json;

use crate::vectors::{built, facts_mut, id, outcomes, told};

/// A fixed sequence of shuffles (xorshift, Fisher and Yates).
fn shuffle(facts: &mut [Json], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for i in (1..facts.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        facts.swap(i, usize::try_from(state % (i as u64 + 1)).unwrap());
    }
}

#[test]
fn facts_in_any_order_give_the_same_answer_and_the_same_hash() {
    let original = built();
    let expected = outcomes(&original);
    for seed in 0..8 {
        let mut shuffled = original.clone();
        for (i, vector) in shuffled.iter_mut().enumerate() {
            let facts = facts_mut(vector);
            match seed {
                0 => facts.reverse(),
                seed => shuffle(facts, seed * 1000 + i as u64),
            }
        }
        for ((vector, a), b) in shuffled.iter().zip(&expected).zip(outcomes(&shuffled)) {
            let whole = |o: &triptych_reasoning::Outcome| {
                (
                    told(o),
                    o.finding.summary.clone(),
                    o.basis.input_hash.clone(),
                )
            };
            assert_eq!(whole(a), whole(&b), "{}, shuffle {seed}", id(vector));
        }
    }
}

/// The hash would be of no use if everything gave the same one.
#[test]
fn other_facts_give_another_hash() {
    let original = built();
    let hash = |v: &[Json]| -> Vec<String> {
        outcomes(v)
            .into_iter()
            .map(|o| o.basis.input_hash)
            .collect()
    };
    let mut changed = original.clone();
    let mut with_number = Vec::new();
    for vector in &mut changed {
        let mut any = false;
        for fact in facts_mut(vector) {
            if let Some(x) = fact["value"].as_f64() {
                fact["value"] = (x * 1.01).into();
                any = true;
            }
        }
        with_number.push(any);
    }
    let pairs = hash(&original).into_iter().zip(hash(&changed));
    let same = pairs
        .zip(with_number)
        .filter(|((a, b), changed)| *changed && a == b)
        .count();
    // Rules that end before they look at the number (excluded, not applicable) keep their hash.
    assert!(same * 5 < original.len(), "{same} of {}", original.len());
}
