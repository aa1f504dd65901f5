//! WGSL sources: a pass is its file after the common ones it uses.

/// Functions shared by the passes.
const FULL_SCREEN: &str = include_str!("../../../../shaders/common/full_screen.wgsl");
const TAPS: &str = include_str!("../../../../shaders/common/taps.wgsl");

/// A pass: its name, its source and its fragment entry point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shader {
    pub(crate) name: &'static str,
    source: &'static str,
    pub(crate) entry: &'static str,
}

/// Grey images of 8 and 16 bits.
pub(crate) const GREY: Shader = Shader {
    name: "grey.wgsl",
    source: include_str!("../../../../shaders/grey.wgsl"),
    entry: "draw_grey",
};

/// Colour images of 8 bits a channel.
pub(crate) const COLOUR: Shader = Shader {
    name: "colour.wgsl",
    source: include_str!("../../../../shaders/colour.wgsl"),
    entry: "draw_colour",
};

/// Every pass.
#[cfg(test)]
pub(crate) const ALL: [Shader; 2] = [GREY, COLOUR];

impl Shader {
    /// The whole module.
    pub(crate) fn text(&self) -> String {
        [FULL_SCREEN, TAPS, self.source].join("\n")
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
