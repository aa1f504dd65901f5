//! The laboratory's tests, with the interval that its reports print. One line a test: this file is a table and is not formatted.

/// A laboratory test: LOINC code, name, UCUM unit, decimals, lower and upper limit of the report's interval.
pub struct Test(pub &'static str, pub &'static str, pub &'static str, pub usize, pub Option<f64>, pub Option<f64>);

pub const CREATININE: Test = Test("2160-0", "Creatinine", "mg/dL", 2, Some(0.55), Some(1.02));
pub const EGFR: Test = Test("98979-8", "eGFR (CKD-EPI 2021)", "mL/min/{1.73_m2}", 0, Some(60.0), None);
pub const UREA: Test = Test("3094-0", "Urea nitrogen", "mg/dL", 0, Some(7.0), Some(20.0));
pub const SODIUM: Test = Test("2951-2", "Sodium", "mmol/L", 0, Some(136.0), Some(145.0));
pub const POTASSIUM: Test = Test("2823-3", "Potassium", "mmol/L", 1, Some(3.5), Some(5.1));
pub const CHLORIDE: Test = Test("2075-0", "Chloride", "mmol/L", 0, Some(98.0), Some(107.0));
pub const BICARBONATE: Test = Test("2028-9", "Carbon dioxide, total", "mmol/L", 0, Some(22.0), Some(29.0));
pub const GLUCOSE: Test = Test("2345-7", "Glucose", "mg/dL", 0, Some(70.0), Some(99.0));
pub const CALCIUM: Test = Test("17861-6", "Calcium", "mg/dL", 1, Some(8.6), Some(10.2));
pub const HBA1C: Test = Test("4548-4", "Hemoglobin A1c", "%", 1, Some(4.0), Some(5.6));
pub const ACR: Test = Test("9318-7", "Albumin/creatinine ratio, urine", "mg/g", 0, None, Some(30.0));
pub const CHOLESTEROL: Test = Test("2093-3", "Cholesterol, total", "mg/dL", 0, None, Some(200.0));
pub const HDL: Test = Test("2085-9", "HDL cholesterol", "mg/dL", 0, Some(50.0), None);
pub const LDL: Test = Test("13457-7", "LDL cholesterol, calculated", "mg/dL", 0, None, Some(100.0));
pub const TRIGLYCERIDES: Test = Test("2571-8", "Triglycerides", "mg/dL", 0, None, Some(150.0));
pub const HB: Test = Test("718-7", "Hemoglobin", "g/dL", 1, Some(12.0), Some(15.5));
pub const HCT: Test = Test("4544-3", "Hematocrit", "%", 1, Some(36.0), Some(46.0));
pub const RBC: Test = Test("789-8", "Erythrocytes", "10*6/uL", 2, Some(3.9), Some(5.1));
pub const MCV: Test = Test("787-2", "MCV", "fL", 1, Some(80.0), Some(100.0));
pub const MCH: Test = Test("785-6", "MCH", "pg", 1, Some(27.0), Some(33.0));
pub const RDW: Test = Test("788-0", "RDW", "%", 1, Some(11.5), Some(14.5));
pub const PLATELETS: Test = Test("777-3", "Platelets", "10*3/uL", 0, Some(150.0), Some(400.0));
pub const WBC: Test = Test("6690-2", "Leukocytes", "10*3/uL", 1, Some(4.0), Some(11.0));
pub const FERRITIN: Test = Test("2276-4", "Ferritin", "ng/mL", 0, Some(15.0), Some(150.0));
pub const IRON: Test = Test("2498-4", "Iron", "ug/dL", 0, Some(50.0), Some(170.0));
pub const TIBC: Test = Test("2500-7", "Iron binding capacity, total", "ug/dL", 0, Some(250.0), Some(425.0));
pub const TSAT: Test = Test("2502-3", "Transferrin saturation", "%", 0, Some(20.0), Some(50.0));
pub const CRP: Test = Test("1988-5", "C-reactive protein", "mg/L", 0, None, Some(5.0));
pub const B12: Test = Test("2132-9", "Vitamin B12", "pg/mL", 0, Some(200.0), Some(900.0));
pub const FOLATE: Test = Test("2284-8", "Folate", "ng/mL", 1, Some(3.9), None);
pub const ALT: Test = Test("1742-6", "ALT", "U/L", 0, None, Some(35.0));
pub const AST: Test = Test("1920-8", "AST", "U/L", 0, None, Some(35.0));
pub const ALP: Test = Test("6768-6", "Alkaline phosphatase", "U/L", 0, Some(35.0), Some(105.0));
pub const BILIRUBIN: Test = Test("1975-2", "Bilirubin, total", "mg/dL", 1, None, Some(1.2));
pub const ALBUMIN: Test = Test("1751-7", "Albumin", "g/dL", 1, Some(3.5), Some(5.0));
pub const TSH: Test = Test("3016-3", "TSH", "m[IU]/L", 2, Some(0.40), Some(4.50));
