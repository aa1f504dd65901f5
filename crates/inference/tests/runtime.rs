//! With the real ONNX Runtime. It is found by `TRIPTYCH_ONNXRUNTIME` (its folder or file), else in the cache of `cargo xtask`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::{
    env,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use support::{Signer, film, graph, manifest, package_of, reference};
use triptych_inference::{
    Cancel, CudaState, ImageInput, LoadError, Loading, Model, OnnxError, Outcome, Package,
    PackageBytes, Runtime, TrustedKeys,
};

/// One a process.
static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let named = env::var_os("TRIPTYCH_ONNXRUNTIME").map(PathBuf::from);
    let cache = || {
        let from = |name: &str| env::var_os(name).map(PathBuf::from);
        let home = || from("HOME").map(|home| home.join(".cache"));
        let cache = from("XDG_CACHE_HOME").or_else(home);
        from("TRIPTYCH_CACHE").or_else(|| cache.map(|cache| cache.join("triptych")))
    };
    let place = named.or_else(|| cache().map(|c| c.join("onnxruntime-1.32.0")))?;
    Some(Runtime::open(&Runtime::find(&place)?).unwrap())
});

fn runtime(test: &str) -> Option<&'static Runtime> {
    let runtime = RUNTIME.as_ref();
    if runtime.is_none() {
        println!("RUNTIME ABSENT: {test}");
    }
    runtime
}

fn load(runtime: &Runtime, bytes: PackageBytes, keys: &TrustedKeys) -> Result<Model, LoadError> {
    let package = Arc::new(Package::open(bytes, keys).unwrap());
    Model::load(runtime, package, Loading::default())
}

fn heart(runtime: &Runtime) -> Model {
    load(runtime, reference(), &TrustedKeys::built_in()).unwrap()
}

/// SEC-10: the uploader of ONNX Runtime (Linux, since 1.29) is not even made: no database of unsent events is open.
#[test]
fn sec_10_the_runtime_collects_nothing() {
    let Some(runtime) = runtime("sec_10") else {
        return;
    };
    let model = heart(runtime);
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let files: Vec<PathBuf> = open
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .collect();
    let unsent = files.iter().find(|f| f.ends_with("onnxruntime.db"));
    assert_eq!(unsent, None);
    drop(model);
}

/// MDL-03, MDL-07: the self-test holds, and every node is accounted for.
#[test]
fn mdl_03_mdl_07_the_reference_model_passes_its_self_test_and_says_where_it_ran() {
    let Some(runtime) = runtime("mdl_03_mdl_07") else {
        return;
    };
    let model = heart(runtime);
    let report = model.provider();
    assert!(report.nodes_on_cpu >= 10, "{report}");
    assert_eq!(report.nodes_on_cuda, 0);
    let why = "this ONNX Runtime was built without CUDA";
    assert_eq!(report.cuda, CudaState::LibraryMissing(why.into()));
    let n = report.nodes_on_cpu;
    assert_eq!(
        report.to_string(),
        format!("CPU: {n} of {n} nodes (CUDA is not used: {why})")
    );
}

/// MDL-08, MDL-10: five runs, one answer, with everything that a card needs.
#[test]
fn mdl_08_mdl_10_the_same_film_gives_the_same_finding() {
    let Some(runtime) = runtime("mdl_08_mdl_10") else {
        return;
    };
    let mut model = heart(runtime);
    let first = model.analyse(&film(), &Cancel::default());
    let Outcome::Findings(findings) = &first else {
        panic!("{first:?}");
    };
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(finding.label, "Heart enlarged");
    assert_eq!(finding.sha256, model.package().sha256());
    assert!(finding.definition.contains("not a probability"));
    assert!(!finding.definition.contains('%'));
    for _ in 0..5 {
        assert_eq!(model.analyse(&film(), &Cancel::default()), first);
    }
    let sent = postcard::to_stdvec(&first).unwrap();
    assert_eq!(postcard::from_bytes::<Outcome>(&sent).unwrap(), first);
    // A film in which the lowest value is white is the same film.
    let mut white = film();
    white.meta.photometric = Some("MONOCHROME1".into());
    for value in &mut white.values {
        *value = 4095.0 - *value;
    }
    let Outcome::Findings(again) = model.analyse(&white, &Cancel::default()) else {
        panic!("withheld");
    };
    assert!((again[0].score - finding.score).abs() < 1e-4);
}

