//! WGSL sources: a pass is its file after the common ones it uses.

/// Functions shared by the passes.
const FULL_SCREEN: &str = include_str!("../../../../shaders/common/full_screen.wgsl");
const WINDOW: &str = include_str!("../../../../shaders/common/window.wgsl");
const TAPS: &str = include_str!("../../../../shaders/common/taps.wgsl");

const VOLUME: &str = include_str!("../../../../shaders/common/volume.wgsl");
const PLANE: &str = include_str!("../../../../shaders/common/plane.wgsl");

/// A pass: its name, its sources and its fragment entry point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shader {
    pub(crate) name: &'static str,
    sources: &'static [&'static str],
    pub(crate) entry: &'static str,
}

/// Grey images of 8 and 16 bits.
pub(crate) const GREY: Shader = Shader {
    name: "grey.wgsl",
    sources: &[
        FULL_SCREEN,
        TAPS,
        WINDOW,
        include_str!("../../../../shaders/grey.wgsl"),
    ],
    entry: "draw_grey",
};

/// Colour images of 8 bits a channel.
pub(crate) const COLOUR: Shader = Shader {
    name: "colour.wgsl",
    sources: &[
        FULL_SCREEN,
        TAPS,
        include_str!("../../../../shaders/colour.wgsl"),
    ],
    entry: "draw_colour",
};

/// Planes and slabs out of a volume.
pub(crate) const CUT: Shader = Shader {
    name: "cut.wgsl",
    sources: &[
        FULL_SCREEN,
        WINDOW,
        VOLUME,
        PLANE,
        include_str!("../../../../shaders/cut.wgsl"),
    ],
    entry: "draw_cut",
};

/// A volume in colours over a picture.
pub(crate) const FUSE: Shader = Shader {
    name: "fuse.wgsl",
    sources: &[
        FULL_SCREEN,
        WINDOW,
        VOLUME,
        PLANE,
        include_str!("../../../../shaders/fuse.wgsl"),
    ],
    entry: "draw_fused",
};

/// Rays through a volume.
pub(crate) const RAYS: Shader = Shader {
    name: "rays.wgsl",
    sources: &[
        FULL_SCREEN,
        VOLUME,
        include_str!("../../../../shaders/rays.wgsl"),
    ],
    entry: "draw_rays",
};

/// A smaller picture over the whole target.
pub(crate) const ENLARGE: Shader = Shader {
    name: "enlarge.wgsl",
    sources: &[
        FULL_SCREEN,
        include_str!("../../../../shaders/enlarge.wgsl"),
    ],
    entry: "enlarge",
};

/// Every pass.
#[cfg(test)]
pub(crate) const ALL: [Shader; 6] = [GREY, COLOUR, CUT, FUSE, RAYS, ENLARGE];

impl Shader {
    /// The whole module.
    pub(crate) fn text(&self) -> String {
        self.sources.join("\n")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    /// Each pass parses and validates, and each file of the folder is part of one.
    #[test]
    fn every_shader_parses_and_validates() {
        for shader in ALL {
            let text = shader.text();
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|e| panic!("{}: {}", shader.name, e.emit_to_string(&text)));
            let mut validator = naga::valid::Validator::new(
                naga::valid::ValidationFlags::all(),
                naga::valid::Capabilities::empty(),
            );
            if let Err(error) = validator.validate(&module) {
                panic!("{}: {}", shader.name, error.emit_to_string(&text));
            }
            assert!(module.entry_points.iter().any(|e| e.name == shader.entry));
        }
    }

    #[test]
    fn every_file_of_the_folder_is_part_of_a_pass() {
        let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/../../shaders";
        let used: Vec<String> = ALL.iter().map(Shader::text).collect();
        for folder in [folder.clone(), format!("{folder}/common")] {
            for file in std::fs::read_dir(&folder)
                .unwrap()
                .map(|f| f.unwrap().path())
            {
                if file.extension().is_some_and(|e| e == "wgsl") {
                    let text = std::fs::read_to_string(&file).unwrap();
                    assert!(
                        used.iter().any(|u| u.contains(text.as_str())),
                        "{} is in no pass",
                        file.display()
                    );
                }
            }
        }
    }
}
