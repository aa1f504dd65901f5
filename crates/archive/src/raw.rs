//! The only unsafe code of the archive: what sqlx has no words for. The key goes to SQLCipher as bytes and never becomes SQL text (sqlx
//! would log it, and show it in `{:?}` of its options); a connection is told not to checkpoint when it closes; and hot reads run as a
//! statement loop on the raw handle, 4 to 6 times faster than rows through a channel.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::ptr;

use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;
use zeroize::Zeroizing;

use crate::ArchiveError;
use crate::secret::Secret;

/// Gives the raw key: `x'<64 hex digits>'` is taken as it is, without key derivation. Must come before anything reads the file.
pub(crate) fn give_key(
    handle: &mut LockedSqliteHandle<'_>,
    key: &Secret,
) -> Result<(), ArchiveError> {
    let mut text = Zeroizing::new(String::with_capacity(67));
    text.push_str("x'");
    text.push_str(&key.hex());
    text.push('\'');
    let length = c_int::try_from(text.len()).map_err(|_| ArchiveError::Crypto("key length"))?;
    // SAFETY: the handle is open and locked by the guard; SQLCipher reads `length` bytes of `text` and copies them.
    let code = unsafe {
        ffi::sqlite3_key(
            handle.as_raw_handle().as_ptr(),
            text.as_ptr().cast(),
            length,
        )
    };
    check(code, "sqlite3_key")
}

/// Keeps this connection from copying the write-ahead log into the database when it closes: only the writer does that.
pub(crate) fn never_checkpoint_on_close(
    handle: &mut LockedSqliteHandle<'_>,
) -> Result<(), ArchiveError> {
    // SAFETY: the handle is open and locked by the guard; this option takes an int and a pointer to int, which may be null.
    let code = unsafe {
        ffi::sqlite3_db_config(
            handle.as_raw_handle().as_ptr(),
            ffi::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
            1 as c_int,
            ptr::null_mut::<c_int>(),
        )
    };
    check(code, "sqlite3_db_config")
}

/// Runs a query whose only parameters are integers and hands each row to `row`. No cursor outlives the call.
pub(crate) fn for_each_row(
    handle: &mut LockedSqliteHandle<'_>,
    sql: &CStr,
    parameters: &[i64],
    mut row: impl FnMut(&Row<'_>) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut statement = ptr::null_mut();
    // SAFETY: the handle is open and locked by the guard; `sql` ends with NUL; `statement` is written before it is read.
    let code = unsafe {
        ffi::sqlite3_prepare_v2(
            handle.as_raw_handle().as_ptr(),
            sql.as_ptr(),
            -1,
            &mut statement,
            ptr::null_mut(),
        )
    };
    check(code, "prepare")?;
    let statement = Statement(statement);
    for (n, value) in (1..).zip(parameters) {
        // SAFETY: the statement was prepared above and is finalized when the guard drops.
        check(
            unsafe { ffi::sqlite3_bind_int64(statement.0, n, *value) },
            "bind",
        )?;
    }
    loop {
        // SAFETY: as above.
        match unsafe { ffi::sqlite3_step(statement.0) } {
            ffi::SQLITE_ROW => row(&Row(statement.0, PhantomData))?,
            ffi::SQLITE_DONE => return Ok(()),
            code => return check(code, "step"),
        }
    }
}

fn check(code: c_int, what: &'static str) -> Result<(), ArchiveError> {
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(ArchiveError::Statement { what, code }),
    }
}

/// Finalizes on every way out.
struct Statement(*mut ffi::sqlite3_stmt);

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: made by `sqlite3_prepare_v2` and finalized here only; null is allowed.
        unsafe { ffi::sqlite3_finalize(self.0) };
    }
}

/// One row, for as long as the statement stands on it.
pub(crate) struct Row<'a>(*mut ffi::sqlite3_stmt, PhantomData<&'a ()>);

impl Row<'_> {
    pub(crate) fn int(&self, column: c_int) -> i64 {
        // SAFETY: the statement stands on a row; a column that does not exist reads as 0.
        unsafe { ffi::sqlite3_column_int64(self.0, column) }
    }

    pub(crate) fn optional_int(&self, column: c_int) -> Option<i64> {
        // SAFETY: as above; a column that does not exist is NULL.
        let null = unsafe { ffi::sqlite3_column_type(self.0, column) } == ffi::SQLITE_NULL;
        (!null).then(|| self.int(column))
    }

    /// Bytes of a blob or of a text in UTF-8; empty for NULL.
    pub(crate) fn bytes(&self, column: c_int) -> &[u8] {
        // SAFETY: the pointer is asked for before the length, as SQLite wants; both hold until the next step, conversion or finalize, and
        // `&self` ends before those: `for_each_row` steps only after the closure gave the row back.
        unsafe {
            let start = ffi::sqlite3_column_blob(self.0, column).cast::<u8>();
            let length = ffi::sqlite3_column_bytes(self.0, column);
            match usize::try_from(length) {
                Ok(length) if !start.is_null() => std::slice::from_raw_parts(start, length),
                _ => &[],
            }
        }
    }
}
