//! `cargo xtask bundle`: the Debian package with its checksums and signature; `--check` installs, starts and removes it.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};

use crate::command::{cargo, read, root, run, target};
use crate::display::Display;
use crate::{cache, packages, runtime};

/// Options of `bundle`.
#[derive(Args)]
pub struct Bundle {
    /// Minisign secret key (without a password) that signs the checksums.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Sign with a throw-away key, verify, change a byte, install, start, remove. Needs root or sudo.
    #[arg(long)]
    check: bool,
    /// Install for the check into this root of a clean Debian (`debootstrap --variant=minbase bookworm DIR`) instead of this
    /// machine, with its /proc and /dev bound. Needs root.
    #[arg(long, value_name = "DIR", requires = "check")]
    root: Option<PathBuf>,
}

/// Tauri's bundler, as a ready binary from npm.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";
/// Where the package puts what its programs open beside themselves.
const SHARE: &str = "/usr/lib/triptych";

impl Bundle {
    /// Runs it.
    pub fn run(self) -> Result<()> {
        packages::ensure()?;
        run(&mut cargo(&["fetch", "--locked"]))?;
        let package = package(&runtime::ensure("cpu")?)?;
        let sums = checksums(&package)?;
        println!("package: {}", package.display());
        let (secret, public) = match (&self.key, self.check) {
            (Some(path), _) => {
                let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
                let secret = SecretKeyBox::from_string(&text)?.into_unencrypted_secret_key()?;
                let public = PublicKey::from_secret_key(&secret)?;
                (secret, public)
            }
            (None, true) => {
                let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
                (sk, pk)
            }
            (None, false) => bail!(
                "name the key that signs: --key FILE; --check makes one of its own and throws it away"
            ),
        };
        let signature = sign(&sums, &secret, &public)?;
        println!(
            "checksums: {}\nsignature: {}",
            sums.display(),
            signature.display()
        );
        verify(&sums, &signature, &public, &package)?;
        println!("signature verifies; public key {}", public.to_base64());
        if self.check {
            let place = Place { root: self.root };
            check(&package, &sums, &signature, &public, &place)?;
        }
        Ok(())
    }
}

fn package(runtime: &Path) -> Result<PathBuf> {
    let tools = cache::folder()?.join("tauri-cli");
    let bundler = tools.join("node_modules").join(".bin").join("tauri");
    if !bundler.exists() {
        run(Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&tools)
            .arg(BUNDLER))
        .context("Tauri's bundler comes from npm: install nodejs and npm")?;
    }
    // What the programs open at run time; paths of the cache are known only here.
    let mut files = serde_json::Map::new();
    let mut add = |to: String, from: &Path| files.insert(to, from.display().to_string().into());
    for entry in fs::read_dir(runtime)? {
        let file = entry?;
        add(
            format!("{SHARE}/onnxruntime/{}", file.file_name().to_string_lossy()),
            &file.path(),
        );
    }
    for folder in ["models", "assets/pathways"] {
        for file in files_below(&root().join(folder))? {
            let inside = file.strip_prefix(root())?.display().to_string();
            let is_source = file.extension().is_none_or(|e| e == "py" || e == "pyc");
            if !is_source {
                add(format!("{SHARE}/{inside}"), &file);
            }
        }
    }
    let config = cache::folder()?.join("bundle.json");
    let extra = serde_json::json!({ "bundle": { "linux": { "deb": { "files": files } } } });
    fs::write(&config, extra.to_string())?;
    let folder = target()?.join("release").join("bundle").join("deb");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    run(Command::new(bundler)
        .args(["build", "--ci", "--bundles", "deb", "--config"])
        .arg(&config)
        .args(["--", "--locked", "--offline"])
        .current_dir(root()))?;
    let packages: Vec<_> = files_below(&folder)?
        .into_iter()
        .filter(|f| f.extension().is_some_and(|e| e == "deb"))
        .collect();
    let [package] = packages.as_slice() else {
        bail!(
            "{} packages in {}, one was expected",
            packages.len(),
            folder.display()
        );
    };
    Ok(package.clone())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// `SHA256SUMS` beside the package, as `sha256sum --check` reads it.
fn checksums(package: &Path) -> Result<PathBuf> {
    let sums = package.with_file_name("SHA256SUMS");
    let name = package
        .file_name()
        .context("the package has no name")?
        .to_string_lossy();
    fs::write(&sums, format!("{}  {name}\n", runtime::hash(package)?))?;
    Ok(sums)
}

fn sign(file: &Path, secret: &SecretKey, public: &PublicKey) -> Result<PathBuf> {
    let text = fs::read(file)?;
    let comment = Some("file:SHA256SUMS");
    let signature = minisign::sign(
        Some(public),
        secret,
        Cursor::new(text),
        comment,
        Some("triptych packages"),
    )?;
    let path = file.with_extension("minisig");
    fs::write(&path, signature.to_string())?;
    Ok(path)
}

