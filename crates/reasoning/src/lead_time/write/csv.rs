//! `per_patient.csv`.

use std::fmt::Write as _;

use crate::lead_time::report::PatientRow;

/// One line a patient and condition. Days from the eligibility start, never a date.
pub fn per_patient(rows: &[PatientRow]) -> String {
    let mut text = "patient,condition,state,outcome,outcome_day,end_day,detection,lead_days,standing,needs_lead_days,flag_lead_days,\
                    borne_out,false_alerts,indeterminate,patient_months,openings\n"
        .to_owned();
    for PatientRow {
        condition,
        judged: j,
    } in rows
    {
        let word = |value: Option<serde_json::Value>| {
            value
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2}"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{},{condition},{},{},{},{:.2},{},{},{},{},{},{},{},{},{:.2},{}",
            j.patient,
            word(serde_json::to_value(j.state).ok()),
            word(j.outcome.and_then(|o| serde_json::to_value(o).ok())),
            number(j.outcome_day),
            j.end_day,
            word(j.detection.and_then(|d| serde_json::to_value(d).ok())),
            number(j.lead_days),
            j.standing,
            number(j.needs_lead_days),
            number(j.flag_lead_days),
            j.episodes.borne_out,
            j.episodes.false_alert,
            j.episodes.indeterminate,
            j.months,
            j.openings
        );
    }
    text
}
