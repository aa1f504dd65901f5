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

/// Two columns as wide as what stands in them.
fn text(card: &IdentityCard) -> String {
    let [a, b] = &card.sides;
    let mut table = vec![(
        String::new(),
        [a.title.clone(), b.title.clone()],
        Agreement::Same,
    )];
    table.extend(card.rows.iter().map(|row| {
        let cells = row
            .values
            .each_ref()
            .map(|v| match (v.text.is_empty(), v.from_record) {
                (true, _) => "not stated".to_owned(),
                (false, true) => format!("{} (its record)", v.text),
                (false, false) => v.text.clone(),
            });
        (name(row.field).to_owned(), cells, row.agreement)
    }));
    table.push((
        "archive".to_owned(),
        [a.place.clone(), b.place.clone()],
        Agreement::Same,
    ));
    let width = |side: usize| {
        let lines = table.iter().flat_map(|(_, cells, _)| cells[side].lines());
        lines.map(|l| l.chars().count()).max().unwrap_or(0) + 2
    };
    let (first, second) = (width(0), width(1));
    let mut t = format!(
        "{:>5}  {}\n       from {}\n",
        card.id, card.asks, card.source
    );
    for (name, cells, agreement) in &table {
        let [a, b] = cells.each_ref().map(|c| c.lines().collect::<Vec<_>>());
        for i in 0..a.len().max(b.len()) {
            let of = |lines: &[&str]| lines.get(i).copied().unwrap_or_default().to_owned();
            let differs = *agreement == Agreement::Differs && i == 0;
            let line = format!(
                "       {:<13}{:<first$}{:<second$}{}",
                if i == 0 { name } else { "" },
                of(&a),
                of(&b),
                if differs { "differs" } else { "" }
            );
            let _ = writeln!(t, "{}", line.trim_end());
        }
    }
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
