//! The other commands over real files.

use crate::support::{Home, root, shelf};

/// `inspect --expected` agrees for every file with reference pixels, or names a reason.
#[test]
fn inspect_agrees_with_the_reference_of_every_syntax() {
    let Some(shelf) = shelf("inspect_agrees_with_the_reference_of_every_syntax") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_syntax");
    let expected = folder.join("expected.json");
    let ran = home.run(&[
        "inspect",
        folder.to_str().unwrap(),
        "--expected",
        expected.to_str().unwrap(),
    ]);
    let last = ran.out.lines().last().unwrap_or_default();
    assert_eq!(
        ran.code,
        Some(0),
        "{last}\n{}",
        ran.out
            .lines()
            .filter(|l| l.starts_with("differ"))
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(last.contains(" agree, 0 differ, "), "{last}");
    let agree: usize = last.split(' ').next().unwrap().parse().unwrap();
    assert!(agree >= 180, "{last}");
}

/// One of the five images has the same pixels as the one before it, and nothing in its header says so.
#[test]
fn t24_series_finds_a_copy_by_its_pixels() {
    let Some(shelf) = shelf("t24_series_finds_a_copy_by_its_pixels") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_series/mr_sagittal_gap_and_duplicate");
    let ran = home.run(&["series", folder.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("4 images"), "{}", ran.out);
    assert!(ran.out.contains("duplicate position"), "{}", ran.out);
    assert!(!ran.out.contains("volumes"), "{}", ran.out);
}

/// The JSON lines of a `bench` command that ended well.
fn bench(home: &Home, arguments: &[&str]) -> Vec<serde_json::Value> {
    let ran = home.run(&[&["bench"], arguments, &["--json"]].concat());
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
    let lines = ran.out.lines().map(serde_json::from_str);
    lines.map(Result::unwrap).collect()
}

/// What `bench` answers, not how fast: the peers' own answers over the same files.
#[test]
fn bench_answers_what_the_peers_answer() {
    let Some(shelf) = shelf("bench_answers_what_the_peers_answer") else {
        return;
    };
    let home = Home::new();
    let series = shelf.join("data/dicom_series");
    let folder = |name: &str| series.join(name).to_str().unwrap().to_owned();
    let scan = bench(&home, &["scan", &folder("chest_ct")]);
    // 61 files of one series, one of them cut in its pixels.
    let files = std::fs::read_dir(series.join("chest_ct")).unwrap().count();
    assert_eq!(scan[0]["check"], 1_000_000 + files, "{scan:?}");
    assert_eq!(scan[0]["files"], files);
    let decoded = bench(
        &home,
        &[
            "decode",
            &folder("xa_cine"),
            "--seconds",
            "0",
            "--threads",
            "1",
        ],
    );
    assert_eq!(decoded.len(), 1, "{decoded:?}");
    assert_eq!(decoded[0]["work"], "decode");
    assert_eq!(decoded[0]["failed"], 0);
    assert!(decoded[0]["check"].as_u64().unwrap() > 1_000_000);
    // So little work may cost less than the system counts.
    assert!(decoded[0]["mb_per_cpu_s"].as_f64().is_some());
    // The same series out of an encrypted archive, native and compressed, decoded now and decoded before.
    for (name, again) in [("chest_ct", false), ("xa_cine", false), ("xa_cine", true)] {
        let plain = bench(&home, &["open", &folder(name)]);
        let again: &[&str] = if again { &["--again"] } else { &[] };
        let sealed = bench(
            &home,
            &[&["open", &folder(name), "--stored"], again].concat(),
        );
        for key in ["work", "files", "check"] {
            assert_eq!(plain[0][key], sealed[0][key], "{name} {again:?}: {key}");
        }
    }
}

/// Means of the middle of step 0 are those that the peers reckon from the same series.
#[test]
fn bench_render_draws_the_planes_of_the_peers() {
    let Some(shelf) = shelf("bench_render_draws_the_planes_of_the_peers") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_series/mr_coronal");
    let folder = folder.to_str().unwrap();
    let cases = "axial_values,axial,coronal,oblique,slab_mip,slab_mip_oblique,window,vr_draft";
    let lines = bench(
        &home,
        &["render", folder, "--cases", cases, "--seconds", "0"],
    );
    let named: Vec<_> = lines.iter().map(|l| l["case"].as_str().unwrap()).collect();
    assert_eq!(named, cases.split(',').collect::<Vec<_>>());
    for line in &lines {
        assert!(line["n"].as_u64().unwrap() >= 3 && line["ms"].as_f64().unwrap() > 0.0);
    }
    assert_eq!(lines[0]["check"], lines[1]["check"], "{lines:?}");
    // Reckoned apart from us out of the stored values, with numpy and scipy: trilinear, and the outermost half voxel is that of its edge,
    // as VTK and SimpleITK have it. Half a voxel off along any axis changes each of them by more than 0.15.
    let means = [535.262, 531.074, 545.631, 1001.726, 1009.563];
    for (line, theirs) in lines[1..].iter().zip(means) {
        let ours = line["check"].as_f64().unwrap();
        assert!((ours - theirs).abs() < 0.1, "{line}: {theirs}");
    }
    assert!(lines[7]["lit"].as_f64().is_some());
    let odd = home.run(&["bench", "render", folder, "--cases", "sideways"]);
    assert_eq!(odd.code, Some(4));
    assert!(odd.err.contains("there is no case sideways"), "{}", odd.err);
}

#[test]
fn the_nine_rules_pass_all_their_vectors() {
    let vectors = root().join("crates/reasoning/tests/vectors.json");
    let home = Home::new();
    let mut arguments = vec!["rules", "eval", vectors.to_str().unwrap()];
    for rule in ["R1", "R2", "R3", "R15", "R16", "R19", "R20", "R23", "R25"] {
        arguments.extend(["--rule", rule]);
    }
    let ran = home.run(&arguments);
    assert_eq!(
        (ran.code, ran.out.trim()),
        (Some(0), "passed 308, failed 0"),
        "{}",
        ran.err
    );
}

/// The CPU twin and WGSL on whatever adapter is there differ by at most one grey level.
#[test]
fn a_rendered_stack_is_the_same_on_both_painters() {
    let Some(shelf) = shelf("a_rendered_stack_is_the_same_on_both_painters") else {
        return;
    };
    let home = Home::new();
    let folder = shelf.join("data/dicom_series/chest_ct");
    let picture = |painter: &str| {
        let file = home.folder.path().join(format!("{painter}.png"));
        let ran = home.run(&[
            "render",
            "--view",
            "stack",
            folder.to_str().unwrap(),
            "--window",
            "-600",
            "1500",
            "--size",
            "640",
            "500",
            "--renderer",
            painter,
            "--output",
            file.to_str().unwrap(),
        ]);
        (ran.code == Some(0)).then(|| {
            let decoder =
                png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()));
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            pixels
        })
    };
    let cpu = picture("cpu").expect("the CPU twin always draws");
    assert!(
        cpu.iter().any(|v| *v > 200) && cpu.contains(&0),
        "a picture, not a blank"
    );
    let Some(gpu) = picture("gpu") else {
        println!("ADAPTER ABSENT: a_rendered_stack_is_the_same_on_both_painters");
        return;
    };
    let worst = cpu
        .iter()
        .zip(&gpu)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap();
    assert!(worst <= 1, "{worst} grey levels apart");
}

