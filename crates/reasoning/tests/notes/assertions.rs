//! What is said of a finding, and why.

use triptych_reasoning::notes::{Cause, SectionKind, assertion, find, read, words};

/// What the text says of the first place of `phrase`.
#[track_caller]
fn check(text: &str, phrase: &str, expected: &str) {
    let place = find(text, phrase)
        .first()
        .copied()
        .unwrap_or_else(|| panic!("{phrase} is not in {text}"));
    let (categories, why) = assertion(text, place).unwrap();
    assert_eq!(
        categories.to_string(),
        expected,
        "{phrase} in: {text}\n{why:?}"
    );
}

#[test]
fn a_denial_reaches_to_the_end_of_its_statement() {
    check(
        "No fever, chills or night sweats.",
        "night sweats",
        "negated",
    );
    check("The patient denies chest pain.", "chest pain", "negated");
    check(
        "Lungs are clear without consolidation.",
        "consolidation",
        "negated",
    );
    check("No fever. Cough for two days.", "cough", "affirmed");
    check(
        "No fever but productive cough.",
        "productive cough",
        "affirmed",
    );
    check(
        "There is no effusion, however a nodule is seen.",
        "nodule",
        "affirmed",
    );
    check("No syncope, has a cough.", "cough", "affirmed");
    check("No wheeze Abdomen: tender.", "tender", "affirmed");
    check(
        "No cause found for the chest pain",
        "chest pain",
        "affirmed",
    );
    check(
        "No dyspnoea due to pulmonary embolism.",
        "pulmonary embolism",
        "affirmed",
    );
}

#[test]
fn a_test_that_was_negative_denies_what_it_looked_for() {
    for (text, phrase) in [
        ("The biopsy was negative for malignancy.", "malignancy"),
        (
            "Doppler studies were negative for deep venous thrombosis.",
            "deep venous thrombosis",
        ),
        ("PPD came back negative for tuberculosis.", "tuberculosis"),
        ("She had no further episodes of bleeding.", "bleeding"),
        (
            "At no time did he have chest discomfort.",
            "chest discomfort",
        ),
    ] {
        check(text, phrase, "negated");
    }
}

/// What was not done about a finding does not deny it.
#[test]
fn care_that_was_not_given_leaves_the_finding() {
    for (text, phrase) in [
        (
            "He was not anticoagulated for his atrial fibrillation.",
            "atrial fibrillation",
        ),
        (
            "She was not a candidate for surgery given her bowel obstruction.",
            "bowel obstruction",
        ),
        ("He has not been treated for the pneumonia.", "pneumonia"),
        (
            "No pressors were required for the hypotension.",
            "hypotension",
        ),
        ("No further workup for her anemia was done.", "anemia"),
    ] {
        check(text, phrase, "affirmed");
    }
}

#[test]
fn a_denial_may_follow_its_finding() {
    check(
        "Pulmonary embolism was ruled out.",
        "pulmonary embolism",
        "negated",
    );
    check("Pneumothorax is not seen.", "pneumothorax", "negated");
    check("The pain has resolved.", "pain", "negated");
    check("Chest pain: no", "chest pain", "negated");
    check(
        "Troponin negative, chest pain persists",
        "chest pain",
        "affirmed",
    );
    check(
        "Pneumonia of the right lower lobe in a patient with many other old problems was ruled out.",
        "pneumonia",
        "affirmed",
    );
}

#[test]
fn words_that_look_like_denials_are_none() {
    check(
        "No change in the pleural effusion.",
        "pleural effusion",
        "affirmed",
    );
    check("Not only fever but also cough.", "fever", "affirmed");
    check("Gram negative sepsis.", "sepsis", "affirmed");
    check("No increase in the nodule.", "nodule", "affirmed");
    check("Pneumonia cannot be excluded.", "pneumonia", "uncertain");
    check(
        "Cannot exclude pulmonary embolism.",
        "pulmonary embolism",
        "uncertain",
    );
}

#[test]
fn doubt_beats_denial_and_a_denial_beats_a_suggestion() {
    check("Rule out pneumonia.", "pneumonia", "uncertain");
    check("?pneumonia", "pneumonia", "uncertain");
    check("Findings suggest pneumonia.", "pneumonia", "uncertain");
    check("No possible pneumonia", "pneumonia", "uncertain");
    check("No opacity to suggest pneumonia.", "pneumonia", "negated");
    check("Possible pneumonia, no effusion.", "effusion", "negated");
    check("Possible pneumonia, no effusion.", "pneumonia", "uncertain");
}

