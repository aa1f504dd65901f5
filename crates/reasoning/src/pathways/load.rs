//! From the text of a pack to a checked [`Pack`], or every error in it.

use toml::de::DeTable;

use super::PackError;
use super::error::Report;
use super::expr::{Env, Expr, Statement, Trace, Type, Value, holds};
use super::fields::Fields;
use super::pack::{
    Choice, Criterion, Evidence, FollowUp, From, InputDecl, Node, Pack, PackNames, Source, coded,
};
use super::results::result_type;
use super::trial;
use crate::chart::Kind;
use crate::input;
use crate::k3::K3;
use crate::outcome::Lane;
use crate::{rules, unit};

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
        return Err(report.errors);
    }
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for e in syntax {
            report.error("P001", e.span(), "", e.message().to_owned());
        }
        return Err(report.errors);
    }
    let root = Fields::new(document.get_ref(), document.span(), "");
    let pack = read(&root, &mut report, today);
    if report.errors.is_empty()
        && let Some(pack) = pack
    {
        return trial::run(pack, text, report);
    }
    Err(report.errors)
}

fn read(root: &Fields<'_, '_>, report: &mut Report<'_>, today: Option<&str>) -> Option<Pack> {
    root.only(&["pack", "source", "input", "node", "test"], report);
    let closed_world = report.text().contains("# closed-world:");
    let inputs: Vec<InputDecl> = root
        .tables("input", report)
        .iter()
        .filter_map(|f| declaration(f, report))
        .collect();
    let names = PackNames {
        inputs: &inputs,
        closed_world,
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
            }
        })
        .collect();
    if sources.is_empty() {
        report.error("P003", None, "source", "at least one [[source]] is needed");
    }
    let nodes: Vec<Node> = root
        .tables("node", report)
        .iter()
        .map(|f| node(f, &names, &sources, report))
        .collect();
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
        applies: head.expression("applies", &names, report),
        sources,
        nodes,
        tests,
        warnings: Vec::new(),
        inputs,
    })
}

fn declaration(f: &Fields<'_, '_>, report: &mut Report<'_>) -> Option<InputDecl> {
    f.only(&["name", "type", "from", "window", "unit"], report);
    let name = f.text("name", 40, report);
    let unit = f.optional("unit", 40, report);
    let scale = unit.as_deref().map(|u| (u, unit::scale(u)));
    if let Some((u, None)) = scale {
        report.error(
            "P008",
            f.place("unit"),
            &f.field("unit"),
            format!("unit {u:?} is not known"),
        );
    }
    let scale = scale.and_then(|(u, s)| Some((u.to_owned(), s?)));
    let kind = match f
        .choice("type", &["num", "bool3", "text", "date"], report)
        .as_str()
    {
        "num" => Type::Number(scale.as_ref().map_or("number", |(_, s)| s.dimension)),
        "bool3" => Type::Bool,
        "text" => Type::Text,
        _ => Type::Date,
    };
    let from = f.text("from", 120, report);
    let window = f.duration("window", false, report);
    let from = origin(&from, f, report)?;
    let problem = match &from {
        From::Table(table) => match (&scale, kind) {
            (Some((u, _)), Type::Number(_))
                if table.units.iter().any(|r| r.ucum == unit::normalise(u)) =>
            {
                None
            }
            (_, Type::Number(_)) => Some((
                "P008",
                format!("{} is measured in {}", table.name, units_of(table)),
            )),
            _ => Some(("P004", format!("{} is of type num", table.name))),
        },
        From::Rule(rule, key) => match result_type(rule.id, key) {
            None => Some(("P007", format!("{} gives no {key:?}", rule.id))),
            Some((given, unit)) if given != kind => {
                Some(("P006", format!("{} of {} is {unit}", key, rule.id)))
            }
            Some(_) => None,
        },
        From::Problem(_) if kind != Type::Bool => {
            Some(("P004", "a problem is of type bool3".to_owned()))
        }
        From::Dose(_) if kind != Type::Number("dose rate") => {
            Some(("P006", "a dose is of type num in mg/d".to_owned()))
        }
        From::DaysActive(_) if kind != Type::Number("time") => {
            Some(("P006", "days are of type num in d".to_owned()))
        }
        _ => None,
    };
    if let Some((code, message)) = problem {
        report.error(code, f.place("from"), &f.field("from"), message);
    }
    Some(InputDecl {
        name,
        kind,
        unit: scale.map(|(u, s)| (u, s.factor)),
        from,
        window,
    })
}

fn units_of(table: &input::Input) -> String {
    let units: Vec<&str> = table.units.iter().map(|u| u.ucum).collect();
    units.join(", ")
}

