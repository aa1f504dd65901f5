//! One message: its header, and which segments belong together.

use triptych_clinical::When;

use super::segments::{Delimiters, Line, Segment, character_set};
use super::time;

/// More segments than any message of a laboratory has; what has more is refused by name.
const MOST_SEGMENTS: usize = 50_000;

/// The lines from one MSH to the next.
#[derive(Default)]
pub(super) struct Raw<'a> {
    pub lines: Vec<Line<'a>>,
    /// The last message of a document.
    pub last: bool,
    /// More lines than [`MOST_SEGMENTS`]; they were not kept.
    pub too_long: bool,
}

impl<'a> Raw<'a> {
    pub fn push(&mut self, line: Line<'a>) {
        if self.lines.len() < MOST_SEGMENTS {
            self.lines.push(line);
        } else {
            self.too_long = true;
        }
    }
}

/// What is refused where the end of a document is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// All of it.
    Message,
    /// Its last OBX.
    LastResult,
}

/// A decoded message.
pub(super) struct Message<'a> {
    /// From 1.
    pub number: usize,
    /// MSH first.
    pub segments: Vec<Segment<'a>>,
    /// `ORU`
    pub code: String,
    /// `R01`
    pub trigger: String,
    pub control_id: String,
    /// MSH-3 and MSH-4 as written.
    pub source: (String, String),
    pub time: Option<When>,
    /// The offset that times without one have.
    pub offset_minutes: Option<i16>,
    pub guessed_characters: bool,
    pub notes: Vec<String>,
    pub other_lines: usize,
}

impl<'a> Message<'a> {
    /// # Errors
    /// Why nothing of it can be read.
    pub fn new(raw: &Raw<'a>, number: usize) -> Result<Self, String> {
        let header = raw.lines.first().ok_or("it is empty")?;
        let delimiters = Delimiters::of(header.bytes)
            .ok_or("its delimiters (MSH-1 and MSH-2) are not five different marks")?;
        let declared = Segment::new(
            &Line {
                bytes: &ascii_part(header.bytes),
                ..*header
            },
            encoding_rs::UTF_8,
            delimiters,
        )
        .map(|msh| msh.value(18))
        .unwrap_or_default();
        let set = character_set(&raw.lines, &declared)?;
        let mut notes: Vec<String> = set.note.into_iter().collect();
        if header.framed && !raw.lines.iter().any(|l| l.closed) {
            notes.push("an MLLP start block without end block".to_owned());
        }
        let (mut segments, mut other_lines) = (Vec::with_capacity(raw.lines.len()), 0);
        for line in &raw.lines {
            if line.bytes.is_empty() {
                continue;
            }
            if !is_segment(line.bytes) {
                other_lines += 1;
                continue;
            }
            let mut segment = Segment::new(line, set.encoding, delimiters)
                .ok_or("its bytes are no text in the character set of its header")?;
            segment.number = 1 + segments
                .iter()
                .rev()
                .find(|s: &&Segment<'_>| s.name() == segment.name())
                .map_or(0, |s| s.number);
            segments.push(segment);
        }
        if other_lines > 0 {
            notes.push(format!(
                "{other_lines} lines that are no segment: kept in the document, not read"
            ));
        }
        let msh = segments.first().ok_or("it has no header")?;
        let time = time::when(&msh.value(7), None).unwrap_or_else(|_| {
            notes.push("MSH-7 is no real time".to_owned());
            None
        });
        let zoned = msh.value(7).contains(['+', '-']);
        Ok(Self {
            number,
            code: msh.component(9, 1),
            trigger: msh.component(9, 2),
            control_id: msh.value(10),
            source: (msh.field(3).text.to_owned(), msh.field(4).text.to_owned()),
            offset_minutes: time.filter(|_| zoned).map(|t| t.offset_minutes),
            time,
            guessed_characters: set.guessed,
            notes,
            other_lines,
            segments,
        })
    }

    /// `message 2 (ORU^R01)`
    pub fn place(&self) -> String {
        format!("message {} ({}^{})", self.number, self.code, self.trigger)
    }

    /// What the missing end of the message takes with it: the document does not end with a line end, and its last segment is shorter than it
    /// should be. A half result must never become a value.
    pub fn cut(&self) -> Option<Cut> {
        let last = self.segments.last().filter(|s| !s.ended)?;
        let results = || self.segments.iter().filter(|s| s.name() == "OBX");
        match last.name() {
            "OBX" => {
                let longest = results().map(Segment::fields).max().unwrap_or(0);
                // Where this sender leaves whole results without a status too, a missing one says nothing of the segments before it.
                let usual = results().any(|s| s.ended && s.value(11).is_empty());
                (last.fields() < longest.max(11)).then_some(if usual {
                    Cut::LastResult
                } else {
                    Cut::Message
                })
            }
            "PID" => matches!(self.code.as_str(), "ORU" | "MDM").then_some(Cut::Message),
            // Other segments end real messages without a line end, and none of them becomes a value.
            name => matches!(name, "MSH" | "ORC" | "OBR").then_some(Cut::Message),
        }
    }

    /// The time in a field; a text that is none is an error.
    pub fn when(&self, segment: &Segment<'_>, field: usize) -> Result<Option<When>, time::NoTime> {
        time::when(&segment.value(field), self.offset_minutes)
    }
}

/// The header without what is not ASCII: for MSH-18, which comes before its own meaning is known.
fn ascii_part(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .map(|b| if b.is_ascii() { *b } else { b'?' })
        .collect()
}

/// A capital letter and two capital letters or digits, then a mark or the end.
pub(super) fn is_segment(line: &[u8]) -> bool {
    let [first, second, third, rest @ ..] = line else {
        return false;
    };
    let other = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    first.is_ascii_uppercase()
        && other(second)
        && other(third)
        && rest
            .first()
            .is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && *b != b'_')
}

