//! `triptych patients`, `link`, `unlink`, `show`, `analyze`, `summary`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use triptych_workbench::view::{
    Criterion, Mark, ModelState, PatientView, Side, SignalCard, Statement, Weighing,
};
use triptych_workbench::{Instant, Person};

use crate::arguments::Arguments;
use crate::output::{Exit, Output, with_core};

pub fn patients(
    arguments: &Arguments,
    output: &Output,
    search: Option<&str>,
) -> anyhow::Result<Exit> {
    let persons = with_core(arguments, |core| Ok(core.persons(search)?))?;
    output.print(&persons, || persons.iter().map(person_line).collect())?;
    Ok(Exit::Done)
}

fn person_line(person: &Person) -> String {
    let counts: Vec<String> = person
        .counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    let span = person
        .span
        .as_ref()
        .map(|(a, b)| format!("{a} to {b}"))
        .unwrap_or_default();
    let linked = if person.records.len() > 1 {
        format!(" · {} records linked", person.records.len())
    } else {
        String::new()
    };
    let identifier = person
        .identifiers
        .first()
        .map_or("no identifier", |i| i.rsplit('|').next().unwrap_or(i));
    format!(
        "{:>5}  {} · {} · {} · {identifier}{linked}\n       {span}  {}\n",
        person.key,
        person.name,
        person.sex,
        person.birth_date,
        counts.join(", ")
    )
}

pub fn link(
    arguments: &Arguments,
    output: &Output,
    a: &str,
    b: &str,
    reason: &str,
) -> anyhow::Result<Exit> {
    let person = with_core(arguments, |core| {
        Ok(core.link(core.find_record(a)?, core.find_record(b)?, reason)?)
    })?;
    output.print(&json!({ "person": person }), || {
        format!("the two records are one person now: {person}\n")
    })?;
    Ok(Exit::Done)
}

pub fn unlink(
    arguments: &Arguments,
    output: &Output,
    a: &str,
    b: &str,
    reason: &str,
) -> anyhow::Result<Exit> {
    with_core(arguments, |core| {
        Ok(core.unlink(core.find_record(a)?, core.find_record(b)?, reason)?)
    })?;
    output.print(&json!({ "unlinked": true }), || {
        "the link is taken back\n".to_owned()
    })?;
    Ok(Exit::Done)
}

fn view(arguments: &Arguments, patient: &str) -> anyhow::Result<PatientView> {
    with_core(arguments, |core| {
        let person = core.find_person(patient)?;
        let open = core.open_patient(person, arguments.at)?;
        let mut view = open.view.clone();
        core.add_former(&open, &mut view)?;
        Ok(view)
    })
}

/// [`view`] with what the evidence graph and the models say of it, as far as this reader may see that (D-15).
fn analyzed(
    arguments: &Arguments,
    patient: &str,
    see_now: Option<&str>,
) -> anyhow::Result<PatientView> {
    with_core(arguments, |core| {
        let person = core.find_person(patient)?;
        let open = core.open_patient(person, arguments.at)?;
        let analysis = core.run_models(&open.catalog, &open.view, open.view.at);
        let mut view = open.view.clone();
        core.add_former(&open, &mut view)?;
        core.add_findings(&open, &mut view, analysis, see_now)?;
        Ok(view)
    })
}

const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Within => "within",
        Mark::Above => "above",
        Mark::Below => "below",
        Mark::CriticalAbove => "critical-above",
        Mark::CriticalBelow => "critical-below",
        Mark::NoInterval => "no-interval",
        Mark::Refused => "refused",
        Mark::FromText => "from-text",
        Mark::Corrected => "corrected",
    }
}

pub fn show(arguments: &Arguments, output: &Output, patient: &str) -> anyhow::Result<Exit> {
    let view = view(arguments, patient)?;
    output.print(&show_json(&view), || show_text(&view))?;
    Ok(Exit::Done)
}

fn banner_line(view: &PatientView) -> String {
    let b = &view.banner;
    format!(
        "{} · {} · {} {} · {} {} · allergies: {}\n{}\n",
        b.name,
        b.sex,
        b.birth_date,
        b.age,
        b.identifier_kind,
        b.identifier,
        b.allergies,
        view.at_text
    )
}

