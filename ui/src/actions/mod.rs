//! Everything that a person can do, one row each: words, group, default keys, where it applies (imaging.md D1).
//!
//! Keys are looked up in [`Bindings`]: the person's own, else the profile's, else the default here. Menus, palette and key sheet read the
//! same table, so that a new row is everywhere at once. A row whose tool is not in this build holds its key and is shown nowhere
//! ([`Action::is_there`]).

mod bindings;
mod keys;
mod profile;

pub use bindings::Bindings;
pub(crate) use bindings::Refusal;
pub use keys::Chord;
pub(crate) use keys::pressed;
pub(crate) use profile::Button;
pub use profile::Profile;

use crate::words::w;

/// Heads of the key sheet, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Look,
    Window,
    Measure,
    Hang,
    Link,
    Leaves,
    Record,
    Everywhere,
}

impl Group {
    pub const ALL: [Self; 8] = [
        Self::Look,
        Self::Window,
        Self::Measure,
        Self::Hang,
        Self::Link,
        Self::Leaves,
        Self::Record,
        Self::Everywhere,
    ];

    pub fn words(self) -> &'static str {
        w(match self {
            Self::Look => "group.look",
            Self::Window => "group.window",
            Self::Measure => "group.measure",
            Self::Hang => "group.hang",
            Self::Link => "group.link",
            Self::Leaves => "group.leaves",
            Self::Record => "group.record",
            Self::Everywhere => "group.everywhere",
        })
    }
}

/// Where a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the active tile whatever has focus, except in a text field.
    Tile,
    /// It moves or activates: the region with focus comes first, the active tile when that has no use for it.
    Move,
    /// In the whole window.
    Window,
    /// Kept in every profile, never rebound; works in the whole window.
    Reserved,
    /// The leaf it belongs to reads it; listed, not run from here.
    Leaf,
}

macro_rules! actions {
    ($($name:ident $id:literal $group:ident $place:ident [$($key:literal)*];)*) => {
        /// One thing that can be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Action { $($name),* }

        impl Action {
            /// Every row, in the order of the sheet.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in layouts and its key in the catalogue of words.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            pub const fn group(self) -> Group {
                match self { $(Self::$name => Group::$group),* }
            }

            pub const fn place(self) -> Place {
                match self { $(Self::$name => Place::$place),* }
            }

            /// Keys of the profile "Triptych".
            pub const fn keys(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($key),*]),* }
            }
        }
    };
}

