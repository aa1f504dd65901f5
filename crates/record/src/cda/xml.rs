//! An XML document as a tree with byte ranges, and the few ways of asking it that the readers need. DTDs and entities are refused.

use std::collections::HashMap;

use super::bytes::Text;
use crate::intake::ReadError;

pub(super) type Node<'a> = roxmltree::Node<'a, 'a>;

/// Namespace of HL7 v3.
const V3: &str = "urn:hl7-org:v3";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Elements inside elements.
const MAX_DEPTH: usize = 128;
/// Nodes of one document: at 64 bytes a node this bounds the tree at about 40 MiB.
const MAX_NODES: u32 = 600_000;

/// Parses a whole document, within the limits.
pub(super) fn parse<'a>(text: &'a Text<'_>) -> Result<roxmltree::Document<'a>, ReadError> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    let tree = roxmltree::Document::parse_with_options(&text.text, options).map_err(|error| {
        let place = error.pos();
        refused(text, (place.row, place.col), &reason(&error))
    })?;
    let mut depths: Vec<u16> = vec![0];
    for node in tree.root().descendants().skip(1) {
        let above = node.parent_element().map_or(0, |p| p.id().get_usize());
        let depth = depths.get(above).copied().unwrap_or(0) + u16::from(node.is_element());
        if usize::from(depth) > MAX_DEPTH {
            let place = tree.text_pos_at(node.range().start);
            let reason = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(refused(text, (place.row, place.col), &reason));
        }
        depths.push(depth);
    }
    Ok(tree)
}

/// The number of each element among those of its name, from 1; 0 where it is the only one. One pass: paths then cost no search.
pub(super) struct Ordinals(Vec<u32>);

impl Ordinals {
    pub fn of(tree: &roxmltree::Document<'_>) -> Self {
        let mut numbers: Vec<u32> = vec![0; tree.root().descendants().count()];
        // Of one parent at a time: memory does not grow with the document.
        let mut seen: HashMap<&str, (u32, usize)> = HashMap::new();
        for parent in tree.root().descendants().filter(Node::has_children) {
            seen.clear();
            for node in parent.children().filter(Node::is_element) {
                let own = node.id().get_usize();
                let (count, first) = seen.entry(node.tag_name().name()).or_insert((0, own));
                *count += 1;
                if *count > 1 {
                    for (at, number) in [(*first, 1), (own, *count)] {
                        if let Some(slot) = numbers.get_mut(at) {
                            *slot = number;
                        }
                    }
                }
            }
        }
        Self(numbers)
    }

    /// XPath of an element, with numbers where its parent has several of that name.
    pub fn path(&self, node: Node<'_>) -> String {
        let steps: Vec<Node<'_>> = node.ancestors().filter(Node::is_element).collect();
        let mut path = String::new();
        for step in steps.iter().rev() {
            path.push('/');
            path.push_str(step.tag_name().name());
            match self.0.get(step.id().get_usize()) {
                None | Some(0) => {}
                Some(number) => path.push_str(&format!("[{number}]")),
            }
        }
        path
    }
}

/// The library's words for what is wrong, without the source's own text but names of elements and prefixes.
fn reason(error: &roxmltree::Error) -> String {
    use roxmltree::Error as E;
    match error {
        E::DtdDetected => {
            "it has a document type (DOCTYPE); none is read, and no entity is ever expanded"
                .to_owned()
        }
        E::NodesLimitReached => format!("more than {MAX_NODES} nodes in one document"),
        E::UnclosedRootNode => "the document ends before its last element does".to_owned(),
        E::UnexpectedCloseTag(expected, found, _) => {
            format!("expected the end of {expected:?}, found the end of {found:?}")
        }
        E::UnknownNamespace(prefix, _) => format!("the prefix {prefix:?} is not declared"),
        E::UnknownEntityReference(..) | E::MalformedEntityReference(_) => {
            "an '&' that begins no known character reference".to_owned()
        }
        E::DuplicatedAttribute(name, _) => format!("the attribute {name:?} is there twice"),
        E::NoRootNode => "it has no element".to_owned(),
        E::InvalidAttributeValue(_) => "a '<' inside an attribute".to_owned(),
        E::NonXmlChar(..) => "a character that XML does not allow".to_owned(),
        E::UnexpectedEndOfStream => "the document ends too early".to_owned(),
        _ => "not well-formed".to_owned(),
    }
}

fn refused(text: &Text<'_>, (line, column): (u32, u32), reason: &str) -> ReadError {
    let skip = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text
        .text
        .split_inclusive('\n')
        .take(skip)
        .map(str::len)
        .sum();
    let into: usize = text
        .text
        .get(start..)
        .unwrap_or_default()
        .chars()
        .take(usize::try_from(column.saturating_sub(1)).unwrap_or(0))
        .map(char::len_utf8)
        .sum();
    ReadError::Xml {
        reason: reason.to_owned(),
        line: u64::from(line),
        column: u64::from(column),
        offset: text.byte(start + into) as u64,
    }
}

/// True for the HL7 v3 element of that name.
pub(super) fn is(node: Node<'_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(V3)
}

/// The local name of an HL7 v3 element; empty for anything else.
pub(super) fn name<'a>(node: Node<'a>) -> &'a str {
    if node.is_element() && node.tag_name().namespace() == Some(V3) {
        node.tag_name().name()
    } else {
        ""
    }
}

pub(super) fn children<'a>(
    node: Node<'a>,
    wanted: &'static str,
) -> impl Iterator<Item = Node<'a>> + 'a {
    node.children().filter(move |n| is(*n, wanted))
}

pub(super) fn child<'a>(node: Node<'a>, wanted: &str) -> Option<Node<'a>> {
    node.children().find(|n| is(*n, wanted))
}

/// The first element at the end of a way of names.
pub(super) fn at<'a>(node: Node<'a>, way: &[&str]) -> Option<Node<'a>> {
    way.iter().try_fold(node, |n, wanted| child(n, wanted))
}

/// An attribute that says something.
pub(super) fn attr<'a>(node: Node<'a>, name: &str) -> Option<&'a str> {
    node.attribute(name)
        .map(str::trim)
        .filter(|v| !v.is_empty())
}

/// The attribute of the child `name`, most often `code` or `value`.
pub(super) fn attr_of<'a>(node: Node<'a>, name: &str, attribute: &str) -> Option<&'a str> {
    attr(child(node, name)?, attribute)
}

/// `nullFlavor`, if the element has one.
pub(super) fn null<'a>(node: Node<'a>) -> Option<&'a str> {
    attr(node, "nullFlavor")
}

/// The data type that `xsi:type` gives, without its prefix.
pub(super) fn kind<'a>(node: Node<'a>) -> &'a str {
    let full = node.attribute((XSI, "type")).unwrap_or_default().trim();
    full.rsplit(':').next().unwrap_or_default()
}

pub(super) fn templates<'a>(node: Node<'a>) -> impl Iterator<Item = &'a str> + 'a {
    children(node, "templateId").filter_map(|t| t.attribute("root"))
}

/// True where the element names the C-CDA template `2.16.840.1.113883.10.20.22.<tail>`.
pub(super) fn has_template(node: Node<'_>, tail: &str) -> bool {
    templates(node).any(|t| t.strip_prefix("2.16.840.1.113883.10.20.22.") == Some(tail))
}

/// All text below an element, its white space made one space.
pub(super) fn words(node: Node<'_>) -> String {
    let mut out = String::new();
    for text in node.descendants().filter(Node::is_text) {
        for word in text.text().unwrap_or_default().split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}
