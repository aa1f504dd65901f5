//! Panels of the labs leaf in the order of record-and-signals 7.1, and the plain names of their analytes.
//!
//! Places are stable, so that a reader's hand learns them; what stands in no panel comes last, by name. This table groups and names only:
//! it converts nothing and judges nothing.

/// Plain name, and the LOINC codes that are this analyte.
type Analyte = (&'static str, &'static [&'static str]);

/// Title, then rows.
pub(crate) const PANELS: &[(&str, &[Analyte])] = &[
    (
        "Kidney and electrolytes",
        &[
            (
                "Creatinine",
                &["2160-0", "14682-9", "38483-4", "59826-8", "77140-2"],
            ),
            (
                "eGFR reported",
                &[
                    "98979-8", "98980-6", "62238-1", "50210-4", "88293-6", "88294-4", "48642-3",
                    "48643-1", "77147-7", "33914-3",
                ],
            ),
            ("Cystatin C", &["33863-2"]),
            ("Urea nitrogen", &["3094-0", "6299-2"]),
            ("Urea", &["22664-7", "3091-6"]),
            ("Sodium", &["2951-2", "2947-0"]),
            ("Potassium", &["2823-3", "6298-4"]),
            ("Chloride", &["2075-0", "2069-3"]),
            ("Carbon dioxide", &["1963-8", "1959-6", "2028-9", "20565-8"]),
            ("Osmolality", &["2692-2"]),
        ],
    ),
    (
        "Glucose",
        &[
            ("Glucose", &["2345-7", "14749-6", "2339-0", "15074-8"]),
            ("Fasting glucose", &["1558-6", "14771-0"]),
            ("Glucose 2 h after load", &["1518-0", "14995-5"]),
            ("HbA1c", &["4548-4", "17856-6", "59261-8"]),
        ],
    ),
    (
        "Liver",
        &[
            ("ALT", &["1742-6"]),
            ("AST", &["1920-8"]),
            ("Alkaline phosphatase", &["6768-6"]),
            ("Bilirubin", &["1975-2", "14631-6"]),
            ("Albumin", &["1751-7"]),
            ("Protein", &["2885-2"]),
            ("Globulin", &["10834-0"]),
        ],
    ),
    (
        "Blood count",
        &[
            ("Haemoglobin", &["718-7", "59260-0"]),
            ("Haematocrit", &["4544-3", "20570-8"]),
            ("Leucocytes", &["6690-2", "26464-8"]),
            ("Neutrophils", &["751-8", "26499-4"]),
            ("Platelets", &["777-3", "26515-7"]),
            ("Erythrocytes", &["789-8"]),
            ("MCV", &["787-2"]),
            ("MCH", &["785-6"]),
            ("MCHC", &["786-4"]),
            ("RDW", &["21000-5", "788-0"]),
            ("Platelet volume", &["32623-1"]),
            ("PDW", &["32207-3"]),
        ],
    ),
    (
        "Iron, B12, folate",
        &[
            ("Ferritin", &["2276-4", "20567-4"]),
            ("Iron", &["2498-4", "14798-3"]),
            ("Iron binding capacity", &["2500-7", "14800-7"]),
            ("Transferrin saturation", &["2502-3"]),
            ("Vitamin B12", &["2132-9", "14685-2"]),
            ("Folate", &["2284-8", "14732-2"]),
            ("Methylmalonic acid", &["13964-2"]),
        ],
    ),
    ("Coagulation", &[("INR", &["6301-6", "34714-6"])]),
    ("Inflammation", &[("CRP", &["1988-5"])]),
    (
        "Heart",
        &[
            ("NT-proBNP", &["33762-6"]),
            ("Creatine kinase", &["2157-6"]),
        ],
    ),
    (
        "Lipids",
        &[
            ("Cholesterol", &["2093-3", "14647-2"]),
            ("LDL cholesterol", &["13457-7", "18262-6", "2089-1"]),
            ("HDL cholesterol", &["2085-9", "14646-4"]),
            ("Triglycerides", &["2571-8"]),
        ],
    ),
    (
        "Thyroid",
        &[
            ("TSH", &["3016-3", "11580-8"]),
            ("Free T4", &["3024-7", "14920-3"]),
            ("Free T3", &["3051-0", "14928-6"]),
        ],
    ),
    (
        "Bone",
        &[
            ("Calcium", &["17861-6", "2000-8", "49765-1"]),
            ("Ionised calcium", &["1995-0", "1994-3"]),
        ],
    ),
    (
        "Blood gas",
        &[
            ("pO2, arterial", &["2703-7"]),
            ("Inspired oxygen", &["3150-0"]),
        ],
    ),
    (
        "Drugs",
        &[
            ("Lithium", &["14334-7"]),
            ("Digoxin", &["10535-3"]),
            ("Ethanol", &["5643-2"]),
        ],
    ),
    (
        "Urine",
        &[
            (
                "Albumin/creatinine, urine",
                &["9318-7", "14959-1", "30000-4", "32294-1", "14585-4"],
            ),
            ("Protein, strip", &["5804-0", "20454-5"]),
            ("Glucose, urine strip", &["5792-7", "25428-4"]),
            ("pH, urine", &["5803-2"]),
            ("Specific gravity", &["5811-5"]),
        ],
    ),
];

/// Vital signs, in the order of the summary.
pub(crate) const VITALS: &[Analyte] = &[
    ("Systolic pressure", &["8480-6"]),
    ("Diastolic pressure", &["8462-4"]),
    ("Heart rate", &["8867-4"]),
    ("Respiratory rate", &["9279-1"]),
    ("Temperature", &["8310-5", "8331-1"]),
    ("Oxygen saturation", &["59408-5", "2708-6"]),
    ("Weight", &["29463-7"]),
    ("Height", &["8302-2"]),
    ("Body mass index", &["39156-5"]),
];

/// Where an analyte stands: panel and row number, with the plain name.
pub(crate) fn place(loinc: &str) -> Option<(usize, usize, &'static str)> {
    PANELS.iter().enumerate().find_map(|(panel, (_, rows))| {
        rows.iter()
            .enumerate()
            .find(|(_, (_, codes))| codes.contains(&loinc))
            .map(|(row, (name, _))| (panel, row, *name))
    })
}

/// Row number and plain name of a vital sign.
pub(crate) fn vital(loinc: &str) -> Option<(usize, &'static str)> {
    VITALS
        .iter()
        .enumerate()
        .find(|(_, (_, codes))| codes.contains(&loinc))
        .map(|(row, (name, _))| (row, *name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_stands_in_two_places() {
        let mut seen = BTreeSet::new();
        for code in PANELS
            .iter()
            .flat_map(|(_, rows)| rows.iter())
            .chain(VITALS)
            .flat_map(|(_, codes)| codes.iter())
        {
            assert!(seen.insert(code), "{code} twice");
        }
    }
}
