//! Provenance, circles, retraction, lesions in several studies.

use proptest::prelude::*;
use triptych_clinical::{FactId, Origin, Status};

use crate::chart::FactRef;
use crate::graph::testing::*;
use crate::graph::*;
use crate::outcome::Lane;

fn plain(n: u32) -> Node {
    Node {
        key: NodeKey::Fact(FactRef {
            id: FactId::of(&[&n.to_string()]),
            version: 1,
        }),
        label: n.to_string().into(),
        modality: None,
        valid: None,
        available: None,
        lane: Lane::N,
        origin: Origin::Structured,
        unconfirmed: false,
        withdrawn: None,
    }
}

fn derived(from: NodeId, to: NodeId) -> Edge {
    Edge {
        from,
        to,
        kind: EdgeKind::DerivedFrom,
        weight: None,
        source: EdgeSource::Structure,
        rests_on: Vec::new(),
    }
}

proptest! {
    /// Whatever is tried, derived_from stays without circles, and a retraction reaches what was derived and nothing else.
    #[test]
    fn derived_from_has_no_circle_and_retraction_follows_it(
        tried in proptest::collection::vec((0_usize..12, 0_usize..12), 0..60),
        gone in 0_usize..12,
    ) {
        let mut store = Store::default();
        let ids: Vec<NodeId> = (0..12).map(|n| store.add(plain(n))).collect();
        let mut taken = Vec::new();
        for (from, to) in tried {
            let linked = store.link(derived(ids[from], ids[to]));
            prop_assert_eq!(linked.is_ok(), to < from);
            if linked.is_ok() {
                taken.push((from, to));
            }
        }
        // Reachability, written the slow way.
        let mut reached = [false; 12];
        reached[gone] = true;
        for _ in 0..12 {
            for (from, to) in &taken {
                reached[*from] |= reached[*to];
            }
        }
        let count = store.retract(FactId::of(&[&gone.to_string()]));
        prop_assert_eq!(count, reached.iter().filter(|r| **r).count());
        for (i, id) in ids.iter().enumerate() {
            let node = store.get(*id).unwrap();
            prop_assert_eq!(node.withdrawn.is_some(), reached[i]);
            if i == gone {
                prop_assert_eq!(node.withdrawn, Some(Withdrawal::Source));
            }
        }
    }
}

#[test]
fn supports_carry_a_weight_and_other_edges_none() {
    let mut store = Store::default();
    let (a, b) = (store.add(plain(0)), store.add(plain(1)));
    let mut edge = derived(b, a);
    edge.weight = Some(Weight::Class(Strength::Weak));
    assert_eq!(store.link(edge.clone()), Err(LinkError::Weight));
    edge.kind = EdgeKind::Supports;
    assert_eq!(store.link(edge.clone()), Ok(()));
    edge.weight = None;
    assert_eq!(store.link(edge), Err(LinkError::Weight));
}

#[test]
fn h_r04_a_retracted_fact_takes_its_evidence_away() {
    let facts = [
        lab("2276-4", 9.0, "ug/L", "2021-06-01"),
        lab("718-7", 101.0, "g/L", "2021-06-01"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let mut graph = Graph::build(shipped_edges().unwrap(), &Sources::of(&evaluation));
    assert!(graph.hypothesis("iron_deficiency").unwrap().has_support());
    assert!(graph.retract(facts[0].id) >= 2, "the fact and its signal");
    assert!(graph.hypothesis("iron_deficiency").is_none());
    let key = NodeKey::Signal("R16", 0);
    let signal = graph.store.get(graph.store.find(&key).unwrap()).unwrap();
    assert_eq!(signal.withdrawn, Some(Withdrawal::Derived));
}

#[test]
fn statements_of_an_older_or_retracted_text_are_withdrawn() {
    let mut note = fact(
        triptych_clinical::FactKind::Note,
        triptych_clinical::CodeSystem::Loinc,
        "11506-3",
        "2021-06-01",
    );
    let mut assertion = said("hydronephrosis", "2021-06-01");
    assertion.fact = reference(&note);
    let evaluation = evaluated(&[], "2021-06-10");
    let supported = |facts: &[triptych_clinical::Fact]| {
        let versions = Versions::of(facts, at("2021-06-10"));
        let sources = Sources {
            assertions: std::slice::from_ref(&assertion),
            versions: Some(&versions),
            ..Sources::of(&evaluation)
        };
        let graph = Graph::build(shipped_edges().unwrap(), &sources);
        graph.hypothesis("urinary_obstruction").is_some()
    };
    let first = note.clone();
    assert!(supported(std::slice::from_ref(&first)));
    note.version = 2;
    note.available = when("2021-06-05");
    assert!(!supported(&[first.clone(), note.clone()]), "newer version");
    note.status = Status::EnteredInError;
    assert!(!supported(&[first.clone(), note.clone()]), "retracted");
    note.available = when("2021-06-11");
    assert!(supported(&[first, note]), "retracted only later");
}

#[test]
fn measures_of_one_track_are_the_same_lesion_in_order() {
    let facts = [
        measure("a", 200.0, "2021-01-04"),
        measure("a", 260.0, "2021-06-04"),
        measure("b", 100.0, "2021-06-04"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let graph = Graph::build(shipped_edges().unwrap(), &Sources::of(&evaluation));
    let of = |kind| {
        graph
            .store
            .edges()
            .iter()
            .filter(|e| e.kind == kind)
            .map(|e| (e.from, e.to))
            .collect::<Vec<_>>()
    };
    let node = |f: &triptych_clinical::Fact| graph.store.find(&NodeKey::Finding(reference(f)));
    let joined = [(node(&facts[0]).unwrap(), node(&facts[1]).unwrap())];
    assert_eq!(of(EdgeKind::SameAs), joined);
    assert_eq!(of(EdgeKind::Precedes), joined);
}

#[test]
fn every_node_has_provenance_and_the_same_sources_give_the_same_graph() {
    let facts = [
        lab("2276-4", 9.0, "ug/L", "2021-06-01"),
        lab("718-7", 101.0, "g/L", "2021-06-01"),
        medicine("C09AA03", "2020-01-01"),
        measure("a", 200.0, "2021-01-04"),
    ];
    let evaluation = evaluated(&facts, "2021-06-10");
    let build = || Graph::build(shipped_edges().unwrap(), &Sources::of(&evaluation));
    let (one, two) = (build(), build());
    assert_eq!(
        format!("{:?}", one.hypotheses),
        format!("{:?}", two.hypotheses)
    );
    assert_eq!(one.store.edges(), two.store.edges());
    let mut keys = std::collections::BTreeSet::new();
    for node in one.store.nodes() {
        assert!(keys.insert(node.key.to_string()), "{}", node.key);
        if matches!(node.kind(), NodeKind::Fact | NodeKind::Finding) {
            assert!(node.key.fact().is_some() && node.valid.is_some() && node.available.is_some());
            assert!(node.modality.is_some() && !node.label.is_empty());
        }
    }
}
