//! Desks: how the window's width and height are shared among leaves and timeline, what a person moved, and how that is remembered.
//!
//! Two desks (Reading, Rounds) have widths of their own. A grip writes a wish; [`Layout::frame`] turns wishes and window size into rectangles,
//! keeps minima and gives the rest to the leaf that takes it. Below 1400 points, and above a text scale of 140 %, the rules of 1280 hold.

use egui::{Rect, pos2};
use serde::{Deserialize, Serialize};

use crate::actions::Bindings;
use crate::images::{Protocol, Session};
use crate::look::tokens as t;

/// Which leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Leaf {
    /// F1
    Images,
    /// F2
    Record,
    /// F3
    Signals,
}

/// The two proportions of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Desk {
    /// Images first, timeline at the bottom.
    #[default]
    Reading,
    /// Timeline and record first.
    Rounds,
}

/// Sizes that a person gave to one desk; `None` is the desk's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Images leaf, used where the record takes the rest (Rounds).
    pub images: Option<f32>,
    /// Record leaf, used where the images take the rest (Reading).
    pub record: Option<f32>,
    /// Signals leaf.
    pub signals: Option<f32>,
    /// Height of the timeline.
    pub timeline: Option<f32>,
    /// Share of the record leaf that its upper part has in Reading, 0 to 1.
    pub split: Option<f32>,
}

/// What is remembered between runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Desk in use.
    pub desk: Desk,
    /// Sizes of the reading desk.
    pub reading: Wishes,
    /// Sizes of the rounds desk.
    pub rounds: Wishes,
    /// Folded leaves: images, record, signals.
    pub folded: [bool; 3],
    /// The open patient has no images and nobody asked for their leaf: in Rounds its room goes to the record.
    #[serde(skip)]
    pub no_images: bool,
    /// The timeline is folded.
    pub timeline_folded: bool,
    /// Text scale, 0.8 to 2.0.
    pub text_scale: f32,
    /// Notes in monospace.
    pub mono: bool,
    /// What was typed of the monitor's record (T56).
    pub monitor: crate::quality::Typed,
    /// Profile and own keys.
    pub keys: Bindings,
    /// Hanging protocols of the reader's own.
    pub hanging: Vec<Protocol>,
    /// Study Instance UIDs that this person marked as read.
    pub read: Vec<String>,
    /// Tiles of the patients opened last, newest first.
    pub sessions: Vec<Session>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            desk: Desk::Reading,
            reading: Wishes::default(),
            rounds: Wishes::default(),
            folded: [false; 3],
            no_images: false,
            timeline_folded: false,
            text_scale: 1.0,
            mono: false,
            monitor: crate::quality::Typed::default(),
            keys: Bindings::default(),
            hanging: Vec::new(),
            read: Vec::new(),
            sessions: Vec::new(),
        }
    }
}

/// Where everything is, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Header.
    pub header: Rect,
    /// Images leaf, series strip included.
    pub images: Rect,
    /// Record leaf.
    pub record: Rect,
    /// Signals leaf.
    pub signals: Rect,
    /// Timeline.
    pub timeline: Rect,
    /// Status bar.
    pub status: Rect,
    /// The rules of 1280 hold.
    pub narrow: bool,
}

/// Least width of a leaf.
pub const LEAST: [f32; 3] = [320.0, 280.0, 280.0];
const TIMELINE_RANGE: std::ops::RangeInclusive<f32> = 60.0..=400.0;

impl Layout {
    /// Wishes of the desk in use.
    #[must_use]
    pub const fn wishes(&self) -> &Wishes {
        match self.desk {
            Desk::Reading => &self.reading,
            Desk::Rounds => &self.rounds,
        }
    }

    /// Wishes of the desk in use, to change.
    pub const fn wishes_mut(&mut self) -> &mut Wishes {
        match self.desk {
            Desk::Reading => &mut self.reading,
            Desk::Rounds => &mut self.rounds,
        }
    }

    /// True when `leaf` is folded to its bar.
    #[must_use]
    pub const fn is_folded(&self, leaf: Leaf) -> bool {
        self.folds()[leaf as usize]
    }

    /// Leaves that are bars: images, record, signals.
    #[must_use]
    pub const fn folds(&self) -> [bool; 3] {
        let [images, record, signals] = self.folded;
        let spare = self.no_images && matches!(self.desk, Desk::Rounds);
        [images || spare, record, signals]
    }