#[test]
fn d_21_mdl_06_ct_lateral_child_and_blank_are_withheld_with_their_reason() {
    let Some(runtime) = runtime("mdl_06") else {
        return;
    };
    let mut model = heart(runtime);
    let mut check = |change: fn(&mut ImageInput), expected: &str| {
        let mut image = film();
        change(&mut image);
        let outcome = model.analyse(&image, &Cancel::default());
        let Outcome::Withheld(reasons) = outcome else {
            panic!("{expected}: {outcome:?}");
        };
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(reasons[0].contains(expected), "{reasons:?}");
    };
    check(|i| i.meta.modality = "CT".into(), "modality is CT");
    check(|i| i.meta.view_position = "LL".into(), "view is LL");
    check(|i| i.meta.age_years = Some(4), "age 4 years");
    check(|i| i.meta.body_part = "ABDOMEN".into(), "ABDOMEN");
    check(|i| i.meta.photometric = None, "photometric interpretation");
    check(|i| i.values.fill(0.0), "blank");
    check(|i| i.values.fill(3000.0), "blank");
    check(|i| i.values[7] = f32::NAN, "no numbers");
    check(
        |i| {
            i.values.pop();
        },
        "rows times columns",
    );
}

#[test]
fn mdl_03_a_changed_weight_or_a_changed_expectation_turns_the_model_off() {
    let Some(runtime) = runtime("mdl_03_changed") else {
        return;
    };
    let signer = Signer::new();
    let bytes = reference();
    let golden = |name: &str| {
        let mut content = support::file(&bytes, name);
        // The highest bit of the first value's exponent.
        content[3] ^= 0x40;
        let changed = bytes.clone().with(name, content);
        let signed = signer.sign(changed, manifest(&bytes));
        load(runtime, signed, &signer.keys()).unwrap_err()
    };
    for name in ["golden/y.f32", "golden/x.f32"] {
        let error = golden(name);
        assert!(matches!(error, LoadError::Golden(_)), "{error}");
    }
    // The weights of the last layer follow their name, the tag of raw_data and two bytes of length; each is scaled by 2^64 or 2^-64.
    let mut content = support::file(&bytes, "model.onnx");
    let name = b"head.weight";
    let at = content.windows(name.len()).rposition(|w| w == name);
    let weights = at.unwrap() + name.len() + 3;
    for cell in content[weights..weights + 400].chunks_exact_mut(4) {
        cell[3] ^= 0x20;
    }
    let changed = signer.sign(bytes.clone().with("model.onnx", content), manifest(&bytes));
    let error = load(runtime, changed, &signer.keys()).unwrap_err();
    assert!(matches!(error, LoadError::Golden(_)), "{error}");
}

/// MDL-04: stubs that are right for the stored picture of zeros, and wrong for a film.
#[test]
fn mdl_04_numbers_that_are_none_give_no_result() {
    let Some(runtime) = runtime("mdl_04") else {
        return;
    };
    let signer = Signer::new();
    // The mean of the absolute z-scores is near 0.8.
    let mean: [(&str, &[&str]); 3] = [
        ("Abs", &["image"]),
        ("GlobalAveragePool", &["t0"]),
        ("Flatten", &["t1"]),
    ];
    let check = |more: &[(&str, &[&str])], expected: &str| {
        let nodes = [&mean[..], more].concat();
        let bytes = package_of(&signer, graph(48, &nodes), |_| {});
        let mut model = load(runtime, bytes, &signer.keys()).unwrap();
        let outcome = model.analyse(&film(), &Cancel::default());
        let said = format!("{outcome:?}");
        assert!(said.starts_with(expected), "{said}");
    };
    check(&[("Identity", &["t2"])], "Findings([Finding");
    let doubled: (&str, &[&str]) = ("Add", &["t2", "t2"]);
    check(&[doubled], "Failed(\"a score of 1.");
    check(
        &[doubled, ("Asin", &["t3"])],
        "Failed(\"the output holds what is no number",
    );
    let squares: Vec<[String; 2]> = (3..13)
        .map(|k| [format!("t{k}"), format!("t{k}")])
        .collect();
    let squares: Vec<[&str; 2]> = squares
        .iter()
        .map(|s| s.each_ref().map(String::as_str))
        .collect();
    let grown: Vec<(&str, &[&str])> = squares.iter().map(|s| ("Mul", s.as_slice())).collect();
    check(
        &[&[doubled], &grown[..]].concat(),
        "Failed(\"the output holds what is no number",
    );
}

