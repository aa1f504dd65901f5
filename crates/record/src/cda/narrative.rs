//! The narrative of a section as readable plain text, with the places that entries point to. What could run is dropped, links are shown as text.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::xml::{self, Node};

/// What the sender signed, as plain text.
#[derive(Default)]
pub(super) struct Narrative {
    /// Lines; cells of a table row are joined by ` | `.
    pub text: String,
    /// Bytes of `text` for each `ID` of the narrative.
    anchors: HashMap<String, Range<usize>>,
    /// What was dropped or cannot be shown here.
    pub said: Vec<String>,
    words: HashSet<String>,
}

impl Narrative {
    /// The place that `reference value="#id"` means.
    pub fn place(&self, reference: &str) -> Option<(Range<usize>, &str)> {
        let range = self
            .anchors
            .get(reference.strip_prefix('#').unwrap_or(reference))?;
        let text = self.text.get(range.clone())?;
        (!text.is_empty()).then(|| (range.clone(), text))
    }

    /// True where all of these words stand in the narrative, in any order and letter case; also where it is too long to know.
    pub fn holds(&self, text: &str) -> bool {
        let mut any = false;
        let all = words(text).all(|word| {
            any = true;
            self.words.contains(&word)
        });
        (any && all) || self.words.len() >= MAX_WORDS
    }
}

/// Different words of one narrative that are remembered.
const MAX_WORDS: usize = 100_000;

/// Words in small letters and numbers with their points: `5pg/dL` is `5`, `pg` and `dl`.
fn words(text: &str) -> impl Iterator<Item = String> {
    let kind = |c: char| match c {
        '.' => 1,
        c if c.is_ascii_digit() => 1,
        c if c.is_alphanumeric() => 2,
        _ => 0,
    };
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = kind(rest.chars().next()?);
            let end = rest.find(|c| kind(c) != first).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            let word = word.trim_matches('.');
            if first != 0 && !word.is_empty() {
                return Some(word.to_lowercase());
            }
        }
    })
}

/// Renders the `text` of a section.
pub(super) fn render(text: Node<'_>) -> Narrative {
    let mut writer = Writer::default();
    writer.children(text);
    let mut narrative = writer.narrative;
    let end = narrative.text.trim_end().len();
    narrative.text.truncate(end);
    for word in words(&narrative.text) {
        if narrative.words.len() >= MAX_WORDS {
            break;
        }
        narrative.words.insert(word);
    }
    narrative
}

#[derive(Default)]
struct Writer {
    narrative: Narrative,
    /// A space is due before the next word.
    space: bool,
    /// Inside a table cell nothing breaks the line.
    cells: u8,
    /// Numbers of the open lists' items; 0 in a list without numbers.
    lists: Vec<u32>,
}

impl Writer {
    fn children(&mut self, node: Node<'_>) {
        for child in node.children() {
            if child.is_text() {
                self.words(child.text().unwrap_or_default());
            } else if child.is_element() {
                self.element(child);
            }
        }
    }

    fn element(&mut self, node: Node<'_>) {
        let start = self.narrative.text.len();
        self.rendered(node);
        let id = xml::attr(node, "ID").or_else(|| xml::attr(node, "id"));
        if let Some(id) = id {
            let made = self.narrative.text.get(start..).unwrap_or_default();
            let from = start + made.len() - made.trim_start().len();
            let to = from + made.trim().len();
            self.narrative
                .anchors
                .entry(id.to_owned())
                .or_insert(from..to);
        }
    }

    fn rendered(&mut self, node: Node<'_>) {
        // Some senders leave the namespace out inside the narrative: the name alone counts here.
        match node.tag_name().name() {
            "script" | "style" | "object" | "embed" | "iframe" => {
                let what = node.tag_name().name();
                self.say(format!("<{what}> inside the narrative was dropped"));
            }
            "br" => self.line(),
            "paragraph" | "p" | "div" | "caption" | "table" | "title" | "h1" | "h2" | "h3" => {
                self.line();
                self.children(node);
                self.line();
            }
            "tr" => self.row(node),
            "list" | "ul" | "ol" => {
                let ordered =
                    xml::attr(node, "listType") == Some("ordered") || node.has_tag_name("ol");
                self.lists.push(u32::from(ordered));
                self.children(node);
                self.lists.pop();
                self.line();
            }
            "item" | "li" => self.item(node),
            "sup" => {
                // 10<sup>3</sup> must not become 103.
                self.raw("^");
                self.children(node);
            }
            "content" if xml::attr(node, "revised") == Some("delete") => {
                self.words(" [deleted: ");
                self.children(node);
                self.raw("]");
            }
            "linkHtml" | "a" => self.link(node),
            "footnote" => {
                self.words(" [");
                self.space = false;
                self.children(node);
                self.raw("]");
            }
            "renderMultiMedia" | "img" => {
                self.words(" [picture, not shown] ");
                self.say("a picture of the narrative is not shown".to_owned());
                self.children(node);
            }
            _ => self.children(node),
        }
    }