    /// The rectangles for a window of `window`; `strip` points under the header are taken by the as-of strip; `opened` says that a card
    /// is open and wants its 330 points.
    #[must_use]
    pub fn frame(&self, window: Rect, strip: f32, opened: bool) -> Frame {
        use crate::look::typeface::sz;
        let narrow = window.width() < 1400.0 || self.text_scale > 1.4;
        let (header_h, status_h) = (sz(t::HEADER), sz(t::STATUS));
        let header = Rect::from_min_max(window.min, pos2(window.right(), window.top() + header_h));
        let status =
            Rect::from_min_max(pos2(window.left(), window.bottom() - status_h), window.max);
        let wish = self.wishes();
        let timeline_h = if self.timeline_folded {
            sz(t::FOLDED)
        } else {
            let own = match (self.desk, narrow) {
                (Desk::Reading, false) => 150.0,
                (Desk::Reading, true) => 110.0,
                (Desk::Rounds, false) => 236.0,
                (Desk::Rounds, true) => 170.0,
            };
            wish.timeline
                .unwrap_or(own)
                .clamp(*TIMELINE_RANGE.start(), *TIMELINE_RANGE.end())
        };
        let top = header.bottom() + strip;
        let middle =
            Rect::from_min_max(pos2(window.left(), top), pos2(window.right(), status.top()));
        let (timeline, leaves) = match self.desk {
            Desk::Reading => {
                let y = middle.bottom() - timeline_h;
                (
                    Rect::from_min_max(pos2(middle.left(), y), middle.max),
                    Rect::from_min_max(middle.min, pos2(middle.right(), y)),
                )
            }
            Desk::Rounds => {
                let y = middle.top() + timeline_h;
                (
                    Rect::from_min_max(middle.min, pos2(middle.right(), y)),
                    Rect::from_min_max(pos2(middle.left(), y), middle.max),
                )
            }
        };
        let [images_w, record_w, signals_w] = self.widths(leaves.width(), narrow, opened);
        let column = |left: f32, width: f32| {
            Rect::from_min_max(
                pos2(left, leaves.top()),
                pos2(left + width, leaves.bottom()),
            )
        };
        // Reading: images, record, signals. Rounds: record, images, signals.
        let (images, record) = match self.desk {
            Desk::Reading => (
                column(leaves.left(), images_w),
                column(leaves.left() + images_w, record_w),
            ),
            Desk::Rounds => (
                column(leaves.left() + record_w, images_w),
                column(leaves.left(), record_w),
            ),
        };
        let signals = column(leaves.right() - signals_w, signals_w);
        Frame {
            header,
            images,
            record,
            signals,
            timeline,
            status,
            narrow,
        }
    }

