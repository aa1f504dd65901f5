//! Record leaf: facts before signals. Labs, notes, medicines, problems, everything; in Rounds a summary and trends beside the labs.

mod chart;
mod detail;
mod grid;
mod history;
mod labs;
mod lists;
mod notes;
mod spark;
mod summary;

use egui::{Id, Key, Modifiers, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{PatientView, Target};
use triptych_workbench::{FactId, StudyUid, When};

use crate::desk::{Desk, Layout};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::{Out, Targets};
use crate::words::w;

/// Tab of the leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Tab {
    Summary,
    #[default]
    Labs,
    Notes,
    Meds,
    Problems,
    All,
}

const TABS: [(Tab, &str); 6] = [
    (Tab::Summary, "tab.summary"),
    (Tab::Labs, "tab.labs"),
    (Tab::Notes, "tab.notes"),
    (Tab::Meds, "tab.meds"),
    (Tab::Problems, "tab.problems"),
    (Tab::All, "tab.all"),
];

/// State of the record leaf for one patient.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Tab of each desk: Reading opens on labs, Rounds on the summary.
    tabs: [Tab; 2],
    /// Row whose trend is shown.
    pub selected: Option<String>,
    /// Note that is open.
    note: Option<FactId>,
    /// Sentence to show of it: bytes.
    span: Option<(usize, usize)>,
    /// Row or line to bring into view once.
    scroll: Option<Scroll>,
    /// What was typed into the search.
    search: String,
    /// Which hit is shown.
    hit: usize,
    /// Which hits are shown at all.
    filter: notes::Filter,
    /// Mark whose reasons stay on screen: its note and place there.
    why: Option<(FactId, usize)>,
    /// Lines of the note, and of the report, as they are laid out.
    page: notes::Page,
    report: notes::Page,
    /// Where a jump came from: tab to go back to.
    came_from: Vec<(Desk, Tab)>,
    desk: Desk,
    /// Point of a lab row to mark in the chart.
    pub point: Option<FactId>,
    /// Line of a simple list that was jumped to.
    line: Option<FactId>,
    /// Rows whose charts stand beside the selected one's.
    pinned: Vec<String>,
    /// How much of a history the charts show.
    range: detail::Range,
    /// Results with dates as columns.
    grid: bool,
    /// First column of them, from the newest.
    first_day: usize,
    /// What is outside its interval comes first.
    abnormal_first: bool,
}

/// Something to bring into view in the next frame.
#[derive(Debug, Clone, PartialEq)]
enum Scroll {
    Row(String),
    Span,
    Line(FactId),
}

impl Record {
    pub fn new(_patient: &PatientView) -> Self {
        Self {
            tabs: [Tab::Labs, Tab::Summary],
            ..Self::default()
        }
    }

    fn tab(&self) -> Tab {
        self.tabs[self.desk as usize]
    }

    fn set_tab(&mut self, tab: Tab) {
        self.tabs[self.desk as usize] = tab;
    }

    /// Goes to a lab point, a sentence or a line. When it was true, for the timeline.
    pub fn jump(&mut self, patient: &PatientView, target: &Target) -> Option<When> {
        let before = self.tab();
        let (tab, at) = match target {
            Target::Lab { row, fact } => {
                self.selected = Some(row.clone());
                self.point = Some(*fact);
                self.scroll = Some(Scroll::Row(row.clone()));
                let at = lab_rows(patient)
                    .find(|r| r.key == *row)
                    .and_then(|r| r.points.iter().find(|p| p.fact == *fact).map(|p| p.at));
                // In Rounds the summary shows the labs beside it.
                (
                    if before == Tab::Summary {
                        before
                    } else {
                        Tab::Labs
                    },
                    at,
                )
            }
            Target::Note { fact, span } => {
                self.note = Some(*fact);
                self.span = *span;
                self.scroll = Some(Scroll::Span);
                (
                    Tab::Notes,
                    patient.notes.iter().find(|n| n.is(*fact)).map(|n| n.at),
                )
            }
            Target::Medication(fact) => {
                self.line = Some(*fact);
                self.scroll = Some(Scroll::Line(*fact));
                (Tab::Meds, None)
            }
            Target::Problem(fact) => {
                self.line = Some(*fact);
                self.scroll = Some(Scroll::Line(*fact));
                (Tab::Problems, None)
            }
            Target::Listed(fact) => {
                self.line = Some(*fact);
                self.scroll = Some(Scroll::Line(*fact));
                (Tab::All, None)
            }
            Target::Image { .. } | Target::Signal(_) | Target::Question(_) | Target::Banner => {
                return None;
            }
        };
        if tab != before {
            self.came_from.push((self.desk, before));
            self.set_tab(tab);
        }
        at
    }