/// A patient of a message with the orders that follow.
pub(super) struct Part<'m, 'a> {
    pub pid: Option<&'m Segment<'a>>,
    /// PV1-19
    pub visit: String,
    pub orders: Vec<Order<'m, 'a>>,
}

/// An OBR with what belongs to it; without one, observations that came before any.
#[derive(Default)]
pub(super) struct Order<'m, 'a> {
    pub obr: Option<&'m Segment<'a>>,
    pub txa: Option<&'m Segment<'a>>,
    pub specimens: Vec<&'m Segment<'a>>,
    pub notes: Vec<&'m Segment<'a>>,
    pub results: Vec<Observed<'m, 'a>>,
}

/// One OBX, or several that are lines of one text.
pub(super) struct Observed<'m, 'a> {
    pub obx: Vec<&'m Segment<'a>>,
    pub notes: Vec<&'m Segment<'a>>,
}

/// Sorts the segments after the header into patients, orders and results; `ignored` gets the names of those that say nothing here.
pub(super) fn parts<'m, 'a>(
    message: &'m Message<'a>,
    ignored: &mut dyn FnMut(&str),
) -> Vec<Part<'m, 'a>> {
    let mut parts: Vec<Part<'m, 'a>> = Vec::new();
    for segment in message.segments.iter().skip(1) {
        let orders = matches!(segment.name(), "OBR" | "OBX" | "TXA" | "SPM");
        if segment.name() == "PID" || (orders && parts.is_empty()) {
            parts.push(Part {
                pid: None,
                visit: String::new(),
                orders: Vec::new(),
            });
        }
        let Some(part) = parts.last_mut() else {
            ignored(segment.name());
            continue;
        };
        match segment.name() {
            "PID" => part.pid = Some(segment),
            "PV1" => part.visit = segment.value(19),
            // What of it matters is repeated in OBR.
            "ORC" => {}
            "OBR" => part.orders.push(Order {
                obr: Some(segment),
                ..Order::default()
            }),
            name => {
                if !matches!(name, "OBX" | "NTE" | "SPM" | "TXA") {
                    ignored(name);
                    continue;
                }
                if part.orders.is_empty() && name == "NTE" {
                    ignored("NTE (about the patient)");
                    continue;
                }
                if part.orders.is_empty() {
                    part.orders.push(Order::default());
                }
                if let Some(order) = part.orders.last_mut() {
                    order.push(segment);
                }
            }
        }
    }
    parts
}

impl<'m, 'a> Order<'m, 'a> {
    fn push(&mut self, segment: &'m Segment<'a>) {
        match (segment.name(), self.results.last_mut()) {
            ("SPM", _) => self.specimens.push(segment),
            ("TXA", _) => self.txa = Some(segment),
            ("NTE", Some(result)) => result.notes.push(segment),
            ("NTE", None) => self.notes.push(segment),
            (_, Some(result)) if result.continues(segment) => result.obx.push(segment),
            _ => self.results.push(Observed {
                obx: vec![segment],
                notes: Vec::new(),
            }),
        }
    }
}

impl Observed<'_, '_> {
    /// Lines of one text: both TX or FT, of the same code, sub-id and status, one after the other, with no comment between them.
    fn continues(&self, next: &Segment<'_>) -> bool {
        let Some(last) = self.obx.last().filter(|_| self.notes.is_empty()) else {
            return false;
        };
        let text = |s: &Segment<'_>| super::value::is_text(s.field(2).text);
        text(last)
            && text(next)
            && [3, 4, 11]
                .iter()
                .all(|n| last.field(*n).text == next.field(*n).text)
    }
}
