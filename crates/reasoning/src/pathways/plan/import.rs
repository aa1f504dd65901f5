//! From a Bundle back to the pack. Only what export writes is understood; anything that would order or dose is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::library::TESTS;
use super::words::{K3, duration_text, extension_url};
use crate::pathways::document::{
    CriterionText, Document, EvidenceText, FollowUpText, Head, InputText, NodeText, OptionText,
    SourceText,
};
use crate::pathways::{Pack, PackError, load};

/// Why a Bundle is no pack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Something that a pack needs is not there, or not of the form that export writes.
    #[error("{path}: {what}")]
    Form {
        /// `PlanDefinition.action[0].title`
        path: String,
        /// What is wrong.
        what: String,
    },
    /// It reads as a pack, and that pack does not load; lines are those of the pack as TOML.
    #[error("the pack in the bundle does not load: {}", first(.0))]
    Pack(Vec<PackError>),
}

fn first(errors: &[PackError]) -> String {
    let more = errors.len().saturating_sub(1);
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    if more == 0 {
        first
    } else {
        format!("{first}, and {more} more")
    }
}

type Read<T> = Result<T, PlanError>;

/// The pack of a Bundle that [`super::to_plan_definition`] wrote, checked and tested like a file.
///
/// # Errors
/// [`PlanError`]; a Bundle with a dose, an intent other than `proposal`, or an exclusive choice is no pack.
pub fn from_plan_definition(bundle: &Json) -> Result<Pack, PlanError> {
    let document = document(bundle)?;
    let file = format!("{}-{}.toml", document.pack.id, document.pack.version);
    let text = document.to_toml().map_err(|e| PlanError::Form {
        path: "PlanDefinition".to_owned(),
        what: e.to_string(),
    })?;
    load(&file, &text, None).map_err(PlanError::Pack)
}

/// A place in the JSON.
#[derive(Clone)]
struct At<'j> {
    json: &'j Json,
    path: String,
}

impl<'j> At<'j> {
    fn fail<T>(&self, what: impl Into<String>) -> Read<T> {
        Err(PlanError::Form {
            path: self.path.clone(),
            what: what.into(),
        })
    }

    fn find(&self, name: &str) -> Option<Self> {
        Some(Self {
            json: self.json.get(name)?,
            path: format!("{}.{name}", self.path),
        })
    }

    fn get(&self, name: &str) -> Read<Self> {
        match self.find(name) {
            Some(at) => Ok(at),
            None => self.fail(format!("{name} is missing")),
        }
    }

    fn list(&self, name: &str) -> Vec<Self> {
        let items = self.json.get(name).and_then(Json::as_array);
        items
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(i, json)| Self {
                json,
                path: format!("{}.{name}[{i}]", self.path),
            })
            .collect()
    }

    fn first(&self, name: &str) -> Read<Self> {
        match self.list(name).into_iter().next() {
            Some(at) => Ok(at),
            None => self.fail(format!("{name} is missing")),
        }
    }

    fn text(&self, name: &str) -> Read<String> {
        match self.get(name)?.json.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => self.fail(format!("{name} is no string")),
        }
    }

    /// Our extension of this name.
    fn extension(&self, name: &str) -> Option<Self> {
        let url = extension_url(name);
        self.list("extension")
            .into_iter()
            .find(|e| e.json.get("url").and_then(Json::as_str) == Some(&url))
    }

    fn value(&self, name: &str, kind: &str) -> Read<Self> {
        match self.extension(name) {
            Some(e) => e.get(kind),
            None => self.fail(format!("extension {name} is missing")),
        }
    }

    fn string(&self, name: &str, kind: &str) -> Read<String> {
        let value = self.value(name, kind)?;
        match value.json.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => value.fail("no string"),
        }
    }

    fn maybe(&self, name: &str, kind: &str) -> Read<Option<String>> {
        match self.extension(name) {
            Some(_) => self.string(name, kind).map(Some),
            None => Ok(None),
        }
    }

    /// A part of a complex extension.
    fn piece(&self, name: &str) -> Option<Self> {
        self.list("extension")
            .into_iter()
            .find(|e| e.json.get("url").and_then(Json::as_str) == Some(name))
    }

    fn duration(&self) -> Read<String> {
        match duration_text(self.json) {
            Some(text) => Ok(text),
            None => self.fail("no duration in hours, days, weeks, months or years"),
        }
    }

    /// Text of an expression in our language.
    fn expression(&self) -> Read<String> {
        if self.text("language")? != K3 {
            return self.fail(format!("an expression in another language than {K3}"));
        }
        self.text("expression")
    }

    /// Code of the first concept.
    fn code(&self) -> Read<String> {
        self.first("code")?.first("coding")?.text("code")
    }

    fn date(&self, name: &str) -> Read<toml::value::Datetime> {
        match self.text(name)?.parse() {
            Ok(date) => Ok(date),
            Err(_) => self.fail(format!("{name} is no date")),
        }
    }
}

