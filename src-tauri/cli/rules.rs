//! `triptych rules list`, `rules eval` and `rules dashboard`.

use anyhow::Context as _;
use serde_json::json;
use triptych_workbench::Instant;
use triptych_workbench::rules::{VectorFilter, eval_vectors, list};

use crate::arguments::{Arguments, Rules};
use crate::output::{Exit, Output, with_core};

pub fn run(arguments: &Arguments, output: &Output, command: Rules) -> anyhow::Result<Exit> {
    match command {
        Rules::Dashboard { month } => {
            let now = Instant::now();
            let counts = with_core(arguments, |core| {
                Ok(core.rule_counts(month.as_deref(), now)?)
            })?;
            output.print(&counts, || counts.table())?;
            Ok(Exit::Done)
        }
        Rules::List => {
            let rules = list();
            output.print(&rules, || {
                rules
                    .iter()
                    .map(|r| {
                        format!(
                            "{:<10} {}  {} · {} · valid until {}\n",
                            r.name, r.lane, r.title, r.citation, r.valid_until
                        )
                    })
                    .collect()
            })?;
            Ok(Exit::Done)
        }
        Rules::Eval {
            file,
            rules,
            ids,
            explain,
        } => {
            let bytes = std::fs::read(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let report = eval_vectors(
                &bytes,
                &VectorFilter {
                    rules,
                    ids,
                    explain,
                },
            )
            .with_context(|| format!("{} is no vectors file", file.display()))?;
            let failed: Vec<_> = report
                .failed
                .iter()
                .map(
                    |f| json!({ "id": f.id, "path": f.path, "expected": f.expected, "got": f.got }),
                )
                .collect();
            let value = json!({ "total": report.total, "passed": report.passed, "failed": failed, "not_built": report.not_built });
            output.print(&value, || {
                let mut text = String::new();
                for vector in &report.explained {
                    text += &format!("{} {}\n", vector.id, vector.outcome);
                    for line in &vector.lines {
                        text += &format!("    {line}\n");
                    }
                }
                for f in &report.failed {
                    text += &format!(
                        "{} {}: expected {}, got {}\n",
                        f.id, f.path, f.expected, f.got
                    );
                }
                text + &report.last_line() + "\n"
            })?;
            Ok(if report.is_clean() {
                Exit::Done
            } else {
                Exit::NotAll
            })
        }
    }
}