/// A disease in the name of a test or a vaccine is not there for that; a result that denies it counts.
#[test]
fn what_is_looked_for_or_prevented_is_no_finding() {
    for (text, phrase, expected) in [
        ("Urine screening test for diabetes", "diabetes", "uncertain"),
        (
            "- depression screening (procedure)",
            "depression",
            "uncertain",
        ),
        (
            "Hepatitis B surface antigen measurement",
            "Hepatitis B",
            "uncertain",
        ),
        (
            "Skin test for tuberculosis, tine test",
            "tuberculosis",
            "uncertain",
        ),
        (
            "Testing for tuberculosis is negative.",
            "tuberculosis",
            "negated",
        ),
        (
            "Findings suspicious for pneumonia are not seen.",
            "pneumonia",
            "negated",
        ),
        (
            "Given the following immunizations: influenza, seasonal",
            "influenza",
            "hypothetical",
        ),
        ("Influenza vaccine was given.", "Influenza", "hypothetical"),
        ("He quit smoking at age 16.", "smoking", "historical"),
        (
            "Not in labor force, urinary tract infection",
            "urinary tract infection",
            "affirmed",
        ),
        (
            "Influenza was confirmed, vaccine refused.",
            "Influenza",
            "affirmed",
        ),
    ] {
        check(text, phrase, expected);
    }
}

#[test]
fn time_and_person() {
    check("History of stroke.", "stroke", "historical");
    check("Stroke 3 years ago.", "stroke", "historical");
    check("Stroke in 2015.", "stroke", "historical");
    check("Stroke 1 month ago.", "stroke", "affirmed");
    check("Fever 2 weeks ago.", "fever", "affirmed");
    check("History of present illness: cough.", "cough", "affirmed");
    check(
        "History of diabetes presents with fever.",
        "fever",
        "affirmed",
    );
    check("Return if you develop fever.", "fever", "hypothetical");
    check("Mother had breast cancer.", "breast cancer", "family");
    check("No family history of stroke.", "stroke", "negated");
    check(
        "Her father never had a stroke.",
        "stroke",
        "negated, family",
    );
    check("Wife reports that he had a seizure.", "seizure", "affirmed");
}

#[test]
fn a_section_speaks_where_its_sentence_is_silent() {
    check("FAMILY HISTORY: asthma.", "asthma", "family");
    check("PMH: asthma", "asthma", "historical");
    check("INDICATION: cough, pneumonia.", "pneumonia", "uncertain");
    check("INDICATION: no fever.", "fever", "negated");
    check(
        "DISCHARGE INSTRUCTIONS:\nfever or worsening pain.",
        "fever",
        "hypothetical",
    );
    check(
        "FAMILY HISTORY: asthma.\nFINDINGS: nodule.",
        "nodule",
        "affirmed",
    );
}

#[test]
fn the_reader_sees_why() {
    let text = "FINDINGS:\nThere is no evidence of pneumothorax.";
    let reading = read(text);
    let mention = reading.mentions.first().unwrap();
    assert_eq!(mention.concept.id, "pneumothorax");
    assert_eq!(mention.section, SectionKind::Findings);
    assert_eq!(words(text, mention.span), "pneumothorax");
    assert_eq!(
        words(text, mention.sentence),
        "There is no evidence of pneumothorax."
    );
    let Cause::Trigger { span } = mention.why.first().unwrap().cause else {
        panic!("{:?}", mention.why);
    };
    assert_eq!(words(text, span), "no evidence of");
}

#[test]
fn concepts_are_found_by_plural_case_hyphen_and_line_break() {
    let found = |text: &str| {
        let found = read(text);
        found
            .mentions
            .iter()
            .map(|m| m.concept.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("PULMONARY\n  Nodules"), ["lung-nodule"]);
    assert_eq!(found("ground-glass opacities"), ["ground-glass-opacity"]);
    assert_eq!(
        found("Fatty liver, SOB and diverticula"),
        ["hepatic-steatosis", "dyspnoea", "diverticulosis"]
    );
    assert!(found("The mission was accomplished.").is_empty());
}

/// Nothing in a text makes reading slow or panic.
#[test]
fn hostile_texts_are_read_in_time() {
    for piece in [
        "no ",
        "no/",
        "no fever ",
        "\u{301}\u{200b}",
        "?",
        "9",
        "1.",
        "\u{e9}:\n",
        "- ",
        "A.",
        "history of ",
        "ct ",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let begun = std::time::Instant::now();
        let reading = read(&text);
        let _ = triptych_reasoning::notes::candidates(&text, &reading);
        for m in &reading.mentions {
            assert!(!words(&text, m.span).is_empty());
        }
        assert!(
            begun.elapsed().as_secs() < 20,
            "{piece:?} took {:?}",
            begun.elapsed()
        );
    }
}
