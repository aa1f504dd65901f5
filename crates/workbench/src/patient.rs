//! Opening a patient: from the archive's rows to one immutable view as of one index time.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use triptych_archive::StoredInstance;
use triptych_clinical::{Fact, FactKind, Identity, IndexTime, Instant, PatientKey, Status, When};
use triptych_reasoning::Evaluation;

use crate::drawings::{Session, Stored};
use crate::notes::confirm;
use crate::signals::Inputs;
use crate::studies::{self, UNDATED};
use crate::view::{Banner, PatientView, SeriesKey, SignalsView, StudyView, TimelineItem};
use crate::{Core, WorkbenchError, chart, due, signals, weigh};

/// Facts of a long record: its rules take longer than the eye waits for the page.
const LONG: usize = 5_000;

/// A patient as shown, with what is needed to fetch pixels and to reason on.
#[derive(Debug)]
pub struct OpenPatient {
    /// What is on screen.
    pub view: PatientView,
    /// Display sets with the stored instances behind each slice.
    pub catalog: Catalog,
    /// Facts visible at the index time.
    pub facts: Arc<Vec<Fact>>,
    /// Who it is, the record with the most complete identity.
    pub identity: Identity,
    /// What the rules said.
    pub evaluation: Arc<Evaluation>,
}

/// Where the pixels of each display set are.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Instances of all studies.
    pub instances: Arc<[StoredInstance]>,
    /// Slices of a display set in reading order: place in `instances`, and frame.
    pub sets: BTreeMap<SeriesKey, Vec<(usize, u32)>>,
}

impl Core {
    /// Opens a person at an index time (`None`: now). Audited.
    ///
    /// # Errors
    /// Nobody has this key, or the archive cannot be read.
    pub fn open_patient(
        &self,
        key: PatientKey,
        at: Option<IndexTime>,
    ) -> Result<OpenPatient, WorkbenchError> {
        Ok(self.open_in_steps(key, at, None::<Early>)?.0)
    }

    /// [`Self::open_patient`], with the drawings as they are worked on. The page of a long record goes to `early` as soon as it is laid out:
    /// its rules are still at work then.
    pub(crate) fn open_in_steps(
        &self,
        key: PatientKey,
        at: Option<IndexTime>,
        early: Option<impl FnOnce(&PatientView, &Catalog) + Send>,
    ) -> Result<(OpenPatient, Session), WorkbenchError> {
        let archive = self.archive();
        let now = Instant::now();
        let person = self.wait(archive.person(key))?;
        // The entry in the audit trail waits for the disk: the record is read meanwhile, and shown when both are done.
        let (by, entry) = (self.by(), archive.clone());
        let mut entered = self.start(async move { entry.mark_opened(&by, person).await });
        let mut done = None;
        let (waits, told) = (&mut entered, &mut done);
        let early = early.map(|show| {
            move |view: &PatientView, catalog: &Catalog| {
                if let Ok(Ok(())) = told.insert(self.wait(waits)) {
                    show(view, catalog);
                }
            }
        });
        let read = self.read(person, at, now, early);
        done.unwrap_or_else(|| self.wait(entered))
            .map_err(triptych_archive::ArchiveError::from)??;
        read
    }

    /// The same without an entry of its own: after new data came for the open patient.
    ///
    /// # Errors
    /// As [`Self::open_patient`].
    pub fn read_patient(
        &self,
        person: PatientKey,
        at: Option<IndexTime>,
        now: Instant,
    ) -> Result<OpenPatient, WorkbenchError> {
        Ok(self.read(person, at, now, None::<Early>)?.0)
    }