/// DB-05: a wrong key is told at once and changes nothing: exit 3.
#[test]
fn db_05_a_wrong_key_is_exit_3() {
    let home = Home::new();
    assert_eq!(home.run(&["patients"]).code, Some(0));
    let key = home.folder.path().join("keys/key");
    let mut bytes = std::fs::read(&key).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&key, bytes).unwrap();
    let ran = home.run(&["patients"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "one line: {}", ran.err);
}

#[test]
fn usage_is_exit_2_and_nothing_done_is_exit_4() {
    let home = Home::new();
    assert_eq!(home.run(&["import"]).code, Some(2));
    assert_eq!(home.run(&["show", "nobody"]).code, Some(4));
    let missing = home.folder.path().join("no such file");
    assert_eq!(
        home.run(&["import", missing.to_str().unwrap()]).code,
        Some(4)
    );
}

/// The command line starts on a server: neither WebKit nor GTK is linked. The worker links no database and no GPU either (PAR-19).
#[test]
fn par_19_programs_link_only_what_they_need() {
    let linked = |program: &str| {
        let out = std::process::Command::new("ldd")
            .arg(program)
            .output()
            .expect("ldd runs");
        String::from_utf8_lossy(&out.stdout).to_lowercase()
    };
    for (program, never) in [
        (env!("CARGO_BIN_EXE_triptych"), &["webkit", "libgtk"][..]),
        (
            env!("CARGO_BIN_EXE_triptych-worker"),
            &[
                "webkit",
                "libgtk",
                "libvulkan",
                "libx11",
                "sqlite",
                "libssl",
            ][..],
        ),
    ] {
        let libraries = linked(program);
        for library in never {
            assert!(
                !libraries.contains(library),
                "{program} links {library}:\n{libraries}"
            );
        }
    }
}
