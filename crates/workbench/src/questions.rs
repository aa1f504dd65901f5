//! From pathway packs to questions on screen: options with their criteria, what each rests on, what was decided.

use std::collections::BTreeSet;

use triptych_archive::{Choice, Decision};
use triptych_clinical::{Instant, When};
use triptych_reasoning::pathways::{self, Ground, NodeView, OptionView, PathwayView};
use triptych_reasoning::{Evaluation, FactRef, K3, age_in_words};

use crate::chart::{self, plain};
use crate::signals::target;
use crate::view::{
    BasisItem, Criterion, DecisionView, PathwayCard, PathwayOption, SignalCard, Target,
};
use crate::weigh::Facts;

/// What cannot be asked yet: packs of which it is unknown whether they apply, and packs that apply with questions of which it is unknown
/// whether they come up. Titles and what is missing, never a question (D-10).
pub(crate) fn hesitating(views: &[PathwayView], decisions: &[Decision]) -> Vec<(String, String)> {
    views
        .iter()
        .filter_map(|pack| {
            let waits = |n: &&NodeView| !stands(pack, n, decisions);
            let of_nodes = pack.nodes.iter().filter(waits);
            let missing: BTreeSet<&str> = match pack.applies {
                K3::Unknown => pack.missing.iter().map(String::as_str).collect(),
                _ => of_nodes
                    .clone()
                    .flat_map(|n| &n.missing)
                    .map(String::as_str)
                    .collect(),
            };
            let is_open = pack.applies == K3::Unknown || of_nodes.count() > 0;
            let missing: Vec<&str> = missing.into_iter().collect();
            is_open.then(|| (pack.title.clone(), missing.join(", ")))
        })
        .collect()
}

/// A question stands when it comes up, or when somebody decided it before.
fn stands(pack: &PathwayView, node: &NodeView, decisions: &[Decision]) -> bool {
    node.shown == K3::True || decided(pack, node, decisions).is_some()
}

/// The last word on a question.
fn decided<'a>(
    pack: &PathwayView,
    node: &NodeView,
    decisions: &'a [Decision],
) -> Option<&'a Decision> {
    let stored = format!("{}@{}/{}", pack.id, pack.version, node.id);
    decisions
        .iter()
        .filter(|d| d.decision.pathway == stored)
        .max_by_key(|d| d.number)
}

/// Questions of the packs that apply, each with what it rests on.
pub(crate) fn standing(
    views: &[PathwayView],
    decisions: &[Decision],
    at: Instant,
    facts: &Facts<'_>,
    cards: &[SignalCard],
) -> Vec<PathwayCard> {
    let place = Places { at, facts, cards };
    let asked = views.iter().filter(|pack| pack.applies == K3::True);
    asked
        .flat_map(|pack| {
            let standing = pack.nodes.iter().filter(|n| stands(pack, n, decisions));
            standing.map(|node| question(pack, node, decisions, &place))
        })
        .collect()
}

/// Where what a question rests on stands on screen.
struct Places<'a> {
    at: Instant,
    facts: &'a Facts<'a>,
    cards: &'a [SignalCard],
}

impl Places<'_> {
    /// Everything that the question and the criteria of its options rest on, each once: first what speaks for itself, then what stands behind
    /// the values of rules.
    fn rests_on(&self, pack: &PathwayView, node: &NodeView) -> Vec<BasisItem> {
        let of_options = node
            .options
            .iter()
            .flat_map(|o| {
                o.supports
                    .iter()
                    .chain(&o.against)
                    .chain(&o.contraindicated)
            })
            .flat_map(|c| &c.grounds);
        let mut all: Vec<&Ground> = Vec::new();
        for ground in pack.grounds.iter().chain(&node.grounds).chain(of_options) {
            // A fact is named once, whichever rules used it.
            let same = |g: &&Ground| match ground.fact {
                Some(_) => g.fact == ground.fact,
                None => *g == ground,
            };
            match all.iter().position(same) {
                Some(i) if !ground.is_behind() => {
                    if let Some(place) = all.get_mut(i) {
                        *place = ground;
                    }
                }
                Some(_) => {}
                None => all.push(ground),
            }
        }
        all.sort_by_key(|g| g.is_behind());
        all.into_iter().map(|g| self.item(g)).collect()
    }

    fn item(&self, ground: &Ground) -> BasisItem {
        BasisItem {
            name: plain(&ground.name),
            role: ground
                .rule
                .filter(|_| ground.is_behind())
                .map(|rule| format!("through {rule}"))
                .unwrap_or_default(),
            value: chart::shortened(&ground.value),
            canonical: String::new(),
            time: ground.time.map(|t| t.to_string()).unwrap_or_default(),
            age: ground
                .time
                .map(|t| age_in_words(t.instant, self.at))
                .unwrap_or_default(),
            target: match ground.fact {
                Some(FactRef { id, .. }) => self.facts.get(&id).and_then(|f| target(f)),
                None => self.card_of(ground).map(|c| Target::Signal(c.id.clone())),
            },
        }
    }

    /// The card of the rule whose value it is.
    fn card_of(&self, ground: &Ground) -> Option<&SignalCard> {
        let rule = ground.rule?;
        self.cards.iter().find(|c| c.subject == rule)
    }

    /// `R15 eGFR 51 mL/min/1.73 m² · 3 d; Metformin 500 mg · since 2019-09-20`; empty where the record was only searched.
    fn in_words(&self, grounds: &[Ground]) -> String {
        const MOST: usize = 3;
        let own: Vec<&Ground> = grounds.iter().filter(|g| !g.is_behind()).collect();
        let mut words: Vec<String> = own.iter().take(MOST).map(|g| self.one(g)).collect();
        if own.len() > MOST {
            words.push(format!("and {} more", own.len() - MOST));
        }
        words.join("; ")
    }

    fn one(&self, ground: &Ground) -> String {
        let name = plain(&ground.name);
        let Some(time) = ground.time else {
            return format!("{name} {}", chart::shortened(&ground.value));
        };
        if ground.value.is_empty() {
            return format!("{name} · since {}", time.iso_date());
        }
        let age = age_in_words(time.instant, self.at);
        format!("{name} {} · {age}", chart::shortened(&ground.value))
    }
}