    pub(crate) fn read(
        &self,
        person: PatientKey,
        at: Option<IndexTime>,
        now: Instant,
        early: Option<impl FnOnce(&PatientView, &Catalog) + Send>,
    ) -> Result<(OpenPatient, Session), WorkbenchError> {
        let archive = self.archive();
        let index = at.unwrap_or(now);
        let members = self.wait(archive.members(person))?;
        let identities = members
            .iter()
            .map(|key| self.wait(archive.identity(*key)))
            .collect::<Result<Vec<_>, _>>()?;
        let identity = most_complete(&identities).cloned().unwrap_or_default();
        let mut facts = self.wait(archive.facts(person, index))?;
        if at.is_some() {
            forget_later_ends(&mut facts, index);
        }
        // The strip wants what came afterwards too: read while the rest is made.
        let later = at.map(|_| {
            let archive = archive.clone();
            self.start(async move { archive.facts(person, now).await })
        });
        let mut instances = self.wait(archive.instances(person))?;
        // Now is all that was ever drawn, whatever the clock said then.
        let edits = self.wait(archive.edits(person, at.unwrap_or(Instant(i64::MAX))))?;
        let session = Session::new(person, &instances, Stored::read(edits));
        // Images that were not taken yet at the index time do not exist for the reader.
        instances
            .retain(|i| i.variant == 0 && i.record.study_time.is_none_or(|t| t.instant <= index));
        // What was imaged counts for the rules as what was recorded does; the images themselves stand in their own leaf.
        let recorded = facts.len();
        facts.extend(studies::done(&instances, &facts));
        let (timed, catalog) = studies::studies(person, instances, &identities);
        // A study without a date has no place on a line of time.
        let dated = timed.iter().filter(|(w, _)| *w != UNDATED);
        let placed: Vec<(When, &StudyView)> = dated.map(|(w, s)| (*w, s)).collect();
        let banner = banner(&identity, &identities, index, &facts);
        let blank = PatientView {
            at_is_now: at.is_none(),
            at_text: at_text(at, index),
            studies: timed.iter().map(|(_, s)| s.clone()).collect(),
            drawings: session.view(),
            corners: self.corners(),
            ..PatientView::blank(person, index, banner)
        };
        let settings = self.rule_settings()?;
        let evaluate =
            || triptych_reasoning::evaluate_timed(&facts, &identity, index, &settings, since_start);
        // The page first, with all hands: it is waited for, the rules follow.
        let recorded = facts.get(..recorded).unwrap_or_default();
        let (rows, page) = rayon::join(
            || chart::laboratory(recorded, index),
            || listed(blank, recorded, identity.alive_until(index)),
        );
        let lay_out = || {
            let laid = Laid::new(page, recorded, rows, &placed);
            if let Some(early) = early.filter(|_| facts.len() >= LONG) {
                let mut view = laid.view();
                view.signals.running = true;
                early(&view, &catalog);
            }
            laid
        };
        let (evaluation, (laid, by_id)) =
            rayon::join(evaluate, || (lay_out(), weigh::by_id(&facts)));
        let evaluation = Arc::new(evaluation);
        let Laid {
            page,
            mut rows,
            mut timeline,
        } = laid;
        chart::judge(&mut rows, &signals::variations(&evaluation, &by_id));
        // After the timeline, which counts what was reported.
        let derived = triptych_reasoning::derived::derived(&evaluation.chart);
        chart::add_derived(&mut rows, &derived, &by_id, index);
        let decisions = self.wait(archive.decisions(person, index))?;
        let answers = self.answers(person)?;
        let signals = signals::view(&Inputs {
            evaluation: &evaluation,
            facts: &facts,
            by_id: &by_id,
            decisions: &decisions,
            answers: &answers,
            reasoned: None,
        });
        timeline.extend(signals::on_timeline(&evaluation, &signals.cards));
        let waiting = due::waiting(&evaluation, &decisions);
        timeline.extend(due::on_timeline(&waiting, &by_id, &signals.cards));
        if let Some(later) = later {
            let read = self.wait(later);
            let facts = read.map_err(triptych_archive::ArchiveError::from)??;
            let from = timeline.len();
            timeline.extend(after(&facts, index, now, &placed));
            if let (Some(death), Some(later)) = (identity.died_by(now), timeline.get_mut(from..)) {
                chart::end_with(later, death);
            }
        }
        chart::sort(&mut timeline);
        let view = PatientView {
            labs: rows.labs.into(),
            vitals: rows.vitals.into(),
            timeline: timeline.into(),
            signals,
            note_verdicts: Arc::new(confirm::verdicts(&facts, &decisions)),
            ..page
        };
        let open = OpenPatient {
            view,
            catalog,
            facts: Arc::new(facts),
            identity,
            evaluation,
        };
        Ok((open, session))
    }

