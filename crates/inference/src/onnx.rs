//! A look at an ONNX file before ONNX Runtime sees it (MDL-02): external data anywhere, operators of foreign domains and local functions
//! are refused. Only what is needed is read of the protocol buffers, by the numbers of `onnx.proto` (IR version 11).
//!
//! A message may come in parts that a reader merges; each part is looked at by itself, so nothing hides between them.

/// What is known of a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxFacts {
    /// Nodes, with those of all subgraphs.
    pub nodes: usize,
    /// Version of the default operator domain.
    pub opset: i64,
}

/// Why a graph is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The bytes are no protocol buffer of the expected shape.
    #[error("the graph is damaged at byte {0} of one of its messages")]
    Damaged(usize),
    /// Subgraphs below one another.
    #[error("subgraphs are nested deeper than {DEEPEST}")]
    TooDeep,
    /// A tensor wants its bytes from a file.
    #[error("the graph refers to external data")]
    ExternalData,
    /// Functions or training graphs come with the model.
    #[error("the graph carries {0}, which is not supported")]
    NotSupported(&'static str),
    /// A domain that the manifest does not list.
    #[error("the graph uses operators of the domain {0:?}, which model.toml does not list")]
    Domain(String),
    /// Newer operators than the manifest says.
    #[error("the graph uses operator set {found}, model.toml allows {allowed}")]
    Opset {
        /// In the graph.
        found: i64,
        /// By the manifest.
        allowed: i64,
    },
    /// Not a model at all.
    #[error("the file holds no graph")]
    NoGraph,
}

const DEEPEST: usize = 16;

/// # Errors
/// Why ONNX Runtime must not see it.
pub(crate) fn inspect(
    bytes: &[u8],
    domains: &[String],
    opset_max: i64,
) -> Result<OnnxFacts, OnnxError> {
    let mut look = Look {
        domains,
        opset_max,
        facts: OnnxFacts::default(),
    };
    let mut graphs = 0;
    for field in Fields(bytes, 0) {
        match field? {
            (7, Value::Bytes(graph)) => {
                graphs += 1;
                look.graph(graph, 0)?;
            }
            (8, Value::Bytes(import)) => look.opset(import)?,
            (20, _) => return Err(OnnxError::NotSupported("a training graph")),
            (25, _) => return Err(OnnxError::NotSupported("functions of its own")),
            _ => {}
        }
    }
    if graphs == 0 || look.facts.nodes == 0 || look.facts.opset == 0 {
        return Err(OnnxError::NoGraph);
    }
    Ok(look.facts)
}

struct Look<'a> {
    domains: &'a [String],
    opset_max: i64,
    facts: OnnxFacts,
}

