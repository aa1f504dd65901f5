//! Cards that rest on one source stand together under it (D-26): a quiet line names the source once, its cards follow beside a hairline.

use egui::{Id, Rect, Role, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{CardGroup, PatientView, SignalCard, SignalId};

use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::wf;

/// The line over the cards of a group.
pub(super) struct Head<'a> {
    group: &'a CardGroup,
    /// Cards of the group that are on screen or behind "n more".
    cards: usize,
}

/// A drawn card with the head that stands over it; `joined`: it belongs to a group.
pub(super) struct Placed<'a> {
    pub card: &'a SignalCard,
    pub head: Option<Head<'a>>,
    pub joined: bool,
    /// Its second line would say again what the head says.
    pub said: bool,
}

/// Height of the line.
fn height() -> f32 {
    sz(26.0)
}

/// Gives each drawn card its place in its group. `live` are the cards that count: what was answered joins nothing.
pub(super) fn placed<'a>(
    patient: &'a PatientView,
    live: &[&'a SignalCard],
    drawn: Vec<&'a SignalCard>,
) -> Vec<Placed<'a>> {
    let mut begun: Vec<&CardGroup> = Vec::new();
    let mut places = Vec::with_capacity(drawn.len());
    for card in drawn {
        let mut groups = patient.signals.groups.iter();
        let group = groups.find(|g| g.cards.contains(&card.id));
        let head = group.and_then(|g| head(g, live));
        let joined = head.is_some();
        let said = head
            .as_ref()
            .is_some_and(|h| h.group.leads.contains(&card.id));
        let first = group.is_some_and(|g| !begun.iter().any(|b| std::ptr::eq(*b, g)));
        begun.extend(group);
        places.push(Placed {
            card,
            head: head.filter(|_| first),
            joined,
            said,
        });
    }
    places
}

/// `None` where fewer than two of its cards are left.
fn head<'a>(group: &'a CardGroup, live: &[&SignalCard]) -> Option<Head<'a>> {
    let is_live = |id: &&SignalId| live.iter().any(|c| c.id == **id);
    let cards = group.cards.iter().filter(is_live).count();
    (cards > 1).then_some(Head { group, cards })
}

/// Height of all heads.
pub(super) fn heads_height(places: &[Placed<'_>]) -> f32 {
    places.iter().filter(|p| p.head.is_some()).count() as f32 * height()
}

/// Draws the line; a click goes to the source.
pub(super) fn show(ui: &mut Ui, head: &Head<'_>, out: &mut Out) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height()));
    let group = head.group;
    let role = if group.target.is_some() {
        Role::Button
    } else {
        Role::Label
    };
    let spoken = wf(
        "group.rest_on",
        &[("n", &head.cards), ("source", &group.source)],
    );
    let id = Id::unique(("source of", &group.source));
    let response = widget::clickable(ui, id, place, role, &spoken);
    widget::row_ground(ui, place, &response, false);
    let p = ui.painter();
    let y = place.center().y;
    let note = wf("group.signals", &[("n", &head.cards)]);
    let right = text::right(p, place.right() - 12.0, y, &note, f::small(), t::LABEL);
    let room = right.left() - place.left() - 24.0;
    let words = text::line(p, &group.source, f::small(), t::BODY, room);
    text::put(p, words, place.left() + 12.0, y);
    if widget::hover(response, &spoken).clicked() {
        out.jump.clone_from(&group.target);
    }
}

/// The hairline that ties a card to its group.
pub(super) fn tie(ui: &Ui, card: Rect) {
    let x = card.left() - 4.5;
    let (top, bottom) = (card.top() - 4.0, card.bottom() + 4.0);
    ui.painter()
        .line_segment([pos2(x, top), pos2(x, bottom)], Stroke::new(1.0, t::LINE));
}
