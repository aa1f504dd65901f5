//! Colours: profiles (T53), the well-known palettes over greys (T13), and lines against single pixels.

use super::*;
use crate::{DicomFile, tests::shelf_folder};

/// A matrix profile: sRGB with its primaries in another order, or with a curve of its own.
fn profile(order: [usize; 3], gamma: Option<f32>) -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_srgb();
    let primaries = [
        profile.red_colorant,
        profile.green_colorant,
        profile.blue_colorant,
    ];
    profile.red_colorant = primaries[order[0]];
    profile.green_colorant = primaries[order[1]];
    profile.blue_colorant = primaries[order[2]];
    // The code points for sRGB would speak against the primaries.
    profile.cicp = None;
    if let Some(gamma) = gamma {
        let curve = moxcms::curve_from_gamma(gamma);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    profile.encode().unwrap()
}

const PLAIN: [usize; 3] = [0, 1, 2];

#[test]
fn t53_srgb_changes_nothing_and_swapped_primaries_swap() {
    assert_eq!(ColourCorrection::new(&profile(PLAIN, None), None), Ok(None));
    let swapped = ColourCorrection::new(&profile([1, 0, 2], None), None)
        .unwrap()
        .unwrap();
    for rgb in [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [200, 90, 31],
        [7, 7, 7],
        [255, 255, 255],
    ] {
        let got = swapped.apply_bytes(rgb);
        let want = [rgb[1], rgb[0], rgb[2]];
        assert!(
            got.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 1),
            "{rgb:?}: {got:?}"
        );
    }
    // To a screen with the same swap it is the identity again.
    let screen = profile([1, 0, 2], None);
    assert_eq!(ColourCorrection::new(&screen, Some(&screen)), Ok(None));
}

#[test]
fn t53_a_curve_of_its_own_is_followed_near_black_too() {
    let linear = ColourCorrection::new(&profile(PLAIN, Some(1.0)), None)
        .unwrap()
        .unwrap();
    let srgb = |v: f64| {
        if v <= 0.003_130_8 {
            v * 12.92
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        }
    };
    for v in [0_u8, 1, 2, 5, 20, 128, 254, 255] {
        let want = (srgb(f64::from(v) / 255.0) * 255.0).round() as u8;
        let got = linear.apply_bytes([v; 3]);
        assert!(
            got.iter().all(|g| g.abs_diff(want) <= 1),
            "{v}: {got:?}, expected {want}"
        );
    }
}

#[test]
fn t53_broken_profiles_are_refused_and_sent_ones_checked() {
    let whole = profile([2, 0, 1], None);
    assert!(ColourCorrection::new(b"no profile", None).is_err());
    for cut in [0, 4, 127, 128, 200, whole.len() / 2] {
        // A profile that is cut either is refused or still means something: it never panics.
        let _ = ColourCorrection::new(&whole[..cut], None);
    }
    assert!(ColourCorrection::new(&whole[..100], None).is_err());
    assert!(matches!(
        ColourCorrection::new(&vec![0; 5 << 20], None),
        Err(ProfileError::TooLong(_))
    ));
    let correction = ColourCorrection::new(&whole, None).unwrap().unwrap();
    let mut sent = serde_json::to_value(&correction).unwrap();
    assert_eq!(
        serde_json::from_value::<ColourCorrection>(sent.clone()).unwrap(),
        correction
    );
    sent["Shaper"]["linear"][1] = serde_json::json!([0.5]);
    assert!(serde_json::from_value::<ColourCorrection>(sent).is_err());
    let table = serde_json::json!({ "Table": { "values": [[1, 2, 3]] } });
    assert!(serde_json::from_value::<ColourCorrection>(table).is_err());
}