    /// What the rules say of a person now, without anything to be drawn: `analyze` of the command line without its printing.
    pub(crate) fn read_and_evaluate(
        &self,
        person: PatientKey,
        now: Instant,
    ) -> Result<Evaluation, WorkbenchError> {
        let archive = self.archive();
        let members = self.wait(archive.members(person))?;
        let identities = members
            .iter()
            .map(|key| self.wait(archive.identity(*key)))
            .collect::<Result<Vec<_>, _>>()?;
        let identity = most_complete(&identities).cloned().unwrap_or_default();
        let mut facts = self.wait(archive.facts(person, now))?;
        let instances = self.wait(archive.instances(person))?;
        facts.extend(studies::done(&instances, &facts));
        let settings = triptych_reasoning::Settings::default();
        Ok(triptych_reasoning::evaluate_all(
            &facts, &identity, now, &settings,
        ))
    }

    /// Switches of the rules for this reader: lane T is off until its reader wants its panel.
    fn rule_settings(&self) -> Result<triptych_reasoning::Settings, WorkbenchError> {
        let stored = self.wait(self.archive().setting(self.user(), LANE_T))?;
        Ok(triptych_reasoning::Settings {
            lane_t: stored.and_then(|v| v.as_bool()) == Some(true),
            ..triptych_reasoning::Settings::default()
        })
    }
}

/// Time since the first question: only the differences mean anything.
fn since_start() -> Duration {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Who takes a page whose rules are still at work.
type Early = fn(&PatientView, &Catalog);

/// A page without what the rules say, and what they will change of it.
struct Laid {
    page: PatientView,
    rows: chart::Rows,
    timeline: Vec<TimelineItem>,
}

/// A page with its lists; `until` is the time at which they say what is in force: the index time, or the death before it.
fn listed(blank: PatientView, facts: &[Fact], until: Instant) -> PatientView {
    let at = blank.at;
    PatientView {
        medications: chart::medications(facts, until).into(),
        problems: chart::problems(facts, until).into(),
        allergies: chart::allergies(facts, at).into(),
        encounters: chart::encounters(facts, at).into(),
        procedures: chart::of_past(facts, FactKind::Procedure, at).into(),
        imaging_records: chart::of_past(facts, FactKind::Imaging, at).into(),
        immunizations: chart::of_past(facts, FactKind::Immunization, at).into(),
        others: chart::of_past(facts, FactKind::Other, at).into(),
        notes: chart::notes(facts).into(),
        ..blank
    }
}

impl Laid {
    fn new(
        page: PatientView,
        facts: &[Fact],
        rows: chart::Rows,
        placed: &[(When, &StudyView)],
    ) -> Self {
        let mut timeline = chart::timeline(facts, &rows.labs, &rows.vitals, &page.notes, placed);
        if let Some(death) = page.banner.died {
            chart::end_with(&mut timeline, death);
        }
        Self {
            page,
            rows,
            timeline,
        }
    }

    /// The page as it is so far.
    fn view(&self) -> PatientView {
        PatientView {
            labs: self.rows.labs.clone().into(),
            vitals: self.rows.vitals.clone().into(),
            timeline: self.timeline.clone().into(),
            signals: SignalsView::default(),
            ..self.page.clone()
        }
    }
}

/// What ended after a past index time was in force then, and nobody could know its end: a source keeps one version of a problem and
/// writes the end into it.
fn forget_later_ends(facts: &mut [Fact], index: Instant) {
    let ended_later = |f: &&mut Fact| f.end.is_some_and(|end| end.instant > index);
    for fact in facts.iter_mut().filter(ended_later) {
        fact.end = None;
        if fact.status == Status::Completed {
            fact.status = Status::Active;
        }
    }
}

/// What happened after the index time, for the part of the strip that nothing rests on.
fn after<'a>(
    facts: &[Fact],
    index: Instant,
    now: Instant,
    studies: &'a [(When, &StudyView)],
) -> impl Iterator<Item = TimelineItem> + use<'a> {
    let rows = chart::laboratory(facts, now);
    let notes = chart::notes(facts);
    let today = chart::timeline(facts, &rows.labs, &rows.vitals, &notes, studies);
    chart::later(today, index)
}

/// Name of a reader's setting: lane T has a panel.
pub(crate) const LANE_T: &str = "lane_t";

fn at_text(at: Option<IndexTime>, index: Instant) -> String {
    let when = When::at(index);
    match at {
        None => format!("now {when}"),
        Some(_) => format!("as of {when} UTC"),
    }
}

