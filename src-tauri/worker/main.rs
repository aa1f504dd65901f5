//! Outside bytes are parsed here and nowhere else: DICOM, documents, archives. Started by triptych, never by hand.

use std::process::ExitCode;

fn main() -> ExitCode {
    triptych_worker::serve::main()
}
