//! Signs the manifest of a model package: `sign KEY FOLDER`, or makes a key pair: `sign --new KEY PUBLIC`.
//!
//! KEY is a minisign secret key without a password, kept outside the repository.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "a tool of the packager, not part of the program"
)]

use std::{error::Error, fs, io::Cursor, path::Path};

use minisign::{KeyPair, PublicKey, SecretKeyBox};
use triptych_inference::{COMMENT, Package, TrustedKeys};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--new", key, public] => {
            let pair = KeyPair::generate_unencrypted_keypair()?;
            write_secret(Path::new(key), &pair.sk.to_box(None)?.into_string())?;
            let comment = "untrusted comment: triptych model packages";
            fs::write(public, format!("{comment}\n{}\n", pair.pk.to_base64()))?;
            Ok(())
        }
        [key, folder] => sign(Path::new(key), Path::new(folder)),
        _ => Err("usage: sign KEY FOLDER | sign --new KEY PUBLIC".into()),
    }
}

fn sign(key: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let secret = SecretKeyBox::from_string(&fs::read_to_string(key)?)?;
    let secret = secret.into_unencrypted_secret_key()?;
    let public = PublicKey::from_secret_key(&secret)?;
    let manifest = fs::read(folder.join("model.toml"))?;
    let untrusted = COMMENT.trim_start_matches("untrusted comment: ");
    let signature = minisign::sign(
        Some(&public),
        &secret,
        Cursor::new(&manifest),
        Some("model package, schema 1"),
        Some(untrusted),
    )?;
    let text = format!("{}\n", signature.into_string().trim_end());
    fs::write(folder.join("model.toml.minisig"), text)?;
    let keys = TrustedKeys::default().with(&public.to_base64())?;
    let package = Package::open_folder(folder, &keys)?;
    println!("{} {}", package.manifest().package.id, package.sha256());
    Ok(())
}

fn write_secret(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut options = fs::File::options();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