fn show_json(view: &PatientView) -> Value {
    let labs: Vec<Value> = view
        .labs
        .iter()
        .map(|g| {
            let rows: Vec<Value> = g
                .rows
                .iter()
                .map(|r| json!({ "name": r.name, "value": r.value, "unit": r.unit, "interval": r.interval, "mark": mark(r.mark), "collected": r.collected, "age": r.age, "change_percent": r.change_percent, "points": r.points.len(), "source": r.source }))
                .collect();
            json!({ "panel": g.title, "date": g.date, "rows": rows })
        })
        .collect();
    let list = |rows: &[triptych_workbench::view::ListRow]| -> Vec<Value> {
        rows.iter().map(|r| json!({ "title": r.title, "detail": r.detail, "date": r.date, "active": r.active, "note": r.inert })).collect()
    };
    json!({
        "person": view.person,
        "name": view.banner.name,
        "birth_date": view.banner.birth_date,
        "sex": view.banner.sex,
        "at": Instant::to_string(&view.at),
        "studies": view.studies.iter().map(|s| json!({ "uid": s.uid, "date": s.date, "modality": s.modality, "title": s.title, "series": s.series.iter().map(|x| json!({ "number": x.number, "description": x.description, "images": x.images, "spacing_mm": x.spacing_mm, "marks": x.marks, "unreadable": x.unreadable })).collect::<Vec<_>>() })).collect::<Vec<_>>(),
        "labs": labs,
        "notes": view.notes.iter().map(|n| json!({ "title": n.title, "date": n.date, "status": n.status, "text": &*n.text, "sections": triptych_workbench::notes::reading(n.fact, &n.text).sections.iter().map(|s| s.title.clone()).collect::<Vec<_>>() })).collect::<Vec<_>>(),
        "medications": list(&view.medications),
        "problems": list(&view.problems),
        "allergies": list(&view.allergies),
        "encounters": list(&view.encounters),
        "procedures": list(&view.procedures),
    })
}

fn show_text(view: &PatientView) -> String {
    let mut t = banner_line(view);
    for study in &view.studies {
        let _ = writeln!(t, "\nstudy {} {} · {}", study.date, study.time, study.title);
        for s in &study.series {
            let _ = writeln!(
                t,
                "  series {:<4} {} {} · {} images {}",
                s.number,
                s.modality,
                s.description,
                s.images,
                s.marks.join(", ")
            );
        }
    }
    for group in view.labs.iter() {
        let _ = writeln!(t, "\n{} · {} · {}", group.title, group.date, group.age);
        for r in &group.rows {
            let word = match r.mark {
                Mark::Within => "",
                other => mark(other),
            };
            let _ = writeln!(
                t,
                "  {:<28} {:>10} {:<14} {:<16} {:<14} {} · {}",
                r.name, r.value, r.unit, r.interval, word, r.collected, r.age
            );
        }
    }
    for (title, rows) in [
        ("medicines", &view.medications),
        ("problems", &view.problems),
        ("allergies", &view.allergies),
        ("encounters", &view.encounters),
        ("procedures", &view.procedures),
    ] {
        let _ = writeln!(t, "\n{title}");
        if rows.is_empty() {
            let _ = writeln!(t, "  no record received");
        }
        for r in rows.iter() {
            let _ = writeln!(
                t,
                "  {} {} · {} · {} {}",
                if r.active { "*" } else { " " },
                r.title,
                r.detail,
                r.date,
                r.inert
            );
        }
    }
    let _ = writeln!(t, "\nnotes and reports");
    for n in view.notes.iter() {
        let _ = writeln!(t, "  {} {} ({})", n.date, n.title, n.status);
    }
    t
}

pub fn analyze(
    arguments: &Arguments,
    output: &Output,
    patient: &str,
    see_now: Option<&str>,
) -> anyhow::Result<Exit> {
    let view = analyzed(arguments, patient, see_now)?;
    output.print(&analysis_json(&view), || analysis_text(&view))?;
    Ok(Exit::Done)
}

/// The page that the window writes, too, for the printer.
pub fn summary(
    arguments: &Arguments,
    output: &Output,
    patient: &str,
    out: &Path,
) -> anyhow::Result<Exit> {
    let view = with_core(arguments, |core| {
        let person = core.find_person(patient)?;
        let view = core.summary_view(person, arguments.at)?;
        core.write_summary(&view, out)?;
        Ok(view)
    })?;
    let value = json!({
        "person": view.person,
        "at": Instant::to_string(&view.at),
        "out": out,
        "pages": 1,
    });
    output.print(&value, || {
        format!("one page, {}, written to {}\n", view.at_text, out.display())
    })?;
    Ok(Exit::Done)
}

