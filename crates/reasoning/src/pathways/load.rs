//! From the text of a pack to a checked [`Pack`], or every error in it.

use toml::de::DeTable;

use super::PackError;
use super::declare::declaration;
use super::document::{Document, closed_world};
use super::error::Report;
use super::fields::{Fields, once};
use super::nodes::node;
use super::pack::{InputDecl, Node, Pack, PackNames, Source};
use super::trial;
use crate::outcome::Lane;

/// 256 KiB.
const MAX_BYTES: usize = 256 * 1024;

/// Loads a pack and runs its tests.
///
/// `file` names the text in messages; `today` (ISO date) refuses a pack past its review date (P012), as at a release.
///
/// # Errors
/// Every error of the pack. Loading is all or nothing: the caller keeps the previous version.
pub fn load(file: &str, text: &str, today: Option<&str>) -> Result<Pack, Vec<PackError>> {
    let mut report = Report::new(file, text);
    if text.len() > MAX_BYTES {
        report.error(
            "P011",
            None,
            "",
            format!("{} bytes, at most {MAX_BYTES}", text.len()),
        );
        return Err(report.into_errors());
    }
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for e in syntax {
            report.error("P001", e.span(), "", e.message().to_owned());
        }
        return Err(report.into_errors());
    }
    let root = Fields::new(document.get_ref(), document.span(), "");
    let pack = read(&root, &mut report, today);
    let tests = trial::read(&root, &mut report);
    let Some(mut pack) = pack.filter(|_| report.errors.is_empty()) else {
        return Err(report.into_errors());
    };
    trial::run(&pack, &tests, &mut report);
    match toml::from_str::<Document>(text) {
        Ok(document) => {
            pack.document = Document {
                closed_world: closed_world(text),
                ..document
            }
        }
        // Cannot be: every field was checked. Said rather than hidden.
        Err(e) => report.error("P004", e.span(), "", e.message().to_owned()),
    }
    if report.errors.is_empty() {
        pack.warnings = report.warnings;
        Ok(pack)
    } else {
        Err(report.into_errors())
    }
}

fn read(root: &Fields<'_, '_>, report: &mut Report<'_>, today: Option<&str>) -> Option<Pack> {
    root.only(&["pack", "source", "input", "node", "test"], report);
    let reasons = closed_world(report.text());
    let inputs: Vec<InputDecl> = root
        .tables("input", report)
        .iter()
        .filter_map(|f| declaration(f, report))
        .collect();
    once(
        root,
        "input",
        "name",
        inputs.iter().map(|i| &i.name),
        report,
    );
    let names = PackNames {
        inputs: &inputs,
        closed_world: !reasons.is_empty(),
    };
    let sources: Vec<Source> = root
        .tables("source", report)
        .iter()
        .map(|f| {
            f.only(&["key", "text", "year", "url_hint"], report);
            Source {
                key: f.text("key", 40, report),
                text: f.text("text", 300, report),
                year: f.integer("year", report).unwrap_or_default(),
                url_hint: f.optional("url_hint", 200, report),
            }
        })
        .collect();
    once(
        root,
        "source",
        "key",
        sources.iter().map(|s| &s.key),
        report,
    );
    if sources.is_empty() {
        report.error("P003", None, "source", "at least one [[source]] is needed");
    }
    let nodes: Vec<Node> = root
        .tables("node", report)
        .iter()
        .map(|f| node(f, &names, &sources, report))
        .collect();
    once(root, "node", "id", nodes.iter().map(|n| &n.id), report);
    if nodes.is_empty() {
        report.error("P003", None, "node", "at least one [[node]] is needed");
    }
    let tests = root.tables("test", report).len();
    if tests < 6 {
        report.error(
            "P003",
            None,
            "test",
            format!("{tests} [[test]] tables, at least 6 are needed"),
        );
    }
    let head = root.table("pack", true, report)?;
    head.only(
        &[
            "id",
            "version",
            "format",
            "title",
            "scope",
            "lane",
            "authors_role",
            "reviewed_on",
            "valid_until",
            "jurisdictions",
            "applies",
        ],
        report,
    );
    let id = head.text("id", 60, report);
    if !id
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        report.error(
            "P004",
            head.place("id"),
            "pack.id",
            format!("{id:?} is not kebab-case"),
        );
    }
    let version = head.text("version", 20, report);
    let is_semver =
        version.split('.').count() == 3 && version.split('.').all(|p| p.parse::<u32>().is_ok());
    if !version.is_empty() && !is_semver {
        report.error(
            "P004",
            head.place("version"),
            "pack.version",
            format!("{version:?} is no version such as 1.0.0"),
        );
    }
    if head.integer("format", report).is_some_and(|f| f != 1) {
        report.error(
            "P004",
            head.place("format"),
            "pack.format",
            "only format 1 is known",
        );
    }
    let lane = match head.text("lane", 1, report).as_str() {
        "N" => Lane::N,
        "D" => Lane::D,
        other => {
            report.error(
                "P017",
                head.place("lane"),
                "pack.lane",
                format!("lane {other:?}: a pack is in lane N or D"),
            );
            Lane::N
        }
    };
    let valid_until = head.date("valid_until", report);
    if let Some(today) = today.filter(|t| !valid_until.is_empty() && *t > valid_until.as_str()) {
        report.error(
            "P012",
            head.place("valid_until"),
            "pack.valid_until",
            format!("{valid_until} is past on {today}"),
        );
    }
    Some(Pack {
        id,
        version,
        title: head.wording("title", 80, report),
        scope: head.wording("scope", 400, report),
        lane,
        authors_role: head.text("authors_role", 80, report),
        reviewed_on: head.date("reviewed_on", report),
        valid_until,
        jurisdictions: head.texts("jurisdictions", report),
        closed_world: reasons,
        applies: head.expression("applies", &names, report),
        sources,
        nodes,
        tests,
        warnings: Vec::new(),
        inputs,
        document: Document::empty(),
    })
}
