//! What is not exactly as it was signed does not open.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use support::{Signer, file, manifest, reference, root};
use triptych_inference::{Package, PackageBytes, PackageError, TrustedKeys};

const SIGNATURE: &str = "model.toml.minisig";

fn flipped(bytes: &PackageBytes, name: &str, bit: usize) -> PackageBytes {
    let mut content = file(bytes, name);
    content[bit / 8] ^= 1 << (bit % 8);
    bytes.clone().with(name, content)
}

#[test]
fn mdl_01_the_reference_package_opens_with_the_built_in_key() {
    let package = Package::open(reference(), &TrustedKeys::built_in()).unwrap();
    let about = &package.manifest().package;
    assert_eq!(about.id, "org.triptych.heart-size-reference");
    assert_eq!(package.manifest().card.attributes().count(), 31);
    assert_eq!(package.sha256().len(), 64);
}

/// MDL-01: 200 random bits, of all files that are signed and of the signature itself.
#[test]
fn mdl_01_one_flipped_bit_anywhere_refuses() {
    let (bytes, keys) = (reference(), TrustedKeys::built_in());
    let sources = ["train.py", "package.py"];
    let files = bytes.files().filter(|(name, _)| !sources.contains(name));
    let files: Vec<(String, usize)> = files.map(|(n, b)| (n.to_owned(), b.len() * 8)).collect();
    // xorshift, so that a failing run can be repeated.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for k in 0..200 {
        // Every file in turn: by size alone the small ones would never be hit.
        let (name, bits) = &files[k % files.len()];
        let bit = random(*bits);
        let opened = Package::open(flipped(&bytes, name, bit), &keys);
        assert!(opened.is_err(), "bit {bit} of {name}");
    }
}

/// MDL-01: minisign itself does not sign the first line, nor the ends of lines.
#[test]
fn mdl_01_the_open_parts_of_a_signature_are_closed() {
    let (bytes, keys) = (reference(), TrustedKeys::built_in());
    let text = file(&bytes, SIGNATURE);
    let first = text.iter().position(|b| *b == b'\n').unwrap();
    let ends = text.iter().enumerate().filter(|(_, b)| **b == b'\n');
    let open = (0..first).chain(ends.map(|(at, _)| at));
    for at in open.flat_map(|at| (0..8).map(move |bit| at * 8 + bit)) {
        let opened = Package::open(flipped(&bytes, SIGNATURE, at), &keys);
        assert!(opened.is_err(), "bit {at}");
    }
}

#[test]
fn mdl_01_wrong_key_missing_extra_and_longer_files_are_named() {
    let (bytes, keys) = (reference(), TrustedKeys::built_in());
    let open = |bytes, keys: &TrustedKeys| Package::open(bytes, keys).unwrap_err();
    let stranger = Signer::new();
    let error = open(bytes.clone(), &stranger.keys());
    assert!(matches!(error, PackageError::NotTrusted { .. }), "{error}");
    let error = open(bytes.clone(), &TrustedKeys::default());
    assert!(matches!(error, PackageError::NotTrusted { .. }), "{error}");
    for name in ["model.toml", SIGNATURE] {
        let error = open(bytes.clone().without(name), &keys);
        assert!(matches!(error, PackageError::Absent { .. }), "{error}");
    }
    let error = open(bytes.clone().without("golden/x.f32"), &keys);
    assert!(matches!(&error, PackageError::Missing { name } if name == "golden/x.f32"));
    let error = open(bytes.clone().with("weights.bin", *b"x"), &keys);
    assert!(matches!(&error, PackageError::Extra { name } if name == "weights.bin"));
    let longer = [file(&bytes, "model.onnx"), vec![0]].concat();
    let error = open(bytes.clone().with("model.onnx", longer), &keys);
    assert!(matches!(&error, PackageError::Size { name, .. } if name == "model.onnx"));
    let error = open(flipped(&bytes, "model.onnx", 4000), &keys);
    assert!(matches!(&error, PackageError::Hash { name } if name == "model.onnx"));
}

