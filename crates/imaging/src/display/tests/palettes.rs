//! Palettes: T13.

use super::*;

#[test]
fn t13_vectors_of_palettes() {
    each("T13", &[], |id, i, e, tolerance| {
        if i["segmented"].is_array() {
            let got = expand_segments(&words(&i["segmented"]), 2).unwrap();
            let want = floats(&e["expanded"]);
            assert_eq!(got.len(), want.len(), "{id}: {got:?}");
            assert!(
                got.iter()
                    .zip(&want)
                    .all(|(g, w)| (f64::from(*g) - w).abs() <= tolerance),
                "{id}: {got:?}"
            );
            return;
        }
        let d = floats(&i["descriptor"]);
        let table = |name: &str| {
            let data = if i[name].is_array() {
                words(&i[name])
            } else {
                vec![9; d[0] as usize]
            };
            Lut::new(d[0] as u16, d[1] as i32, d[2] as u16, &data).unwrap()
        };
        let palette = Palette {
            red: table("red"),
            green: table("green"),
            blue: table("blue"),
            supplemental: i["pixel_presentation"] == "COLOR",
        };
        if e["path"].is_string() {
            assert!(!palette.colours(f(&i["stored_value"])), "{id}");
        } else {
            assert_eq!(
                palette.rgb(f(&i["stored_value"])).map(f64::from).to_vec(),
                floats(&e["rgb8"]),
                "{id}"
            );
        }
    });
    assert!(
        expand_segments(&[1, 4, 60], 2).is_err(),
        "a line from nowhere"
    );
    assert!(expand_segments(&[0, 9, 1], 2).is_err(), "values missing");
}
