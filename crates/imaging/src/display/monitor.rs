//! The record of one monitor (T56): what was measured, by whom and when, and what that means for reading.
//!
//! A finding never blocks anything, and nothing is called good without a date and an instrument.

use serde::{Deserialize, Serialize};
use triptych_clinical::Instant;

use super::gsdf::{Luminance, MeasuredCurve};

/// What tells one monitor from another, from its EDID.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MonitorIdentity {
    /// Three letters of the maker.
    pub vendor: String,
    /// Product name or code.
    pub model: String,
    /// Serial number; empty where the monitor states none.
    pub serial: String,
}

/// What is known about a monitor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MonitorRecord {
    /// Which one.
    pub identity: MonitorIdentity,
    /// Size of a device pixel, mm.
    pub pitch_mm: Option<f64>,
    /// Device pixels across and down.
    pub size_px: [u32; 2],
    /// Bits a channel in use.
    pub bit_depth: u8,
    /// Darkest and brightest in the dark, cd/m².
    pub luminance: Option<[Luminance; 2]>,
    /// Reflection of the room, cd/m²; `None`: taken as 0, with a mark.
    pub ambient: Option<Luminance>,
    /// Measured curve, where there is one.
    pub curve: Option<MeasuredCurve>,
    /// Largest deviation from the standard, percent, without its sign; of an instrument's own report where no curve was kept.
    pub gsdf_deviation_percent: Option<f64>,
    /// Who measured.
    pub measured_by: String,
    /// When.
    pub measured_at: Option<Instant>,
    /// Name and serial number of the instrument.
    pub instrument: String,
    /// Months until it is due again.
    pub due_after_months: u16,
    /// The picture goes over a remote desktop: nothing measured here is what the reader sees.
    pub remote: bool,
}

/// What a monitor is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MonitorUse {
    /// Reading.
    Diagnostic,
    /// Reading of mammograms.
    Mammography,
    /// Everything else.
    Review,
}

/// What is wrong with a monitor or its record. The limits are those usual in the field, to be checked before a regulatory claim.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorFinding {
    /// No measurement, or one without a date or an instrument.
    #[error("display not verified")]
    NotVerified,
    /// Older than its due date.
    #[error("display check {months_overdue} months overdue")]
    Expired {
        /// Begun months since it was due.
        months_overdue: u16,
    },
    /// Reflection of the room is not known and taken as 0.
    #[error("ambient light not measured")]
    AmbientUnknown,
    /// Brightest too dark.
    #[error("maximum luminance {0:.0} cd/m², {1:.0} wanted")]
    TooDark(Luminance, Luminance),
    /// Brightest over darkest.
    #[error("luminance ratio {0:.0}, 250 wanted")]
    Ratio(f64),
    /// Contrast of a step.
    #[error("contrast off by {0:.0} %, {1:.0} % allowed")]
    Contrast(f64, f64),
    /// Reflection of the room against the darkest.
    #[error("ambient light {0:.2} cd/m², a quarter of the darkest level allowed")]
    Ambient(Luminance),
    /// Pixels too large.
    #[error("pixel pitch {0:.3} mm, 0.21 mm wanted")]
    Pitch(f64),
    /// Size of a pixel is not known: no true size.
    #[error("pixel pitch not known")]
    PitchUnknown,
    /// Over a remote desktop.
    #[error("remote display")]
    Remote,
    /// Another monitor of the same make states no serial number either.
    #[error("two monitors without serial numbers: which one was measured is not known")]
    Ambiguous,
}

/// Least ratio of brightest to darkest.
const LEAST_RATIO: f64 = 250.0;
/// Largest pixel for reading, mm.
const LARGEST_PITCH_MM: f64 = 0.21;
const DAYS_A_MONTH: f64 = 30.436_875;

impl MonitorIdentity {
    /// Whether a record of this monitor belongs to it beyond doubt.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !self.serial.trim().is_empty()
    }
}

