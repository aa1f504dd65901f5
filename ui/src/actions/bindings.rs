//! Which key does what: the person's own keys over the profile's over the defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Chord, Place, Profile};

/// Profile and own keys, part of the layout that is kept for each person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bindings {
    /// Whose habits.
    pub profile: Profile,
    /// Own keys by the id of an action, as written; an empty list takes its key away. Unknown ids and keys are kept and mean nothing.
    pub own: BTreeMap<String, Vec<String>>,
}

/// Two actions with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub chord: Chord,
    /// The one that the key does.
    pub wins: Action,
    /// The one that is not reached by it.
    pub loses: Action,
}

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is kept in every profile.
    Reserved(Action),
    /// The action has a key that is kept.
    Fixed,
}

/// A key that no profile and no person rebinds.
pub(super) fn is_reserved(chord: Chord) -> bool {
    reserved(chord).is_some()
}

fn reserved(chord: Chord) -> Option<Action> {
    const OF_LEAVES: [Action; 3] = [Action::Find, Action::BasisItem, Action::Acknowledge];
    let kept = |a: &&Action| a.place() == Place::Reserved || OF_LEAVES.contains(a);
    Action::ALL
        .iter()
        .filter(kept)
        .find(|a| read(a.keys()).any(|c| c == chord))
        .copied()
}