/// The signature holds for the checksums, and these for the package.
fn verify(sums: &Path, signature: &Path, public: &PublicKey, package: &Path) -> Result<()> {
    let signature = SignatureBox::from_string(&fs::read_to_string(signature)?)?;
    let text = fs::read_to_string(sums)?;
    minisign::verify(
        public,
        &signature,
        Cursor::new(text.as_bytes()),
        true,
        false,
        false,
    )
    .context("the signature does not belong to these checksums")?;
    let hash = runtime::hash(package)?;
    ensure!(
        text.starts_with(&hash),
        "the package is not the one of the checksums"
    );
    Ok(())
}

/// Where the package is installed for the check.
struct Place {
    /// A Debian of its own; `None` is this machine.
    root: Option<PathBuf>,
}

impl Place {
    /// A program of the place, run there with its rights to install.
    fn command(&self, program: &str) -> Command {
        let mut command = match (&self.root, packages::is_root()) {
            (Some(root), _) => {
                let mut command = Command::new("chroot");
                command.arg(root).arg(program);
                command
            }
            (None, true) => Command::new(program),
            (None, false) => {
                let mut command = Command::new("sudo");
                command.arg(program);
                command
            }
        };
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// The place's path as seen from here.
    fn seen(&self, path: &str) -> PathBuf {
        let root = self.root.as_deref().unwrap_or(Path::new("/"));
        root.join(path.trim_start_matches('/'))
    }

    /// Copies the package to where the place can read it.
    fn bring(&self, package: &Path) -> Result<PathBuf> {
        let Some(root) = &self.root else {
            return Ok(package.to_owned());
        };
        let name = package.file_name().context("the package has no name")?;
        fs::copy(package, root.join("tmp").join(name))?;
        fs::copy("/etc/resolv.conf", root.join("etc/resolv.conf"))?;
        run(self.command("apt-get").args(["update", "--quiet"]))?;
        Ok(Path::new("/tmp").join(name))
    }
}

fn check(
    package: &Path,
    sums: &Path,
    signature: &Path,
    public: &PublicKey,
    place: &Place,
) -> Result<()> {
    for file in [package, sums, signature] {
        let good = fs::read(file)?;
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        if let Some(byte) = bad.get_mut(middle) {
            *byte ^= 1;
        }
        fs::write(file, bad)?;
        let verdict = verify(sums, signature, public, package);
        fs::write(file, good)?;
        ensure!(
            verdict.is_err(),
            "a changed byte of {} was not noticed",
            file.display()
        );
        println!("a changed byte of {}: refused", file.display());
    }
    let other = KeyPair::generate_unencrypted_keypair()?.pk;
    ensure!(
        verify(sums, signature, &other, package).is_err(),
        "another key's signature was taken"
    );
    println!("another key: refused");

    let depends = read(
        Command::new("dpkg-deb")
            .arg("--field")
            .arg(package)
            .arg("Depends"),
    )?;
    println!("depends: {}", depends.trim());
    let contents = read(Command::new("dpkg-deb").arg("--contents").arg(package))?;
    for needed in [
        "usr/bin/triptych\n",
        "usr/bin/triptych-window\n",
        "usr/bin/triptych-worker\n",
        ".desktop\n",
        "libonnxruntime.so",
    ] {
        ensure!(
            contents.contains(needed),
            "{} is not in the package",
            needed.trim()
        );
    }
    run(place
        .command("apt-get")
        .args(["install", "--yes", "--no-install-recommends"])
        .arg(place.bring(package)?))?;
    let started = start(place);
    run(place
        .command("apt-get")
        .args(["remove", "--yes", "triptych"]))?;
    started?;
    for path in ["/usr/bin/triptych", SHARE] {
        ensure!(
            !place.seen(path).exists(),
            "{path} is still there after the package was removed"
        );
    }
    println!("installed, started, removed");
    Ok(())
}

/// The installed programs, with nothing of the checkout in their environment.
fn start(place: &Place) -> Result<()> {
    let folder = match &place.root {
        Some(_) => PathBuf::from("/tmp/triptych-bundle-check"),
        None => cache::folder()?.join("bundle-check"),
    };
    let seen = place.seen(&folder.display().to_string());
    if seen.exists() {
        fs::remove_dir_all(&seen)?;
    }
    // Not by sudo: a person's programs run with a person's rights.
    let installed = |program: &str| {
        let program = format!("/usr/bin/{program}");
        let mut command = match &place.root {
            Some(_) => place.command(&program),
            None => Command::new(program),
        };
        command
            .arg("--archive")
            .arg(folder.join("archive"))
            .arg("--key-file")
            .arg(folder.join("key").join("archive.key"));
        command.env_remove(runtime::VARIABLE).current_dir("/");
        command
    };
    run(installed("triptych").arg("doctor"))?;
    let display = Display::start("1600x1000")?;
    let picture = folder.join("window.png");
    run(installed("triptych-window")
        .args([
            "--renderer",
            "cpu",
            "--size",
            "1600x1000",
            "--after-settled",
            "--screenshot",
        ])
        .arg(&picture)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY"))?;
    let picture = seen.join("window.png");
    ensure!(picture.exists(), "the installed window saved no picture");
    Ok(())
}