impl MonitorRecord {
    /// Deviation of the curve, or as stated.
    #[must_use]
    pub fn deviation_percent(&self) -> Option<f64> {
        let of_curve = self
            .curve
            .as_ref()
            .map(|c| c.worst_percent(self.ambient.unwrap_or(0.0)));
        of_curve.or(self.gsdf_deviation_percent)
    }

    /// Whether somebody measured it with something at some time.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.measured_at.is_some()
            && !self.instrument.trim().is_empty()
            && self.luminance.is_some()
            && self.deviation_percent().is_some()
    }

    /// Everything to be said about it at `now`, for `used` as; empty when all is in order. `others` are the monitors beside it.
    #[must_use]
    pub fn findings(
        &self,
        used: MonitorUse,
        now: Instant,
        others: &[MonitorIdentity],
    ) -> Vec<MonitorFinding> {
        let mut found = Vec::new();
        if self.remote {
            found.push(MonitorFinding::Remote);
        }
        if !self.identity.is_certain() && others.contains(&self.identity) {
            found.push(MonitorFinding::Ambiguous);
        }
        if !self.is_verified() {
            found.push(MonitorFinding::NotVerified);
        }
        let reading = used != MonitorUse::Review;
        if let Some(at) = self.measured_at {
            let late = now.days_since(at) / DAYS_A_MONTH - f64::from(self.due_after_months);
            if late > 0.0 {
                found.push(MonitorFinding::Expired {
                    months_overdue: late.ceil() as u16,
                });
            }
        }
        if let Some([min, max]) = self.luminance {
            let ambient = self.ambient.unwrap_or(0.0);
            let (dark, bright) = (min + ambient, max + ambient);
            let least = match used {
                MonitorUse::Diagnostic => Some(350.0),
                MonitorUse::Mammography => Some(420.0),
                MonitorUse::Review => None,
            };
            if let Some(least) = least.filter(|least| bright < *least) {
                found.push(MonitorFinding::TooDark(bright, least));
            }
            if reading && dark > 0.0 && bright / dark < LEAST_RATIO {
                found.push(MonitorFinding::Ratio(bright / dark));
            }
            match self.ambient {
                None => found.push(MonitorFinding::AmbientUnknown),
                Some(ambient) if ambient >= min / 4.0 => {
                    found.push(MonitorFinding::Ambient(ambient))
                }
                Some(_) => {}
            }
        }
        let allowed = if reading { 10.0 } else { 20.0 };
        if let Some(off) = self.deviation_percent().filter(|off| *off > allowed) {
            found.push(MonitorFinding::Contrast(off, allowed));
        }
        match self.pitch_mm {
            None => found.push(MonitorFinding::PitchUnknown),
            Some(mm) if reading && mm > LARGEST_PITCH_MM => found.push(MonitorFinding::Pitch(mm)),
            Some(_) => {}
        }
        found
    }

    /// One line for a report: what was looked at, and what is known about it. Days in UTC.
    #[must_use]
    pub fn line(&self) -> String {
        let MonitorIdentity {
            vendor,
            model,
            serial,
        } = &self.identity;
        let name = [vendor, model, serial].map(|part| part.trim());
        let name: Vec<&str> = name.into_iter().filter(|part| !part.is_empty()).collect();
        let name = if name.is_empty() {
            "unknown monitor".to_owned()
        } else {
            name.join(" ")
        };
        match (self.measured_at, self.deviation_percent(), self.luminance) {
            (Some(at), Some(off), Some([min, max])) if self.is_verified() => format!(
                "{name}: {min:.2} to {max:.0} cd/m², GSDF within {off:.1} %, measured {} with {}",
                at.iso_date(),
                self.instrument.trim()
            ),
            _ => format!("{name}: display not verified"),
        }
    }

    /// The mark of a picture in true size (T52).
    #[must_use]
    pub fn true_size_mark(&self) -> Option<String> {
        self.pitch_mm?;
        let at = self.measured_at?;
        (!self.remote).then(|| format!("true size (screen calibrated {})", at.iso_date()))
    }
}
