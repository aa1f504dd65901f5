//! `triptych identity list` and `triptych identity answer`.

use std::fmt::Write as _;

use serde_json::json;
use triptych_workbench::view::{Agreement, IdentityCard, IdentityField};
use triptych_workbench::{IdentityAnswer, import::ImportReport};

use crate::arguments::{Arguments, Identity, Verdict};
use crate::output::{Exit, Output, with_core};

pub fn run(arguments: &Arguments, output: &Output, command: Identity) -> anyhow::Result<Exit> {
    match command {
        Identity::List { all } => list(arguments, output, all),
        Identity::Answer { id, answer, reason } => {
            self::answer(arguments, output, id, answer, &reason)
        }
    }
}

fn list(arguments: &Arguments, output: &Output, all: bool) -> anyhow::Result<Exit> {
    let mut cards = with_core(arguments, |core| Ok(core.identity_questions()?))?;
    cards.retain(|card| all || card.settled.is_none());
    output.print(&cards, || {
        if cards.is_empty() {
            return "no question of identity waits\n".to_owned();
        }
        cards.iter().map(text).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Exit::Done)
}

fn answer(
    arguments: &Arguments,
    output: &Output,
    id: i64,
    answer: Verdict,
    reason: &str,
) -> anyhow::Result<Exit> {
    let answer = match answer {
        Verdict::OnePerson => IdentityAnswer::OnePerson,
        Verdict::Apart => IdentityAnswer::Apart,
        Verdict::OwnRecord => IdentityAnswer::OwnRecord,
    };
    let (done, imported) = with_core(arguments, |core| {
        let done = core.answer_identity(id, answer, reason)?;
        let imported = if done.again.is_empty() {
            None
        } else {
            Some(core.import(&done.again, false, &mut output.progress())?)
        };
        Ok((done, imported))
    })?;
    output.print(
        &json!({ "question": done.question, "import": imported }),
        || {
            let words = done
                .question
                .settled
                .as_ref()
                .map_or("", |s| s.words.as_str());
            let mut text = format!("{words}\n");
            if let Some(report) = &imported {
                let _ = writeln!(
                    text,
                    "imported again: {} instances and {} documents stored, {} new facts",
                    report.instances, report.documents, report.facts
                );
            }
            text
        },
    )?;
    Ok(match imported.as_ref().map(ImportReport::is_clean) {
        None | Some(true) => Exit::Done,
        Some(false) => Exit::NotAll,
    })
}

const fn name(field: IdentityField) -> &'static str {
    match field {
        IdentityField::FamilyName => "family name",
        IdentityField::GivenName => "given name",
        IdentityField::BirthDate => "born",
        IdentityField::Sex => "sex",
        IdentityField::Identifiers => "identifiers",
    }
}

fn text(card: &IdentityCard) -> String {
    let mut t = format!(
        "{:>5}  {}\n       from {}\n",
        card.id, card.asks, card.source
    );
    let [a, b] = &card.sides;
    let _ = writeln!(t, "       {:<14}{:<36}{:<36}", "", a.title, b.title);
    for row in &card.rows {
        let cells = row.values.each_ref().map(|v| {
            let one_line = v.text.replace('\n', "; ");
            match (one_line.as_str(), v.from_record) {
                ("", _) => "not stated".to_owned(),
                (text, true) => format!("{text} (its record)"),
                (text, false) => text.to_owned(),
            }
        });
        let differs = match row.agreement {
            Agreement::Differs => "differs",
            Agreement::Same | Agreement::OneSided | Agreement::Unstated => "",
        };
        let line = format!(
            "       {:<14}{:<36}{:<36}{differs}",
            name(row.field),
            cells[0],
            cells[1]
        );
        let _ = writeln!(t, "{}", line.trim_end());
    }
    let _ = writeln!(t, "       {:<14}{:<36}{:<36}", "archive", a.place, b.place);
    for note in [&a.note, &b.note, &card.note]
        .into_iter()
        .filter(|n| !n.is_empty())
    {
        let _ = writeln!(t, "       {note}");
    }
    if let Some(s) = &card.settled {
        let _ = writeln!(t, "       {}, {} {}: {}", s.words, s.who, s.when, s.reason);
    }
    for option in card.answers.iter().filter(|o| !o.refused.is_empty()) {
        let _ = writeln!(t, "       {}", option.refused);
    }
    t
}