fn read<'a>(keys: &'a [&'a str]) -> impl Iterator<Item = Chord> + 'a {
    keys.iter().filter_map(|k| Chord::parse(k))
}

impl Bindings {
    /// The keys of an action.
    pub(crate) fn keys(&self, action: Action) -> Vec<Chord> {
        let own = |a: Action| {
            let keys = self.own.get(a.id()).filter(|_| a.can_rebind())?;
            Some(
                keys.iter()
                    .filter_map(|k| Chord::parse(k))
                    .collect::<Vec<_>>(),
            )
        };
        if let Some(keys) = own(action) {
            return keys.into_iter().filter(|c| !is_reserved(*c)).collect();
        }
        let profile = self.profile.keys();
        let given = profile.iter().find(|(a, _)| *a == action);
        if let Some((_, keys)) = given {
            return read(keys).collect();
        }
        // A default gives way to what the profile has for another action.
        let taken = |chord: Chord| {
            profile
                .iter()
                .any(|(_, keys)| read(keys).any(|c| c == chord))
        };
        read(action.keys()).filter(|c| !taken(*c)).collect()
    }

    /// What a key does among the actions for which `here` holds: own keys before those of the profile before defaults.
    pub(crate) fn action(&self, chord: Chord, here: impl Fn(Action) -> bool) -> Option<Action> {
        let mut found: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|a| here(*a) && self.keys(*a).contains(&chord))
            .collect();
        found.sort_by_key(|a| !self.own.contains_key(a.id()));
        found.first().copied()
    }

    /// Keys that more than one action has.
    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        let mut out = Vec::new();
        let all: Vec<(Action, Vec<Chord>)> = Action::ALL
            .iter()
            .filter(|a| a.place() != Place::Leaf)
            .map(|a| (*a, self.keys(*a)))
            .collect();
        for (i, (a, keys)) in all.iter().enumerate() {
            for (b, others) in all.iter().skip(i + 1) {
                for chord in keys.iter().filter(|c| others.contains(c)) {
                    let a_first = self.own.contains_key(a.id()) || !self.own.contains_key(b.id());
                    let (wins, loses) = if a_first { (*a, *b) } else { (*b, *a) };
                    out.push(Conflict {
                        chord: *chord,
                        wins,
                        loses,
                    });
                }
            }
        }
        out
    }

    /// Gives an action one key of the person's own.
    ///
    /// # Errors
    /// The key, or the action's own, is kept in every profile.
    pub(crate) fn bind(&mut self, action: Action, chord: Chord) -> Result<(), Refusal> {
        if !action.can_rebind() {
            return Err(Refusal::Fixed);
        }
        if let Some(by) = reserved(chord) {
            return Err(Refusal::Reserved(by));
        }
        self.own.insert(action.id().to_owned(), vec![chord.words()]);
        Ok(())
    }

    /// Back to the profile's key.
    pub(crate) fn unbind(&mut self, action: Action) {
        self.own.remove(action.id());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chord(text: &str) -> Chord {
        Chord::parse(text).unwrap()
    }

    fn of(profile: Profile) -> Bindings {
        Bindings {
            profile,
            ..Bindings::default()
        }
    }

    #[test]
    fn d2_profiles_give_the_keys_of_the_table() {
        for (profile, key, action) in [
            (Profile::Weasis, "Right", Action::SeriesNext),
            (Profile::Weasis, "T", Action::ToolPan),
            (Profile::Weasis, "Tab", Action::TileNext),
            (Profile::Weasis, "Alt+F", Action::FlipHorizontal),
            (Profile::Weasis, "F11", Action::FullScreen),
            (Profile::Weasis, "1", Action::FileWindow1),
            (Profile::Weasis, "3", Action::Preset3),
            (Profile::Weasis, "C", Action::Cine),
            (Profile::Ohif, "R", Action::RotateRight),
            (Profile::Ohif, "=", Action::Fit),
            (Profile::Ohif, "Space", Action::Reset),
            (Profile::Ohif, "Period", Action::StepNext),
            (Profile::Horos, "M", Action::ToolPan),
            (Profile::Horos, "I", Action::ToolRotate),
            (Profile::Radiant, "Enter", Action::FullScreen),
            (Profile::Radiant, "Space", Action::Cine),
            (Profile::Pacs, "Tab", Action::TileNext),
            (Profile::Pacs, "Enter", Action::StepNext),
            (Profile::Triptych, "Tab", Action::StepNext),
            (Profile::Triptych, "H", Action::FlipHorizontal),
        ] {
            let bindings = of(profile);
            assert_eq!(
                bindings.action(chord(key), |_| true),
                Some(action),
                "{profile:?} {key}"
            );
            // And nothing else has it.
            assert!(
                !bindings.conflicts().iter().any(|c| c.chord == chord(key)),
                "{profile:?} {key}: {:?}",
                bindings.conflicts()
            );
        }
    }

    #[test]
    fn d2_no_profile_touches_a_reserved_key() {
        for profile in Profile::ALL {
            for (action, keys) in profile.keys() {
                for key in *keys {
                    assert!(!is_reserved(chord(key)), "{profile:?} {action:?} {key}");
                }
            }
            assert!(
                of(profile).conflicts().is_empty(),
                "{profile:?}: {:?}",
                of(profile).conflicts()
            );
        }
    }

    #[test]
    fn d1_own_keys_win_are_shown_as_conflicts_and_never_take_a_reserved_key() {
        let mut bindings = Bindings::default();
        bindings.bind(Action::Magnifier, chord("W")).unwrap();
        assert_eq!(
            bindings.action(chord("W"), |_| true),
            Some(Action::Magnifier)
        );
        assert_eq!(
            bindings.action(chord("G"), |_| true),
            None,
            "the former key is free"
        );
        let conflict = bindings.conflicts();
        assert_eq!(
            conflict,
            [Conflict {
                chord: chord("W"),
                wins: Action::Magnifier,
                loses: Action::ToolWindow
            }]
        );
        for key in ["Ctrl+K", "Alt+3", "F2", "F6", "Ctrl+F"] {
            assert!(matches!(
                bindings.bind(Action::Magnifier, chord(key)),
                Err(Refusal::Reserved(_))
            ));
        }
        assert_eq!(
            bindings.bind(Action::Palette, chord("P")),
            Err(Refusal::Fixed)
        );
        // A layout edited by hand has no more power.
        bindings.own.insert("act.palette".into(), vec!["P".into()]);
        bindings
            .own
            .insert("act.magnifier".into(), vec!["Ctrl+K".into()]);
        assert_eq!(
            bindings.action(chord("Ctrl+K"), |_| true),
            Some(Action::Palette)
        );
        bindings.unbind(Action::Magnifier);
        assert_eq!(
            bindings.action(chord("G"), |_| true),
            Some(Action::Magnifier)
        );
    }

    #[test]
    fn d1_bindings_survive_the_layout() {
        let mut bindings = of(Profile::Horos);
        bindings
            .bind(Action::Magnifier, chord("Ctrl+Shift+G"))
            .unwrap();
        let text = serde_json::to_string(&bindings).unwrap();
        assert_eq!(serde_json::from_str::<Bindings>(&text).unwrap(), bindings);
        assert_eq!(
            serde_json::from_str::<Bindings>("{}").unwrap(),
            Bindings::default()
        );
    }
}