fn card_json(c: &SignalCard) -> Value {
    json!({
        "lane": format!("{:?}", c.lane), "severity": c.severity.map(|s| format!("{s:?}").to_lowercase()), "rule": c.rule, "title": c.title, "summary": c.summary,
        "as_of": c.as_of, "missing": c.missing, "detail": c.detail, "acknowledged": c.acknowledged,
        "basis": {
            "items": c.basis.items.iter().map(|i| json!({ "name": i.name, "role": i.role, "value": i.value, "canonical": i.canonical, "time": i.time, "age": i.age, "has_place": i.target.is_some() })).collect::<Vec<_>>(),
            "steps": c.basis.steps, "thresholds": c.basis.thresholds, "exclusions": c.basis.exclusions, "missing": c.basis.missing,
            "model_card": c.basis.model.as_ref().map(|m| m.first.iter().map(|(k, v)| json!({ "attribute": k, "text": v })).collect::<Vec<_>>()),
            "citation": c.basis.citation, "valid_until": c.basis.valid_until, "input_hash": c.basis.input_hash,
        },
    })
}

/// Statements with the column that they stand in.
fn statements(weighing: &Weighing) -> impl Iterator<Item = (&'static str, &Statement)> {
    let columns = ["images", "labs", "notes"].into_iter();
    columns
        .zip(&weighing.columns)
        .flat_map(|(column, all)| all.iter().map(move |s| (column, s)))
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::For => "for",
        Side::Against => "against",
        Side::Explains => "explains",
    }
}

fn state_words(state: &ModelState) -> (&'static str, Vec<String>) {
    match state {
        ModelState::Off => (
            "off",
            vec!["lane D is off: nobody has enabled it".to_owned()],
        ),
        ModelState::Running => ("running", Vec::new()),
        ModelState::Analysed => ("analysed", Vec::new()),
        ModelState::Withheld(reasons) => ("withheld", reasons.clone()),
        ModelState::Failed(reason) => ("failed", vec![reason.clone()]),
    }
}

fn analysis_json(view: &PatientView) -> Value {
    let s = &view.signals;
    json!({
        "person": view.person,
        "at": Instant::to_string(&view.at),
        "signals": s.cards.iter().map(card_json).collect::<Vec<_>>(),
        "hidden": s.hidden.iter().map(|h| json!({ "study": h.study, "image": h.title, "models": h.models, "own_impression": h.own.last().map(|o| &o.words) })).collect::<Vec<_>>(),
        "withdrawn": s.withdrawn.iter().map(|w| json!({ "rule": w.rule, "title": w.title, "summary": w.summary, "values": w.values, "when": w.when, "until": w.until, "source": w.source })).collect::<Vec<_>>(),
        "coverage": s.coverage,
        "rules": s.coverage_rows.iter().map(|(rule, outcome)| json!({ "rule": rule, "outcome": outcome })).collect::<Vec<_>>(),
        "needs": s.needs,
        "pathways_undecided": s.hesitating.iter().map(|(title, needs)| json!({ "title": title, "needs": needs })).collect::<Vec<_>>(),
        "hypotheses": s.hypotheses.iter().map(|h| json!({
            "id": h.id, "title": h.title, "modalities": h.modalities,
            "statements": statements(&h.weighing).map(|(column, s)| json!({ "from": column, "side": side(s.side), "says": s.words, "date": s.date, "source": s.source, "confirmed": !s.unconfirmed })).collect::<Vec<_>>(),
            "needs": h.weighing.needs,
        })).collect::<Vec<_>>(),
        "due": s.due.iter().map(|d| json!({ "what": d.what, "about": d.about, "when": d.when, "overdue": d.overdue, "source": d.source, "needs": d.needs })).collect::<Vec<_>>(),
        "models": s.models.iter().map(|m| { let (state, reasons) = state_words(&m.state); json!({ "model": m.model, "state": state, "reasons": reasons, "provider": m.provider }) }).collect::<Vec<_>>(),
        "pathways": s.pathways.iter().map(|p| json!({
            "id": p.id, "pack": p.pack, "title": p.title, "say": p.say, "needs": p.needs,
            "options": p.options.iter().map(|o| json!({ "id": o.id, "title": o.title, "kind": o.kind, "supports": criteria(&o.supports), "against": criteria(&o.against), "contraindicated": criteria(&o.contraindicated), "follow_up": o.follow_up, "grade": o.grade, "source": o.source, "stale": o.stale })).collect::<Vec<_>>(),
            "decision": p.decision.as_ref().map(|d| json!({ "verdict": d.verdict, "option": d.option, "reason": d.reason, "comment": d.comment, "signed": d.signed, "outdated": d.outdated })),
        })).collect::<Vec<_>>(),
    })
}

