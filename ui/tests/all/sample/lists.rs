//! The plain lists of the record.

use triptych_ui::view::*;

use super::fact;

pub fn medications() -> Vec<ListRow> {
    vec![
        list(
            "Metformin ER 500 mg",
            "dose per day not recorded",
            "since 2019-09-20",
            true,
        ),
        list(
            "Insulin isophane/regular 70/30",
            "",
            "since 2019-11-22",
            true,
        ),
        list("Ibuprofen 200 mg", "stopped", "2018-03-02", false),
    ]
}

pub fn problems() -> Vec<ListRow> {
    vec![
        list("Diabetes", "type 2", "2017-11-10", true),
        list("Anaemia", "", "2017-11-10", true),
        list("Chronic kidney disease stage 1", "", "2019-09-20", true),
        list("Diabetic renal disease", "", "2019-09-20", true),
        list("Hypertriglyceridaemia", "", "2019-09-20", true),
        list("Metabolic syndrome", "", "2019-11-22", true),
        list("Acute bronchitis", "resolved", "2016-02-01", false),
        list("Body mass index 30+", "finding", "2019-11-22", true),
        list(
            "Normal pregnancy, completed a long time ago and written down at length by a thorough source",
            "resolved",
            "2015-06-02",
            false,
        ),
    ]
}

pub fn encounters() -> Vec<ListRow> {
    vec![list("Check-up", "ambulatory", "2021-02-19", true)]
}

pub fn procedures() -> Vec<ListRow> {
    vec![list("Colonoscopy", "", "2020-06-04", true)]
}

fn list(name: &str, detail: &str, date: &str, active: bool) -> ListRow {
    ListRow {
        also: Vec::new(),
        fact: fact(name),
        title: name.into(),
        detail: detail.into(),
        date: date.into(),
        active,
        inert: String::new(),
        source: "FHIR bundle".into(),
    }
}
