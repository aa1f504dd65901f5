//! Screens: the standard display function, what is known about a monitor, the page to judge it by: T55, T56.

use proptest::prelude::*;
use triptych_clinical::{Instant, When};

use super::{
    gsdf::{CurveError, LuminanceRange, MeasuredCurve, jnd_of_luminance, luminance_of_jnd},
    *,
};

#[test]
fn t55_vectors_of_the_standard_display_function() {
    each("T55", &[], |id, i, e, tolerance| {
        if let Some(jnd) = i["jnd"].as_f64() {
            near(id, luminance_of_jnd(jnd), &e["luminance"], tolerance);
        } else if let Some(luminance) = i["luminance"].as_f64() {
            near(id, jnd_of_luminance(luminance), &e["jnd"], tolerance);
        } else if let Some(p) = i["p_value"].as_f64() {
            let range = LuminanceRange::new(f(&i["lmin"]), f(&i["lmax"]), 0.0).unwrap();
            near(id, range.jnd(p, f(&i["p_max"])), &e["jnd"], tolerance);
            near(
                id,
                range.luminance(p, f(&i["p_max"])),
                &e["luminance"],
                tolerance,
            );
        } else {
            let range = LuminanceRange::new(f(&i["l_min"]), f(&i["l_max"]), 0.0).unwrap();
            let step = range.step(f(&i["L1"]), f(&i["L2"]), f(&i["steps"]) as u32);
            near(id, step.jnd_step, &e["jnd_step"], tolerance);
            near(
                id,
                step.expected_contrast,
                &e["expected_contrast"],
                tolerance,
            );
            near(
                id,
                step.measured_contrast,
                &e["measured_contrast"],
                tolerance,
            );
            near(id, step.percent, &e["deviation_pct"], tolerance);
            assert_eq!(step.within(10.0), e["within_10_pct"] == true, "{id}");
        }
    });
}

/// A screen of gamma 2.2 from 0.5 to 400 cd/m².
fn gamma_screen(levels: usize) -> MeasuredCurve {
    let at = |k: usize| 0.5 + 399.5 * (k as f64 / (levels - 1) as f64).powf(2.2);
    MeasuredCurve::new((0..levels).map(at).collect()).unwrap()
}

#[test]
fn t55_a_table_from_a_measured_curve_makes_a_screen_follow_the_standard() {
    for levels in [18, 52, 256] {
        let screen = gamma_screen(levels);
        let before = screen.worst_percent(0.2);
        let table = screen.display_lut(0.2, 255, 1023).unwrap();
        assert_eq!((table[0], table[255]), (0, 1023));
        assert!(table.windows(2).all(|w| w[0] <= w[1]));
        // What the screen shows through the table, measured again at 18 levels.
        let shown = (0..18).map(|k| screen.at(f64::from(table[k * 15]) / 1023.0));
        let after = MeasuredCurve::new(shown.collect())
            .unwrap()
            .worst_percent(0.2);
        assert!(
            after < 3.0 && before > 15.0,
            "{levels} levels: {before} before, {after} after"
        );
    }
}

#[test]
fn t55_what_is_no_curve_is_refused() {
    let refused = |levels: &[f64]| MeasuredCurve::new(levels.to_vec()).unwrap_err();
    assert_eq!(refused(&[1.0]), CurveError::Count(1));
    assert_eq!(refused(&[1.0, f64::NAN, 3.0]), CurveError::NoLuminance(1));
    assert_eq!(refused(&[1.0, 5.0, 3.0]), CurveError::Falls(2));
    assert_eq!(refused(&[2.0, 2.0]), CurveError::Falls(1));
    assert!(serde_json::from_str::<MeasuredCurve>("[3.0, 1.0]").is_err());
    assert!(LuminanceRange::new(5.0, 5.0, 0.0).is_none());
    // A screen that is quite black in a dark room still has a table.
    let black = MeasuredCurve::new(vec![0.0, 10.0, 400.0]).unwrap();
    assert!(black.display_lut(0.0, 255, 255).is_some());
}

fn when(text: &str) -> Instant {
    When::parse(text).unwrap().instant
}

fn good() -> MonitorRecord {
    MonitorRecord {
        identity: MonitorIdentity {
            vendor: "EIZ".into(),
            model: "RX370".into(),
            serial: "1234".into(),
        },
        pitch_mm: Some(0.2115),
        size_px: [1536, 2048],
        bit_depth: 10,
        luminance: Some([0.8, 450.0]),
        ambient: Some(0.1),
        gsdf_deviation_percent: Some(6.2),
        measured_by: "M. Reader".into(),
        measured_at: Some(when("2025-03-01")),
        instrument: "CS-2000 no. 7".into(),
        due_after_months: 12,
        ..MonitorRecord::default()
    }
}

