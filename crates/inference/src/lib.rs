//! Model packages and ONNX Runtime sessions.