actions! {
    ImageNext "act.image_next" Look Move ["Down"];
    ImagePrevious "act.image_previous" Look Move ["Up"];
    ImageForward10 "act.image_forward_10" Look Move ["Shift+Down"];
    ImageBack10 "act.image_back_10" Look Move ["Shift+Up"];
    ImageFirst "act.image_first" Look Move ["Home"];
    ImageLast "act.image_last" Look Move ["End"];
    SeriesNext "act.series_next" Look Move ["PageDown"];
    SeriesPrevious "act.series_previous" Look Move ["PageUp"];
    SeriesFirst "act.series_first" Look Move [];
    SeriesLast "act.series_last" Look Move [];
    StudyNext "act.study_next" Look Move [];
    StudyPrevious "act.study_previous" Look Move [];
    TileNext "act.tile_next" Look Move ["Right"];
    TilePrevious "act.tile_previous" Look Move ["Left"];
    ToolScroll "act.tool_scroll" Look Tile ["S"];
    ToolZoom "act.tool_zoom" Look Tile ["Z"];
    ToolPan "act.tool_pan" Look Tile ["P"];
    ToolRotate "act.tool_rotate" Look Tile ["R"];
    ZoomIn "act.zoom_in" Look Tile ["Plus"];
    ZoomOut "act.zoom_out" Look Tile ["Minus"];
    Fit "act.fit" Look Tile ["Shift+F"];
    OneToOne "act.one_to_one" Look Tile ["Shift+P"];
    TrueSize "act.true_size" Look Tile ["Shift+T"];
    Header "act.header" Look Tile [];
    Interpolation "act.interpolation" Look Tile ["Shift+I"];
    Magnifier "act.magnifier" Look Tile ["G"];
    RotateRight "act.rotate_right" Look Tile ["]"];
    RotateLeft "act.rotate_left" Look Tile ["["];
    FlipHorizontal "act.flip_horizontal" Look Tile ["H"];
    FlipVertical "act.flip_vertical" Look Tile ["V"];
    Invert "act.invert" Look Tile ["I"];
    Reset "act.reset" Look Tile ["Shift+Esc"];
    Cine "act.cine" Look Move ["Space"];
    CineFaster "act.cine_faster" Look Tile ["Period"];
    CineSlower "act.cine_slower" Look Tile ["Comma"];
    Mpr "act.mpr" Look Tile ["M"];
    Fusion "act.fusion" Look Tile ["Shift+U"];
    FusionMore "act.fusion_more" Look Tile [];
    FusionLess "act.fusion_less" Look Tile [];
    Solid "act.solid" Look Tile ["Shift+D"];
    SolidCut "act.solid_cut" Look Tile ["Shift+X"];
    SlabMode "act.slab_mode" Look Tile ["Shift+M"];
    SlabThicker "act.slab_thicker" Look Tile ["Shift+]"];
    SlabThinner "act.slab_thinner" Look Tile ["Shift+["];
    ToolWindow "act.tool_window" Window Tile ["W"];
    ToolRegionWindow "act.tool_region_window" Window Tile ["Shift+W"];
    WindowEntry "act.window_entry" Window Tile ["Ctrl+W"];
    WindowReset "act.window_reset" Window Tile ["0"];
    Preset1 "act.preset_1" Window Tile ["1"];
    Preset2 "act.preset_2" Window Tile ["2"];
    Preset3 "act.preset_3" Window Tile ["3"];
    Preset4 "act.preset_4" Window Tile ["4"];
    Preset5 "act.preset_5" Window Tile ["5"];
    Preset6 "act.preset_6" Window Tile ["6"];
    Preset7 "act.preset_7" Window Tile ["7"];
    Preset8 "act.preset_8" Window Tile ["8"];
    Preset9 "act.preset_9" Window Tile ["9"];
    FileWindow1 "act.file_window_1" Window Tile ["Shift+1"];
    FileWindow2 "act.file_window_2" Window Tile ["Shift+2"];
    Length "act.length" Measure Tile ["L"];
    Angle "act.angle" Measure Tile ["A"];
    Cobb "act.cobb" Measure Tile ["C"];
    Bidirectional "act.bidirectional" Measure Tile ["B"];
    Ellipse "act.ellipse" Measure Tile ["E"];
    Polygon "act.polygon" Measure Tile ["O"];
    Freehand "act.freehand" Measure Tile ["Shift+O"];
    Spline "act.spline" Measure Tile ["Shift+S"];
    Livewire "act.livewire" Measure Tile ["J"];
    Circle "act.circle" Measure Tile ["Shift+R"];
    Path "act.path" Measure Tile ["Shift+B"];
    Curve "act.curve" Measure Tile ["Shift+C"];
    Nodule "act.nodule" Measure Tile ["U"];
    NoduleMore "act.nodule_more" Measure Tile ["Shift+J"];
    NoduleLess "act.nodule_less" Measure Tile ["Ctrl+Shift+J"];
    Rectangle "act.rectangle" Measure Tile ["Shift+E"];
    Arrow "act.arrow" Measure Tile ["Shift+A"];
    Text "act.text" Measure Tile ["T"];
    Probe "act.probe" Measure Tile ["Shift+V"];
    Calibration "act.calibration" Measure Tile ["Shift+L"];
    KeyImage "act.key_image" Measure Tile ["K"];
    KeyOnly "act.key_only" Measure Tile ["Shift+K"];
    SaveState "act.save_state" Measure Tile [];
    Undo "act.undo" Measure Tile ["Ctrl+Z"];
    Redo "act.redo" Measure Tile ["Ctrl+Y"];
    Delete "act.delete" Measure Tile ["Delete"];
    Rename "act.rename" Measure Tile [];
    Final "act.final" Measure Tile [];
    Measurements "act.measurements" Measure Tile ["Ctrl+M"];
    Graphics "act.graphics" Measure Tile ["D"];
    CopyValues "act.copy_values" Measure Tile ["Ctrl+C"];
    Export "act.export" Measure Tile ["Ctrl+E"];
    ExportNameless "act.export_nameless" Measure Tile ["Ctrl+Shift+E"];
    StepNext "act.step_next" Hang Move ["Tab"];
    StepPrevious "act.step_previous" Hang Move ["Shift+Tab"];
    PlainGrid "act.plain_grid" Hang Tile ["Shift+G"];
    PriorNext "act.prior_next" Hang Tile ["Q"];
    SaveHanging "act.save_hanging" Hang Tile ["Ctrl+S"];
    Grid1 "act.grid_1" Hang Tile ["Ctrl+1"];
    Grid2 "act.grid_2" Hang Tile ["Ctrl+2"];
    Grid3 "act.grid_3" Hang Tile ["Ctrl+3"];
    Grid4 "act.grid_4" Hang Tile ["Ctrl+4"];
    CloseTile "act.close_tile" Hang Tile ["Ctrl+X"];
    SelectAll "act.select_all" Hang Tile ["Ctrl+A"];
    StudyList "act.study_list" Hang Tile ["Ctrl+O"];
    MarkRead "act.mark_read" Hang Tile ["Ctrl+D"];
    Undock "act.undock" Hang Tile ["Ctrl+Shift+N"];
    SecondWindow "act.second_window" Hang Tile ["Ctrl+N"];
    FullTile "act.full_tile" Hang Tile ["Ctrl+Enter"];
    Link "act.link" Link Tile ["Y"];
    LinkByHand "act.link_by_hand" Link Tile ["Shift+Y"];
    BreakLink "act.break_link" Link Tile ["Ctrl+Shift+Y"];
    LinkWindow "act.link_window" Link Tile [];
    LinkZoom "act.link_zoom" Link Tile [];
    LinkPan "act.link_pan" Link Tile [];
    CrossReference "act.cross_reference" Link Tile ["X"];
    FoldImages "act.fold_images" Leaves Reserved ["F1"];
    FoldRecord "act.fold_record" Leaves Reserved ["F2"];
    FoldSignals "act.fold_signals" Leaves Reserved ["F3"];
    FoldTimeline "act.fold_timeline" Leaves Reserved ["F4"];
    RegionNext "act.region_next" Leaves Reserved ["F6"];
    RegionPrevious "act.region_previous" Leaves Reserved ["Shift+F6"];
    FullScreen "act.full_screen" Leaves Window ["F"];
    DeskReading "act.desk_reading" Leaves Window [];
    DeskRounds "act.desk_rounds" Leaves Window [];
    LargerText "act.larger_text" Leaves Window ["Ctrl+Plus" "Ctrl+="];
    SmallerText "act.smaller_text" Leaves Window ["Ctrl+Minus"];
    Find "act.find" Record Leaf ["Ctrl+F"];
    NextHit "act.next_hit" Record Leaf ["N" "Shift+N"];
    OpenBasis "act.open_basis" Record Leaf ["Enter"];
    BasisItem "act.basis_item" Record Leaf ["Alt+1" "Alt+2" "Alt+3" "Alt+4" "Alt+5" "Alt+6" "Alt+7" "Alt+8" "Alt+9"];
    Back "act.back" Record Leaf ["Backspace"];
    Acknowledge "act.acknowledge" Record Leaf ["Alt+A"];
    Now "act.now" Record Reserved ["Ctrl+Home"];
    Palette "act.palette" Everywhere Reserved ["Ctrl+K"];
    Sheet "act.sheet" Everywhere Window ["?"];
    Quality "act.quality" Everywhere Window [];
    PrintSummary "act.print_summary" Record Window ["Ctrl+P"];
    RuleCounts "act.rule_counts" Everywhere Window [];
    Patients "act.patients" Everywhere Window [];
    Cancel "act.cancel" Everywhere Leaf ["Esc"];
    Lock "act.lock" Everywhere Reserved ["Ctrl+L"];
}

