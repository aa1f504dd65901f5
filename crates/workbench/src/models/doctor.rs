//! What `doctor` says of the models: where inference runs, whether the runtime is the pinned one, whether each package holds.

use triptych_inference::Runtime;

use super::packages::{installed, runtime_library, verify_one};
use crate::doctor::{Health, Line};

/// Where inference runs, and why.
pub(crate) fn processor() -> (String, String) {
    match (installed().is_empty(), runtime_library()) {
        (true, _) => (
            "local · CPU".to_owned(),
            "rules and pictures are computed on this machine; no model is installed".to_owned(),
        ),
        (false, Some(_)) => (
            "local · CPU".to_owned(),
            "models run on this machine, in a locked worker; each finding says on which processor"
                .to_owned(),
        ),
        (false, None) => (
            "local · CPU".to_owned(),
            "ONNX Runtime is not installed: models say nothing".to_owned(),
        ),
    }
}

/// Lines of `doctor`.
pub(crate) fn doctor_lines() -> Vec<Line> {
    let runtime = match runtime_library() {
        None => Line::new(
            "ONNX Runtime",
            Health::Off,
            "not installed: models say nothing",
        )
        .remedy("set TRIPTYCH_ONNXRUNTIME, or install the package that carries it"),
        Some(library) => match Runtime::check(&library) {
            Ok(()) => Line::new(
                "ONNX Runtime",
                Health::Works,
                format!("{}, hash as pinned", library.display()),
            ),
            Err(error) => Line::new("ONNX Runtime", Health::Broken, error.to_string()),
        },
    };
    let mut lines = vec![runtime];
    for installed in installed() {
        let verified = match &installed.package {
            Ok(_) if runtime_library().is_none() => Line::new(
                "model",
                Health::Off,
                format!("{}: no runtime", installed.name),
            ),
            Ok(_) => match verify_one(installed) {
                v if v.holds => Line::new(
                    "model",
                    Health::Works,
                    format!("{}: {}, {}", v.name, v.words, v.provider),
                ),
                v => Line::new("model", Health::Broken, format!("{}: {}", v.name, v.words)),
            },
            Err(why) => Line::new(
                "model",
                Health::Broken,
                format!("{}: {why}", installed.name),
            ),
        };
        lines.push(verified);
    }
    if lines.len() == 1 {
        lines.push(Line::new(
            "models",
            Health::Off,
            "none installed: lane D shows nothing",
        ));
    }
    lines
}