fn document(bundle: &Json) -> Read<Document> {
    let root = At {
        json: bundle,
        path: "Bundle".to_owned(),
    };
    let resources: Vec<At<'_>> = root
        .list("entry")
        .iter()
        .filter_map(|e| e.find("resource"))
        .collect();
    let of = |kind: &str| {
        resources
            .iter()
            .filter(|r| r.json.get("resourceType").and_then(Json::as_str) == Some(kind))
            .cloned()
            .collect::<Vec<_>>()
    };
    for activity in of("ActivityDefinition") {
        if activity.text("intent")? != "proposal" {
            return activity.fail("an intent other than proposal");
        }
        if activity.find("dosage").is_some() {
            return activity.fail("a dose: packs name none");
        }
    }
    let Ok([plan]) = <[At<'_>; 1]>::try_from(of("PlanDefinition")) else {
        return root.fail("not exactly one PlanDefinition");
    };
    let Ok([library]) = <[At<'_>; 1]>::try_from(of("Library")) else {
        return root.fail("not exactly one Library");
    };
    let pack = plan.first("action")?;
    let only_any = |a: &At<'_>| match a.text("selectionBehavior")?.as_str() {
        "any" => Ok(()),
        other => a.fail(format!(
            "selectionBehavior {other}: options are never exclusive"
        )),
    };
    only_any(&pack)?;
    let nodes = pack.list("action");
    nodes.iter().try_for_each(only_any)?;
    Ok(Document {
        pack: head(&plan, &pack)?,
        closed_world: library
            .list("extension")
            .iter()
            .filter(|e| {
                e.json.get("url").and_then(Json::as_str) == Some(&extension_url("closed-world"))
            })
            .map(|e| e.text("valueString"))
            .collect::<Read<_>>()?,
        source: plan
            .list("relatedArtifact")
            .iter()
            .map(source)
            .collect::<Read<_>>()?,
        input: pack.list("input").iter().map(input).collect::<Read<_>>()?,
        node: nodes.iter().map(node).collect::<Read<_>>()?,
        test: tests(&library)?,
    })
}

fn head(plan: &At<'_>, pack: &At<'_>) -> Read<Head> {
    let format = plan.value("format", "valueInteger")?;
    let jurisdictions = plan.list("jurisdiction");
    Ok(Head {
        id: plan.string("id", "valueString")?,
        version: plan.text("version")?,
        format: match format.json.as_i64() {
            Some(n) => n,
            None => return format.fail("no integer"),
        },
        title: plan.text("title")?,
        scope: plan.text("description")?,
        lane: plan.string("lane", "valueCode")?,
        authors_role: plan.first("author")?.text("name")?,
        reviewed_on: plan.date("lastReviewDate")?,
        valid_until: plan.get("effectivePeriod")?.date("end")?,
        jurisdictions: jurisdictions
            .iter()
            .map(|j| j.text("text"))
            .collect::<Read<_>>()?,
        applies: pack.first("condition")?.get("expression")?.expression()?,
    })
}

fn source(artifact: &At<'_>) -> Read<SourceText> {
    let year = artifact.value("year", "valueInteger")?;
    Ok(SourceText {
        key: artifact.text("label")?,
        text: artifact.text("citation")?,
        year: match year.json.as_i64() {
            Some(n) => n,
            None => return year.fail("no integer"),
        },
        url_hint: artifact
            .find("url")
            .map(|_| artifact.text("url"))
            .transpose()?,
    })
}