fn origin(from: &str, f: &Fields<'_, '_>, report: &mut Report<'_>) -> Option<From> {
    let mut fail = |code, message: String| {
        report.error(code, f.place("from"), &f.field("from"), message);
        None
    };
    let Some((kind, rest)) = from.split_once(':') else {
        return match input::by_name(from) {
            Some(table) => Some(From::Table(table)),
            None if from.is_empty() => None,
            None => fail("P007", format!("{from:?} is no input of the table")),
        };
    };
    let attribute = rest.rsplit_once('.');
    match (kind, attribute) {
        ("rule", Some((id, key))) => match rules::by_id(id) {
            Some(rule) => Some(From::Rule(rule, key.to_owned())),
            None => fail("P007", format!("rule {id:?} is not built")),
        },
        ("problem", _) => match coded(Kind::Problem, rest) {
            Some(asked) => Some(From::Problem(asked)),
            None => fail("P008", format!("{rest:?} has no known code system")),
        },
        ("med", Some((code, attribute))) => match (coded(Kind::Medicine, code), attribute) {
            (Some(asked), "dose_mg_day") => Some(From::Dose(asked)),
            (Some(asked), "days_active") => Some(From::DaysActive(asked)),
            (None, _) => fail("P008", format!("{code:?} has no known code system")),
            (_, other) => fail(
                "P007",
                format!("a medicine has no {other:?}; dose_mg_day and days_active are known"),
            ),
        },
        ("finding", Some((code, attribute))) => match code.strip_prefix("tri:") {
            Some(code) => Some(From::Finding(code.to_owned(), attribute.to_owned())),
            None => fail("P008", format!("{code:?} is no project code (tri:…)")),
        },
        ("clinician", _) if !rest.is_empty() => Some(From::Clinician(rest.to_owned())),
        _ => fail(
            "P007",
            format!(
                "{from:?} names no origin (an input, rule:, problem:, med:, finding:, clinician:)"
            ),
        ),
    }
}

fn node(
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    sources: &[Source],
    report: &mut Report<'_>,
) -> Node {
    f.only(&["id", "title", "kind", "when", "say", "option"], report);
    let when = f.expression("when", names, report);
    if constant(&when) == K3::False {
        report.error(
            "P015",
            f.place("when"),
            &f.field("when"),
            "the node can never be shown",
        );
    }
    let say = f.wording("say", 300, report);
    for name in super::show::names_in(&say) {
        use super::expr::Names as _;
        if names.type_of(name).is_none() {
            report.error(
                "P007",
                f.place("say"),
                &f.field("say"),
                format!("{name:?} is not a name here"),
            );
        }
    }
    let mut options: Vec<Choice> = f
        .tables("option", report)
        .iter()
        .map(|o| option(o, names, sources, report))
        .collect();
    // Ordered by id, never ranked.
    options.sort_by(|a, b| a.id.cmp(&b.id));
    let single = options.len() == 1 && options.iter().all(|o| o.only.is_some());
    if options.len() < 2 && !single {
        report.error(
            "P009",
            f.span(),
            &f.field("option"),
            "fewer than two options, and none says by \"only\" which source leaves but one",
        );
    }
    if options.len() > 1 && options.iter().all(|o| o.kind == "treat") {
        report.warning(
            "W102",
            f.span(),
            &f.field("option"),
            "all options are of kind treat",
        );
    }
    if options.iter().all(|o| o.kind != "none") {
        report.warning(
            "W103",
            f.span(),
            &f.field("option"),
            "no option of kind none: nothing can be decided against",
        );
    }
    Node {
        id: f.text("id", 60, report),
        title: f.wording("title", 80, report),
        kind: f.choice("kind", &["question", "state", "goal"], report),
        when,
        say,
        options,
    }
}

