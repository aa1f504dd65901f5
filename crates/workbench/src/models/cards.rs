//! What a finding becomes: a card of lane D with the card of its model, and evidence for the graph.

use triptych_archive::StoredInstance;
use triptych_clinical::{IndexTime, When};
use triptych_inference::{Finding, ImageMeta, Package};
use triptych_reasoning::graph::{Band, ModelFinding};

use crate::view::{
    Basis, BasisItem, Lane, ModelCard, PatientView, SignalCard, SignalId, Target, Weighing,
};

/// `CT 2026-11-16`
pub(super) fn image_words(instance: &StoredInstance) -> String {
    let record = &instance.record;
    format!(
        "{} {}",
        record.modality,
        record
            .study_time
            .map_or_else(|| "without date".to_owned(), |t| t.iso_date())
    )
}

/// A finding as the evidence graph takes it. Only the high band counts as present: the middle one is "analysed, uncertain".
pub(super) fn for_graph(
    finding: &Finding,
    instance: &StoredInstance,
    at: IndexTime,
) -> ModelFinding {
    let band = match finding.band {
        triptych_inference::Band::Low => Band::Low,
        triptych_inference::Band::Middle => Band::Middle,
        triptych_inference::Band::High => Band::High,
    };
    ModelFinding {
        model: format!("{}@{}", finding.model, finding.version),
        label: finding.label.trim().to_lowercase().replace([' ', '-'], "_"),
        band,
        present: band == Band::High,
        study: instance.record.study.to_string(),
        study_time: instance.record.study_time.unwrap_or(When::at(at)),
        available: at,
        fact: None,
        confirmed: false,
    }
}

/// The card of a model, with what it asks for and what this image says (D-20).
fn model_card(package: &Package, image: &ImageMeta) -> ModelCard {
    let manifest = package.manifest();
    let (about, card) = (&manifest.package, &manifest.card);
    let text = |key| card.text(key).to_owned();
    ModelCard {
        title: about.title.clone(),
        first: vec![
            ("Name", about.id.clone()),
            ("Version", about.version.clone()),
            (
                "SHA-256 of the signed manifest",
                package.sha256().to_owned(),
            ),
            (
                "Trained on",
                format!(
                    "{} {}",
                    text("training_inclusion_exclusion"),
                    text("training_representativeness")
                ),
            ),
            ("Known risks and limits", text("known_risks_and_limits")),
            ("Not to be used for", text("cautioned_against")),
            ("Last local validation", text("validity_local")),
            (
                "Inputs for this patient",
                format!("all given: {}", manifest.accept.inputs(image).join("; ")),
            ),
        ],
        attributes: card
            .attributes()
            .map(|a| {
                let name = a.key.replace('_', " ");
                (format!("{} · {name}", a.group), a.text.to_owned())
            })
            .collect(),
    }
}

pub(super) fn card(
    finding: &Finding,
    package: &Package,
    instance: &StoredInstance,
    view: &PatientView,
    at: IndexTime,
) -> SignalCard {
    let record = &instance.record;
    let image = image_words(instance);
    let target = Target::Image {
        study: record.study.clone(),
        instance: Some((record.sop_instance.clone(), 0)),
    };
    let summary: String = format!(
        "{}: {} band on the film {image}",
        finding.label,
        finding.band.word()
    )
    .chars()
    .take(140)
    .collect();
    SignalCard {
        id: SignalId(format!(
            "{}@{}/{}/{}",
            finding.model, finding.version, finding.sha256, record.sop_instance
        )),
        lane: Lane::D,
        severity: None,
        rule: format!("{}@{}", finding.model, finding.version),
        title: finding.title.clone(),
        summary,
        as_of: When::at(at).to_string(),
        missing: String::new(),
        detail: format!("Investigational · {}", finding.provider),
        acknowledged: None,
        basis: Basis {
            long_forms: Vec::new(),
            items: vec![BasisItem {
                name: image,
                role: "image that was analysed".to_owned(),
                value: format!("{} x {}", record.columns, record.rows),
                canonical: String::new(),
                time: record.study_time.map(|t| t.to_string()).unwrap_or_default(),
                age: view
                    .studies
                    .iter()
                    .find(|s| s.uid == record.study)
                    .map(|s| format!("{} d before the newest study", s.days_before_newest))
                    .unwrap_or_default(),
                target: Some(target),
            }],
            steps: vec![
                finding.definition.clone(),
                format!("computed on: {}", finding.provider),
                format!("ONNX Runtime {}", finding.provider.runtime),
            ],
            thresholds: Vec::new(),
            exclusions: vec![
                package.manifest().package.intended_use.clone(),
                "not calibrated: bands, never a percent".to_owned(),
            ],
            missing: Vec::new(),
            citation: format!("model card of {} {}", finding.model, finding.version),
            valid_until: String::new(),
            input_hash: finding.sha256.clone(),
            frequencies: Vec::new(),
            model: Some(model_card(package, &ImageMeta::of(record))),
        },
        subject: format!("{}@{}", finding.model, finding.version),
        outcome: format!("{} {}", finding.label, finding.band.word()),
        sides: Vec::new(),
        weighing: Weighing::default(),
        own: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use triptych_inference::TrustedKeys;

    use super::*;

    /// D-20: the card of the shipped model names what a reader must know, nothing is empty, and the inputs are those of this image.
    #[test]
    fn d_20_the_model_card_says_what_the_model_is_and_what_it_was_given() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/heart-size-reference");
        let package = Package::open_folder(&folder, &TrustedKeys::built_in()).unwrap();
        let image = ImageMeta {
            modality: "DX".into(),
            view_position: "PA".into(),
            body_part: "CHEST".into(),
            age_years: Some(54),
            columns: 2048,
            rows: 2500,
            frames: 1,
            ..ImageMeta::default()
        };
        let card = model_card(&package, &image);
        let said = |heading: &str| {
            let found = card.first.iter().find(|(h, _)| *h == heading);
            found.map_or_else(|| panic!("no {heading}"), |(_, text)| text.as_str())
        };
        assert_eq!(said("Name"), "org.triptych.heart-size-reference");
        assert_eq!(said("Version"), "0.1.0");
        assert_eq!(said("SHA-256 of the signed manifest"), package.sha256());
        assert!(said("Trained on").contains("620 films"));
        assert!(said("Known risks and limits").contains("Small and weak"));
        assert!(said("Last local validation").starts_with("Not done"));
        let inputs = said("Inputs for this patient");
        for part in [
            "view PA (asks for PA, AP)",
            "age at the image 54 years",
            "2048 x 2500 pixels",
        ] {
            assert!(inputs.contains(part), "{inputs}");
        }
        assert_eq!(card.attributes.len(), 31);
        let texts = card
            .first
            .iter()
            .map(|(_, t)| t)
            .chain(card.attributes.iter().map(|(_, t)| t));
        assert!(texts.into_iter().all(|t| !t.trim().is_empty()));
    }
}
