//! Long forms of the abbreviations that cards use (D-13): a card that is opened says them.

/// Abbreviation and long form, by the alphabet.
const LONG_FORMS: &[(&str, &str)] = &[
    ("ACR", "albumin/creatinine ratio"),
    ("AKI", "acute kidney injury"),
    ("ALP", "alkaline phosphatase"),
    ("ALT", "alanine aminotransferase"),
    ("ASCVD", "atherosclerotic cardiovascular disease"),
    ("AST", "aspartate aminotransferase"),
    ("ATA", "American Thyroid Association"),
    (
        "CHA2DS2-VA",
        "heart failure, hypertension, age, diabetes, stroke, vascular disease",
    ),
    (
        "CHA2DS2-VASc",
        "heart failure, hypertension, age, diabetes, stroke, vascular disease, sex category",
    ),
    ("CKD", "chronic kidney disease"),
    (
        "CKD-EPI",
        "Chronic Kidney Disease Epidemiology Collaboration",
    ),
    ("CRP", "C-reactive protein"),
    ("CT", "computed tomography"),
    ("CVD", "cardiovascular disease"),
    ("FDG", "fluorodeoxyglucose"),
    ("FIB-4", "fibrosis-4 score"),
    ("FT4", "free thyroxine"),
    ("GFR", "glomerular filtration rate"),
    ("HDL", "high-density lipoprotein"),
    ("HU", "Hounsfield units"),
    ("Hb", "haemoglobin"),
    ("HbA1c", "glycated haemoglobin"),
    ("INR", "international normalised ratio"),
    ("KDIGO", "Kidney Disease: Improving Global Outcomes"),
    ("KFRE", "kidney failure risk equation"),
    ("LDL", "low-density lipoprotein"),
    ("MCV", "mean corpuscular volume"),
    ("MELD", "model for end-stage liver disease"),
    ("MR", "magnetic resonance"),
    ("NEWS2", "National Early Warning Score 2"),
    ("NHS", "National Health Service"),
    ("NSAID", "non-steroidal anti-inflammatory drug"),
    ("PET", "positron emission tomography"),
    (
        "PREVENT",
        "Predicting Risk of Cardiovascular Disease Events",
    ),
    ("SOFA", "sequential organ failure assessment"),
    ("TI-RADS", "thyroid imaging reporting and data system"),
    ("TIBC", "total iron-binding capacity"),
    ("TSAT", "transferrin saturation"),
    ("TSH", "thyrotropin"),
    ("ULN", "upper limit of normal"),
    ("VDT", "volume doubling time"),
    ("cr", "from creatinine"),
    ("eGFR", "estimated glomerular filtration rate"),
];

/// The abbreviations of a text with their long forms, each once, in the order of the text: `eGFR: estimated glomerular filtration rate`.
#[must_use]
pub fn long_forms(text: &str) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for word in words(text) {
        let known = LONG_FORMS.iter().find(|(short, _)| *short == word);
        let Some((short, long)) = known else { continue };
        let line = format!("{short}: {long}");
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said
}

/// Words with their hyphens, without the marks around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '('))
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::RULES;
    use crate::{VectorFilter, vector_outcomes};

    /// Units, stages and names that are no abbreviations.
    const PLAIN: [&str; 3] = ["Child-Pugh", "Cockcroft-Gault", "m[IU"];

    fn is_abbreviation(word: &str) -> bool {
        let letters = word.chars().filter(|c| c.is_alphabetic());
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        letters.count() > 1 && capitals > 1 && !PLAIN.contains(&word) && !is_stage(word)
    }

    /// `G3aA1`, and what a source wrote itself.
    fn is_stage(word: &str) -> bool {
        word.chars().filter(char::is_ascii_digit).count() * 2 >= word.chars().count() - 1
    }

    #[test]
    fn d_13_no_abbreviation_of_a_card_is_without_its_long_form() {
        let vectors = include_bytes!("../tests/vectors.json");
        let outcomes = vector_outcomes(vectors, &VectorFilter::default()).unwrap();
        let summaries = outcomes.into_iter().map(|(_, o)| o.finding.summary);
        let titles = RULES.iter().map(|r| r.title.to_owned());
        let mut unknown: Vec<String> = Vec::new();
        for text in summaries.chain(titles) {
            for word in words(&text).filter(|w| is_abbreviation(w)) {
                let known = LONG_FORMS.iter().any(|(short, _)| *short == word);
                if !known && !unknown.iter().any(|u| u.starts_with(&format!("{word} "))) {
                    unknown.push(format!("{word} in: {text}"));
                }
            }
        }
        assert!(unknown.is_empty(), "{unknown:#?}");
    }

    #[test]
    fn a_long_form_is_said_once_in_the_order_of_the_text() {
        assert_eq!(
            long_forms("CKD G3aA1 (KDIGO); eGFR 56, CKD"),
            [
                "CKD: chronic kidney disease",
                "KDIGO: Kidney Disease: Improving Global Outcomes",
                "eGFR: estimated glomerular filtration rate",
            ]
        );
    }
}
