//! Where in a chart which data are: made once, so that no rule walks the whole record.
//!
//! Data that share their codes are one class; a question about codes is asked once for each class, not for each datum.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use triptych_clinical::{CodeSystem, Coding, Status};

use crate::chart::{Datum, FactRef, Kind};
use crate::input::{INPUTS, Input};

/// Places of data; greater is older.
#[derive(Debug)]
pub(crate) struct Index {
    classes: Vec<Class>,
    /// By the number of an input in [`INPUTS`].
    inputs: Vec<Vec<u32>>,
    digests: Vec<OnceLock<[u8; 32]>>,
    facts: OnceLock<HashMap<FactRef, u32>>,
}

/// Data of one kind under the same codes.
#[derive(Debug)]
pub(crate) struct Class {
    pub kind: Kind,
    pub codes: Arc<[Coding]>,
    pub places: Vec<u32>,
}

impl Index {
    pub fn new(data: &[Datum]) -> Self {
        let classes = classes(data);
        let mut inputs = vec![Vec::new(); INPUTS.len()];
        for class in classes.iter().filter(|c| c.kind == Kind::Observation) {
            for (input, places) in INPUTS.iter().zip(&mut inputs) {
                if carries(&class.codes, input) {
                    places.extend(&class.places);
                }
            }
        }
        inputs.iter_mut().for_each(|places| places.sort_unstable());
        Self {
            classes,
            inputs,
            digests: INPUTS.iter().map(|_| OnceLock::new()).collect(),
            facts: OnceLock::new(),
        }
    }

    /// Classes, in the order of their newest data.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Places of an input of the table, newest first; what is no row of it has none.
    pub fn of_input(&self, input: &Input) -> &[u32] {
        INPUTS
            .iter()
            .position(|i| std::ptr::eq(i, input) || i.name == input.name)
            .and_then(|number| self.inputs.get(number))
            .map_or(&[], Vec::as_slice)
    }

    /// Places of the data of a kind whose codes satisfy a test, newest first.
    pub fn coded(&self, kind: Option<Kind>, test: impl Fn(&[Coding]) -> bool) -> Vec<u32> {
        let mut places: Vec<u32> = self
            .classes
            .iter()
            .filter(|c| kind.is_none_or(|k| k == c.kind) && test(&c.codes))
            .flat_map(|c| c.places.iter().copied())
            .collect();
        places.sort_unstable();
        places
    }

    /// The digest of an input, made at the first question.
    pub fn digest(&self, number: usize, make: impl FnOnce() -> [u8; 32]) -> [u8; 32] {
        match self.digests.get(number) {
            Some(known) => *known.get_or_init(make),
            None => make(),
        }
    }

    /// Place of a fact.
    pub fn place_of(&self, fact: FactRef, data: &[Datum]) -> Option<usize> {
        let facts = self.facts.get_or_init(|| {
            (0_u32..)
                .zip(data)
                .filter_map(|(place, datum)| Some((datum.fact?, place)))
                .collect()
        });
        facts.get(&fact).map(|place| *place as usize)
    }
}

/// True when one of the codes is a LOINC code of the input.
fn carries(codes: &[Coding], input: &Input) -> bool {
    codes
        .iter()
        .any(|c| c.system == CodeSystem::Loinc && input.loinc.contains(&c.code.as_str()))
}

/// Data by kind and codes. Equal codes are told by their address: [`crate::adapt`] shares them, and where they are not shared the classes are
/// only smaller.
fn classes(data: &[Datum]) -> Vec<Class> {
    let mut known: BTreeMap<(Kind, usize), usize> = BTreeMap::new();
    let mut classes: Vec<Class> = Vec::new();
    for (place, datum) in (0_u32..).zip(data) {
        let address = datum.codes.as_ptr() as usize;
        let number = *known.entry((datum.kind, address)).or_insert_with(|| {
            classes.push(Class {
                kind: datum.kind,
                codes: Arc::clone(&datum.codes),
                places: Vec::new(),
            });
            classes.len() - 1
        });
        if let Some(class) = classes.get_mut(number) {
            class.places.push(place);
        }
    }
    classes
}

/// Hash over data in order, each as an input sees it.
pub(crate) fn digest<'a>(input: &Input, data: impl Iterator<Item = &'a Datum>) -> [u8; 32] {
    let mut bytes = Vec::new();
    for datum in data {
        write(datum, &mut bytes);
        match datum.measure(input, &[]) {
            Ok(m) => {
                bytes.push(1);
                bytes.extend(m.value.low.to_bits().to_le_bytes());
                bytes.extend(m.value.high.to_bits().to_le_bytes());
            }
            Err(why) => {
                bytes.push(0);
                bytes.extend(why.code().as_bytes());
            }
        }
        bytes.push(b'\n');
    }
    *blake3::hash(&bytes).as_bytes()
}

/// What of a datum counts for a hash whatever is read of it: key, version, time, status.
pub(crate) fn write(datum: &Datum, bytes: &mut Vec<u8>) {
    let key = datum.key.bytes();
    bytes.extend((key.len() as u64).to_le_bytes());
    bytes.extend(key);
    bytes.extend(datum.version.to_le_bytes());
    bytes.extend(datum.time.instant.0.to_le_bytes());
    bytes.push(status(datum.status));
}

/// A number that stays the same where a status is added.
const fn status(status: Status) -> u8 {
    match status {
        Status::Final => 0,
        Status::Amended => 1,
        Status::Corrected => 2,
        Status::Appended => 3,
        Status::Preliminary => 4,
        Status::Registered => 5,
        Status::Partial => 6,
        Status::Cancelled => 7,
        Status::EnteredInError => 8,
        Status::Unknown => 9,
        Status::Active => 10,
        Status::Completed => 11,
        Status::Inert => 12,
    }
}
