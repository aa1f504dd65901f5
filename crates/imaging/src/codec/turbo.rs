//! libjpeg-turbo 3 behind three safe functions: the only foreign calls of this crate.
#![allow(unsafe_code)]

use std::{ffi::CStr, ffi::c_int, ptr::NonNull};

use turbojpeg_sys::{
    TJERR_TJERR_WARNING, TJINIT_TJINIT_DECOMPRESS, TJPARAM_TJPARAM_JPEGHEIGHT,
    TJPARAM_TJPARAM_JPEGWIDTH, TJPARAM_TJPARAM_MAXPIXELS, TJPARAM_TJPARAM_SCANLIMIT,
    TJPF_TJPF_GRAY, TJPF_TJPF_RGB, tj3Decompress8, tj3Decompress12, tj3Decompress16,
    tj3DecompressHeader, tj3Destroy, tj3Get, tj3GetErrorCode, tj3GetErrorStr, tj3Init, tj3Set,
    tjhandle,
};

use super::CodecError;
use crate::limits;

/// Scans of a progressive stream; more are an attack on time.
const SCANS: c_int = 500;

/// A decompressor, destroyed with its owner.
struct Decompressor(NonNull<std::ffi::c_void>);

impl Decompressor {
    fn new() -> Result<Self, CodecError> {
        // SAFETY: no arguments but a constant of the library; a null result is handled.
        let handle: tjhandle = unsafe { tj3Init(TJINIT_TJINIT_DECOMPRESS as c_int) };
        let this = Self(NonNull::new(handle).ok_or_else(|| error("no decompressor".to_owned()))?);
        // Each sample is at least one byte of a frame within the limit.
        let pixels = c_int::try_from(limits::FRAME_BYTES).unwrap_or(c_int::MAX);
        for (parameter, value) in [
            (TJPARAM_TJPARAM_SCANLIMIT, SCANS),
            (TJPARAM_TJPARAM_MAXPIXELS, pixels),
        ] {
            // SAFETY: the handle is valid; the parameter is a constant of the library.
            let code = unsafe { tj3Set(this.0.as_ptr(), parameter as c_int, value) };
            this.check(code)?;
        }
        Ok(this)
    }

    /// An error, or a warning that means damaged data. One warning is none: SOS parameters that sequential coding ignores anyway are wrong in
    /// streams of real scanners (P3).
    fn check(&self, code: c_int) -> Result<(), CodecError> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the handle is valid; the string belongs to it and is copied before the next call.
        let (kind, text) = unsafe {
            let text = CStr::from_ptr(tj3GetErrorStr(self.0.as_ptr()));
            (
                tj3GetErrorCode(self.0.as_ptr()),
                text.to_string_lossy().into_owned(),
            )
        };
        if kind == TJERR_TJERR_WARNING as c_int && text.contains("SOS parameters") {
            return Ok(());
        }
        Err(error(text))
    }

    /// Reads the header of `stream`; the frame must have exactly `samples` samples.
    fn read_header(
        &self,
        stream: &[u8],
        colour: bool,
        samples: usize,
    ) -> Result<c_int, CodecError> {
        // SAFETY: the handle is valid; pointer and length are those of one slice.
        let code =
            unsafe { tj3DecompressHeader(self.0.as_ptr(), stream.as_ptr(), stream.len() as _) };
        self.check(code)?;
        let get = |parameter: u32| {
            // SAFETY: the handle is valid; the parameter is a constant of the library.
            let value = unsafe { tj3Get(self.0.as_ptr(), parameter as c_int) };
            usize::try_from(value).unwrap_or(0)
        };
        let pixels = get(TJPARAM_TJPARAM_JPEGWIDTH).checked_mul(get(TJPARAM_TJPARAM_JPEGHEIGHT));
        let (format, each) = if colour {
            (TJPF_TJPF_RGB, 3)
        } else {
            (TJPF_TJPF_GRAY, 1)
        };
        if pixels.and_then(|p| p.checked_mul(each)) != Some(samples) {
            return Err(error("another size than its first header says".to_owned()));
        }
        Ok(format as c_int)
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: the handle is valid and not used afterwards.
        unsafe { tj3Destroy(self.0.as_ptr()) };
    }
}

fn error(reason: String) -> CodecError {
    CodecError::Stream {
        codec: "JPEG",
        reason,
    }
}

/// Decodes samples of up to 8 bits.
pub(super) fn decode_8(stream: &[u8], colour: bool, out: &mut [u8]) -> Result<(), CodecError> {
    let turbo = Decompressor::new()?;
    let format = turbo.read_header(stream, colour, out.len())?;
    // SAFETY: `read_header` made sure that width x height x samples is the length of `out`; pitch 0 means no gap between rows.
    let code = unsafe {
        tj3Decompress8(
            turbo.0.as_ptr(),
            stream.as_ptr(),
            stream.len() as _,
            out.as_mut_ptr(),
            0,
            format,
        )
    };
    turbo.check(code)
}

/// Decodes samples of 9 to 12 bits.
pub(super) fn decode_12(stream: &[u8], colour: bool, out: &mut [u16]) -> Result<(), CodecError> {
    let turbo = Decompressor::new()?;
    let format = turbo.read_header(stream, colour, out.len())?;
    // SAFETY: as in `decode_8`; samples are 0 to 4095, so a signed cell and an unsigned one hold the same.
    let code = unsafe {
        tj3Decompress12(
            turbo.0.as_ptr(),
            stream.as_ptr(),
            stream.len() as _,
            out.as_mut_ptr().cast(),
            0,
            format,
        )
    };
    turbo.check(code)
}

/// Decodes samples of 13 to 16 bits.
pub(super) fn decode_16(stream: &[u8], colour: bool, out: &mut [u16]) -> Result<(), CodecError> {
    let turbo = Decompressor::new()?;
    let format = turbo.read_header(stream, colour, out.len())?;
    // SAFETY: as in `decode_8`.
    let code = unsafe {
        tj3Decompress16(
            turbo.0.as_ptr(),
            stream.as_ptr(),
            stream.len() as _,
            out.as_mut_ptr(),
            0,
            format,
        )
    };
    turbo.check(code)
}