#[test]
fn mdl_02_a_graph_that_is_not_the_manifest_s_is_refused() {
    let Some(runtime) = runtime("mdl_02") else {
        return;
    };
    let signer = Signer::new();
    let refused = |graph: Vec<u8>, change: fn(&mut toml::Table)| {
        let bytes = package_of(&signer, graph, change);
        load(runtime, bytes, &signer.keys()).unwrap_err()
    };
    let mean: [(&str, &[&str]); 3] = [
        ("Abs", &["image"]),
        ("GlobalAveragePool", &["t0"]),
        ("Flatten", &["t1"]),
    ];
    let error = refused(graph(32, &mean), |_| {});
    assert!(matches!(error, LoadError::Mismatch(_)), "{error}");
    let error = refused(graph(48, &mean), |t| {
        let output = t["output"][0].as_table_mut().unwrap();
        output.insert("name".into(), "probability".into());
    });
    assert!(matches!(error, LoadError::Mismatch(_)), "{error}");
    let error = refused(graph(48, &mean), |t| {
        let runtime = t["runtime"].as_table_mut().unwrap();
        runtime.insert("onnx_opset_max".into(), 12.into());
    });
    let newer = OnnxError::Opset {
        found: 13,
        allowed: 12,
    };
    assert!(matches!(error, LoadError::Graph(e) if e == newer));
    let unknown = [mean[0], mean[1], ("NoSuchOp", &["t1"] as &[&str])];
    let error = refused(graph(48, &unknown), |_| {});
    assert!(matches!(error, LoadError::Refused(_)), "{error}");
    let error = refused(b"no model at all".to_vec(), |_| {});
    assert!(matches!(error, LoadError::Graph(_)), "{error}");
}

/// MDL-05: 400 products of 512 x 512 matrices take seconds; the limit is 100 ms.
#[test]
fn mdl_05_a_run_that_takes_too_long_is_ended() {
    let Some(runtime) = runtime("mdl_05") else {
        return;
    };
    let names: Vec<String> = (0..400).map(|k| format!("t{k}")).collect();
    let mut inputs: Vec<Vec<&str>> = vec![vec!["image", "image"]];
    inputs.extend(
        names
            .iter()
            .take(398)
            .map(|name| vec![name.as_str(), "image"]),
    );
    let mut nodes: Vec<(&str, &[&str])> = inputs.iter().map(|i| ("MatMul", &i[..])).collect();
    let last = [names[398].as_str()];
    nodes.push(("GlobalAveragePool", &last));
    let pooled = [names[399].as_str()];
    nodes.push(("Flatten", &pooled));
    let signer = Signer::new();
    let bytes = package_of(&signer, graph(512, &nodes), |t| {
        let runtime = t["runtime"].as_table_mut().unwrap();
        runtime.insert("timeout_ms".into(), 100.into());
        let input = t["input"][0].as_table_mut().unwrap();
        let size: toml::Value = vec![toml::Value::from(512), 512.into()].into();
        input.insert("spatial_shape".into(), size.clone());
        for step in input["preprocess"].as_array_mut().unwrap() {
            if let Some(own) = step.get_mut("size") {
                *own = size.clone();
            }
        }
    });
    let began = Instant::now();
    let error = load(runtime, bytes, &signer.keys()).unwrap_err();
    let said = "the time limit of the model was reached";
    assert!(error.to_string().contains(said), "{error}");
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn mdl_05_a_cancelled_run_gives_no_result_and_the_next_one_does() {
    let Some(runtime) = runtime("mdl_05_cancel") else {
        return;
    };
    let mut model = heart(runtime);
    let cancel = Cancel::default();
    cancel.cancel();
    let outcome = model.analyse(&film(), &cancel);
    assert_eq!(outcome, Outcome::Failed("cancelled".into()));
    let outcome = model.analyse(&film(), &Cancel::default());
    assert!(matches!(outcome, Outcome::Findings(_)), "{outcome:?}");
}