fn question(
    pack: &PathwayView,
    node: &NodeView,
    decisions: &[Decision],
    places: &Places<'_>,
) -> PathwayCard {
    let id = format!("{}/{}", pack.id, node.id);
    let decision = decided(pack, node, decisions);
    let mut needs: Vec<String> = pack.missing.iter().chain(&node.missing).cloned().collect();
    needs.dedup();
    PathwayCard {
        id,
        pack: format!("{}@{}", pack.id, pack.version),
        about: pack.title.clone(),
        title: if node.title.is_empty() {
            pack.title.clone()
        } else {
            node.title.clone()
        },
        scope: pack.scope.clone(),
        rests_on: places.rests_on(pack, node),
        say: node.say.clone(),
        needs,
        options: node.options.iter().map(|o| option(o, places)).collect(),
        sources: pack
            .sources
            .iter()
            .map(|s| format!("{} ({})", s.text, s.year))
            .collect(),
        decision: decision.map(|d| DecisionView {
            verdict: match d.decision.choice {
                Choice::Accept => "accepted",
                Choice::Decline => "declined",
                Choice::Defer => "deferred",
            }
            .to_owned(),
            option_id: d.decision.option.clone(),
            comment: d.decision.reason_text.clone(),
            option: node
                .options
                .iter()
                .find(|o| o.id == d.decision.option)
                .map_or_else(|| d.decision.option.clone(), |o| o.title.clone()),
            reason: reason_words(&d.decision.reason_code),
            signed: format!("{} · {}", d.by.who, When::at(d.by.at)),
            outdated: d.decision.input_hash != question_hash(pack, node),
        }),
    }
}

fn reason_words(code: &str) -> String {
    pathways::reasons()
        .unwrap_or_default()
        .iter()
        .find(|r| r.code == code)
        .map_or_else(|| code.to_owned(), |r| r.text.clone())
}

fn option(option: &OptionView, places: &Places<'_>) -> PathwayOption {
    let criteria = |list: &[pathways::CriterionView]| {
        list.iter()
            .map(|c| Criterion {
                // What was found names itself; only silence has to say where it comes from.
                say: match &c.note {
                    Some(note) if c.grounds.is_empty() => {
                        format!("{} ({note})", capital(&c.say))
                    }
                    _ => capital(&c.say),
                },
                met: match c.met {
                    K3::True => Some(true),
                    K3::False => Some(false),
                    K3::Unknown => None,
                },
                rests_on: places.in_words(&c.grounds),
                needs: c.missing.join(", "),
            })
            .collect()
    };
    PathwayOption {
        id: option.id.clone(),
        title: option.title.clone(),
        kind: option.kind.clone(),
        text: option.text.clone(),
        supports: criteria(&option.supports),
        against: criteria(&option.against),
        contraindicated: criteria(&option.contraindicated),
        follow_up: option.follow_up.clone(),
        grade: option.grade.clone(),
        source: option.source.clone(),
        asked_again: option.asked_again.clone(),
        stale: option.stale.clone(),
    }
}

/// A line that begins with a plain word begins with a capital; `eGFR` and `mL` stay as they are.
fn capital(line: &str) -> String {
    let first = line.split(' ').next().unwrap_or_default();
    let plain = first
        .chars()
        .all(|c| c.is_lowercase() || c == ',' || c == ':');
    let mut letters = line.chars();
    match letters.next() {
        Some(letter) if plain => letter.to_uppercase().chain(letters).collect(),
        _ => line.to_owned(),
    }
}

/// What a decision on this question rested on: everything that was shown (WRK-06).
pub(crate) fn question_hash(pack: &PathwayView, node: &NodeView) -> [u8; 32] {
    let shown = serde_json::to_vec(&(&pack.id, &pack.version, node)).unwrap_or_default();
    triptych_clinical::DocumentHash::of(&shown).0
}

/// The pack, node and hash of a question named by [`PathwayCard::id`].
pub(crate) fn find_question(evaluation: &Evaluation, id: &str) -> Option<(String, [u8; 32])> {
    let packs = pathways::shipped().ok()?;
    pathways::views(packs, evaluation).iter().find_map(|pack| {
        let node = pack
            .nodes
            .iter()
            .find(|n| format!("{}/{}", pack.id, n.id) == id)?;
        Some((
            format!("{}@{}/{}", pack.id, pack.version, node.id),
            question_hash(pack, node),
        ))
    })
}
