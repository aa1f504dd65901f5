//! Any structured report as lines that a person reads.

use dicom_dictionary_std::{StandardSopClassDictionary, tags};
use serde::{Deserialize, Serialize};

use dicom_core::dictionary::UidDictionary as _;

use super::{
    ReadError,
    code::Code,
    content::{ContentItem, ContentValue},
    reference::{Evidence, ImageReference},
};
use crate::dataset::DataSet;

/// A report: what its header says of it, and its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SrTree {
    /// SOP Class UID.
    pub sop_class: String,
    /// Completion Flag (0040,A491): COMPLETE, PARTIAL, or empty.
    pub completion: String,
    /// Verification Flag (0040,A493): VERIFIED, UNVERIFIED, or empty.
    pub verification: String,
    /// Preliminary Flag (0040,A496): PRELIMINARY, FINAL, or empty.
    pub preliminary: String,
    /// Verifying observers: name, organisation, date and time as written.
    pub verified_by: Vec<[String; 3]>,
    /// Content Date (0008,0023), as written.
    pub date: String,
    /// Content Time (0008,0033), as written.
    pub time: String,
    /// Manufacturer and model of what wrote it.
    pub written_by: String,
    /// Where the instances are that it speaks of.
    pub evidence: Vec<Evidence>,
    /// What of its header is not in order.
    pub problems: Vec<String>,
    /// The content.
    pub root: ContentItem,
}

/// One line of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeLine {
    /// Steps from the root.
    pub depth: usize,
    /// How it belongs to the line above it, in words; empty for what is simply contained.
    pub relation: String,
    /// What it is about; may be empty.
    pub name: String,
    /// What it says; may hold line ends.
    pub value: String,
}

impl SrTree {
    /// Reads a report.
    ///
    /// # Errors
    /// As [`ContentItem::read`].
    pub fn read(data: &DataSet<'_>) -> Result<Self, ReadError> {
        let text = |tag| data.first_text(tag).unwrap_or_default();
        let mut problems = Vec::new();
        let evidence = Evidence::read(data, &mut problems);
        let makers = [tags::MANUFACTURER, tags::MANUFACTURER_MODEL_NAME].map(text);
        let verifiers = data.items(tags::VERIFYING_OBSERVER_SEQUENCE).map(|item| {
            [
                tags::VERIFYING_OBSERVER_NAME,
                tags::VERIFYING_ORGANIZATION,
                tags::VERIFICATION_DATE_TIME,
            ]
            .map(|tag| item.text(tag).unwrap_or_default())
        });
        Ok(Self {
            sop_class: text(tags::SOP_CLASS_UID),
            completion: text(tags::COMPLETION_FLAG),
            verification: text(tags::VERIFICATION_FLAG),
            preliminary: text(tags::PRELIMINARY_FLAG),
            verified_by: verifiers.collect(),
            date: text(tags::CONTENT_DATE),
            time: text(tags::CONTENT_TIME),
            written_by: makers.join(" ").trim().to_owned(),
            evidence,
            problems,
            root: ContentItem::read(data)?,
        })
    }

    /// The content as lines, from the root down.
    #[must_use]
    pub fn lines(&self) -> Vec<TreeLine> {
        let mut lines = Vec::new();
        add(&self.root, 0, &mut lines);
        lines
    }

    /// The content as indented text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for line in self.lines() {
            let indent = "  ".repeat(line.depth);
            let first = match (line.name.as_str(), line.value.as_str()) {
                (name, "") => name.to_owned(),
                ("", value) => value.to_owned(),
                (name, value) => format!("{name}: {value}"),
            };
            let first = if line.relation.is_empty() {
                first
            } else {
                format!("{} – {first}", line.relation)
            };
            let below = format!("\n{indent}    ");
            out.push_str(&indent);
            out.push_str(&one_kind_of_line_end(&first).replace('\n', &below));
            out.push('\n');
        }
        out
    }
}