#[test]
fn t56_findings_of_a_monitor_in_words() {
    let now = when("2025-09-01");
    let words = |record: &MonitorRecord, used| -> Vec<String> {
        record
            .findings(used, now, &[])
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let mut fine = good();
    fine.pitch_mm = Some(0.2);
    assert_eq!(words(&fine, MonitorUse::Diagnostic), [""; 0]);
    assert_eq!(
        words(&good(), MonitorUse::Diagnostic),
        ["pixel pitch 0.211 mm, 0.21 mm wanted"]
    );
    assert_eq!(words(&good(), MonitorUse::Review), [""; 0]);
    let dim = MonitorRecord {
        luminance: Some([2.0, 400.0]),
        gsdf_deviation_percent: Some(14.0),
        ambient: Some(0.6),
        ..fine.clone()
    };
    assert_eq!(
        words(&dim, MonitorUse::Mammography),
        [
            "maximum luminance 401 cd/m², 420 wanted",
            "luminance ratio 154, 250 wanted",
            "ambient light 0.60 cd/m², a quarter of the darkest level allowed",
            "contrast off by 14 %, 10 % allowed",
        ]
    );
    assert_eq!(
        words(&dim, MonitorUse::Review),
        ["ambient light 0.60 cd/m², a quarter of the darkest level allowed"]
    );
    let late = MonitorRecord {
        measured_at: Some(when("2024-08-20")),
        ..fine.clone()
    };
    assert_eq!(
        words(&late, MonitorUse::Diagnostic),
        ["display check 1 months overdue"]
    );
    let nothing = MonitorRecord::default();
    assert_eq!(
        words(&nothing, MonitorUse::Diagnostic),
        ["display not verified", "pixel pitch not known"]
    );
    // A measurement without an instrument is none.
    let by_eye = MonitorRecord {
        instrument: " ".into(),
        ..fine.clone()
    };
    assert_eq!(
        words(&by_eye, MonitorUse::Diagnostic),
        ["display not verified"]
    );
    assert!(by_eye.line().ends_with("display not verified"));
    let far = MonitorRecord {
        remote: true,
        ambient: None,
        ..fine
    };
    assert_eq!(
        words(&far, MonitorUse::Diagnostic),
        ["remote display", "ambient light not measured"]
    );
}

#[test]
fn t56_two_monitors_without_serials_cannot_be_told_apart() {
    let mut record = good();
    record.identity.serial.clear();
    let twin = record.identity.clone();
    let found = record.findings(MonitorUse::Review, when("2025-09-01"), &[twin]);
    assert_eq!(found, [MonitorFinding::Ambiguous]);
    assert!(!record.identity.is_certain());
}

#[test]
fn t56_a_record_survives_being_written_and_has_its_line() {
    let record = MonitorRecord {
        curve: MeasuredCurve::new(vec![0.5, 1.0, 60.0, 400.0]).ok(),
        ..good()
    };
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(
        serde_json::from_str::<MonitorRecord>(&text).unwrap(),
        record
    );
    // The measured curve counts before a stated figure.
    assert!(record.deviation_percent().unwrap() > 15.0);
    assert_eq!(
        good().line(),
        "EIZ RX370 1234: 0.80 to 450 cd/m², GSDF within 6.2 %, measured 2025-03-01 with CS-2000 no. 7"
    );
    assert_eq!(
        good().true_size_mark().as_deref(),
        Some("true size (screen calibrated 2025-03-01)")
    );
}

#[test]
fn t55_the_test_pattern_has_its_parts_at_device_pixels() {
    for size in [[1600_u32, 1000], [1536, 2048], [240, 240]] {
        let mut out = vec![0; size[0] as usize * size[1] as usize * 4];
        let page = test_pattern(size, &mut out).unwrap();
        let at = |x: u32, y: u32| {
            let k = (y as usize * size[0] as usize + x as usize) * 4;
            assert_eq!((out[k], out[k + 3]), (out[k + 2], 255), "grey and opaque");
            out[k]
        };
        let middle = |[x, y, w, h]: [u32; 4]| at(x + w / 2, y + h / 2);
        let greys: Vec<u8> = page
            .patches
            .iter()
            .map(|(place, _)| middle(*place))
            .collect();
        let wanted: Vec<u8> = (0..18).map(|k| k * 15).collect();
        assert_eq!(greys, wanted);
        for (place, grey, around) in &page.low_contrast {
            assert_eq!(middle(*place), *grey);
            assert_eq!(at(place[0] - 1, place[1]), *around);
        }
        // 5 % and 95 % of 255.
        assert_eq!((page.low_contrast[0].1, page.low_contrast[1].1), (13, 242));
        let [x, y, w, _] = page.ramp;
        assert_eq!((at(x, y), at(x + w - 1, y)), (0, 255));
        assert!((0..w - 1).all(|k| at(x + k, y) <= at(x + k + 1, y)));
        for triple in page.fine_lines.chunks(3) {
            let [x, y, ..] = triple[0];
            assert_eq!([0, 1, 2, 3].map(|k| at(x + k, y)), [255, 0, 255, 0]);
            let [x, y, ..] = triple[1];
            assert_eq!([0, 1, 2, 3].map(|k| at(x, y + k)), [255, 0, 255, 0]);
            let [x, y, ..] = triple[2];
            assert_eq!([0, 1, 2, 3, 4].map(|k| at(x + k, y)), [255, 255, 0, 0, 255]);
        }
        for (x, y) in [
            (0, 0),
            (size[0] - 1, 0),
            (0, size[1] - 1),
            (size[0] - 1, size[1] - 1),
        ] {
            assert_eq!(at(x, y), 255, "corner {x}, {y}");
        }
    }
    assert!(test_pattern([239, 500], &mut vec![0; 239 * 500 * 4]).is_err());
    assert!(test_pattern([300, 300], &mut [0; 16]).is_err());
}

proptest! {
    #[test]
    fn t55_there_and_back_is_the_same_index(jnd in 1.0..1023.0_f64) {
        prop_assert!((jnd_of_luminance(luminance_of_jnd(jnd)) - jnd).abs() < 0.6, "{jnd}");
    }
}
