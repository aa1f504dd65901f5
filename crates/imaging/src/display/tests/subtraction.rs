//! Mask subtraction: T64.

use super::*;

#[test]
fn t64_vectors_of_subtraction() {
    each("T64", &[], |id, i, e, tolerance| {
        let linear = i["relationship"] == "LIN";
        let offset = i["offset"].as_f64().unwrap_or(0.0);
        let got = difference(f(&i["frame"]), f(&i["mask"]), linear, offset);
        let wanted = e
            .get("subtracted")
            .or_else(|| e.get("log_difference"))
            .unwrap();
        near(id, got, wanted, tolerance);
    });
}

fn item(operation: MaskOperation, shift_px: [f64; 2]) -> MaskSubtraction {
    MaskSubtraction {
        operation,
        mask_frames: vec![0, 1],
        applicable: vec![[2, 5]],
        shift_px,
    }
}

fn floats_of(frame: &Frame) -> Vec<f32> {
    let cells = frame.bytes.as_chunks::<4>().0;
    cells.iter().map(|c| f32::from_ne_bytes(*c)).collect()
}

#[test]
fn t64_masks_are_averaged_shifted_and_taken_off() {
    let masks = [
        signed(3, 2, &[10, 20, 30, 40, 50, 60]),
        signed(3, 2, &[20, 40, 50, 60, 70, 80]),
    ];
    let frame = signed(3, 2, &[100; 6]);
    let of = |shift| {
        let shown = item(MaskOperation::Average, shift)
            .subtracted(&frame, &[&masks[0], &masks[1]], false, 0.0)
            .unwrap();
        assert_eq!(
            (shown.shape.sample, shown.shape.columns),
            (SampleType::F32, 3)
        );
        floats_of(&shown)
    };
    // Means 15 30 40 / 50 60 70.
    assert_eq!(of([0.0, 0.0]), [85.0, 70.0, 60.0, 50.0, 40.0, 30.0]);
    // One column to the right: its border stands in.
    assert_eq!(of([0.0, 1.0]), [85.0, 85.0, 70.0, 50.0, 50.0, 40.0]);
    // Half a row down.
    assert_eq!(of([0.5, 0.0]), [85.0, 70.0, 60.0, 67.5, 55.0, 45.0]);
}

#[test]
fn t64_which_masks_belong_to_a_frame() {
    let average = item(MaskOperation::Average, [0.0; 2]);
    assert_eq!(average.masks_of(2, 10), Some(vec![0, 1]));
    assert_eq!(average.masks_of(5, 10), None, "the range ends before it");
    assert_eq!(average.masks_of(2, 1), None, "a mask that is not there");
    let difference = item(MaskOperation::TimeDifference(1), [0.0; 2]);
    assert_eq!(difference.masks_of(3, 10), Some(vec![2]));
    let all = MaskSubtraction {
        applicable: Vec::new(),
        ..difference
    };
    assert_eq!(all.masks_of(0, 10), None, "nothing lies before the first");
}

#[test]
fn t64_reversed_and_logarithmic_and_what_cannot_be_subtracted() {
    let (mask, frame) = (signed(1, 1, &[1000]), signed(1, 1, &[500]));
    let reversed = item(MaskOperation::ReversedTimeDifference(1), [0.0; 2]);
    let shown = reversed.subtracted(&frame, &[&mask], true, 0.0).unwrap();
    assert!((floats_of(&shown)[0] - std::f32::consts::LN_2).abs() < 1e-6);
    assert!(
        difference(0.0, 1000.0, true, 0.0).is_finite(),
        "no light has no logarithm"
    );
    let average = item(MaskOperation::Average, [0.0; 2]);
    let fails =
        |frame: &Frame, masks: &[&Frame]| average.subtracted(frame, masks, false, 0.0).unwrap_err();
    assert_eq!(fails(&frame, &[]), SubtractionError::NoMask);
    assert_eq!(
        fails(&frame, &[&signed(2, 1, &[1, 2])]),
        SubtractionError::Size
    );
    let rgb = image(SampleType::U8, Colour::Rgb, 1, 1, vec![1, 2, 3]);
    assert_eq!(fails(&rgb, &[&mask]), SubtractionError::Colour);
}
