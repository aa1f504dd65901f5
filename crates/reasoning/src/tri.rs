//! The project's own codes (`tri:`), with the value and the attributes that each may carry. Record-and-signals, section 4.6.
//!
//! A form for a reader's entry is made from this table, and what was entered is checked against it before it becomes a fact. Rules read
//! the same names. Facts of other sources are not checked here: a rule names what it lacks.

use std::collections::BTreeMap;
use std::fmt;

use triptych_clinical::{FactKind, Value};

/// One project code.
#[derive(Debug)]
pub struct TriCode {
    /// Code without its prefix: `lung_nodule`.
    pub code: &'static str,
    /// Name for a reader.
    pub label: &'static str,
    /// Kind of the fact that carries it.
    pub kind: FactKind,
    /// Its value.
    pub value: TriValue,
    /// Its attributes.
    pub attrs: &'static [TriAttr],
    /// Rules that read it.
    pub rules: &'static [&'static str],
}

/// What value a code carries.
#[derive(Debug)]
pub enum TriValue {
    /// None: the attributes say all.
    None,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A number between two limits (inclusive, in the first unit), in one of these UCUM units with its factor to the first.
    Number {
        /// Accepted units, each with its factor to the first.
        units: &'static [(&'static str, f64)],
        /// Least.
        least: f64,
        /// Greatest.
        most: f64,
    },
}

/// One attribute of a code.
#[derive(Debug)]
pub struct TriAttr {
    /// `size_mm`
    pub name: &'static str,
    /// Type and allowed values.
    pub kind: TriKind,
    /// It has to be there.
    pub required: bool,
    /// Meaning, for a reader.
    pub meaning: &'static str,
}

/// Type of an attribute.
#[derive(Debug)]
pub enum TriKind {
    /// Number between two limits, inclusive.
    Number(f64, f64),
    /// `true` or `false`.
    YesNo,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Text that is not blank, at most this many characters.
    Text(usize),
}

/// Why an entry is not a fact of its code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TriError {
    /// No such code.
    #[error("tri:{0} is not a code of this program")]
    UnknownCode(String),
    /// The code has no such attribute.
    #[error("tri:{code} has no attribute {name}")]
    UnknownAttribute {
        /// Code.
        code: &'static str,
        /// Attribute.
        name: String,
    },
    /// A required attribute, or one of two of which one is required, is not there.
    #[error("tri:{code} needs {name}")]
    Missing {
        /// Code.
        code: &'static str,
        /// Attribute, or several joined by "or".
        name: &'static str,
    },
    /// The attribute's text is not of its type.
    #[error("{name} of tri:{code} is {given:?}; expected {expected}")]
    Wrong {
        /// Code.
        code: &'static str,
        /// Attribute, or `value`.
        name: &'static str,
        /// As entered, shortened.
        given: String,
        /// Allowed values in words.
        expected: String,
    },
}

const fn attr(name: &'static str, kind: TriKind, required: bool, meaning: &'static str) -> TriAttr {
    TriAttr {
        name,
        kind,
        required,
        meaning,
    }
}

const fn code(
    code: &'static str,
    label: &'static str,
    kind: FactKind,
    value: TriValue,
    attrs: &'static [TriAttr],
    rules: &'static [&'static str],
) -> TriCode {
    TriCode {
        code,
        label,
        kind,
        value,
        attrs,
        rules,
    }
}

const MODALITIES: TriKind =
    TriKind::Words(&["CT", "MR", "PT", "US", "NM", "CR", "DX", "MG", "XA", "RF"]);
const STUDY: TriAttr = attr(
    "study_uid",
    TriKind::Text(64),
    false,
    "Study Instance UID of the study that it was seen on",
);
const SERIES: TriAttr = attr(
    "series_uid",
    TriKind::Text(64),
    false,
    "Series Instance UID",
);
const TRACK: TriAttr = attr(
    "track",
    TriKind::Text(64),
    false,
    "name of the lesion: facts of one lesion have the same",
);
const COMMENT: TriAttr = attr("comment", TriKind::Text(400), false, "the reader's words");
const REGION: TriAttr = attr(
    "region",
    TriKind::Text(64),
    false,
    "chest, abdomen, thyroid, head …",
);

use TriKind::{Number, Text, Words, YesNo};

