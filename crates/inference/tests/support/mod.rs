//! Packages signed by a throw-away key, and small graphs.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout)]

use std::{io::Cursor, path::PathBuf};

use minisign::KeyPair;
use sha2::{Digest as _, Sha256};
use triptych_inference::{COMMENT, ImageInput, ImageMeta, PackageBytes, TrustedKeys};

pub fn reference() -> PackageBytes {
    PackageBytes::read(&root().join("models/heart-size-reference")).unwrap()
}

pub fn root() -> PathBuf {
    let own = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let root = own
        .ancestors()
        .find(|folder| folder.join("tauri.conf.json").is_file());
    root.unwrap().to_owned()
}

pub fn file(bytes: &PackageBytes, name: &str) -> Vec<u8> {
    let mut files = bytes.files();
    files.find(|(n, _)| *n == name).unwrap().1.to_vec()
}

pub fn manifest(bytes: &PackageBytes) -> toml::Table {
    let text = String::from_utf8(file(bytes, "model.toml")).unwrap();
    text.parse().unwrap()
}

/// Somebody who signs.
pub struct Signer(KeyPair);

impl Signer {
    pub fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    pub fn keys(&self) -> TrustedKeys {
        TrustedKeys::default().with(&self.0.pk.to_base64()).unwrap()
    }

    /// With `manifest`, its hashes made true.
    pub fn sign(&self, bytes: PackageBytes, mut manifest: toml::Table) -> PackageBytes {
        if let Some(files) = manifest.get_mut("files").and_then(|f| f.as_table_mut()) {
            for (name, entry) in files {
                let Some((_, content)) = bytes.files().find(|(n, _)| n == name) else {
                    continue;
                };
                let entry = entry.as_table_mut().unwrap();
                let hash = hex::encode(Sha256::digest(content));
                entry.insert("sha256".into(), hash.into());
                entry.insert("bytes".into(), (content.len() as i64).into());
            }
        }
        self.sign_text(bytes, &toml::to_string(&manifest).unwrap())
    }

    pub fn sign_text(&self, bytes: PackageBytes, text: &str) -> PackageBytes {
        let comment = COMMENT.trim_start_matches("untrusted comment: ");
        let content = Cursor::new(text.as_bytes());
        let signature = minisign::sign(
            Some(&self.0.pk),
            &self.0.sk,
            content,
            Some("a test"),
            Some(comment),
        );
        let signature = format!("{}\n", signature.unwrap().into_string().trim_end());
        bytes
            .with("model.toml", text)
            .with("model.toml.minisig", signature)
    }
}

/// An adult's frontal film that was made, not taken: bright middle, dark lungs.
pub fn film() -> ImageInput {
    let (rows, columns) = (200u32, 180u32);
    let value = |k: u32| {
        let (x, y) = (k % columns, k / columns);
        let dx = f64::from(x) / f64::from(columns) - 0.5;
        let dy = f64::from(y) / f64::from(rows) - 0.5;
        let lungs = 1800.0 * (-((dx.abs() - 0.25).powi(2) / 0.01 + dy * dy / 0.06)).exp();
        let grain = f64::from(k * 7919 % 61);
        (2600.0 - lungs + grain) as f32
    };
    ImageInput {
        meta: ImageMeta {
            modality: "DX".into(),
            view_position: "PA".into(),
            body_part: "CHEST".into(),
            age_years: Some(61),
            columns,
            rows,
            frames: 1,
            photometric: Some("MONOCHROME2".into()),
            pixel_spacing_mm: None,
        },
        values: (0..rows * columns).map(value).collect(),
        stored_range: [0.0, 4095.0],
    }
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut out = vec![];
    while n >= 0x80 {
        out.push((n & 0x7F | 0x80) as u8);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn message(field: u64, content: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(content.len() as u64),
        content.to_vec(),
    ]
    .concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn value(field: u64, name: &str, inner: &[u64]) -> Vec<u8> {
    let batch = message(1, &message(2, b"batch"));
    let dims: Vec<_> = inner.iter().map(|d| message(1, &number(1, *d))).collect();
    let shape = message(2, &[batch, dims.concat()].concat());
    let tensor = message(1, &[number(1, 1), shape].concat());
    message(
        field,
        &[message(1, name.as_bytes()), message(2, &tensor)].concat(),
    )
}

/// A model `image` [batch, 1, side, side] -> `score` [batch, 1]: `nodes` are operator and inputs, the output of node `k` is `t{k}`, that of
/// the last one `score`.
pub fn graph(side: u64, nodes: &[(&str, &[&str])]) -> Vec<u8> {
    let mut out = vec![];
    for (k, (operator, inputs)) in nodes.iter().enumerate() {
        let name = if k + 1 == nodes.len() {
            "score".to_owned()
        } else {
            format!("t{k}")
        };
        let inputs: Vec<_> = inputs.iter().map(|i| message(1, i.as_bytes())).collect();
        let node = [
            inputs.concat(),
            message(2, name.as_bytes()),
            message(4, operator.as_bytes()),
        ];
        out.push(message(1, &node.concat()));
    }
    out.push(message(2, b"test"));
    out.push(value(11, "image", &[1, side, side]));
    out.push(value(12, "score", &[1]));
    let import = message(8, &number(2, 13));
    [number(1, 7), message(7, &out.concat()), import].concat()
}

/// The reference package with another graph, whose output for a picture of zeros is 0.
pub fn package_of(
    signer: &Signer,
    graph: Vec<u8>,
    change: impl FnOnce(&mut toml::Table),
) -> PackageBytes {
    let bytes = reference();
    let mut manifest = manifest(&bytes);
    change(&mut manifest);
    let shape = manifest["input"][0]["spatial_shape"].as_array().unwrap();
    let side = shape[0].as_integer().unwrap();
    let golden = manifest["golden"].as_table_mut().unwrap();
    golden.insert(
        "input_shape".into(),
        toml::Value::Array([1, 1, side, side].map(toml::Value::from).to_vec()),
    );
    let bytes = bytes
        .with("model.onnx", graph)
        .with("golden/x.f32", vec![0; (side * side * 4) as usize])
        .with("golden/y.f32", vec![0; 4]);
    signer.sign(bytes, manifest)
}