fn input(requirement: &At<'_>) -> Read<InputText> {
    Ok(InputText {
        name: requirement.string("name", "valueString")?,
        kind: requirement.string("type", "valueCode")?,
        from: requirement.string("from", "valueString")?,
        window: match requirement.extension("window") {
            Some(e) => Some(e.get("valueDuration")?.duration()?),
            None => None,
        },
        unit: requirement.maybe("unit", "valueString")?,
    })
}

fn node(action: &At<'_>) -> Read<NodeText> {
    Ok(NodeText {
        id: action.string("id", "valueString")?,
        title: action.text("title")?,
        kind: action.code()?,
        when: action.first("condition")?.get("expression")?.expression()?,
        say: action.text("textEquivalent")?,
        option: action
            .list("action")
            .iter()
            .map(option)
            .collect::<Read<_>>()?,
    })
}

fn option(action: &At<'_>) -> Read<OptionText> {
    let documents = action.list("documentation");
    let against = documents
        .iter()
        .filter_map(|d| Some((d, d.extension("against")?)))
        .map(|(d, e)| {
            Ok(CriterionText {
                when: e.get("valueExpression")?.expression()?,
                say: d.text("display")?,
                source: None,
            })
        })
        .collect::<Read<_>>()?;
    let supports = action
        .list("reason")
        .iter()
        .map(|r| {
            Ok(CriterionText {
                when: r.value("criterion", "valueExpression")?.expression()?,
                say: r.text("text")?,
                source: None,
            })
        })
        .collect::<Read<_>>()?;
    let Some((cited, evidence)) = documents
        .iter()
        .find_map(|d| Some((d, d.extension("evidence")?)))
    else {
        return action.fail("the evidence is missing");
    };
    let piece = |name: &str| match evidence.piece(name) {
        Some(p) => p.text("valueString"),
        None => evidence.fail(format!("{name} is missing")),
    };
    Ok(OptionText {
        id: action.string("id", "valueString")?,
        title: action.text("title")?,
        kind: action.code()?,
        only: action.maybe("only", "valueString")?,
        stale_after: action.value("stale-after", "valueDuration")?.duration()?,
        text: action.text("textEquivalent")?,
        supports,
        against,
        contraindicated: action
            .list("condition")
            .iter()
            .map(contraindication)
            .collect::<Read<_>>()?,
        follow_up: match action.list("action").first() {
            Some(follow_up) => Some(after(follow_up)?),
            None => None,
        },
        evidence: EvidenceText {
            grade: piece("grade")?,
            source: piece("source")?,
            section: cited.text("label")?,
            native: evidence
                .piece("native")
                .map(|p| p.text("valueString"))
                .transpose()?,
        },
    })
}

fn contraindication(condition: &At<'_>) -> Read<CriterionText> {
    let Some(e) = condition.extension("contraindication") else {
        return condition.fail("a start condition that is no contraindication");
    };
    let piece = |name: &str| match e.piece(name) {
        Some(p) => Ok(p),
        None => e.fail(format!("{name} is missing")),
    };
    Ok(CriterionText {
        when: piece("if")?.get("valueExpression")?.expression()?,
        say: piece("say")?.text("valueString")?,
        source: e
            .piece("source")
            .map(|p| p.text("valueString"))
            .transpose()?,
    })
}

fn after(follow_up: &At<'_>) -> Read<FollowUpText> {
    let offset = follow_up.first("relatedAction")?.get("offsetRange")?;
    Ok(FollowUpText {
        what: follow_up.text("title")?,
        after: offset.get("low")?.duration()?,
        before: offset.get("high")?.duration()?,
    })
}

fn tests(library: &At<'_>) -> Read<Vec<toml::Table>> {
    let Some(content) = library
        .list("content")
        .into_iter()
        .find(|c| c.json.get("contentType").and_then(Json::as_str) == Some(TESTS))
    else {
        return library.fail("the test vectors are missing");
    };
    let bytes = match STANDARD.decode(content.text("data")?) {
        Ok(bytes) => bytes,
        Err(e) => return content.fail(e.to_string()),
    };
    match serde_json::from_slice(&bytes) {
        Ok(tests) => Ok(tests),
        Err(e) => content.fail(e.to_string()),
    }
}