/// Every project code, in the order of section 4.6.
#[rustfmt::skip]
pub static CODES: &[TriCode] = &[
    code("oxygen", "Air or oxygen", FactKind::Observation, TriValue::Words(&["air", "oxygen"]), &[], &["R22"]),
    code("noradrenaline_rate", "Noradrenaline rate", FactKind::Observation, TriValue::Number { units: &[("ug/kg/min", 1.0)], least: 0.0, most: 10.0 }, &[], &["R24"]),
    code("ascites", "Ascites", FactKind::Observation, TriValue::Words(&["none", "mild", "moderate"]), &[COMMENT], &["R12"]),
    code("encephalopathy", "Hepatic encephalopathy", FactKind::Observation, TriValue::Words(&["none", "grade1-2", "grade3-4"]), &[COMMENT], &["R12"]),
    code("hyperglycaemia_symptoms", "Classic symptoms of hyperglycaemia", FactKind::Observation, TriValue::Words(&["present", "absent"]), &[COMMENT], &["R19"]),
    code("hba1c_target", "Individual HbA1c target", FactKind::Observation, TriValue::Number { units: &[("%", 1.0)], least: 4.0, most: 12.0 }, &[COMMENT], &["R20"]),
    code("suspected_infection", "Suspected infection", FactKind::Observation, TriValue::Words(&["yes", "no"]), &[COMMENT], &["R24"]),
    code("dst_cortisol", "Cortisol after 1 mg dexamethasone", FactKind::Observation, TriValue::Number { units: &[("nmol/L", 1.0)], least: 1.0, most: 3000.0 }, &[], &["R29"]),
    code("lung_nodule", "Lung nodule", FactKind::Finding, TriValue::None, &[
        attr("type", Words(&["solid", "part_solid", "ground_glass"]), true, "density"),
        attr("size_mm", Number(0.5, 200.0), true, "mean of long and short axis, mm; of the largest or most suspicious nodule"),
        attr("count", Words(&["single", "multiple"]), false, "absent: single"),
        attr("risk", Words(&["low", "high"]), false, "risk group, the clinician's entry; never computed"),
        attr("screening", YesNo, false, "seen on a screening CT: Lung-RADS applies, not R27"),
        attr("lobe", Words(&["RUL", "RML", "RLL", "LUL", "LLL", "lingula"]), false, "lobe"),
        STUDY, SERIES, TRACK, COMMENT,
    ], &["R27"]),
    code("thyroid_nodule", "Thyroid nodule", FactKind::Finding, TriValue::None, &[
        attr("modality", MODALITIES, true, "modality that showed it; an ultrasound finding is not for R28"),
        attr("size_mm", Number(0.5, 200.0), false, "largest axial diameter, mm"),
        attr("suspicious", YesNo, false, "suspicious features, or neck irradiation or family history"),
        attr("fdg_avid", YesNo, false, "focal FDG uptake"),
        attr("limited_life_expectancy", YesNo, false, "clinician's entry"),
        STUDY, SERIES, TRACK, COMMENT,
    ], &["R28"]),
    code("adrenal_mass", "Adrenal mass", FactKind::Finding, TriValue::None, &[
        attr("size_mm", Number(0.5, 400.0), true, "largest diameter, mm"),
        attr("hu", Number(-200.0, 300.0), false, "unenhanced attenuation, HU"),
        attr("homogeneous", YesNo, false, "homogeneous on unenhanced CT"),
        attr("side", Words(&["left", "right"]), false, "side"),
        STUDY, SERIES, TRACK, COMMENT,
    ], &["R29"]),
    code("aaa_diameter", "Abdominal aortic diameter", FactKind::Finding, TriValue::Number { units: &[("mm", 1.0), ("cm", 10.0)], least: 10.0, most: 200.0 }, &[
        attr("method", Words(&["inner_to_inner", "outer_to_outer", "leading_edge"]), false, "how the calipers were set"),
        attr("modality", MODALITIES, false, "modality"),
        STUDY, SERIES, COMMENT,
    ], &["R30"]),
    code("aaa_repaired", "Abdominal aortic aneurysm repaired", FactKind::Finding, TriValue::Words(&["yes", "no"]), &[STUDY, COMMENT], &["R30"]),
    code("nodule_measure", "Nodule measure", FactKind::Finding, TriValue::None, &[
        attr("track", Text(64), true, "name of the lesion: measures of one lesion have the same"),
        attr("volume_mm3", Number(1.0, 5e6), false, "volume, mm3"),
        attr("diameter_mm", Number(0.5, 200.0), false, "mean diameter, mm"),
        attr("method", Text(120), false, "caliper method, or software and version"),
        STUDY, SERIES, COMMENT,
    ], &["R31"]),
    code("recommendation", "Recommendation of a report", FactKind::Finding, TriValue::None, &[
        attr("modality", MODALITIES, true, "modality recommended"),
        REGION,
        attr("due_months", Number(0.1, 240.0), false, "interval stated in the report, months; absent: none stated"),
        attr("sentence", Text(1000), false, "the sentence of the report"),
        STUDY, COMMENT,
    ], &["R32"]),
    code("loop_closed", "Recommendation closed by a clinician", FactKind::Finding, TriValue::None, &[
        attr("target", Text(64), true, "id of the recommendation"),
        attr("reason", Text(400), true, "why it is closed"),
    ], &["R32"]),
    code("ct_chest", "CT of the chest, done", FactKind::Imaging, TriValue::None, &[attr("modality", MODALITIES, false, "CT"), REGION, STUDY], &["R27", "R32"]),
    code("ct_abdomen", "CT of the abdomen, done", FactKind::Imaging, TriValue::None, &[attr("modality", MODALITIES, false, "CT"), REGION, STUDY], &["R32"]),
    code("us_thyroid", "Ultrasound of the thyroid, done", FactKind::Imaging, TriValue::None, &[attr("modality", MODALITIES, false, "US"), REGION, STUDY], &["R28", "R32"]),
    code("coeliac_serology", "Coeliac serology", FactKind::Observation, TriValue::Words(&["negative", "positive"]), &[COMMENT], &[]),
    code("sex_for_calculation", "Sex used for calculations", FactKind::Observation, TriValue::Words(&["female", "male"]), &[COMMENT], &["R1", "R3", "R15", "R21", "R26", "R30"]),
];

