//! UCUM spellings and the unit dimensions that pathway expressions compare. Record-and-signals, section 4.3.
//!
//! Nothing is inferred from a number: a unit that is not understood is refused by whoever asks.

/// The spelling under which a unit is looked up (section 4.3): micro signs, litres, counts and braces brought to one form.
#[must_use]
pub fn normalise(unit: &str) -> String {
    let unit = unit.trim();
    // A unit that is only braces is itself.
    if unit.starts_with('{') && unit.ends_with('}') && unit.matches('{').count() == 1 {
        return unit.to_owned();
    }
    let unit = drop_braces(&unit.replace(['\u{b5}', '\u{3bc}'], "u"));
    let unit = match unit.as_str() {
        "K/uL" | "k/uL" | "x10E3/uL" | "10^3/uL" | "G/L" | "10*3/ul" | "10E3/uL" => {
            return "10*3/uL".to_owned();
        }
        "10^9/L" | "10E9/L" | "10*9/l" => return "10*9/L".to_owned(),
        "mmHg" => return "mm[Hg]".to_owned(),
        "C" => return "Cel".to_owned(),
        "IU/L" | "IU/l" => return "U/L".to_owned(),
        _ => unit,
    };
    unit.split('/')
        .map(|part| {
            let part = part
                .replace("mcg", "ug")
                .replace("mEq", "meq")
                .replace("mIU", "m[IU]")
                .replace("uIU", "u[IU]");
            match part.as_str() {
                "l" | "dl" | "ml" | "fl" | "ul" | "nl" => {
                    format!("{}L", part.trim_end_matches('l'))
                }
                _ => part,
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Annotations beside a unit say what was measured, not how much; `{1.73_m2}` alone is part of the unit.
fn drop_braces(unit: &str) -> String {
    let mut out = String::with_capacity(unit.len());
    let mut rest = unit;
    while let Some(open) = rest.find('{') {
        let (before, annotation) = rest.split_at(open);
        let end = annotation.find('}').map_or(annotation.len(), |i| i + 1);
        let (annotation, after) = annotation.split_at(end);
        out.push_str(before);
        if annotation == "{1.73_m2}" {
            out.push_str(annotation);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A unit's dimension and its size in the first unit of that dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Dimension: only equal ones compare.
    pub dimension: &'static str,
    /// Multiply by this to reach the base unit of the dimension.
    pub factor: f64,
}

/// Dimension of a UCUM unit; `None` when it is not one of those that packs may use.
#[must_use]
pub fn scale(unit: &str) -> Option<Scale> {
    let s = |dimension, factor| Some(Scale { dimension, factor });
    match normalise(unit).as_str() {
        "g/L" => s("mass concentration", 1.0),
        "g/dL" => s("mass concentration", 10.0),
        "mg/dL" => s("mass concentration", 0.01),
        "mg/L" => s("mass concentration", 1e-3),
        "ug/L" | "ng/mL" => s("mass concentration", 1e-6),
        "ug/dL" => s("mass concentration", 1e-5),
        "ng/L" | "pg/mL" => s("mass concentration", 1e-9),
        "ng/dL" => s("mass concentration", 1e-8),
        "mmol/L" => s("substance concentration", 1.0),
        "umol/L" => s("substance concentration", 1e-3),
        "nmol/L" => s("substance concentration", 1e-6),
        "pmol/L" => s("substance concentration", 1e-9),
        "meq/L" => s("charge concentration", 1.0),
        "10*9/L" | "10*3/uL" => s("number concentration", 1.0),
        "U/L" => s("catalytic concentration", 1.0),
        "m[IU]/L" | "u[IU]/mL" => s("arbitrary concentration", 1.0),
        "mL/min/{1.73_m2}" => s("normalised clearance", 1.0),
        "mL/min" => s("clearance", 1.0),
        "mg/g" => s("mass ratio", 1.0),
        "mg/mmol" => s("mass per substance", 1.0),
        "mmol/mol" => s("substance ratio", 1.0),
        "%" => s("fraction", 1.0),
        "1" | "{INR}" | "{score}" => s("number", 1.0),
        "mosm/kg" | "mmol/kg" => s("osmolality", 1.0),
        "fL" => s("volume", 1.0),
        "mm[Hg]" => s("pressure", 1.0),
        "kPa" => s("pressure", 7.500_62),
        "/min" => s("rate", 1.0),
        "Cel" => s("temperature", 1.0),
        "kg" => s("mass", 1.0),
        "[lb_av]" => s("mass", 0.453_59),
        "mg/d" => s("dose rate", 1.0),
        "g/d" => s("dose rate", 1000.0),
        "mm" => s("length", 1.0),
        "cm" => s("length", 10.0),
        "h" => s("time", 1.0 / 24.0),
        "d" => s("time", 1.0),
        "wk" => s("time", 7.0),
        // Completed years are counted on the calendar, so they do not mix with days.
        "a" => s("age", 1.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_unit_meet() {
        for (from, to) in [
            (" mg/dl ", "mg/dL"),
            ("\u{b5}mol/L", "umol/L"),
            ("\u{3bc}mol/l", "umol/L"),
            ("umol/l", "umol/L"),
            ("mmol/mol", "mmol/mol"),
            ("K/uL", "10*3/uL"),
            ("G/L", "10*3/uL"),
            ("mEq/L", "meq/L"),
            ("mcg/L", "ug/L"),
            ("mmHg", "mm[Hg]"),
            ("{beats}/min", "/min"),
            ("%{HbA1c}", "%"),
            ("mg/mmol{creat}", "mg/mmol"),
            ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}"),
            ("{INR}", "{INR}"),
            ("mol", "mol"),
        ] {
            assert_eq!(normalise(from), to, "{from:?}");
        }
    }

    #[test]
    fn case_is_kept_because_ucum_is_case_sensitive() {
        assert!(scale("MG/DL").is_none());
        assert!(scale("mg/dL").is_some());
    }
}
