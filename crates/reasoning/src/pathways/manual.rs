//! The packs as a page for people: `docs/PATHWAYS.md`. Written by the packs themselves, so that it cannot say anything else than they do.

use std::fmt::Write as _;

use super::document::{CriterionText, NodeText, OptionText};
use super::pack::Pack;

const HEAD: &str = "\
# Pathway packs

Written by the packs: `TRIPTYCH_WRITE_DOCS=1 cargo test -p triptych-reasoning --test pathways` writes this page again, and the same test fails
when it is out of date.

A pack is data, not code: it reads facts and results of rules and lists options with criteria, reasons against, follow-up and evidence, for a
clinician to weigh. It cannot order, dose for a patient, or hide an option. Where it is unknown whether a pack applies, one line says what is
missing and no question is shown; where nothing recorded has to do with it, nothing is shown.

`triptych pathways list`, `check`, `export` and `import`: [CLI.md](CLI.md). Packs go to FHIR R4 (PlanDefinition, ActivityDefinition, Library)
and come back equal; every request in them is a proposal without a dose. The CQL in the Library is a rendering to read and is not executed.
";

const RELEASE: &str = "\
## Statements that need clinical release (G-CLIN)

Everything below is [K]: knowledge as commonly published, not yet checked by a clinician against its source. A pack is released when each of
its rows is signed. A row with a formula is a threshold; `where` names node and option.
";

/// The page.
#[must_use]
pub fn manual(packs: &[Pack]) -> String {
    let mut page = format!(
        "{HEAD}\n## The packs\n\n| id | version | nodes | options | tests | sources | reviewed | valid until |\n|---|---|---|---|---|---|---|---|\n"
    );
    for pack in packs {
        let sources: Vec<String> = pack
            .sources
            .iter()
            .map(|s| format!("{} ({})", cell(&s.text), s.year))
            .collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            pack.id,
            pack.version,
            pack.node_count(),
            pack.option_count(),
            pack.tests,
            sources.join("; "),
            pack.reviewed_on,
            pack.valid_until
        );
    }
    page.push('\n');
    page.push_str(RELEASE);
    for pack in packs {
        let _ = write!(
            page,
            "\n### {}\n\n{} {}\n\nApplies: `{}`\n\n| where | statement | criterion | source |\n|---|---|---|---|\n",
            pack.name(),
            cell(&pack.title),
            cell(&pack.scope),
            cell(&pack.document.pack.applies)
        );
        for node in &pack.document.node {
            for option in &node.option {
                rows(&mut page, node, option);
            }
        }
        for reason in &pack.closed_world {
            let _ = writeln!(page, "| silence | {} | `if_unknown` | |", cell(reason));
        }
    }
    page
}

fn rows(page: &mut String, node: &NodeText, option: &OptionText) {
    let place = format!("{}/{}", node.id, option.id);
    let evidence = &option.evidence;
    let _ = writeln!(
        page,
        "| {place} | **{}** ({}): {} | | {} {}, {} |",
        cell(&option.title),
        option.kind,
        cell(&option.text),
        evidence.grade,
        evidence.source,
        cell(&evidence.section)
    );
    let mut criteria = |word: &str, list: &[CriterionText]| {
        for c in list.iter().filter(|c| has_threshold(&c.when)) {
            let source = c.source.as_deref().unwrap_or(&evidence.source);
            let _ = writeln!(
                page,
                "| {place} | {word}: {} | `{}` | {source} |",
                cell(&c.say),
                // Backticks hold units in an expression and end code in the page.
                cell(&c.when).replace('`', "")
            );
        }
    };
    criteria("for", &option.supports);
    criteria("against", &option.against);
    criteria("contraindicated", &option.contraindicated);
}

/// A number that is compared with: codes such as `icd10:K50` and names such as `rule.R3` hold digits as well.
fn has_threshold(expression: &str) -> bool {
    let outside_text: String = expression.split('"').step_by(2).collect();
    outside_text
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// A text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_told_from_codes_and_names() {
        assert!(has_threshold("hb < 80`g/L`"));
        assert!(has_threshold("change(egfr, 90d) < -5`mL/min/{1.73_m2}`"));
        assert!(!has_threshold(
            "has(\"problem:icd10:K50\") and rule.R3.fires"
        ));
    }
}
