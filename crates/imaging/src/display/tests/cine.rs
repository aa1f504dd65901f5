//! Cine: T60.

use proptest::prelude::*;

use super::*;

#[test]
fn t60_vectors_of_cine() {
    each("T60", &[], |id, i, e, tolerance| {
        if let Some(vector) = i.get("FrameTimeVector") {
            let cine = CineAttributes {
                pointer_is_vector: i["FrameIncrementPointer"] == "00181065",
                frame_time_vector_ms: floats(vector),
                ..CineAttributes::default()
            };
            let wanted = floats(&e["show_at_ms"]);
            assert_eq!(cine.show_at_ms(), wanted, "{id}");
            let run = cine.cine(wanted.len() as u32, "US").unwrap();
            for (k, at) in (0_u32..).zip(&wanted) {
                assert_eq!(run.frame_at(0, *at), k, "{id} at {at} ms");
                if k > 0 {
                    assert_eq!(run.frame_at(0, at - 0.5), k - 1, "{id} just before {at} ms");
                }
            }
        } else if let Some(fps) = i["fps"].as_f64() {
            let run = CineAttributes::default()
                .cine(f(&i["frames"]) as u32, "CT")
                .unwrap()
                .at_rate(fps);
            let frame = run.frame_at(f(&i["start_frame"]) as u32, f(&i["elapsed_ms"]));
            near(id, f64::from(frame), &e["frame"], tolerance);
        } else {
            let cine = CineAttributes {
                pointer_is_vector: i["FrameIncrementPointer"] == "00181065",
                frame_time_ms: i["FrameTime"].as_f64(),
                recommended_rate: i["RecommendedDisplayFrameRate"].as_f64(),
                ..CineAttributes::default()
            };
            near(id, cine.cine(10, "US").unwrap().fps(), &e["fps"], tolerance);
        }
    });
}

#[test]
fn t60_the_rate_is_taken_in_order_and_nonsense_is_passed_over() {
    let fps = |cine: &CineAttributes, modality| {
        let run = cine.cine(8, modality).unwrap();
        (run.fps().round(), run.source())
    };
    let mut cine = CineAttributes::default();
    assert_eq!(fps(&cine, "US"), (15.0, RateSource::Default));
    assert_eq!(fps(&cine, "NM"), (10.0, RateSource::Default));
    cine.actual_frame_duration_ms = Some(500.0);
    assert_eq!(fps(&cine, "US"), (2.0, RateSource::File));
    cine.frame_time_ms = Some(40.0);
    assert_eq!(fps(&cine, "US"), (25.0, RateSource::File));
    cine.cine_rate = Some(20.0);
    assert_eq!(fps(&cine, "US"), (20.0, RateSource::File));
    cine.recommended_rate = Some(12.0);
    assert_eq!(fps(&cine, "US"), (12.0, RateSource::File));
    for nonsense in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e9] {
        cine.recommended_rate = Some(nonsense);
        assert_eq!(fps(&cine, "US"), (20.0, RateSource::File), "{nonsense}");
    }
    let negative = CineAttributes {
        pointer_is_vector: true,
        frame_time_vector_ms: vec![0.0, 40.0, -1.0, 40.0, 40.0, 40.0, 40.0, 40.0],
        ..CineAttributes::default()
    };
    assert_eq!(fps(&negative, "XA"), (15.0, RateSource::Default));
    assert_eq!(cine.cine(1, "US"), None);
}

#[test]
fn t60_trims_cut_the_run_and_keep_its_times() {
    let cine = CineAttributes {
        pointer_is_vector: true,
        frame_time_vector_ms: vec![0.0, 10.0, 20.0, 30.0, 40.0],
        start_trim: Some(2),
        stop_trim: Some(4),
        ..CineAttributes::default()
    };
    let run = cine.cine(5, "US").unwrap();
    assert_eq!(run.frames(), 1..4);
    // Frame 1 for 20 ms, frame 2 for 30, frame 3 for their mean.
    let shown: Vec<u32> = [0.0, 19.9, 20.0, 49.9, 50.0, 74.9, 75.0]
        .map(|t| run.frame_at(1, t))
        .into();
    assert_eq!(shown, [1, 1, 2, 2, 3, 3, 1]);
    assert!((run.next_in_ms(1, 5.0) - 15.0).abs() < 1e-3);
    let outside = CineAttributes {
        start_trim: Some(9),
        ..cine
    };
    assert_eq!(outside.cine(5, "US").unwrap().frames(), 0..5);
}

#[test]
fn t60_a_sweep_goes_back_frame_by_frame() {
    let run = CineAttributes::default()
        .cine(4, "CT")
        .unwrap()
        .played(Playback::Sweep);
    let shown: Vec<u32> = (0..14)
        .map(|k| run.frame_at(0, f64::from(k) * 100.0 + 1.0))
        .collect();
    assert_eq!(shown, [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
    let two = CineAttributes::default()
        .cine(2, "CT")
        .unwrap()
        .played(Playback::Sweep);
    let shown: Vec<u32> = (0..4)
        .map(|k| two.frame_at(0, f64::from(k) * 100.0 + 1.0))
        .collect();
    assert_eq!(shown, [0, 1, 0, 1]);
}

#[test]
fn t60_the_shown_rate_is_what_was_presented() {
    let mut rate = ShownRate::default();
    assert_eq!(rate.fps(), None);
    for k in 0..50 {
        rate.presented(f64::from(k) * 50.0);
    }
    assert!((rate.fps().unwrap() - 20.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn t60_waking_when_told_shows_every_frame_in_turn(
        vector in prop::collection::vec(5.0..500.0_f64, 2..30), sweep: bool, start in 0_u32..30,
    ) {
        let frames = vector.len() as u32;
        let cine = CineAttributes {
            pointer_is_vector: true,
            frame_time_vector_ms: vector,
            playback: if sweep { Playback::Sweep } else { Playback::Loop },
            ..CineAttributes::default()
        };
        let run = cine.cine(frames, "US").unwrap();
        let start = start % frames;
        let mut now = 0.0;
        let mut shown = run.frame_at(start, now);
        prop_assert_eq!(shown, start);
        for _ in 0..100 {
            now += run.next_in_ms(start, now) + 1e-3;
            let next = run.frame_at(start, now);
            let step = i64::from(next) - i64::from(shown);
            prop_assert!(next < frames && (step.abs() == 1 || step == 1 - i64::from(frames)), "{shown} to {next}");
            shown = next;
        }
    }
}