#[test]
fn mdl_01_a_package_without_its_scripts_is_whole() {
    let bytes = reference().without("train.py").without("package.py");
    assert!(Package::open(bytes, &TrustedKeys::built_in()).is_ok());
}

#[cfg(unix)]
#[test]
fn mdl_01_a_link_is_no_file_of_a_package() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("model.onnx")).unwrap();
    let error = PackageBytes::read(folder.path()).unwrap_err();
    assert!(matches!(error, PackageError::NotPlain { .. }), "{error}");
}

#[track_caller]
fn refused(signer: &Signer, change: impl FnOnce(&mut toml::Table), words: &[&str]) {
    let bytes = reference();
    let mut text = manifest(&bytes);
    change(&mut text);
    let error = Package::open(signer.sign(bytes, text), &signer.keys()).unwrap_err();
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

fn table<'a>(value: &'a mut toml::Table, key: &str) -> &'a mut toml::Table {
    value[key].as_table_mut().unwrap()
}

#[test]
fn mdl_01_what_a_manifest_may_not_say_is_named() {
    let signer = Signer::new();
    let input = |t: &mut toml::Table, key: &str, value: toml::Value| {
        let input = t["input"][0].as_table_mut().unwrap();
        input.insert(key.into(), value);
    };
    let step = |op: &str| -> toml::Value {
        let step: toml::Table = format!("op = {op:?}").parse().unwrap();
        vec![toml::Value::Table(step)].into()
    };
    // The same manifest, unchanged, opens: what is refused below is refused for its change.
    let bytes = reference();
    let same = signer.sign(bytes.clone(), manifest(&bytes));
    assert!(Package::open(same, &signer.keys()).is_ok());
    refused(
        &signer,
        |t| input(t, "preprocess", step("sharpen")),
        &["unknown variant", "sharpen"],
    );
    refused(
        &signer,
        |t| input(t, "preprocess", step("zscore")),
        &["first step", "modality_lut"],
    );
    refused(
        &signer,
        |t| input(t, "colour", "blue".into()),
        &["unknown field", "colour"],
    );
    refused(
        &signer,
        |t| drop(t.insert("schema".into(), 2.into())),
        &["schema 2"],
    );
    refused(
        &signer,
        |t| drop(table(t, "runtime").insert("tf32".into(), true.into())),
        &["not supported"],
    );
    refused(
        &signer,
        |t| drop(table(t, "card").remove("funding")),
        &["card.funding is missing"],
    );
    refused(&signer, |t| drop(t.remove("card")), &["card"]);
    refused(
        &signer,
        |t| {
            let channel = t["output"][0]["channel"][0].as_table_mut().unwrap();
            channel.remove("bands");
        },
        &["has no bands"],
    );
    refused(
        &signer,
        |t| {
            let entry = table(t, "files").remove("model.onnx").unwrap();
            table(t, "files").insert("../model.onnx".into(), entry);
        },
        &["not a plain relative name"],
    );
}

/// The example of the shelf is schema 1 without a card.
#[test]
fn mdl_11_the_example_of_the_shelf_lacks_only_its_card() {
    let shelf = std::env::var_os("TRIPTYCH_SHARED")
        .map(Into::into)
        .or_else(|| Some(root().parent()?.join("shared")));
    let example = shelf.and_then(|shelf: std::path::PathBuf| {
        std::fs::read_to_string(shelf.join("reference/onnxruntime/model.example.toml")).ok()
    });
    let Some(example) = example else {
        println!("SHELF ABSENT: mdl_11_the_example_of_the_shelf_lacks_only_its_card");
        return;
    };
    let signer = Signer::new();
    let bytes = signer.sign_text(PackageBytes::default(), &example);
    let error = Package::open(bytes, &signer.keys())
        .unwrap_err()
        .to_string();
    assert!(error.contains("missing field `card`"), "{error}");
}
