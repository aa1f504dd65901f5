//! The few calls that neither `ort` nor std wraps: the library's own version, the driver's own word, and ONNX Runtime's record of where
//! nodes went.
#![allow(unsafe_code)]

use std::{
    error::Error,
    ffi::{CStr, c_char},
    path::Path,
    ptr, slice,
};

use libloading::{Library, Symbol};
use ort::{AsPointer as _, session::Session};

/// The one switch that ONNX Runtime reads before it makes an environment. Since 1.29 the Linux builds carry an uploader: without the switch
/// they write a device identifier and a database below the user's cache folder and send a first event while the environment is made, which is
/// before `with_telemetry(false)` is heard.
pub(crate) const TELEMETRY_OFF: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// Sets [`TELEMETRY_OFF`] for this process.
pub(crate) fn forbid_telemetry() {
    let (name, value) = TELEMETRY_OFF;
    if std::env::var_os(name).is_some_and(|set| set == value) {
        return;
    }
    // SAFETY: Rust code reads the environment under std's own lock. C code of other threads must not read it now: a worker has one thread
    // here, and ONNX Runtime itself is not loaded yet.
    unsafe { std::env::set_var(name, value) };
}

/// Opens the runtime and asks its version, before `ort` is touched: `ort` panics at first use when the library is absent.
///
/// It stays loaded: unloading ONNX Runtime while threads of it live is undefined.
///
/// # Errors
/// The loader's words, or that it is too old.
pub(crate) fn runtime_version(path: &Path) -> Result<String, String> {
    type Base = unsafe extern "C" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: the file's hash is on the pinned list, so its initialisers are those of a known ONNX Runtime.
    let library = unsafe { Library::new(path) }.map_err(|e| full(&e))?;
    // SAFETY: the name and type of ONNX Runtime's one exported function.
    let base: Symbol<'_, Base> = unsafe { library.get(b"OrtGetApiBase") }
        .map_err(|_| "the library does not export OrtGetApiBase".to_owned())?;
    // SAFETY: it returns a pointer to a constant of the library, with two functions that take no state.
    let (version, api) = unsafe {
        let Some(base) = base().as_ref() else {
            return Err("the library offers no interface".into());
        };
        let version = words((base.GetVersionString)());
        (version, (base.GetApi)(ort::sys::ORT_API_VERSION))
    };
    if api.is_null() {
        let wanted = ort::sys::ORT_API_VERSION;
        return Err(format!(
            "version {version} does not offer interface {wanted}"
        ));
    }
    std::mem::forget(library);
    Ok(version)
}

/// The driver's word on its first device, without linking to it.
///
/// # Errors
/// Why there is none.
pub(crate) fn cuda_device() -> Result<String, String> {
    type Init = unsafe extern "system" fn(u32) -> i32;
    type Number = unsafe extern "system" fn(*mut i32) -> i32;
    type Name = unsafe extern "system" fn(*mut c_char, i32, i32) -> i32;
    let file = if cfg!(windows) {
        "nvcuda.dll"
    } else {
        "libcuda.so.1"
    };
    // SAFETY: NVIDIA's driver, from the system's own folders, which only administrators write.
    let library = unsafe { Library::new(file) }.map_err(|e| format!("{file}: {}", full(&e)))?;
    let absent = |name: &str| format!("{file} has no {name}");
    // SAFETY: names and types of the CUDA driver API; every pointer is to a place of ours that is large enough.
    unsafe {
        let init: Symbol<'_, Init> = library.get(b"cuInit").map_err(|_| absent("cuInit"))?;
        let version: Symbol<'_, Number> = library
            .get(b"cuDriverGetVersion")
            .map_err(|_| absent("cuDriverGetVersion"))?;
        let count: Symbol<'_, Number> = library
            .get(b"cuDeviceGetCount")
            .map_err(|_| absent("cuDeviceGetCount"))?;
        let name: Symbol<'_, Name> = library
            .get(b"cuDeviceGetName")
            .map_err(|_| absent("cuDeviceGetName"))?;
        match init(0) {
            0 => {}
            100 => return Err("the driver finds no device".into()),
            803 => return Err("the driver was updated and the machine was not restarted".into()),
            n => return Err(format!("the driver does not start: error {n}")),
        }
        let (mut spoken, mut devices) = (0, 0);
        if version(&raw mut spoken) != 0 || count(&raw mut devices) != 0 || devices < 1 {
            return Err("the driver counts no device".into());
        }
        if spoken < CUDA {
            let (major, minor) = (spoken / 1000, spoken % 1000 / 10);
            return Err(format!(
                "the driver speaks CUDA {major}.{minor}, 13.0 is needed"
            ));
        }
        let mut text: [c_char; 256] = [0; 256];
        let said = name(text.as_mut_ptr(), 255, 0);
        // Its threads may live on.
        std::mem::forget(library);
        Ok(match said {
            0 => words(text.as_ptr()),
            _ => "a device without a name".to_owned(),
        })
    }
}

/// CUDA that the pinned provider library was built for, as the driver counts.
const CUDA: i32 = 13_000;

/// ONNX Runtime's own record (since 1.24) of how many nodes each provider has; `None` when it has none. The session must have been made
/// with `session.record_ep_graph_assignment_info`.
pub(crate) fn placement(session: &Session) -> Option<Vec<(String, u32)>> {
    let api = ort::api();
    let mut out = Vec::new();
    // SAFETY: arrays that belong to the session, which is borrowed; every pointer is checked before it is followed.
    unsafe {
        let (mut parts, mut count) = (ptr::null(), 0usize);
        let status =
            (api.Session_GetEpGraphAssignmentInfo)(session.ptr(), &raw mut parts, &raw mut count);
        if !status.0.is_null() {
            (api.ReleaseStatus)(status.0);
            return None;
        }
        if count == 0 || parts.is_null() {
            return None;
        }
        for &part in slice::from_raw_parts(parts, count) {
            let mut name = ptr::null();
            let status = (api.EpAssignedSubgraph_GetEpName)(part, &raw mut name);
            if !status.0.is_null() {
                (api.ReleaseStatus)(status.0);
                return None;
            }
            let (mut nodes, mut n) = (ptr::null(), 0usize);
            let status = (api.EpAssignedSubgraph_GetNodes)(part, &raw mut nodes, &raw mut n);
            if !status.0.is_null() {
                (api.ReleaseStatus)(status.0);
                return None;
            }
            out.push((words(name), u32::try_from(n).unwrap_or(u32::MAX)));
        }
    }
    Some(out)
}

/// # Safety
/// Null, or a text that ends in a zero byte.
unsafe fn words(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by the caller.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// An error with all its sources: libloading says only "dlopen failed", and the loader's words are behind it.
fn full(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        said = format!("{said}: {error}");
        next = error.source();
    }
    said
}