impl Look<'_> {
    fn domain(&self, name: &str) -> Result<bool, OnnxError> {
        let name = if name == "ai.onnx" { "" } else { name };
        if self.domains.iter().any(|d| d == name) {
            Ok(name.is_empty())
        } else {
            Err(OnnxError::Domain(name.chars().take(64).collect()))
        }
    }

    fn opset(&mut self, bytes: &[u8]) -> Result<(), OnnxError> {
        let (mut domain, mut version) = ("", 0);
        for field in Fields(bytes, 0) {
            match field? {
                (1, Value::Bytes(name)) => domain = text(name)?,
                (2, Value::Number(n)) => version = n.cast_signed(),
                _ => {}
            }
        }
        if self.domain(domain)? {
            if !(1..=self.opset_max).contains(&version) {
                return Err(OnnxError::Opset {
                    found: version,
                    allowed: self.opset_max,
                });
            }
            self.facts.opset = version;
        }
        Ok(())
    }

    fn graph(&mut self, bytes: &[u8], depth: usize) -> Result<(), OnnxError> {
        if depth > DEEPEST {
            return Err(OnnxError::TooDeep);
        }
        for field in Fields(bytes, 0) {
            match field? {
                (1, Value::Bytes(node)) => self.node(node, depth)?,
                (5, Value::Bytes(tensor_bytes)) => tensor(tensor_bytes)?,
                (15, Value::Bytes(sparse_bytes)) => sparse(sparse_bytes)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn node(&mut self, bytes: &[u8], depth: usize) -> Result<(), OnnxError> {
        self.facts.nodes = self.facts.nodes.saturating_add(1);
        let mut domain = "";
        for field in Fields(bytes, 0) {
            match field? {
                (5, Value::Bytes(attribute)) => self.attribute(attribute, depth)?,
                (7, Value::Bytes(name)) => {
                    domain = text(name)?;
                    self.domain(domain)?;
                }
                _ => {}
            }
        }
        self.domain(domain).map(drop)
    }

    fn attribute(&mut self, bytes: &[u8], depth: usize) -> Result<(), OnnxError> {
        for field in Fields(bytes, 0) {
            match field? {
                // t, tensors; g, graphs; sparse_tensor, sparse_tensors.
                (5 | 10, Value::Bytes(part)) => tensor(part)?,
                (6 | 11, Value::Bytes(part)) => self.graph(part, depth + 1)?,
                (22 | 23, Value::Bytes(part)) => sparse(part)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn tensor(bytes: &[u8]) -> Result<(), OnnxError> {
    for field in Fields(bytes, 0) {
        match field? {
            // external_data; data_location, of which 0 is "here".
            (13, _) => return Err(OnnxError::ExternalData),
            (14, Value::Number(0)) => {}
            (14, _) => return Err(OnnxError::ExternalData),
            _ => {}
        }
    }
    Ok(())
}

fn sparse(bytes: &[u8]) -> Result<(), OnnxError> {
    for field in Fields(bytes, 0) {
        if let (1 | 2, Value::Bytes(part)) = field? {
            tensor(part)?;
        }
    }
    Ok(())
}

fn text(bytes: &[u8]) -> Result<&str, OnnxError> {
    std::str::from_utf8(bytes).map_err(|e| OnnxError::Damaged(e.valid_up_to()))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// Fields of one message, from a position on.
struct Fields<'a>(&'a [u8], usize);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.0.get(self.1)?;
            self.1 += 1;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn skip(&mut self, bytes: u64) -> Option<&'a [u8]> {
        let end = self.1.checked_add(usize::try_from(bytes).ok()?)?;
        let part = self.0.get(self.1..end)?;
        self.1 = end;
        Some(part)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.skip(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.skip(length)?)
            }
            5 => self.skip(4).map(|_| Value::Fixed)?,
            // Groups: no writer of ONNX makes them.
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), OnnxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.1 >= self.0.len() {
            return None;
        }
        let at = self.1;
        let field = self.field().ok_or(OnnxError::Damaged(at));
        if field.is_err() {
            self.1 = self.0.len();
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        let mut key = u32::from(field) << 3 | 2;
        while key >= 0x80 {
            out.push((key & 0x7F | 0x80) as u8);
            key >>= 7;
        }
        out.push(key as u8);
        assert!(content.len() < 128);
        out.push(content.len() as u8);
        [out, content.to_vec()].concat()
    }

    fn number(field: u8, value: u8) -> Vec<u8> {
        vec![field << 3, value]
    }

    fn model(graph: &[u8], version: u8) -> Vec<u8> {
        [bytes(7, graph), bytes(8, &number(2, version))].concat()
    }

    fn node(parts: &[u8]) -> Vec<u8> {
        bytes(1, &[bytes(4, b"Relu"), parts.to_vec()].concat())
    }

    #[track_caller]
    fn check(file: &[u8], expected: Result<usize, OnnxError>) {
        let found = inspect(file, &[String::new()], 13);
        assert_eq!(found.map(|facts| facts.nodes), expected);
    }

    #[test]
    fn mdl_02_external_data_is_refused_wherever_it_hides() {
        check(&model(&node(&[]), 13), Ok(1));
        let outside = bytes(13, b"x");
        let located = number(14, 1);
        for tensor in [outside, located, bytes(14, b"")] {
            let attribute = |field| bytes(5, &bytes(field, &tensor));
            let sparse = |field| bytes(field, &bytes(1, &tensor));
            let indices = |field| bytes(field, &bytes(2, &tensor));
            let within = bytes(5, &bytes(6, &bytes(5, &tensor)));
            for graph in [
                [node(&[]), bytes(5, &tensor)].concat(),
                [node(&[]), sparse(15)].concat(),
                [node(&[]), indices(15)].concat(),
                node(&attribute(5)),
                node(&attribute(10)),
                node(&bytes(5, &sparse(22))),
                node(&bytes(5, &indices(23))),
                node(&within),
            ] {
                check(&model(&graph, 13), Err(OnnxError::ExternalData));
            }
        }
    }

    #[test]
    fn mdl_02_a_graph_in_two_parts_is_looked_at_twice() {
        let second = bytes(7, &bytes(5, &number(14, 1)));
        let file = [model(&node(&[]), 13), second].concat();
        check(&file, Err(OnnxError::ExternalData));
    }

    #[test]
    fn mdl_02_foreign_operators_are_refused() {
        let evil = OnnxError::Domain("com.evil".into());
        check(&model(&node(&bytes(7, b"com.evil")), 13), Err(evil.clone()));
        let import = bytes(8, &[bytes(1, b"com.evil"), number(2, 1)].concat());
        check(&[model(&node(&[]), 13), import].concat(), Err(evil));
        check(&model(&node(&bytes(7, b"ai.onnx")), 13), Ok(1));
        let newer = OnnxError::Opset {
            found: 14,
            allowed: 13,
        };
        check(&model(&node(&[]), 14), Err(newer));
        // Field 25: two bytes of key.
        let function = [model(&node(&[]), 13), bytes(25, b"")].concat();
        check(
            &function,
            Err(OnnxError::NotSupported("functions of its own")),
        );
    }

    #[test]
    fn mdl_02_what_is_no_graph_is_told() {
        check(b"", Err(OnnxError::NoGraph));
        check(&model(&[], 13), Err(OnnxError::NoGraph));
        let whole = model(&node(&[]), 13);
        for end in 1..whole.len() {
            let cut = whole.get(..end).unwrap();
            assert!(inspect(cut, &[String::new()], 13).is_err(), "{end}");
        }
        let mut deep = node(&[]);
        for _ in 0..18 {
            deep = bytes(1, &bytes(5, &bytes(6, &deep)));
        }
        check(&model(&deep, 13), Err(OnnxError::TooDeep));
    }
}
