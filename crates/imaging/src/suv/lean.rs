//! Uptake over other sizes of the body than its weight: lean mass and surface.

use super::factor::Suv;

/// Size and sex of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BodySize {
    /// Weight, kg.
    pub weight_kg: f64,
    /// Height, m.
    pub height_m: f64,
    /// The formulae know two sexes.
    pub male: bool,
}

/// What uptake is divided by in place of the weight. The method is part of the name of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SuvMethod {
    /// Lean body mass after James (1976).
    LeanJames,
    /// Lean body mass after Janmahasatian (2005).
    LeanJanmahasatian,
    /// Body surface after Du Bois (1916).
    Surface,
}

/// The factor of another method from that of the body weight; `None` where a size is no person's.
#[must_use]
pub fn normalised(of_weight: &Suv, body: BodySize, method: SuvMethod) -> Option<Suv> {
    let BodySize {
        weight_kg: weight,
        height_m,
        male,
    } = body;
    let height = height_m * 100.0;
    let fits = (1.0..=650.0).contains(&weight) && (20.0..=300.0).contains(&height);
    let index = weight / (height_m * height_m);
    let (size, name) = match method {
        SuvMethod::LeanJames => {
            let square = (weight / height) * (weight / height);
            let mass = if male {
                1.10 * weight - 128.0 * square
            } else {
                1.07 * weight - 148.0 * square
            };
            (mass, "SUVlbm (James)")
        }
        SuvMethod::LeanJanmahasatian => {
            let mass = if male {
                9270.0 * weight / (6680.0 + 216.0 * index)
            } else {
                9270.0 * weight / (8780.0 + 244.0 * index)
            };
            (mass, "SUVlbm (Janmahasatian)")
        }
        // In cm² a gram, so that the numbers are of the size of a SUV (m² × 10).
        SuvMethod::Surface => (
            0.007_184 * weight.powf(0.425) * height.powf(0.725) * 10.0,
            "SUVbsa (Du Bois)",
        ),
    };
    let factor = of_weight.factor * size / weight;
    (fits && size > 0.0 && factor.is_finite()).then(|| Suv {
        factor,
        name: match of_weight.corrected {
            true => name.replacen("SUV", "SUV*", 1),
            false => name.to_owned(),
        },
        ..of_weight.clone()
    })
}
