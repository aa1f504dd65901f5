//! The well-known palettes of PS3.6 annex B, as choices for grey images (T13): applied after the window, to greys 0 to 255.

use serde::{Deserialize, Serialize};

use super::{Lut, Palette};

/// A palette with a UID of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WellKnownPalette {
    /// Black, red, yellow, white.
    HotIron,
    /// Black, green, blue, red, yellow, white.
    Pet,
    /// Black, blue, red, yellow, white.
    HotMetalBlue,
    /// Twenty even steps.
    Pet20Step,
    /// Magenta to yellow.
    Spring,
    /// Green to blue.
    Summer,
    /// Yellow to red.
    Fall,
    /// Blue to green.
    Winter,
}

/// Grey and value where a channel's line bends; straight in between, rounded half up.
type Bends = &'static [(u8, u8)];

impl WellKnownPalette {
    /// All of them, in the order of the standard.
    pub const ALL: [Self; 8] = [
        Self::HotIron,
        Self::Pet,
        Self::HotMetalBlue,
        Self::Pet20Step,
        Self::Spring,
        Self::Summer,
        Self::Fall,
        Self::Winter,
    ];

    /// As shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HotIron => "Hot Iron",
            Self::Pet => "PET",
            Self::HotMetalBlue => "Hot Metal Blue",
            Self::Pet20Step => "PET 20 Step",
            Self::Spring => "Spring",
            Self::Summer => "Summer",
            Self::Fall => "Fall",
            Self::Winter => "Winter",
        }
    }

    /// Palette Color Lookup Table UID (0028,1199).
    #[must_use]
    pub const fn uid(self) -> &'static str {
        match self {
            Self::HotIron => "1.2.840.10008.1.5.1",
            Self::Pet => "1.2.840.10008.1.5.2",
            Self::HotMetalBlue => "1.2.840.10008.1.5.3",
            Self::Pet20Step => "1.2.840.10008.1.5.4",
            Self::Spring => "1.2.840.10008.1.5.5",
            Self::Summer => "1.2.840.10008.1.5.6",
            Self::Fall => "1.2.840.10008.1.5.7",
            Self::Winter => "1.2.840.10008.1.5.8",
        }
    }

    /// The palette with this UID.
    #[must_use]
    pub fn of_uid(uid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.uid() == uid.trim())
    }

    /// Red, green and blue for each grey.
    #[must_use]
    pub fn colours(self) -> Box<[[u8; 3]; 256]> {
        let channels = self.bends().map(expanded);
        let mut colours = Box::new([[0; 3]; 256]);
        for (grey, colour) in colours.iter_mut().enumerate() {
            *colour = channels.map(|c| c.get(grey).copied().unwrap_or(0));
        }
        colours
    }

    /// The same as tables of a palette over indices 0 to 255.
    #[must_use]
    pub fn palette(self) -> Option<Palette> {
        let table = |bends| {
            let entries = expanded(bends).map(u16::from);
            Lut::new(256, 0, 8, &entries).ok()
        };
        let [red, green, blue] = self.bends().map(table);
        Some(Palette {
            red: red?,
            green: green?,
            blue: blue?,
            supplemental: false,
        })
    }

    const fn bends(self) -> [Bends; 3] {
        match self {
            Self::HotIron => [
                &[(0, 0), (127, 254), (128, 255), (255, 255)],
                &[(0, 0), (128, 0), (254, 252), (255, 255)],
                &[(0, 0), (191, 0), (254, 252), (255, 255)],
            ],
            Self::Pet => [
                &[
                    (0, 0),
                    (63, 0),
                    (64, 1),
                    (106, 85),
                    (107, 86),
                    (149, 170),
                    (150, 171),
                    (192, 255),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (31, 62),
                    (32, 65),
                    (62, 125),
                    (63, 128),
                    (95, 64),
                    (96, 63),
                    (127, 1),
                    (128, 0),
                    (254, 252),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (1, 1),
                    (128, 255),
                    (129, 252),
                    (192, 0),
                    (212, 80),
                    (213, 85),
                    (233, 165),
                    (234, 170),
                    (254, 250),
                    (255, 255),
                ],
            ],
            Self::HotMetalBlue => [
                &[
                    (0, 0),
                    (85, 0),
                    (93, 24),
                    (94, 26),
                    (102, 50),
                    (103, 52),
                    (104, 55),
                    (106, 59),
                    (107, 62),
                    (109, 66),
                    (110, 69),
                    (111, 71),
                    (112, 74),
                    (114, 78),
                    (115, 81),
                    (117, 85),
                    (118, 88),
                    (119, 90),
                    (127, 114),
                    (128, 116),
                    (144, 164),
                    (145, 166),
                    (153, 190),
                    (155, 198),
                    (156, 201),
                    (161, 221),
                    (162, 224),
                    (167, 244),
                    (168, 247),
                    (170, 255),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (119, 0),
                    (123, 8),
                    (124, 9),
                    (131, 23),
                    (132, 24),
                    (140, 40),
                    (141, 41),
                    (148, 55),
                    (149, 56),
                    (157, 72),
                    (158, 73),
                    (165, 87),
                    (166, 88),
                    (174, 104),
                    (175, 105),
                    (182, 119),
                    (183, 120),
                    (191, 136),
                    (192, 137),
                    (199, 151),
                    (200, 152),
                    (208, 168),
                    (209, 169),
                    (216, 183),
                    (217, 184),
                    (225, 200),
                    (226, 201),
                    (233, 215),
                    (234, 216),
                    (240, 228),
                    (241, 229),
                    (246, 239),
                    (247, 240),
                    (252, 250),
                    (253, 251),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (8, 16),
                    (9, 17),
                    (42, 83),
                    (43, 84),
                    (59, 116),
                    (60, 117),
                    (93, 183),
                    (94, 184),
                    (102, 200),
                    (110, 176),
                    (111, 174),
                    (119, 150),
                    (123, 126),
                    (124, 121),
                    (131, 79),
                    (132, 74),
                    (136, 50),
                    (144, 26),
                    (145, 24),
                    (153, 0),
                    (170, 0),
                    (178, 24),
                    (179, 26),
                    (195, 74),
                    (196, 76),
                    (212, 124),
                    (213, 126),
                    (229, 174),
                    (230, 176),
                    (240, 206),
                    (241, 210),
                    (244, 219),
                    (245, 223),
                    (248, 232),
                    (249, 236),
                    (252, 245),
                    (253, 249),
                    (255, 255),
                ],
            ],
            Self::Pet20Step => [
                &[
                    (0, 0),
                    (12, 0),
                    (13, 96),
                    (25, 96),
                    (26, 48),
                    (50, 48),
                    (51, 80),
                    (63, 80),
                    (64, 96),
                    (76, 96),
                    (77, 112),
                    (89, 112),
                    (90, 128),
                    (101, 128),
                    (102, 48),
                    (127, 48),
                    (128, 80),
                    (140, 80),
                    (141, 64),
                    (152, 64),
                    (153, 224),
                    (165, 224),
                    (166, 208),
                    (203, 208),
                    (204, 192),
                    (216, 192),
                    (217, 176),
                    (229, 176),
                    (230, 255),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (25, 0),
                    (26, 48),
                    (50, 48),
                    (51, 80),
                    (63, 80),
                    (64, 96),
                    (76, 96),
                    (77, 112),
                    (89, 112),
                    (90, 128),
                    (101, 128),
                    (102, 96),
                    (114, 96),
                    (115, 144),
                    (127, 144),
                    (128, 192),
                    (140, 192),
                    (141, 224),
                    (165, 224),
                    (166, 208),
                    (178, 208),
                    (179, 176),
                    (191, 176),
                    (192, 144),
                    (203, 144),
                    (204, 96),
                    (216, 96),
                    (217, 48),
                    (229, 48),
                    (230, 0),
                    (242, 0),
                    (243, 255),
                    (255, 255),
                ],
                &[
                    (0, 0),
                    (12, 0),
                    (13, 80),
                    (38, 80),
                    (39, 112),
                    (50, 112),
                    (51, 128),
                    (63, 128),
                    (64, 176),
                    (76, 176),
                    (77, 192),
                    (89, 192),
                    (90, 224),
                    (101, 224),
                    (102, 48),
                    (127, 48),
                    (128, 80),
                    (140, 80),
                    (141, 64),
                    (152, 64),
                    (153, 80),
                    (165, 80),
                    (166, 96),
                    (178, 96),
                    (179, 64),
                    (191, 64),
                    (192, 0),
                    (242, 0),
                    (243, 255),
                    (255, 255),
                ],
            ],
            Self::Spring => [
                &[(0, 255), (255, 255)],
                &[(0, 0), (255, 255)],
                &[(0, 255), (255, 0)],
            ],
            Self::Summer => [
                &[(0, 0), (255, 0)],
                &[(0, 255), (255, 128)],
                &[(0, 0), (127, 0), (255, 254)],
            ],
            Self::Fall => [
                &[(0, 255), (255, 255)],
                &[(0, 255), (255, 0)],
                &[(0, 0), (255, 0)],
            ],
            Self::Winter => [
                &[(0, 0), (127, 0), (255, 127)],
                &[(0, 0), (255, 255)],
                &[(0, 255), (255, 128)],
            ],
        }
    }
}

fn expanded(bends: Bends) -> [u8; 256] {
    let mut values = [0; 256];
    for ((from, low), (to, high)) in bends.iter().zip(bends.iter().skip(1)) {
        let steps = f64::from(*to) - f64::from(*from);
        for grey in *from..=*to {
            let part = (f64::from(grey) - f64::from(*from)) / steps.max(1.0);
            let value = f64::from(*low) + (f64::from(*high) - f64::from(*low)) * part;
            if let Some(cell) = values.get_mut(usize::from(grey)) {
                *cell = (value + 0.5).floor() as u8;
            }
        }
    }
    values
}