    fn row(&mut self, row: Node<'_>) {
        self.line();
        let mut first = true;
        for cell in row.children().filter(Node::is_element) {
            if !first {
                self.space = false;
                self.narrative.text.push_str(" | ");
            }
            first = false;
            self.cells += 1;
            self.element(cell);
            self.cells -= 1;
            self.space = false;
        }
        self.line();
    }

    fn item(&mut self, item: Node<'_>) {
        self.line();
        let depth = self.lists.len();
        let mark = match self.lists.last_mut() {
            Some(0) | None => "- ".to_owned(),
            Some(number) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
        };
        if self.cells == 0 {
            self.raw(&"  ".repeat(depth.saturating_sub(1)));
            self.raw(&mark);
        }
        self.children(item);
        self.line();
    }

    fn link(&mut self, node: Node<'_>) {
        let before = self.narrative.text.len();
        self.children(node);
        let Some(target) = xml::attr(node, "href") else {
            return;
        };
        let shown = self.narrative.text.get(before..).unwrap_or_default();
        if !target.starts_with('#') && shown.trim() != target {
            self.words(&format!(" ({target})"));
        }
    }

    fn say(&mut self, reason: String) {
        if !self.narrative.said.contains(&reason) {
            self.narrative.said.push(reason);
        }
    }

    fn raw(&mut self, text: &str) {
        self.narrative.text.push_str(text);
        self.space = false;
    }

    /// Text with its white space made one space.
    fn words(&mut self, text: &str) {
        self.space |= text.starts_with(char::is_whitespace);
        for (i, word) in text.split_whitespace().enumerate() {
            let out = &mut self.narrative.text;
            if (self.space || i > 0) && !out.is_empty() && !out.ends_with(['\n', ' ']) {
                out.push(' ');
            }
            out.push_str(word);
            self.space = false;
        }
        self.space |= text.ends_with(char::is_whitespace);
    }

    /// The next word begins a line; inside a cell, a new part of it.
    fn line(&mut self) {
        let out = &mut self.narrative.text;
        let end = out.trim_end_matches(' ').len();
        if self.cells > 0 {
            if !out.trim_end().ends_with(['|', ';']) && !out.ends_with('\n') && !out.is_empty() {
                self.space = true;
            }
            return;
        }
        // An empty last cell keeps its bar.
        if !out.ends_with("| ") {
            out.truncate(end);
        }
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        self.space = false;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rendered(inside: &str) -> Narrative {
        let xml = format!("<text xmlns=\"urn:hl7-org:v3\">{inside}</text>");
        let tree = roxmltree::Document::parse(&xml).unwrap();
        render(tree.root_element())
    }

    #[test]
    fn tables_lists_and_marks_become_lines() {
        let n = rendered(
            "<table><thead><tr><th>Test</th><th>Value</th></tr></thead><tbody>\n <tr ID=\"r1\"><td>White\n  cells</td><td ID='v'>10.5 10<sup>3</sup>/uL</td></tr><tr><td/><td>2</td></tr></tbody></table>\
             <list listType=\"ordered\"><item>one</item><item><content ID=\"c\">two</content></item></list><paragraph>End<br/>of <content revised=\"delete\">old</content> text</paragraph>",
        );
        assert_eq!(
            n.text,
            "Test | Value\nWhite cells | 10.5 10^3/uL\n | 2\n1. one\n2. two\nEnd\nof [deleted: old] text"
        );
        assert_eq!(n.place("#r1").unwrap().1, "White cells | 10.5 10^3/uL");
        assert_eq!(n.place("#v").unwrap().1, "10.5 10^3/uL");
        assert_eq!(n.place("c").unwrap().1, "two");
        assert!(n.place("#none").is_none());
        assert!(n.holds("white CELLS") && n.holds("10.5") && !n.holds("5") && !n.holds("red"));
    }

    #[test]
    fn nothing_runs_and_links_are_text() {
        let n = rendered(
            "<script>alert(1)</script><paragraph>See <linkHtml href=\"file:///etc/passwd\">here</linkHtml>.</paragraph>",
        );
        assert_eq!(n.text, "See here (file:///etc/passwd).");
        assert_eq!(n.said, ["<script> inside the narrative was dropped"]);
    }
}
