//! How numbers are written (T48): as many places as the measurement can carry, never a negative zero, never NaN or infinity.

use serde::{Deserialize, Serialize};

/// What stands between the whole number and its fraction. On screen by the reader's locale, in exports always a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DecimalSign {
    /// `12.3`
    #[default]
    Point,
    /// `12,3`
    Comma,
}

/// What is written where there is no number.
const NONE: &str = "–";

/// A number with this many decimals.
#[must_use]
pub fn number(value: f64, decimals: usize, sign: DecimalSign) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let mut text = format!("{value:.decimals$}");
    if let Some(rest) = text.strip_prefix('-')
        && rest.bytes().all(|b| matches!(b, b'0' | b'.'))
    {
        text = rest.to_owned();
    }
    if sign == DecimalSign::Comma {
        text = text.replace('.', ",");
    }
    text
}

/// `12.3 mm`; below 10 mm two decimals where a pixel measures less than 0.1 mm. `pixel_mm`: what one pixel measures along the line.
#[must_use]
pub fn length(mm: f64, pixel_mm: Option<f64>, sign: DecimalSign) -> String {
    let fine = mm < 10.0 && pixel_mm.is_some_and(|p| p < 0.1);
    let text = format!("{} mm", number(mm, if fine { 2 } else { 1 }, sign));
    below_pixel(text, pixel_mm.is_some_and(|p| mm < p))
}

/// `12.3 px`.
#[must_use]
pub fn pixel_length(pixels: f64, sign: DecimalSign) -> String {
    below_pixel(format!("{} px", number(pixels, 1, sign)), pixels < 1.0)
}

/// `87 mm²`, from 100 mm² upward `1.2 cm²`. `pixel_mm2`: what one pixel measures.
#[must_use]
pub fn area(mm2: f64, pixel_mm2: Option<f64>, sign: DecimalSign) -> String {
    let text = if mm2 < 100.0 {
        format!("{} mm²", number(mm2, 0, sign))
    } else {
        format!("{} cm²", number(mm2 / 100.0, 1, sign))
    };
    below_pixel(text, pixel_mm2.is_some_and(|p| mm2 < p))
}

/// `87 px²`.
#[must_use]
pub fn pixel_area(pixels: f64, sign: DecimalSign) -> String {
    below_pixel(format!("{} px²", number(pixels, 0, sign)), pixels < 1.0)
}

/// `640 mm³`, above 1 000 mm³ `1.6 ml`.
#[must_use]
pub fn volume(mm3: f64, sign: DecimalSign) -> String {
    if mm3 > 1000.0 {
        format!("{} ml", number(mm3 / 1000.0, 1, sign))
    } else {
        format!("{} mm³", number(mm3, 0, sign))
    }
}

/// `63.4°`.
#[must_use]
pub fn angle(degrees: f64, sign: DecimalSign) -> String {
    format!("{}°", number(degrees, 1, sign))
}

/// `21.7 %`, with a plus sign for growth.
#[must_use]
pub fn percent(percent: f64, sign: DecimalSign) -> String {
    let text = number(percent, 1, sign);
    let grew = percent > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    format!("{}{text} %", if grew { "+" } else { "" })
}

/// Two decimals.
#[must_use]
pub fn suv(value: f64, sign: DecimalSign) -> String {
    number(value, 2, sign)
}

/// `0.500 s`.
#[must_use]
pub fn duration(seconds: f64, sign: DecimalSign) -> String {
    format!("{} s", number(seconds, 3, sign))
}

/// A value of pixels with its unit: HU one decimal where it was computed and none where it is one pixel's; SUV two; any other unit as many
/// as give four digits.
#[must_use]
pub fn pixel_value(value: f64, unit: &str, of_one_pixel: bool, sign: DecimalSign) -> String {
    let text = match unit {
        "HU" => number(value, if of_one_pixel { 0 } else { 1 }, sign),
        _ if unit.starts_with("SUV") => suv(value, sign),
        _ if of_one_pixel && value.fract() == 0.0 => number(value, 0, sign),
        _ => match value.abs() {
            v if v >= 100.0 || v == 0.0 => number(value, 1, sign),
            v if v >= 1.0 => number(value, 3, sign),
            v if v >= 0.001 => number(value, 5, sign),
            _ if value.is_finite() => scientific(value, sign),
            _ => NONE.to_owned(),
        },
    };
    if unit.is_empty() || unit.starts_with("SUV") {
        text
    } else {
        format!("{text} {unit}")
    }
}

fn scientific(value: f64, sign: DecimalSign) -> String {
    let text = format!("{value:.3e}");
    match sign {
        DecimalSign::Point => text,
        DecimalSign::Comma => text.replace('.', ","),
    }
}

/// A value less than one pixel says so.
#[must_use]
pub fn below_pixel(text: String, below: bool) -> String {
    if below { text + " (below 1 px)" } else { text }
}
