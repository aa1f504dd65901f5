//! `triptych model list|verify|enable|disable`.

use serde_json::json;
use triptych_workbench::models;

use crate::arguments::{Arguments, Model};
use crate::output::{Exit, Output, with_core};

pub fn run(arguments: &Arguments, output: &Output, command: Model) -> anyhow::Result<Exit> {
    match command {
        Model::List => {
            let lines = models::list();
            output.print(&lines, || {
                if lines.is_empty() {
                    return "no model is installed\n".to_owned();
                }
                lines
                    .iter()
                    .map(|m| {
                        format!(
                            "{}  {} {}  {}  {}\n",
                            m.name, m.id, m.version, m.title, m.state
                        )
                    })
                    .collect()
            })?;
            Ok(Exit::Done)
        }
        Model::Verify { name } => {
            let verified = models::verify(name.as_deref())?;
            output.print(&verified, || {
                verified
                    .iter()
                    .map(|v| {
                        format!(
                            "{}: {}{}\n",
                            v.name,
                            v.words,
                            if v.provider.is_empty() {
                                String::new()
                            } else {
                                format!(" · {}", v.provider)
                            }
                        )
                    })
                    .collect()
            })?;
            Ok(if verified.iter().all(|v| v.holds) {
                Exit::Done
            } else {
                Exit::NotAll
            })
        }
        Model::Enable { name, by, reason } => set(arguments, output, &name, true, &by, &reason),
        Model::Disable { name, by, reason } => set(arguments, output, &name, false, &by, &reason),
    }
}

fn set(
    arguments: &Arguments,
    output: &Output,
    name: &str,
    enabled: bool,
    by: &str,
    reason: &str,
) -> anyhow::Result<Exit> {
    let key = with_core(arguments, |core| {
        Ok(core.set_model(name, enabled, by, reason)?)
    })?;
    let word = if enabled { "enabled" } else { "disabled" };
    output.print(
        &json!({ "model": key, "enabled": enabled, "by": by, "reason": reason }),
        || format!("{key} is {word} in this archive by {by}: {reason}\n"),
    )?;
    Ok(Exit::Done)
}