impl Action {
    pub fn words(self) -> &'static str {
        w(self.id())
    }

    /// What it does is in this build.
    pub const fn is_there(self) -> bool {
        !matches!(self, Self::Lock)
    }

    /// The palette and menus can run it.
    pub fn can_run(self) -> bool {
        self.is_there() && self.place() != Place::Leaf && self != Self::Palette
    }

    /// Its key may be changed.
    pub fn can_rebind(self) -> bool {
        !matches!(self.place(), Place::Reserved | Place::Leaf)
    }

    /// The number of a window preset.
    pub fn preset(self) -> Option<u8> {
        (1u8..=9)
            .zip([
                Self::Preset1,
                Self::Preset2,
                Self::Preset3,
                Self::Preset4,
                Self::Preset5,
                Self::Preset6,
                Self::Preset7,
                Self::Preset8,
                Self::Preset9,
            ])
            .find(|(_, a)| *a == self)
            .map(|(n, _)| n)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::words;

    #[test]
    fn d1_every_row_has_words_and_keys_that_can_be_read() {
        for action in Action::ALL {
            assert_ne!(
                words::w(action.id()),
                action.id(),
                "{action:?} has no words"
            );
            let same = Action::ALL.iter().filter(|a| a.id() == action.id()).count();
            assert_eq!(same, 1, "{action:?} shares its id");
            for key in action.keys() {
                let chord = Chord::parse(key).unwrap_or_else(|| panic!("{action:?}: {key}"));
                assert_eq!(Chord::parse(&chord.words()), Some(chord), "{key}");
            }
        }
    }

    #[test]
    fn d1_no_two_rows_of_the_default_profile_share_a_key() {
        let mut seen: Vec<(Chord, Action)> = Vec::new();
        for action in Action::ALL {
            for key in action.keys() {
                let chord = Chord::parse(key).unwrap();
                // N and Shift+N belong to the notes leaf while it is active, and to nothing else then.
                let clash = seen.iter().find(|(c, other)| {
                    *c == chord && *other != Action::NextHit && *action != Action::NextHit
                });
                assert!(clash.is_none(), "{action:?} and {clash:?}");
                seen.push((chord, *action));
            }
        }
    }

    #[test]
    fn d1_what_the_table_says_is_reserved_is_reserved() {
        for key in [
            "Ctrl+K",
            "Ctrl+L",
            "Ctrl+F",
            "Ctrl+Home",
            "Alt+A",
            "Alt+1",
            "Alt+9",
            "F1",
            "F2",
            "F3",
            "F4",
            "F6",
        ] {
            assert!(bindings::is_reserved(Chord::parse(key).unwrap()), "{key}");
        }
        assert!(!bindings::is_reserved(Chord::parse("L").unwrap()));
    }
}
