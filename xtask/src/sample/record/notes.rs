//! What was written about her: consultations, progress notes, letters, the discharge summary.

use serde_json::json;

use super::{CLINIC, Chart, LOINC, PATIENT, attachment, concept};

impl Chart {
    pub(super) fn notes(&mut self) {
        for (at, written, code, title, author, text) in NOTES {
            let id = self.id("note");
            self.add(json!({
                "resourceType": "DocumentReference", "id": id, "status": "current", "docStatus": "final", "subject": { "reference": PATIENT },
                "type": concept(LOINC, code, title),
                "category": [{ "coding": [{ "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note" }] }],
                "date": written, "author": [{ "display": author }], "context": { "period": { "start": at } },
                "content": [{ "attachment": attachment(text) }],
            }));
        }
    }
}

/// Time of the event, time written, LOINC code, title, author, text.
const NOTES: [(&str, &str, &str, &str, &str, &str); 11] = [
    ("2020-09-15T08:30:00Z", "2020-09-15T17:10:00Z", "11488-4", "Consultation note", CLINIC, "
Chief complaint: New patient, diabetes review.

History of present illness: 63-year-old woman with type 2 diabetes since 2011, treated with metformin 1000 mg a day. No hypoglycemia. No polyuria.
Walks for half an hour most days, limited by knee pain.

Past medical history: Hypertension, hyperlipidemia, osteoarthritis of both knees. Colonoscopy in 2017: two small hyperplastic polyps, next one due in 2027.

Family history: Mother had type 2 diabetes. No colorectal or lung cancer in the family.

Social history: Retired seamstress. Smokes 15 to 20 cigarettes a day since 1975. Drinks alcohol rarely.

Allergies: Penicillin - hives and lip swelling in 1984.

Physical examination: BP 138/82, pulse regular. Heart and lungs normal. Feet: pulses present, monofilament normal.

Assessment and plan:
1. Type 2 diabetes, HbA1c 7.1 %. Continue metformin.
2. Hypertension, treated. Continue lisinopril 10 mg.
3. Kidney function normal (creatinine 0.88 mg/dL). Albumin/creatinine ratio 12 mg/g.
4. Smoking: advised to stop; not ready yet.
"),
    ("2022-03-15T08:30:00Z", "2022-03-15T16:20:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Feels well. Tolerates metformin. No chest pain.

Objective: BP 137/79. Weight 83.1 kg. HbA1c 7.1 %, creatinine 0.95 mg/dL.

Assessment and plan: Diabetes stable, but fasting values up to 170 mg/dL at home. Increase metformin to 1000 mg twice a day. Pneumococcal vaccine given today.
"),
    ("2022-09-20T08:30:00Z", "2022-09-20T16:45:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Short of breath on stairs, morning cough with white sputum for two winters. No hemoptysis. Still smokes a pack a day.

Objective: BP 140/81. Scattered wheeze. Spirometry: FEV1/FVC 0.64, FEV1 74 % predicted after bronchodilator.

Assessment and plan:
1. COPD, mild to moderate. Albuterol as needed. Inhaler technique shown.
2. Diabetes: HbA1c 7.3 %. No change.
3. Albumin/creatinine ratio 24 mg/g, creatinine 0.99 mg/dL: repeat in a year.
4. Ferritin 58 ng/mL, taken because of fatigue: normal.
"),
    ("2024-03-12T08:30:00Z", "2024-03-12T15:50:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Tired in the afternoon. Nicotine patches last year did not help; stopped after three months. No blood in the stool. No black stool.

Objective: BP 134/76. Weight 81.8 kg. Creatinine 1.08 mg/dL, eGFR 56 for the second time below 60. Albumin/creatinine ratio 35 mg/g in September.
Hemoglobin 12.4 g/dL, MCV 86 fL.

Assessment and plan:
1. Chronic kidney disease stage 3a with moderately increased albuminuria, most likely diabetic. Continue lisinopril. Avoid anti-inflammatory drugs.
2. Metformin: dose may stay while eGFR is above 45; review at each visit.
3. Fatigue: TSH next time. Ferritin 34 ng/mL.
"),
    ("2025-09-16T08:30:00Z", "2025-09-16T16:30:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Dry cough for three months, no fever, no hemoptysis. Fatigue. Appetite less than it was. Takes antacids for heartburn.

Objective: BP 133/75. Weight 79.9 kg. Chest: prolonged expiration. Hemoglobin 11.4 g/dL, MCV 80.6 fL. Creatinine 1.17 mg/dL, eGFR 51.

Assessment and plan:
1. Cough in a smoker with 35 pack-years: CT chest.
2. Mild anemia, probably of chronic kidney disease. Recheck in six months.
3. Diabetes: HbA1c 7.6 %, target 7.5 %. Diet discussed.
"),
    ("2025-10-21T11:00:00Z", "2025-10-21T17:25:00Z", "51852-2", "Letter", "Dr. S. Brandt (synthetic), Pulmonary Medicine", "
Reason for referral: Lung nodule found on CT.

Dear colleague,

Thank you for referring this 68-year-old woman, who smokes (35 pack-years) and has mild COPD. CT of the chest of 2025-10-14 shows a solid 6 mm nodule in the
right upper lobe. There is no earlier CT to compare with. She has no hemoptysis. Spirometry is unchanged.

Assessment: Solitary solid nodule of 6 mm, high-risk patient.

Plan: CT of the chest in 12 months. Smoking cessation was discussed again; she will think about varenicline. Please check kidney function before contrast is given.
"),
    ("2026-03-17T08:30:00Z", "2026-03-17T16:05:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Tired, short of breath on one flight of stairs. No chest pain. No visible bleeding. Eats little meat.

Objective: BP 131/74. Weight 78.8 kg. Pale conjunctivae. Hemoglobin 10.7 g/dL, MCV 77.2 fL. HbA1c 7.6 %. Creatinine 1.21 mg/dL.

Assessment and plan:
1. Anemia, now microcytic. Ferritin pending at the time of this note.
2. CKD stage 3a, stable.
3. Continue other medicines. Review in summer.
"),
    ("2026-08-11T08:30:00Z", "2026-08-11T16:40:00Z", "11506-3", "Progress note", CLINIC, "
Subjective: Fatigue is worse. Craves ice. Knee pain, asks for a stronger pain killer. No melena.

Objective: BP 129/72. Weight 77.5 kg. Hemoglobin 10.2 g/dL, MCV 75.3 fL, platelets 398. HbA1c 8.1 %. Creatinine 1.24 mg/dL, eGFR 47. Albumin/creatinine ratio 84 mg/g.

Assessment and plan:
1. Progressive microcytic anemia: iron studies and separate appointment in October.
2. Diabetes above target. HbA1c may read falsely high in iron deficiency; no change today.
3. Kidney function: metformin 2000 mg a day is at the limit with eGFR 47. Recheck in three months.
4. Knee pain: acetaminophen, no NSAIDs.
5. CT chest for the nodule is booked for October.
"),
    ("2026-10-14T13:00:00Z", "2026-10-14T18:00:00Z", "11488-4", "Consultation note", CLINIC, "
Reason for consultation: Anemia.

History of present illness: 69-year-old woman with progressive fatigue for about two years. Craves ice. Heartburn, for which she takes antacids. Denies melena,
hematochezia and vaginal bleeding. Weight loss of about 2 kg since spring.

Laboratory data (2026-10-12): Hemoglobin 9.8 g/dL, MCV 74.1 fL, ferritin 9 ng/mL, transferrin saturation 6 %, CRP 4 mg/L. B12 and folate normal. Creatinine 1.27 mg/dL.

Physical examination: Pale. Abdomen soft, no mass. Rectal examination: brown stool.

Assessment: Iron deficiency anemia. No source of blood loss is known. Last colonoscopy in 2017.

Plan: Ferrous sulfate 325 mg every other day started. Tests for celiac disease to be added. Referral for upper and lower endoscopy to be discussed after the
CT of the chest.
"),
    ("2026-10-28T21:10:00Z", "2026-10-29T00:20:00Z", "34111-5", "Emergency department note", "Dr. M. Ferrer (synthetic), Emergency Medicine", "
Chief complaint: Vomiting and diarrhea for three days, dizzy.

History of present illness: 69-year-old woman. Watery diarrhea and vomiting since 2026-10-25, several family members ill. Drinks little. Went to her CT with contrast
yesterday all the same. Has taken ibuprofen 400 mg three times a day for ten days for her knee. Passed little urine today. No blood in stool. No fever at home.

Past medical history: Type 2 diabetes, hypertension, CKD stage 3a, COPD, iron deficiency anemia, lung nodule under follow-up.

Medications: Metformin 1000 mg twice a day, lisinopril 10 mg, amlodipine 5 mg, atorvastatin 80 mg, ferrous sulfate, ibuprofen (own purchase).

Allergies: Penicillin.

Vital signs: BP 94/56, HR 112, RR 20, T 37.8, SpO2 95 % on room air.

Physical examination: Dry mucous membranes. Abdomen soft, mild diffuse tenderness, no guarding. Lungs clear.

Laboratory data: Creatinine 2.10 mg/dL (1.27 on 2026-10-12), urea nitrogen 52 mg/dL, potassium 5.6 mmol/L, bicarbonate 17 mmol/L, CRP 38 mg/L.

Assessment and plan:
1. Acute kidney injury, prerenal most likely: volume loss, NSAID, ACE inhibitor; contrast yesterday may add to it.
2. Hyperkalemia, mild. ECG without changes.
3. Fluids 1 L now. Stop ibuprofen and lisinopril. Admit.
"),
    ("2026-11-01T14:00:00Z", "2026-11-01T15:45:00Z", "18842-5", "Discharge summary", "Dr. P. Lindqvist (synthetic), Internal Medicine", "
Discharge summary
Admitted: 2026-10-28. Discharged: 2026-11-01.

Discharge diagnoses:
1. Acute kidney injury on chronic kidney disease stage 3a, after gastroenteritis, with NSAID and ACE inhibitor; peak creatinine 2.62 mg/dL on 2026-10-30.
2. Viral gastroenteritis, resolved.
3. Iron deficiency anemia, under investigation.
4. Right upper lobe nodule, growing.

Hospital course: The patient was admitted with volume depletion after three days of vomiting and diarrhea. She received 3 L of balanced crystalloid over 24 hours. Ibuprofen
and lisinopril were stopped. Urine sediment was bland. Renal ultrasound showed no hydronephrosis. Creatinine rose to 2.62 mg/dL and then fell to 2.04 mg/dL on
the day of discharge. Potassium normalized. Chest radiograph of 2026-10-29 showed no fluid overload. Hemoglobin was 9.4 g/dL without signs of bleeding.
The CT of 2026-10-27, reported during the stay, shows growth of the known nodule from 6 mm to 9 mm.

Discharge medications: Amlodipine 5 mg, atorvastatin 80 mg, ferrous sulfate 325 mg every other day, albuterol as needed. Other home medications unchanged.
Stopped: lisinopril (until kidney function is rechecked), ibuprofen.

Discharge instructions: Drink enough. No anti-inflammatory pain killers. Return if vomiting or diarrhea comes back.

Follow-up:
- Kidney function and potassium in one week with the primary physician.
- Lung clinic: referral sent for PET/CT and multidisciplinary meeting.
- Endoscopy: to be arranged by the primary physician once kidney function has recovered.

Signed: Dr. P. Lindqvist (synthetic)
"),
];
