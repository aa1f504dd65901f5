//! Every colour and size by its role, as `assets/look/tokens.toml` names them; a test holds the two together.
//!
//! Sizes are logical points at a text scale of 100 %. No view names a colour or a row height of its own.

use egui::Color32;

#[allow(clippy::disallowed_methods, reason = "this is the one place")]
const fn hex(rgb: u32) -> Color32 {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// Viewport background, true black.
pub const IMAGE: Color32 = hex(0x00_00_00);
/// Window, timeline, group rows.
pub const WINDOW: Color32 = hex(0x0D_0F_12);
/// Leaf, header, status bar, tables.
pub const PANEL: Color32 = hex(0x14_17_1B);
/// Card, palette, button.
pub const RAISED: Color32 = hex(0x1B_1F_24);
/// Row or button under the pointer; tooltip and popover; skeleton; medicine bar.
pub const HOVER: Color32 = hex(0x22_27_2D);
/// Button while pressed.
pub const PRESSED: Color32 = hex(0x2A_30_37);
/// Selected row, jump target, drop zone.
pub const SELECTED: Color32 = hex(0x17_30_2E);
/// 1 px separators.
pub const HAIR: Color32 = hex(0x26_2B_31);
/// Card and button border.
pub const LINE: Color32 = hex(0x3B_42_4A);
/// Focus ring, active viewport frame.
pub const FOCUS: Color32 = hex(0x43_CB_BB);
/// Numbers, names, titles, anything clinical.
pub const VALUE: Color32 = hex(0xEC_EE_F1);
/// Running text.
pub const BODY: Color32 = hex(0xC6_CB_D1);
/// Captions, secondary text, axis labels.
pub const LABEL: Color32 = hex(0xA3_AC_B6);
/// Units, rule ids; never the only carrier of meaning.
pub const FAINT: Color32 = hex(0x8E_98_A2);
/// Disabled controls only.
pub const DISABLED: Color32 = hex(0x5C_64_6D);
/// What can be acted on.
pub const ACCENT: Color32 = hex(0x43_CB_BB);
/// Text on accent fill.
pub const ON_ACCENT: Color32 = hex(0x06_21_1E);
/// Abnormal high; severity low and moderate.
pub const AMBER: Color32 = hex(0xF2_B5_44);
/// Severity high; reported critical value.
pub const RED: Color32 = hex(0xFF_7A_6B);
/// Abnormal low.
pub const BLUE: Color32 = hex(0x8D_B8_FF);
/// Reference interval in charts and sparklines.
pub const BAND: Color32 = hex(0x2A_30_36);
/// Measurements and crosshair.
pub const MARK: Color32 = hex(0xA9_F0_E6);
/// Header strip and chip when the index time is not now.
pub const ASOF: Color32 = hex(0x4A_3F_63);
/// Frame of all leaves and the cursor when the index time is not now.
pub const ASOFLINE: Color32 = hex(0xA5_8B_E0);
/// Trace of the program's own icon (`icon.svg`); used nowhere else.
pub const TRACE: Color32 = hex(0x0B_7F_74);

/// Header height.
pub const HEADER: f32 = 36.0;
/// Status bar height.
pub const STATUS: f32 = 24.0;
/// Height of a leaf's header.
pub const LEAF_HEAD: f32 = 32.0;
/// Head of a table, head of a group of rows.
pub const GROUP_HEAD: f32 = 24.0;
/// Row of the labs leaf below 360 px.
pub const LAB_COMPACT: f32 = 23.0;
/// Row of the labs leaf with all columns.
pub const LAB: f32 = 26.0;
/// Row of a list.
pub const LIST: f32 = 32.0;
/// Button.
pub const BUTTON: f32 = 24.0;
/// Tool button.
pub const TOOL: f32 = 28.0;
/// Chip.
pub const CHIP: f32 = 20.0;
/// Key cap.
pub const KEY: f32 = 18.0;
/// A folded leaf or timeline.
pub const FOLDED: f32 = 28.0;

/// Card and button corner.
pub const RADIUS: u8 = 4;
/// Corner of what floats.
pub const RADIUS_FLOATING: u8 = 6;

/// Left padding of a leaf.
pub const PAD_LEFT: f32 = 12.0;
/// Right padding of a leaf.
pub const PAD_RIGHT: f32 = 8.0;

/// Darkening to the right of "now".
pub const FUTURE_ALPHA: f32 = 0.45;
/// Darkening to the right of a cursor that is not at now.
pub const AFTER_INDEX_TIME_ALPHA: f32 = 0.78;

/// `colour` at `alpha` (0 to 1) of its opacity.
#[must_use]
pub fn faded(colour: Color32, alpha: f32) -> Color32 {
    colour.gamma_multiply(alpha)
}

/// Black at `alpha` (0 to 1): shade over the future, rectangle under what floats.
#[must_use]
pub fn shade(alpha: f32) -> Color32 {
    Color32::BLACK.gamma_multiply(alpha)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tokens_are_those_of_the_file() {
        let file: toml::Value =
            toml::from_str(include_str!("../../../assets/look/tokens.toml")).unwrap();
        let colours = [
            ("image", IMAGE),
            ("window", WINDOW),
            ("panel", PANEL),
            ("raised", RAISED),
            ("hover", HOVER),
            ("pressed", PRESSED),
            ("selected", SELECTED),
            ("hair", HAIR),
            ("line", LINE),
            ("focus", FOCUS),
            ("value", VALUE),
            ("body", BODY),
            ("label", LABEL),
            ("faint", FAINT),
            ("disabled", DISABLED),
            ("accent", ACCENT),
            ("on_accent", ON_ACCENT),
            ("amber", AMBER),
            ("red", RED),
            ("blue", BLUE),
            ("band", BAND),
            ("mark", MARK),
            ("asof", ASOF),
            ("asofline", ASOFLINE),
        ];
        let named = file["colour"].as_table().unwrap();
        assert_eq!(
            named.len(),
            colours.len(),
            "every colour of the file has its constant"
        );
        for (name, colour) in colours {
            let [r, g, b, _] = colour.to_array();
            assert_eq!(
                named[name]["hex"].as_str().unwrap(),
                format!("#{r:02X}{g:02X}{b:02X}"),
                "{name}"
            );
        }
        for (name, height) in [
            ("header", HEADER),
            ("status", STATUS),
            ("leaf_head", LEAF_HEAD),
            ("group_head", GROUP_HEAD),
            ("lab_compact", LAB_COMPACT),
            ("lab", LAB),
            ("list", LIST),
            ("button", BUTTON),
            ("tool", TOOL),
            ("chip", CHIP),
            ("key", KEY),
        ] {
            let written = &file["row"][name];
            let written = written.as_integer().unwrap() as f32;
            assert!((written - height).abs() < f32::EPSILON, "{name}");
        }
    }
}