fn one_kind_of_line_end(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn add(item: &ContentItem, depth: usize, lines: &mut Vec<TreeLine>) {
    let name = item.concept.as_ref().map(|c| c.shown().to_owned());
    let relation = match item.relationship.as_str() {
        "" | "CONTAINS" => String::new(),
        other => other.to_lowercase(),
    };
    lines.push(TreeLine {
        depth,
        relation,
        name: name.unwrap_or_default(),
        value: item.value.shown(),
    });
    let below = depth.saturating_add(1);
    if let Some(observed) = &item.observed {
        lines.push(detail(below, "observed", observed.clone()));
    }
    for other in &item.other {
        lines.push(detail(below, "also", other.clone()));
    }
    for child in &item.children {
        add(child, below, lines);
    }
}

fn detail(depth: usize, relation: &str, value: String) -> TreeLine {
    TreeLine {
        depth,
        relation: relation.to_owned(),
        name: String::new(),
        value,
    }
}

/// Name of a SOP class, else its UID.
fn class(uid: &str) -> String {
    let entry = StandardSopClassDictionary.by_uid(uid);
    entry.map_or_else(|| uid.to_owned(), |e| e.name.to_owned())
}

fn shown(image: &ImageReference) -> String {
    let mut out = format!("{} {}", class(&image.sop_class), image.instance);
    let list = |numbers: &[u32], first: u32| {
        let numbers = numbers.iter().map(|n| n.saturating_add(first).to_string());
        numbers.collect::<Vec<_>>().join(", ")
    };
    if !image.frames.is_empty() {
        out.push_str(&format!(", frames {}", list(&image.frames, 1)));
    }
    if !image.segments.is_empty() {
        out.push_str(&format!(", segments {}", list(&image.segments, 0)));
    }
    out
}

fn coded(code: &Code) -> String {
    let scheme = if code.version.is_empty() {
        code.scheme.clone()
    } else {
        format!("{} {}", code.scheme, code.version)
    };
    format!("{} ({}, {scheme})", code.shown(), code.value)
}

fn pairs<const N: usize>(points: &[[f32; N]]) -> String {
    let point = |p: &[f32; N]| p.map(|v| v.to_string()).join("/");
    points.iter().map(point).collect::<Vec<_>>().join(" ")
}

impl ContentValue {
    /// What a person reads; empty for a container.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Container(_) => String::new(),
            Self::Code(code) => coded(code),
            Self::Number(number) => {
                // Of a number without a unit some writers say in words what it counts.
                let unit = number.unit.as_ref().map(|u| match u.value.as_str() {
                    "1" if u.meaning.starts_with("no unit") => "",
                    "1" => u.meaning.as_str(),
                    unit => unit,
                });
                let unit = unit.unwrap_or_default();
                let text = if number.text.is_empty() {
                    number.exact.map(|v| v.to_string()).unwrap_or_default()
                } else {
                    number.text.clone()
                };
                let why = number.qualifier.as_ref().map(coded).unwrap_or_default();
                [text.as_str(), unit, why.as_str()]
                    .join(" ")
                    .trim()
                    .to_owned()
            }
            Self::Text(text)
            | Self::PersonName(text)
            | Self::Date(text)
            | Self::Time(text)
            | Self::DateTime(text)
            | Self::Uid(text) => text.clone(),
            Self::Image {
                image,
                state,
                values,
            } => {
                let mut out = shown(image);
                if let Some(state) = state {
                    out.push_str(&format!("; shown with {}", shown(state)));
                }
                if let Some(values) = values {
                    out.push_str(&format!("; values by {}", shown(values)));
                }
                out
            }
            Self::Composite(instance) => shown(instance),
            Self::Waveform { waveform, channels } => {
                let channels = channels.iter().map(|[g, c]| format!("{g}/{c}"));
                let channels = channels.collect::<Vec<_>>().join(", ");
                if channels.is_empty() {
                    shown(waveform)
                } else {
                    format!("{}, channels {channels}", shown(waveform))
                }
            }
            Self::Points { kind, points } => format!("{kind} {}", pairs(points)),
            Self::PointsMm {
                kind,
                frame_of_reference,
                points,
            } => format!("{kind} {} mm in {frame_of_reference}", pairs(points)),
            Self::Times {
                kind,
                samples,
                offsets,
                times,
            } => {
                let samples = samples.iter().map(u32::to_string);
                let all: Vec<String> = std::iter::once(kind.clone())
                    .chain(samples)
                    .chain(offsets.iter().cloned())
                    .chain(times.iter().cloned())
                    .collect();
                all.join(" ")
            }
            Self::Reference(path) => {
                let path: Vec<String> = path.iter().map(u32::to_string).collect();
                format!("item {}", path.join("."))
            }
            Self::Unknown { kind, why } => format!("{kind}: {why}"),
        }
    }
}
