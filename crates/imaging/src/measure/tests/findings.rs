//! Lesions over several dates (T47).

use triptych_clinical::Instant;

use super::drawing;
use crate::{
    annotate::{Annotation, Quantity, Shape, Stated},
    display::SpacingProvenance,
    measure::{Caution, Dated, findings},
};

fn lesion(uid: &str, lesion: &str, mm: f64, provenance: SpacingProvenance) -> Annotation {
    let unit = match provenance {
        SpacingProvenance::Pixels => "{pixels}",
        _ => "mm",
    };
    Annotation {
        lesion: lesion.to_owned(),
        label: format!("nodule {lesion}"),
        values: vec![Stated {
            quantity: Quantity::LongAxis,
            value: mm,
            unit: unit.to_owned(),
            provenance: Some(provenance),
        }],
        ..drawing(uid, Shape::Bidirectional, &[[0.0, 0.0]; 4])
    }
}

fn on(annotation: &Annotation, day: i64, thickness: f64) -> Dated<'_> {
    Dated {
        annotation,
        taken: Instant(0).plus_days(day),
        slice_thickness_mm: Some(thickness),
        kernel: "B30f",
    }
}

#[test]
fn t47_a_lesion_is_followed_from_date_to_date() {
    use SpacingProvenance::CrossSection;
    let drawings = [
        lesion("a3", "a", 10.0, CrossSection),
        lesion("a1", "a", 8.0, CrossSection),
        lesion("a2", "a", 8.1, CrossSection),
        lesion("b1", "b", 20.0, CrossSection),
    ];
    let table = findings(&[
        on(&drawings[0], 90, 1.0),
        on(&drawings[1], 0, 1.0),
        on(&drawings[2], 30, 1.0),
        on(&drawings[3], 90, 1.0),
    ]);
    let names: Vec<_> = table.iter().map(|l| l.lesion.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let uids: Vec<_> = table[0].entries.iter().map(|e| e.uid.as_str()).collect();
    assert_eq!(uids, ["a1", "a2", "a3"]);
    // Two steps, and the whole way.
    let changes = &table[0].changes;
    assert_eq!(
        changes.iter().map(|c| c.days).collect::<Vec<_>>(),
        [30.0, 60.0, 90.0]
    );
    let small = changes[0].compared.unwrap().growth.unwrap();
    assert!(small.within_variation);
    let whole = changes[2].compared.unwrap();
    assert!((whole.absolute - 2.0).abs() < 1e-12 && (whole.percent - 25.0).abs() < 1e-9);
    // T47.vdt
    let days = whole.growth.unwrap().doubling_days.unwrap();
    assert!((days - 93.1885).abs() < 0.001, "{days}");
    assert!(changes.iter().all(|c| c.cautions.is_empty()));
    assert!(table[1].changes.is_empty());
}

#[test]
fn t47_other_millimetres_are_not_compared_and_other_slices_are_marked() {
    use SpacingProvenance::{AtDetector, CrossSection, MagnificationCorrected, Pixels};
    let check = |first: SpacingProvenance, second: SpacingProvenance, thick: f64| {
        let (a, b) = (
            lesion("1", "a", 10.0, first),
            lesion("2", "a", 14.0, second),
        );
        let table = findings(&[on(&a, 0, 1.0), on(&b, 50, thick)]);
        let change = &table[0].changes[0];
        (change.compared.is_some(), change.cautions.clone())
    };
    assert_eq!(check(CrossSection, CrossSection, 1.0), (true, vec![]));
    assert_eq!(
        check(CrossSection, CrossSection, 5.0),
        (true, vec![Caution::SliceThickness])
    );
    assert_eq!(
        check(AtDetector, MagnificationCorrected(1.1), 1.0),
        (false, vec![Caution::Provenance])
    );
    assert_eq!(
        check(
            MagnificationCorrected(1.04),
            MagnificationCorrected(1.1),
            1.0
        ),
        (true, vec![])
    );
    assert_eq!(check(Pixels, Pixels, 1.0), (false, vec![Caution::Unit]));
    assert_eq!(
        check(Pixels, CrossSection, 1.0),
        (false, vec![Caution::Unit, Caution::Provenance])
    );
}

#[test]
fn t47_the_drawing_edited_last_counts_on_its_date() {
    let a = lesion("1", "a", 10.0, SpacingProvenance::CrossSection);
    let mut again = lesion("2", "a", 11.0, SpacingProvenance::CrossSection);
    again.edited = "2025-01-02T00:00:00Z".to_owned();
    let later = lesion("3", "a", 22.0, SpacingProvenance::CrossSection);
    let table = findings(&[on(&again, 0, 1.0), on(&a, 0, 1.0), on(&later, 10, 1.0)]);
    assert_eq!(table[0].entries.len(), 3);
    assert_eq!(table[0].changes.len(), 1);
    assert_eq!(table[0].changes[0].values, [11.0, 22.0]);
}