#[test]
fn t53_a_drawn_image_goes_through_its_profile_and_greys_do_not() {
    let correction = ColourCorrection::new(&profile([1, 0, 2], None), None).unwrap();
    let attributes = DisplayAttributes {
        bits_stored: 8,
        colour_correction: correction,
        ..DisplayAttributes::default()
    };
    let frame = image(
        SampleType::U8,
        Colour::Rgb,
        2,
        1,
        vec![250, 10, 40, 0, 90, 0],
    );
    let shown = paint(
        &frame,
        &attributes,
        &window(1.0, 1.0),
        false,
        Interpolation::Nearest,
        [2, 1],
        &ViewState::default(),
    );
    let near = |got: &[u8], want: [u8; 3]| got.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 1);
    assert!(
        near(&shown[..3], [10, 250, 40]) && near(&shown[4..7], [90, 0, 0]),
        "{shown:?}"
    );
    let grey = image(SampleType::U8, Colour::Monochrome2, 2, 1, vec![3, 200]);
    let shown = paint(
        &grey,
        &attributes,
        &window(128.0, 256.0),
        false,
        Interpolation::Nearest,
        [2, 1],
        &ViewState::default(),
    );
    assert_eq!(reds(&shown), [3, 200]);
}

#[test]
fn t13_well_known_palettes_are_those_of_the_standard() {
    let test = "t13_well_known_palettes_are_those_of_the_standard";
    for palette in WellKnownPalette::ALL {
        assert_eq!(WellKnownPalette::of_uid(palette.uid()), Some(palette));
        let (tables, colours) = (palette.palette().unwrap(), palette.colours());
        for (grey, colour) in colours.iter().enumerate() {
            assert_eq!(tables.rgb(grey as f64), *colour, "{palette:?} {grey}");
        }
    }
    let Some(folder) = shelf_folder(test, "data/dicom_objects/palettes") else {
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let file = DicomFile::parse(&bytes).unwrap();
        let data = file.data();
        let uid = data.text(crate::tags::SOP_INSTANCE_UID).unwrap();
        let palette = WellKnownPalette::of_uid(&uid).unwrap();
        let colours = palette.colours();
        for (k, (plain, segmented)) in [
            (
                crate::tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                crate::tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            ),
            (
                crate::tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                crate::tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            ),
            (
                crate::tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                crate::tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let bytes_of = |tag| -> Vec<u16> {
                data.words(tag)
                    .iter()
                    .flat_map(|w| w.to_le_bytes())
                    .map(u16::from)
                    .collect()
            };
            let wanted = if data.has_value(plain) {
                bytes_of(plain)
            } else {
                expand_segments(&bytes_of(segmented), 1).unwrap()
            };
            let got: Vec<u16> = colours.iter().map(|c| u16::from(c[k])).collect();
            assert_eq!(got, wanted[..256], "{palette:?} channel {k}");
        }
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn t13_a_palette_over_greys_leaves_padding_and_the_outside_black() {
    let frame = signed(3, 1, &[0, 255, -5]);
    let mut attributes = hu(1.0, 0.0);
    let transform = ViewTransform::new(3, 1, 1.0, [5, 1], &ViewState::default());
    let show = |attributes: &DisplayAttributes| {
        let voi = window(128.0, 256.0);
        let mut out = vec![7; 20];
        let drawing = Drawing {
            frame: &frame,
            attributes,
            voi: Some(&voi),
            invert: false,
            pseudo_colour: Some(WellKnownPalette::Spring),
            greys: None,
            transform: &transform,
            interpolation: Interpolation::Nearest,
            size: [5, 1],
            layers: Default::default(),
        };
        draw(&drawing, &mut out).unwrap();
        let mut pixels = vec![9; 20];
        draw_pixelwise(&drawing, &mut pixels).unwrap();
        assert_eq!(out, pixels);
        out
    };
    let (magenta, yellow, black) = ([255, 0, 255, 255], [255, 255, 0, 255], BLACK);
    assert_eq!(
        show(&attributes),
        [black, magenta, yellow, magenta, black].concat()
    );
    attributes.padding = Some(Padding::new(-5.0, None));
    assert_eq!(
        show(&attributes),
        [black, magenta, yellow, black, black].concat()
    );
}
