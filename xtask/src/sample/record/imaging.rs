//! The three imaging studies with their reports.

use serde_json::json;

use super::{Chart, HL7, LOINC, PATIENT, SNOMED, attachment, status};

/// Study Instance UID of the first chest CT, 2025-10-14 (6 mm nodule).
pub const CT_1_STUDY_UID: &str = "2.25.21386402937450182736450918273645091826";
/// Study Instance UID of the second chest CT, 2026-10-27 (9 mm nodule).
pub const CT_2_STUDY_UID: &str = "2.25.21386402937450182736450918273645091827";
/// Study Instance UID of the chest radiograph, 2026-10-29.
pub const DX_STUDY_UID: &str = "2.25.21386402937450182736450918273645091828";

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// One study of one series.
struct Study {
    uid: &'static str,
    accession: &'static str,
    started: &'static str,
    /// When its report was signed.
    issued: &'static str,
    modality: &'static str,
    instances: u32,
    /// LOINC code of the report.
    code: &'static str,
    name: &'static str,
    report: &'static str,
}

const STUDIES: [Study; 3] = [
    Study {
        uid: CT_1_STUDY_UID,
        accession: "SYN-CT-1",
        started: "2025-10-14T10:15:00Z",
        issued: "2025-10-14T15:32:00Z",
        modality: "CT",
        instances: 120,
        code: "24627-2",
        name: "CT chest",
        report: CT_1_REPORT,
    },
    Study {
        uid: CT_2_STUDY_UID,
        accession: "SYN-CT-2",
        started: "2026-10-27T09:12:00Z",
        issued: "2026-10-27T16:05:00Z",
        modality: "CT",
        instances: 120,
        code: "24627-2",
        name: "CT chest",
        report: CT_2_REPORT,
    },
    Study {
        uid: DX_STUDY_UID,
        accession: "SYN-DX-1",
        started: "2026-10-29T14:20:00Z",
        issued: "2026-10-29T15:10:00Z",
        modality: "DX",
        instances: 1,
        code: "24648-8",
        name: "XR chest PA",
        report: DX_REPORT,
    },
];

impl Chart {
    pub(super) fn imaging(&mut self) {
        for study in &STUDIES {
            let Study {
                uid,
                started,
                name,
                instances,
                ..
            } = *study;
            let id = self.id("imaging");
            let modality = json!({ "system": DCM, "code": study.modality });
            self.add(json!({
                "resourceType": "ImagingStudy", "id": id, "status": "available", "subject": { "reference": PATIENT }, "started": started,
                "identifier": [{ "system": "urn:dicom:uid", "value": format!("urn:oid:{uid}") },
                               { "type": status("v2-0203", "ACSN"), "value": study.accession }],
                "modality": [modality],
                "description": name, "numberOfSeries": 1, "numberOfInstances": instances,
                "series": [{ "uid": format!("{uid}1"), "modality": modality,
                             "bodySite": { "system": SNOMED, "code": "51185008", "display": "Chest" }, "numberOfInstances": instances }],
            }));
            let report = self.id("report");
            self.add(json!({
                "resourceType": "DiagnosticReport", "id": report, "status": "final", "subject": { "reference": PATIENT },
                "category": [{ "coding": [{ "system": format!("{HL7}/v2-0074"), "code": "RAD", "display": "Radiology" }] }],
                "code": { "coding": [{ "system": LOINC, "code": study.code, "display": name }], "text": format!("{name} report") },
                "effectiveDateTime": started, "issued": study.issued, "imagingStudy": [{ "reference": format!("ImagingStudy/{id}") }],
                "performer": [{ "display": "Dr. L. Okafor (synthetic), Radiology" }],
                "presentedForm": [attachment(study.report)],
            }));
        }
    }
}

const CT_1_REPORT: &str = "
CT CHEST WITHOUT CONTRAST
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: 68-year-old woman, current smoker, 35 pack-years. Cough for three months.

Technique: Helical acquisition of the chest without intravenous contrast, 2.5 mm sections.

Comparison: None available.

Findings:
Lungs: Solid, smoothly marginated nodule in the right upper lobe, mean diameter 6 mm. No calcification or fat is seen in it. Mild centrilobular
emphysema, upper lobe predominant. No consolidation. No pleural effusion or pneumothorax.
Mediastinum: No enlarged mediastinal or hilar lymph nodes. Heart size is normal. Mild coronary artery calcification. Thoracic aorta of normal caliber.
Upper abdomen: No abnormality in the included parts.
Bones: No suspicious lesion. Mild degenerative change of the thoracic spine.

Impression:
1. Solid 6 mm nodule in the right upper lobe, indeterminate, in a patient at high risk (smoker, emphysema).
2. Mild centrilobular emphysema.

Recommendation: CT of the chest in 6 to 12 months, then consider CT at 18 to 24 months (Fleischner Society 2017).
";

const CT_2_REPORT: &str = "
CT CHEST WITH INTRAVENOUS CONTRAST
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: Follow-up of a right upper lobe nodule. Current smoker, 35 pack-years. Weight loss of 2 kg since March. Iron deficiency anemia under
investigation.

Technique: Helical acquisition of the chest after 70 mL of iodinated contrast, 2.5 mm sections. Creatinine on 2026-10-12 was 1.27 mg/dL, eGFR 46.

Comparison: CT chest of 2025-10-14.

Findings:
Lungs: The solid nodule in the right upper lobe now measures 9 mm in mean diameter, previously 6 mm. Its margin is slightly lobulated. No cavitation. No new
nodule. Mild centrilobular emphysema, unchanged. No pleural effusion.
Mediastinum: No enlarged mediastinal or hilar lymph nodes. Heart size is at the upper limit of normal. Mild coronary artery calcification.
Upper abdomen: The included liver and adrenal glands are unremarkable. Small hiatal hernia.
Bones: No suspicious lesion.

Impression:
1. Growth of the solid right upper lobe nodule from 6 mm to 9 mm in 12 months: suspicious for primary lung cancer.
2. No enlarged thoracic lymph nodes.
3. Small hiatal hernia.

Recommendation: PET/CT and discussion in the multidisciplinary lung meeting.
";

const DX_REPORT: &str = "
CHEST RADIOGRAPH, PA
SYNTHETIC PATIENT - NOT A REAL PERSON

Clinical information: Acute kidney injury, received 3 L of fluid, crackles at both bases. Fluid overload?

Comparison: CT chest of 2026-10-27.

Findings: Heart size is at the upper limit of normal. No pulmonary edema. No consolidation. No pleural effusion. The known right upper lobe nodule is faintly
visible. No pneumothorax.

Impression: No evidence of fluid overload or pneumonia. Known right upper lobe nodule, see CT of 2026-10-27.
";
