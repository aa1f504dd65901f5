//! The mark that a picture has lost something to compression (T54).

use serde::{Deserialize, Serialize};

/// What the file says about lossy compression, and what its code stream shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LossyAttributes {
    /// Lossy Image Compression (0028,2110) is 01.
    pub stated: bool,
    /// Lossy Image Compression Ratio (0028,2112), in order; values that are no number above 0 are left out by their place (NaN).
    pub ratios: Vec<f64>,
    /// Lossy Image Compression Method (0028,2114), in order.
    pub methods: Vec<String>,
    /// Transfer Syntax UID.
    pub transfer_syntax: String,
    /// Whether the code stream is irreversible, where that can be told (JPEG 2000, HTJ2K, JPEG XL).
    pub stream_irreversible: Option<bool>,
    /// Bytes of the decoded frame over bytes of its code stream, where both are known.
    pub computed_ratio: Option<f64>,
    /// Derivation Description or Code says that the source was compressed with loss.
    pub by_derivation: bool,
}

impl LossyAttributes {
    /// Whether anything was lost, by the header, the transfer syntax or the derivation.
    #[must_use]
    pub fn is_lossy(&self) -> bool {
        self.stated || self.by_derivation || self.method_of_syntax().is_some()
    }

    /// `LOSSY 10.5:1 JPEG`; `None` when nothing was lost as far as the file tells.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        if !self.is_lossy() {
            return None;
        }
        let steps = self.ratios.len().max(self.methods.len());
        if self.stated && steps > 0 {
            let listed = (0..steps).map(|k| {
                let ratio = self.ratios.get(k).filter(|r| r.is_finite() && **r > 0.0);
                let method = self.methods.get(k).map(|m| name_of(m));
                match (ratio, method) {
                    (Some(r), Some(m)) => format!("{}:1 {m}", plain(*r)),
                    (Some(r), None) => format!("{}:1", plain(*r)),
                    (None, Some(m)) => m.to_owned(),
                    (None, None) => String::new(),
                }
            });
            let steps: Vec<String> = listed.filter(|s| !s.is_empty()).collect();
            if !steps.is_empty() {
                return Some(format!("LOSSY {}", steps.join(", then ")));
            }
        }
        let mut text = String::from("LOSSY");
        if let Some(method) = self.method_of_syntax() {
            if let Some(ratio) = self.computed_ratio.filter(|r| r.is_finite() && *r > 0.0) {
                text += &format!(" {ratio:.1}:1");
            }
            text += &format!(" {method} (from transfer syntax)");
        } else if self.by_derivation && !self.stated {
            text += " (from derivation)";
        }
        Some(text)
    }

    /// Name of the process when the transfer syntax, with the code stream where it decides, is a lossy one.
    fn method_of_syntax(&self) -> Option<&'static str> {
        let irreversible = self.stream_irreversible == Some(true);
        let uid = self.transfer_syntax.as_str();
        let tail = uid.strip_prefix("1.2.840.10008.1.2.4.")?;
        match tail {
            "50" | "51" | "53" | "55" => Some("JPEG"),
            "81" => Some("JPEG-LS"),
            "91" | "93" if irreversible => Some("JPEG 2000"),
            "203" if irreversible => Some("HTJ2K"),
            "111" => Some("JPEG XL"),
            "112" if irreversible => Some("JPEG XL"),
            "100" | "100.1" | "101" | "101.1" => Some("MPEG-2"),
            "102" | "102.1" | "103" | "103.1" | "104" | "104.1" | "105" | "105.1" | "106"
            | "106.1" => Some("H.264"),
            "107" | "108" => Some("H.265"),
            _ => None,
        }
    }
}

fn name_of(method: &str) -> &str {
    match method.trim() {
        "ISO_10918_1" => "JPEG",
        "ISO_14495_1" => "JPEG-LS",
        "ISO_15444_1" => "JPEG 2000",
        "ISO_15444_15" => "HTJ2K",
        "ISO_18181_1" => "JPEG XL",
        "ISO_13818_2" => "MPEG-2",
        "ISO_14496_10" => "H.264",
        "ISO_23008_2" => "H.265",
        other => other,
    }
}

/// As few digits as the value needs.
fn plain(ratio: f64) -> String {
    format!("{}", (ratio * 1000.0).round() / 1000.0)
}