fn criteria(list: &[Criterion]) -> Vec<Value> {
    list.iter()
        .map(|c| json!({ "say": c.say, "met": c.met, "rests_on": c.rests_on, "needs": c.needs }))
        .collect()
}

fn analysis_text(view: &PatientView) -> String {
    let mut t = banner_line(view);
    let s = &view.signals;
    for c in &s.cards {
        let severity = c
            .severity
            .map(|s| format!("{s:?}"))
            .unwrap_or_else(|| "investigational".to_owned());
        let _ = writeln!(
            t,
            "\n[{:?}] {severity} · {} · {}\n  {}",
            c.lane, c.rule, c.as_of, c.summary
        );
        for line in [&c.detail, &c.missing]
            .into_iter()
            .filter(|l| !l.is_empty())
        {
            let _ = writeln!(t, "  {line}");
        }
        for (k, i) in c.basis.items.iter().enumerate() {
            let canonical = if i.canonical.is_empty() {
                String::new()
            } else {
                format!(" = {}", i.canonical)
            };
            let _ = writeln!(
                t,
                "  {:>2}. {} ({}): {}{canonical} · {} · {}",
                k + 1,
                i.name,
                i.role,
                i.value,
                i.time,
                i.age
            );
        }
        for step in &c.basis.steps {
            let _ = writeln!(t, "      {step}");
        }
        let _ = write!(t, "      source: {}", c.basis.citation);
        if !c.basis.valid_until.is_empty() {
            let _ = write!(t, " · valid until {}", c.basis.valid_until);
        }
        t.push('\n');
    }
    for h in &s.hidden {
        let _ = writeln!(
            t,
            "\n[D] hidden · {} on {}: shown after an own impression of the study, recorded in the window, or with --see-now REASON",
            h.models.join(", "),
            h.title
        );
    }
    for row in &s.withdrawn {
        let _ = writeln!(
            t,
            "\n[withdrawn] {} · {}: source retracted {} · {}",
            row.rule,
            row.values.join(", "),
            row.when,
            row.source
        );
    }
    let _ = writeln!(t, "\n{}", s.coverage);
    if !s.needs.is_empty() {
        let _ = writeln!(t, "{}", s.needs);
    }
    for h in &s.hypotheses {
        let _ = writeln!(t, "\nto weigh: {}", h.title);
        for (_, s) in statements(&h.weighing) {
            let inert = if s.unconfirmed {
                " · not confirmed"
            } else {
                ""
            };
            let _ = writeln!(
                t,
                "  {}: {} · {} · {}{inert}",
                side(s.side),
                s.words,
                s.date,
                s.source
            );
        }
    }
    for d in &s.due {
        let late = if d.overdue { " · overdue" } else { "" };
        let _ = writeln!(
            t,
            "\ndue: {} · {}{late} · {} ({})",
            d.what, d.when, d.about, d.source
        );
    }
    for m in &s.models {
        let (state, reasons) = state_words(&m.state);
        let _ = writeln!(t, "\nmodel {} · {state} · {}", m.model, m.provider);
        for reason in reasons {
            let _ = writeln!(t, "  {reason}");
        }
    }
    for p in &s.pathways {
        let _ = writeln!(t, "\npathway {} · {}\n  {}", p.pack, p.title, p.say);
        if !p.needs.is_empty() {
            let _ = writeln!(t, "  needs: {}", p.needs.join(", "));
        }
        for o in &p.options {
            let _ = writeln!(t, "  - {} ({})", o.title, o.kind);
            for (word, list) in [
                ("for", &o.supports),
                ("against", &o.against),
                ("contraindicated", &o.contraindicated),
            ] {
                for c in list {
                    let met = match c.met {
                        Some(true) => "met",
                        Some(false) => "not met",
                        None => "unknown",
                    };
                    let _ = writeln!(t, "      {word}: {} [{met}]", c.say);
                }
            }
        }
        if let Some(d) = &p.decision {
            let _ = writeln!(
                t,
                "  {} {}: {} · {}",
                d.option, d.verdict, d.reason, d.signed
            );
        }
    }
    t
}