/// Most stated details first; the smallest key wins a tie.
pub(crate) fn most_complete(identities: &[Identity]) -> Option<&Identity> {
    let score = |i: &Identity| {
        usize::from(i.birth_date.is_some()) * 4
            + usize::from(!i.family.is_empty()) * 2
            + usize::from(i.sex != triptych_clinical::Sex::Unknown)
            + usize::from(!i.identifiers.is_empty())
    };
    identities
        .iter()
        .enumerate()
        .max_by_key(|(k, i)| (score(i), std::cmp::Reverse(*k)))
        .map(|(_, i)| i)
}

/// The identifier that is shown: the medical record number, else the first.
pub(crate) fn shown_identifier(identity: &Identity) -> (String, String) {
    let chosen = identity
        .identifiers
        .iter()
        .find(|i| i.kind == "MR")
        .or_else(|| identity.identifiers.first());
    chosen.map_or_else(
        || ("ID".to_owned(), "no identifier".to_owned()),
        |i| {
            let kind = match i.kind.as_str() {
                "MR" => "MRN",
                "" => "ID",
                other => other,
            };
            (kind.to_owned(), i.value.clone())
        },
    )
}

/// Last characters of an identifier, for cards.
fn tail(identifier: &str) -> String {
    let skip = identifier.chars().count().saturating_sub(4);
    identifier.chars().skip(skip).collect()
}

fn banner(identity: &Identity, all: &[Identity], at: Instant, facts: &[Fact]) -> Banner {
    let (identifier_kind, identifier) = shown_identifier(identity);
    let initials = [&identity.given, &identity.family]
        .iter()
        .filter_map(|n| n.chars().next())
        .flat_map(char::to_uppercase)
        .collect();
    let others = all.iter().filter(|i| *i != identity);
    Banner {
        name: identity.display_name(),
        initials,
        sex: identity.sex.letter().to_owned(),
        birth_date: identity
            .birth_date
            .map_or_else(|| "birth date not recorded".to_owned(), |b| b.iso_date()),
        age: age_words(identity, at, true),
        died: identity.died_by(at),
        identifier_tail: tail(&identifier),
        identifier_kind,
        identifier,
        allergies: chart::allergy_words(&chart::allergies(facts, at)),
        synthetic: identity.synthetic || identity.family.to_lowercase().contains("synthetic"),
        linked: others
            .map(|i| format!("{} · {}", i.display_name(), shown_identifier(i).1))
            .collect(),
    }
}

/// `54 y`; of the dead the age that they reached, and on wish the day: `71 y, died 2012-10-11`. Nobody knew it before.
pub(crate) fn age_words(identity: &Identity, at: Instant, with_day: bool) -> String {
    let death = identity.died_by(at);
    let age = identity.age_years(death.map_or(at, |d| d.instant));
    let died = match death {
        Some(day) if with_day => Some(format!("died {}", day.iso_date())),
        Some(_) => Some("died".to_owned()),
        None => None,
    };
    let age = age.map(|y| format!("{y} y"));
    age.into_iter().chain(died).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chart::made;

    #[test]
    fn the_dead_grow_no_older_and_nobody_knew_it_before() {
        let identity = Identity {
            birth_date: Some(When::parse("1941-08-06").unwrap()),
            deceased: Some(When::parse("2012-10-11").unwrap()),
            ..Identity::default()
        };
        let words = |day: &str| age_words(&identity, When::parse(day).unwrap().instant, true);
        assert_eq!(words("2012-10-10"), "71 y");
        assert_eq!(words("2026-11-23"), "71 y, died 2012-10-11");
    }

    #[test]
    fn d_36_an_end_that_lay_ahead_was_not_known() {
        let day = |text: &str| When::parse(text).unwrap();
        let tendon = Fact {
            kind: FactKind::Problem,
            status: Status::Completed,
            end: Some(day("2021-01-16")),
            ..made::fact("Injury of tendon", "2020-12-10")
        };
        let as_of = |index: &str| {
            let mut facts = vec![tendon.clone()];
            let index = day(index).instant;
            forget_later_ends(&mut facts, index);
            let row = &chart::problems(&facts, index)[0];
            (row.date.clone(), row.active)
        };
        assert_eq!(as_of("2020-12-18"), ("since 2020-12-10".to_owned(), true));
        assert_eq!(
            as_of("2021-02-01"),
            ("2020-12-10 to 2021-01-16".to_owned(), false)
        );
    }
}
