//! Counts of what messages hold, before any judgement: the columns of the test data's `hl7v2/index.csv`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::segments::Segment;

/// Segments and values of HL7 v2 messages as they stand in the source, by the names of their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hl7Counts {
    /// Messages.
    pub messages: usize,
    /// Messages by MSH-9.
    pub types: BTreeMap<String, usize>,
    /// Values of MSH-12.
    pub versions: BTreeSet<String>,
    /// Values of MSH-18.
    pub charset_msh18: BTreeSet<String>,
    /// Messages whose delimiters are not `|^~\&`.
    pub custom_delimiters: usize,
    /// PID segments.
    pub pid: usize,
    /// PV1 segments.
    pub pv1: usize,
    /// ORC segments.
    pub orc: usize,
    /// OBR segments.
    pub obr: usize,
    /// OBX segments.
    pub obx: usize,
    /// NTE segments.
    pub nte: usize,
    /// SPM segments.
    pub spm: usize,
    /// TXA segments.
    pub txa: usize,
    /// OBX by OBX-2; `-` where it is empty.
    pub obx_types: BTreeMap<String, usize>,
    /// OBX by OBX-11; `-` where it is empty.
    pub obx_status: BTreeMap<String, usize>,
    /// OBR by OBR-25; `-` where it is empty.
    pub obr_status: BTreeMap<String, usize>,
    /// OBX of type NM with a number.
    pub obx_numeric: usize,
    /// OBX with a reference range.
    pub obx_reference_range: usize,
    /// OBX with a flag.
    pub obx_abnormal_flag: usize,
    /// OBX with several values.
    pub obx_repeated_value: usize,
    /// Escape sequences by their code; hexadecimal ones together.
    pub escapes: BTreeMap<String, usize>,
    /// Characters of embedded documents in base64.
    pub ed_bytes_base64: usize,
    /// Lines that are no segment.
    pub other_lines: usize,
}

impl Hl7Counts {
    /// Adds the counts of another message or document.
    pub fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.custom_delimiters += other.custom_delimiters;
        self.pid += other.pid;
        self.pv1 += other.pv1;
        self.orc += other.orc;
        self.obr += other.obr;
        self.obx += other.obx;
        self.nte += other.nte;
        self.spm += other.spm;
        self.txa += other.txa;
        self.obx_numeric += other.obx_numeric;
        self.obx_reference_range += other.obx_reference_range;
        self.obx_abnormal_flag += other.obx_abnormal_flag;
        self.obx_repeated_value += other.obx_repeated_value;
        self.ed_bytes_base64 += other.ed_bytes_base64;
        self.other_lines += other.other_lines;
        self.versions.extend(other.versions.iter().cloned());
        self.charset_msh18
            .extend(other.charset_msh18.iter().cloned());
        for (mine, theirs) in [
            (&mut self.types, &other.types),
            (&mut self.obx_types, &other.obx_types),
            (&mut self.obx_status, &other.obx_status),
            (&mut self.obr_status, &other.obr_status),
            (&mut self.escapes, &other.escapes),
        ] {
            for (key, n) in theirs {
                *mine.entry(key.clone()).or_default() += n;
            }
        }
    }

    pub(super) fn add(&mut self, segment: &Segment<'_>) {
        let raw = |n| segment.field(n).text;
        let or_dash = |n| {
            Some(raw(n))
                .filter(|t| !t.is_empty())
                .unwrap_or("-")
                .to_owned()
        };
        match segment.name() {
            "MSH" => {
                self.messages += 1;
                *self.types.entry(raw(9).to_owned()).or_default() += 1;
                self.versions.insert(raw(12).to_owned());
                if !raw(18).is_empty() {
                    self.charset_msh18.insert(raw(18).to_owned());
                }
                return;
            }
            "PID" => self.pid += 1,
            "PV1" => self.pv1 += 1,
            "ORC" => self.orc += 1,
            "NTE" => self.nte += 1,
            "SPM" => self.spm += 1,
            "TXA" => self.txa += 1,
            "OBR" => {
                self.obr += 1;
                *self.obr_status.entry(or_dash(25)).or_default() += 1;
            }
            "OBX" => {
                self.obx += 1;
                *self.obx_types.entry(or_dash(2)).or_default() += 1;
                *self.obx_status.entry(or_dash(11)).or_default() += 1;
                self.add_value(segment);
            }
            _ => {}
        }
        self.add_escapes(segment);
    }

    fn add_value(&mut self, obx: &Segment<'_>) {
        let raw = |n| obx.field(n).text;
        let (kind, value) = (raw(2), raw(5));
        self.obx_numeric += usize::from(kind == "NM" && is_number(value.trim()));
        self.obx_reference_range += usize::from(!raw(7).is_empty());
        self.obx_abnormal_flag += usize::from(!raw(8).is_empty());
        self.obx_repeated_value += usize::from(value.contains(obx.delimiters.repetition));
        let part = |n| obx.field(5).part(obx.delimiters.component, n).text;
        if kind == "ED" && part(3).eq_ignore_ascii_case("base64") {
            self.ed_bytes_base64 += part(4).chars().count();
        }
    }

    fn add_escapes(&mut self, segment: &Segment<'_>) {
        let escape = segment.delimiters.escape;
        let mut rest: &str = &segment.text;
        while let Some((_, after)) = rest.split_once(escape) {
            rest = after;
            let Some((code, behind)) = after.split_once(escape) else {
                return;
            };
            let hexadecimal = code
                .strip_prefix('X')
                .is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()));
            let format = code.strip_prefix('.').is_some_and(|w| {
                !w.is_empty() && w.chars().all(|c| c.is_alphanumeric() || c == '_')
            });
            let known = matches!(code, "F" | "S" | "T" | "R" | "E" | "H" | "N");
            if hexadecimal || format || known {
                let key = if hexadecimal { "X" } else { code };
                *self.escapes.entry(key.to_owned()).or_default() += 1;
                rest = behind;
            }
        }
    }
}

/// The standard's number: sign, digits, and then a point and digits.
fn is_number(text: &str) -> bool {
    let begins = text.strip_prefix(['+', '-']).unwrap_or(text);
    begins.starts_with(|c: char| c.is_ascii_digit()) && crate::numbers::decimal(text).is_some()
}
