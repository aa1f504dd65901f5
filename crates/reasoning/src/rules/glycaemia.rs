//! What R19 and R20 share: when HbA1c does not mean what it says.

use crate::codes;
use crate::desk::{Desk, days, within};

/// Transfusion within 90 d, haemoglobin disorder, dialysis or erythropoietin: HbA1c is not usable.
pub(super) fn hba1c_is_confounded(desk: &mut Desk<'_>) -> bool {
    let at = desk.at();
    let transfusion = desk.statement(&codes::TRANSFUSION, |d| within(d.instant(), at, days(90)));
    let disorder = desk.active(&codes::HAEMOGLOBIN_DISORDER);
    let erythropoietin = desk.active(&codes::ERYTHROPOIETIN);
    let found = [
        (transfusion, "transfusion within 90 d"),
        (disorder, "haemoglobin disorder"),
        (erythropoietin, "erythropoietin"),
    ];
    let mut confounded = false;
    for (datum, role) in found {
        desk.exclusion(&format!("HbA1c not usable: {role}"), datum.is_some());
        if let Some(datum) = datum {
            desk.rests_on_statement(datum, role);
            confounded = true;
        }
    }
    desk.dialysis() || confounded
}