    /// Back from the last jump. False when there is none.
    pub fn back(&mut self) -> bool {
        match self.came_from.pop() {
            Some((desk, tab)) => {
                self.tabs[desk as usize] = tab;
                true
            }
            None => false,
        }
    }

    /// Draws the leaf.
    #[allow(
        clippy::too_many_arguments,
        reason = "a leaf needs its place, its data and what it writes to"
    )]
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        layout: &mut Layout,
        study: Option<&StudyUid>,
        targets: &Targets,
        out: &mut Out,
    ) {
        self.desk = layout.desk;
        let mut ui = widget::region(ui, "record", rect, w("leaf.record"));
        let ui = &mut ui;
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        self.head(ui, head);
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::F)) {
            self.set_tab(Tab::Notes);
            ui.memory_mut(|m| m.request_focus(Id::unique("search notes")));
        }
        let body = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max);
        match (self.tab(), layout.desk) {
            (Tab::Summary, _) => self.summary(ui, body, patient, targets, out),
            (Tab::Labs, Desk::Reading) => {
                self.labs_over_report(ui, body, patient, layout, study, targets, out)
            }
            (Tab::Labs, Desk::Rounds) => self.labs_beside_trend(ui, body, patient, targets, out),
            (Tab::Notes, _) => self.notes(ui, body, patient, layout, targets, out),
            (Tab::Meds, _) => self.list(ui, body, patient, Tab::Meds, targets),
            (Tab::Problems, _) => self.list(ui, body, patient, Tab::Problems, targets),
            (Tab::All, _) => self.list(ui, body, patient, Tab::All, targets),
        }
    }

    fn head(&mut self, ui: &Ui, rect: Rect) {
        let p = ui.painter();
        p.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        let y = rect.center().y;
        let key = widget::key_cap(ui, rect.right() - t::PAD_RIGHT, y, "F2");
        let mut x = rect.left() + t::PAD_LEFT;
        for (tab, words) in TABS {
            if tab == Tab::Summary && self.desk == Desk::Reading {
                continue;
            }
            let words = w(words);
            let on = self.tab() == tab;
            let font = if on { f::strong() } else { f::body() };
            let width = text::width(p, words, font.clone());
            if x + width > key.left() - 4.0 {
                break;
            }
            let place = Rect::from_min_max(
                pos2(x - 8.0, rect.top() + 2.0),
                pos2(x + width + 8.0, rect.bottom()),
            );
            let response = ui.interact(place, Id::unique(("tab", words)), egui::Sense::click());
            response.widget_info(|| egui::WidgetInfo::selected(Role::Tab, true, on, words));
            let ink = if on || response.hovered() {
                t::VALUE
            } else {
                t::LABEL
            };
            text::left(p, x, y, words, font, ink);
            if on {
                let bar = Rect::from_min_max(
                    pos2(place.left(), rect.bottom() - 2.0),
                    pos2(place.right(), rect.bottom()),
                );
                p.rect_filled(bar, 0.0, t::ACCENT);
            }
            widget::focus_ring(ui, &response, place.shrink(4.0), t::RADIUS);
            if response.clicked() {
                self.set_tab(tab);
                self.came_from.clear();
            }
            x += width + 20.0;
        }
    }
}

/// All laboratory and vital rows.
fn lab_rows(patient: &PatientView) -> impl Iterator<Item = &triptych_workbench::view::LabRow> {
    patient
        .labs
        .iter()
        .flat_map(|g| &g.rows)
        .chain(patient.vitals.iter())
}