/// The entry of a code, without its prefix.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static TriCode> {
    CODES.iter().find(|c| c.code == code)
}

/// Checks the attributes of an entry.
///
/// # Errors
/// [`TriError`]: the first thing that is wrong, required attributes last.
pub fn validate(code: &str, attrs: &BTreeMap<String, String>) -> Result<(), TriError> {
    let entry = by_code(code).ok_or_else(|| TriError::UnknownCode(short(code)))?;
    for (name, text) in attrs {
        let attr = entry.attrs.iter().find(|a| a.name == name);
        let attr = attr.ok_or_else(|| TriError::UnknownAttribute {
            code: entry.code,
            name: short(name),
        })?;
        if !attr.kind.allows(text) {
            return Err(TriError::Wrong {
                code: entry.code,
                name: attr.name,
                given: short(text),
                expected: attr.kind.to_string(),
            });
        }
    }
    let missing = |name| TriError::Missing {
        code: entry.code,
        name,
    };
    let required = entry.attrs.iter().filter(|a| a.required);
    if let Some(absent) = required.into_iter().find(|a| !attrs.contains_key(a.name)) {
        return Err(missing(absent.name));
    }
    // A measure without a number measures nothing.
    let measures = ["volume_mm3", "diameter_mm"];
    if entry.code == "nodule_measure" && !measures.iter().any(|m| attrs.contains_key(*m)) {
        return Err(missing("volume_mm3 or diameter_mm"));
    }
    Ok(())
}

/// Checks the value of an entry.
///
/// # Errors
/// [`TriError`] when it is not of the code's type, unit or range.
pub fn validate_value(code: &str, value: &Value) -> Result<(), TriError> {
    let entry = by_code(code).ok_or_else(|| TriError::UnknownCode(short(code)))?;
    let given = match (&entry.value, value) {
        (TriValue::None, Value::None) => return Ok(()),
        (TriValue::Words(words), Value::Text(text)) if words.contains(&text.as_str()) => {
            return Ok(());
        }
        (TriValue::Number { units, least, most }, Value::Quantity(q)) => {
            let unit = q.unit.as_deref().unwrap_or("");
            let factor = units.iter().find(|(u, _)| *u == unit).map(|(_, f)| *f);
            let inside = |f: f64| (*least..=*most).contains(&(q.value * f));
            if q.comparator.is_none() && factor.is_some_and(inside) {
                return Ok(());
            }
            format!("{} {unit}", q.written)
        }
        (_, Value::Text(text)) => text.clone(),
        (_, Value::Quantity(q)) => q.written.to_string(),
        (_, Value::None) => "nothing".to_owned(),
        (_, Value::Coded(coding)) => coding.code.clone(),
        (_, Value::Absent(absence)) => absence.reason.clone(),
    };
    Err(TriError::Wrong {
        code: entry.code,
        name: "value",
        given: short(given.trim()),
        expected: entry.value.to_string(),
    })
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

impl TriKind {
    fn allows(&self, text: &str) -> bool {
        match self {
            Self::Number(least, most) => text
                .parse::<f64>()
                .is_ok_and(|x| (*least..=*most).contains(&x)),
            Self::YesNo => matches!(text, "true" | "false"),
            Self::Words(words) => words.contains(&text),
            Self::Text(most) => !text.trim().is_empty() && text.chars().count() <= *most,
        }
    }
}

impl fmt::Display for TriKind {
    /// Allowed values in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(least, most) => write!(f, "a number from {least} to {most}"),
            Self::YesNo => f.write_str("true or false"),
            Self::Words(words) => write!(f, "one of {}", words.join(", ")),
            Self::Text(most) => write!(f, "text of at most {most} characters"),
        }
    }
}

impl fmt::Display for TriValue {
    /// Allowed values in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no value"),
            Self::Words(words) => write!(f, "one of {}", words.join(", ")),
            Self::Number { units, least, most } => {
                let first = units.first().map_or("", |(u, _)| *u);
                let names: Vec<&str> = units.iter().map(|(u, _)| *u).collect();
                write!(
                    f,
                    "a number from {least} to {most} {first}, in {}",
                    names.join(" or ")
                )
            }
        }
    }
}

#[cfg(test)]
#[path = "tri_tests.rs"]
mod tests;
