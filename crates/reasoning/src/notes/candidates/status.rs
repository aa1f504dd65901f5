//! Smoking, and symptoms of a high blood glucose. Record-and-signals 4.1, 4.6 and R19.

use triptych_clinical::{CodeSystem, Coding, Value};

use super::{Candidate, Mention, Statement, may_be_proposed};
use crate::notes::category::Category;

pub(super) fn propose(sentence: &Statement<'_>, found: &mut Vec<Candidate>) {
    smoking(sentence, found);
    hyperglycaemia(sentence, found);
}

/// Phrases of each answer, in the order in which they count: a former smoker "quit smoking", who "smoked" once.
const NEVER: [&str; 17] = [
    "never smoked",
    "never smoker",
    "never been a smoker",
    "never a smoker",
    "never used tobacco",
    "has never smoked",
    "never smoking",
    "lifelong non smoker",
    "lifelong nonsmoker",
    "life long nonsmoker",
    "lifetime nonsmoker",
    "never smoked tobacco",
    "never smokes",
    "nonsmoker",
    "non smoker",
    "never tobacco",
    "no history of tobacco use",
];
const FORMER: [&str; 34] = [
    "former smoker",
    "ex smoker",
    "exsmoker",
    "previous smoker",
    "past smoker",
    "prior smoker",
    "quit smoking",
    "stopped smoking",
    "gave up smoking",
    "quit tobacco",
    "stopped tobacco",
    "smoked until",
    "used to smoke",
    "smoking cessation in",
    "former tobacco",
    "previously smoked",
    "formerly smoked",
    "quit cigarettes",
    "stopped cigarettes",
    "no longer smokes",
    "former cigarette smoker",
    "reformed smoker",
    "quit using tobacco",
    "remote smoker",
    "remote smoking",
    "remote tobacco",
    "remote history of smoking",
    "remote history of tobacco",
    "ex cigarette smoker",
    "former heavy smoker",
    "quit in",
    "stopped in",
    "discontinued smoking",
    "discontinued tobacco",
];
const CURRENT: [&str; 28] = [
    "current smoker",
    "currently smokes",
    "active smoker",
    "continues to smoke",
    "still smokes",
    "still smoking",
    "is a smoker",
    "smokes",
    "current tobacco",
    "ongoing tobacco",
    "current every day smoker",
    "current some day smoker",
    "current cigarette",
    "is smoking",
    "heavy smoker",
    "daily smoker",
    "active tobacco",
    "current smoking",
    "active smoking",
    "ongoing smoking",
    "current everyday smoker",
    "current heavy",
    "chain smoker",
    "continued smoking",
    "continued tobacco",
    "light smoker",
    "cigarette smoker",
    "continues smoking",
];

fn smoking(sentence: &Statement<'_>, found: &mut Vec<Candidate>) {
    let of_the_patient = |m: &&Mention| {
        m.concept.id == "smoking"
            && !m.categories.contains(Category::Family)
            && !m.categories.contains(Category::Hypothetical)
    };
    let words = &sentence.words;
    let nonsmoker = words.any(&["nonsmoker", "exsmoker"]);
    let mention = sentence.mentions.iter().find(of_the_patient);
    let named = sentence.mentions.iter().any(|m| m.concept.id == "smoking");
    // Somebody else's smoke, or a warning.
    if (mention.is_none() && (named || nonsmoker.is_none()))
        || words.has(&[
            "secondhand",
            "second hand",
            "passive",
            "smoke detector",
            "smoke alarm",
            "counselled",
            "counseled",
        ])
    {
        return;
    }
    let has = |list: &[&str]| {
        list.iter().find_map(|p| {
            words
                .phrase(p)
                .map(|i| (i, words.phrase_at(p, i).unwrap_or(i + 1)))
        })
    };
    let denied = mention.is_some_and(|m| m.categories.contains(Category::Negated));
    let answer = has(&FORMER)
        .map(|p| ("8517006", "former", p))
        .or_else(|| has(&NEVER).map(|p| ("266919005", "never", p)))
        .or_else(|| {
            has(&CURRENT)
                .filter(|_| !denied)
                .map(|p| ("77176002", "current", p))
        });
    let Some((code, display, (first, end))) = answer else {
        return;
    };
    let categories = mention.map(|m| m.categories).unwrap_or_default();
    let mut candidate = sentence.candidate(
        "72166-2",
        sentence.bytes(&(first..end)),
        super::Categories::default(),
    );
    if categories.contains(Category::Uncertain) && !denied {
        candidate.categories = categories;
    }
    let mut coding = Coding::new(CodeSystem::Snomed, code);
    coding.display = Some(display.to_owned());
    candidate.value = Value::Coded(coding);
    found.push(candidate);
}

const SYMPTOMS: [&str; 3] = ["polyuria", "polydipsia", "weight-loss"];

fn is_symptom(mention: &Mention) -> bool {
    may_be_proposed(mention.categories) && !mention.categories.contains(Category::Historical)
}

/// Weight loss alone has many causes; it is proposed only beside thirst or polyuria.
pub(super) fn has_thirst_or_polyuria(mentions: &[Mention]) -> bool {
    mentions
        .iter()
        .any(|m| matches!(m.concept.id.as_str(), "polyuria" | "polydipsia") && is_symptom(m))
}

fn hyperglycaemia(sentence: &Statement<'_>, found: &mut Vec<Candidate>) {
    if !sentence.note.hyperglycaemia {
        return;
    }
    let own: Vec<&Mention> = sentence
        .mentions
        .iter()
        .filter(|m| SYMPTOMS.contains(&m.concept.id.as_str()) && is_symptom(m))
        .collect();
    let (Some(first), Some(last)) = (own.first(), own.last()) else {
        return;
    };
    let span = triptych_clinical::TextSpan {
        start: first.span.start,
        end: last.span.end,
    };
    let mut candidate = sentence.candidate("tri:hyperglycaemia_symptoms", span, first.categories);
    candidate.value = Value::Text("present".to_owned());
    let names: std::collections::BTreeSet<&str> =
        own.iter().map(|m| m.concept.id.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    candidate.attrs.insert("symptoms", names.join(", "));
    found.push(candidate);
}