    /// Widths of images, record and signals; they fill `total` exactly.
    fn widths(&self, total: f32, narrow: bool, opened: bool) -> [f32; 3] {
        let wish = self.wishes();
        let bar = crate::look::typeface::sz(t::FOLDED);
        // Large letters need wider columns, and the images' tools need their room too.
        let grown = |width: f32| (width * self.text_scale.clamp(1.0, 1.3)).round();
        let signals_own = match (self.desk, narrow) {
            (Desk::Reading, _) | (Desk::Rounds, false) => grown(300.0),
            (Desk::Rounds, true) => grown(320.0),
        };
        let mut signals = wish.signals.unwrap_or(signals_own).max(LEAST[2]);
        if opened {
            signals = signals.max(grown(330.0));
        }
        let mut out = match self.desk {
            Desk::Reading => {
                // Images take extra width up to 60 %, then record up to 460, then signals up to 380.
                let own = grown(if narrow { 315.0 } else { 340.0 });
                let mut record = wish.record.unwrap_or(own);
                if opened && wish.record.is_none() && !narrow {
                    record -= signals - signals_own;
                }
                if wish.record.is_none() && !narrow {
                    let over = (total - record - signals - total * 0.6).max(0.0);
                    let more = over.min(460.0 - record).max(0.0);
                    record += more;
                    signals += (over - more).min(380.0 - signals).max(0.0);
                }
                [total - record - signals, record.max(LEAST[1]), signals]
            }
            Desk::Rounds => {
                let own = if narrow { 340.0 } else { 400.0 };
                let images = wish.images.unwrap_or(own).max(LEAST[0]);
                [images, total - images - signals, signals]
            }
        };
        let folds = self.folds();
        for (width, folded) in out.iter_mut().zip(folds) {
            if folded {
                *width = bar;
            }
        }
        // The first leaf that is not folded, in the desk's order, takes what is left.
        let order: [usize; 3] = match self.desk {
            Desk::Reading => [0, 1, 2],
            Desk::Rounds => [1, 0, 2],
        };
        if let Some(taker) = order.into_iter().find(|i| !folds[*i]) {
            let others: f32 = (0..3).filter(|i| *i != taker).map(|i| out[i]).sum();
            out[taker] = total - others;
            // Minima: what the taker lacks comes from the others, widest first.
            for donor in order.into_iter().filter(|i| *i != taker && !folds[*i]) {
                let lack = (LEAST[taker] - out[taker]).max(0.0);
                let give = lack.min((out[donor] - LEAST[donor]).max(0.0));
                out[donor] -= give;
                out[taker] += give;
            }
        } else {
            out[order[0]] = (total - 2.0 * bar).max(bar);
        }
        out.map(f32::round)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(w: f32, h: f32) -> Rect {
        Rect::from_min_max(pos2(0.0, 0.0), pos2(w, h))
    }

    #[test]
    fn reading_at_1600_is_as_drawn() {
        let f = Layout::default().frame(window(1600.0, 1000.0), 0.0, false);
        assert_eq!(
            (f.images.width(), f.record.width(), f.signals.width()),
            (960.0, 340.0, 300.0)
        );
        assert_eq!(
            (f.header.height(), f.timeline.height(), f.status.height()),
            (36.0, 150.0, 24.0)
        );
        assert_eq!(f.timeline.bottom(), f.status.top());
    }

    #[test]
    fn rounds_at_1600_is_as_drawn() {
        let f = Layout {
            desk: Desk::Rounds,
            ..Layout::default()
        }
        .frame(window(1600.0, 1000.0), 0.0, false);
        assert_eq!(
            (f.record.width(), f.images.width(), f.signals.width()),
            (900.0, 400.0, 300.0)
        );
        assert_eq!((f.timeline.top(), f.timeline.height()), (36.0, 236.0));
    }

    #[test]
    fn both_desks_at_1280_are_as_drawn() {
        let reading = Layout::default().frame(window(1280.0, 800.0), 0.0, false);
        assert_eq!(
            (
                reading.images.width(),
                reading.record.width(),
                reading.signals.width()
            ),
            (665.0, 315.0, 300.0)
        );
        assert!(reading.narrow);
        let rounds = Layout {
            desk: Desk::Rounds,
            ..Layout::default()
        }
        .frame(window(1280.0, 800.0), 0.0, false);
        assert_eq!(
            (
                rounds.record.width(),
                rounds.images.width(),
                rounds.signals.width()
            ),
            (620.0, 340.0, 320.0)
        );
    }

    #[test]
    fn an_opened_card_takes_its_width_from_the_record() {
        let f = Layout::default().frame(window(1600.0, 1000.0), 0.0, true);
        assert_eq!(
            (f.images.width(), f.record.width(), f.signals.width()),
            (960.0, 310.0, 330.0)
        );
    }

    #[test]
    fn leaves_fill_the_window_whatever_is_folded_or_wished() {
        for desk in [Desk::Reading, Desk::Rounds] {
            for bits in 0..8u8 {
                for width in [1024.0, 1280.0, 1600.0, 2560.0] {
                    let layout = Layout {
                        desk,
                        folded: [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0],
                        reading: Wishes {
                            record: Some(700.0),
                            ..Wishes::default()
                        },
                        ..Layout::default()
                    };
                    let f = layout.frame(window(width, 700.0), 0.0, false);
                    let sum = f.images.width() + f.record.width() + f.signals.width();
                    assert!((sum - width).abs() <= 2.0, "{desk:?} {bits} {width}: {sum}");
                    assert!(
                        f.images.width() >= 28.0
                            && f.record.width() >= 28.0
                            && f.signals.width() >= 28.0
                    );
                }
            }
        }
    }

    #[test]
    fn a_layout_survives_writing_and_reading() {
        let layout = Layout {
            desk: Desk::Rounds,
            text_scale: 1.5,
            ..Layout::default()
        };
        let text = serde_json::to_string(&layout).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Layout>(&text).ok(), Some(layout));
        assert_eq!(
            serde_json::from_str::<Layout>("{}").ok(),
            Some(Layout::default())
        );
    }
}