fn option(
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    sources: &[Source],
    report: &mut Report<'_>,
) -> Choice {
    f.only(
        &[
            "id",
            "title",
            "kind",
            "only",
            "for",
            "against",
            "contraindicated",
            "follow_up",
            "stale_after",
            "evidence",
            "text",
        ],
        report,
    );
    let kind = f.choice(
        "kind",
        &["test", "treat", "refer", "monitor", "stop", "none"],
        report,
    );
    let known =
        |key: &str, place: Option<std::ops::Range<usize>>, field: &str, report: &mut Report<'_>| {
            if !key.is_empty() && sources.iter().all(|s| s.key != key) {
                report.error(
                    "P016",
                    place,
                    field,
                    format!("source {key:?} is not declared"),
                );
            }
        };
    let supports = criteria("for", f, names, report);
    let against = criteria("against", f, names, report);
    if supports.is_empty() {
        report.error(
            "P003",
            f.span(),
            &f.field("for"),
            "at least one reason for is needed",
        );
    }
    if against.is_empty() {
        report.warning("W101", f.span(), &f.field("against"), "no reason against");
    }
    let contraindicated = criteria("contraindicated", f, names, report);
    for c in &contraindicated {
        match &c.source {
            Some(key) => known(
                key,
                f.place("contraindicated"),
                &f.field("contraindicated"),
                report,
            ),
            None => report.error(
                "P003",
                f.place("contraindicated"),
                &f.field("contraindicated.source"),
                "field \"source\" is missing",
            ),
        }
    }
    let only = f.optional("only", 40, report);
    if let Some(key) = &only {
        known(key, f.place("only"), &f.field("only"), report);
    }
    let follow_up = f.table(
        "follow_up",
        matches!(kind.as_str(), "treat" | "monitor"),
        report,
    );
    let follow_up = follow_up.map(|u| {
        u.only(&["what", "after", "before"], report);
        for name in ["after", "before"] {
            u.duration(name, true, report);
        }
        FollowUp {
            what: u.wording("what", 120, report),
            after: u.optional("after", 12, report).unwrap_or_default(),
            before: u.optional("before", 12, report).unwrap_or_default(),
        }
    });
    let evidence = f.table("evidence", true, report).map(|e| {
        e.only(&["grade", "source", "section", "native"], report);
        let source = e.text("source", 40, report);
        known(&source, e.place("source"), &e.field("source"), report);
        Evidence {
            grade: e.choice("grade", &["A", "B", "C", "consensus"], report),
            source,
            section: e.text("section", 80, report),
            native: e.optional("native", 40, report),
        }
    });
    Choice {
        id: f.text("id", 60, report),
        title: f.wording("title", 80, report),
        kind,
        only,
        supports,
        against,
        contraindicated,
        follow_up,
        stale_after_days: f.duration("stale_after", true, report).unwrap_or_default(),
        evidence: evidence.unwrap_or_else(|| Evidence {
            grade: String::new(),
            source: String::new(),
            section: String::new(),
            native: None,
        }),
        text: f.wording("text", 600, report),
    }
}

fn criteria(
    list: &str,
    f: &Fields<'_, '_>,
    names: &PackNames<'_>,
    report: &mut Report<'_>,
) -> Vec<Criterion> {
    f.tables(list, report)
        .iter()
        .map(|c| {
            c.only(&["if", "say", "source"], report);
            Criterion {
                when: c.expression("if", names, report),
                say: c.wording("say", 200, report),
                source: c.optional("source", 40, report),
            }
        })
        .collect()
}

/// Truth of an expression of which no name is known: false means that it is false whatever the record says.
fn constant(expr: &Expr) -> K3 {
    struct Nothing;
    impl Env for Nothing {
        fn value(&self, _: &str, _: &mut Trace) -> Value {
            Value::Unknown
        }
        fn history(&self, _: &str, _: &mut Trace) -> Vec<(triptych_clinical::Instant, Value)> {
            Vec::new()
        }
        fn older(&self, _: &str, _: f64, _: &mut Trace) -> Value {
            Value::Unknown
        }
        fn age(&self, _: triptych_clinical::Instant, _: &mut Trace) -> Option<f64> {
            None
        }
        fn at(&self) -> triptych_clinical::Instant {
            triptych_clinical::Instant::default()
        }
        fn recorded(&self, _: &Statement, _: bool) -> bool {
            true
        }
    }
    // `known`, `count`, `has` and `active` are never unknown here although the record decides them: such an expression is not constant.
    if asks_the_record(expr) {
        return K3::Unknown;
    }
    holds(expr, &Nothing, &mut Trace::default())
}

fn asks_the_record(expr: &Expr) -> bool {
    use super::expr::{Function, Node as N};
    match &expr.node {
        N::Call(f, arguments) => {
            matches!(
                f,
                Function::Known
                    | Function::Count
                    | Function::Has
                    | Function::Active
                    | Function::IfUnknown
            ) || arguments.iter().any(asks_the_record)
        }
        N::Negative(a) | N::Not(a) => asks_the_record(a),
        N::And(a, b) | N::Or(a, b) | N::Compare(_, a, b) | N::Arithmetic(_, a, b) => {
            asks_the_record(a) || asks_the_record(b)
        }
        N::In(a, _) => asks_the_record(a),
        N::Between(a, b, c) => [a, b, c].into_iter().any(|e| asks_the_record(e)),
        _ => false,
    }
}
