//! The system calls a decoder needs, and no other.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

/// Allowed with any argument. What is neither here nor in [`DEADLY`] answers `EPERM`, so that a library's odd call fails softly.
const ALLOWED: &[c_long] = &[
    // Messages. Their arguments lie behind a pointer, which a filter cannot follow: the descriptors held are the limit.
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    // Inputs. Not lseek and not fcntl: offset, flags and locks are shared with the parent's descriptor.
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_fstat,
    libc::SYS_close,
    // Standard error is /dev/null, inputs are read-only, files are limited to 0 bytes.
    libc::SYS_read,
    libc::SYS_write,
    // malloc and realloc; mmap, mprotect and madvise have conditions below.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    // Mutex, Once, join; the clock where it is no vDSO; the keys of a HashMap.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    // Threads of a codec; the process itself is refused by the condition on clone.
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_clone3,
    // abort, the guard page's handler, exit.
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// No honest decoder makes these: the process dies by `SIGSYS`, and the parent sees an attack or a new library's habit.
const DEADLY: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_pidfd_getfd,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// Puts the filters in force; their number, or the `errno` of the first that the kernel refused.
pub(super) fn apply() -> Result<u8, i32> {
    let mut applied = 0;
    for filter in filters().map_err(|_| libc::EINVAL)? {
        seccompiler::apply_filter(&filter).map_err(|e| match e {
            seccompiler::Error::Seccomp(e) | seccompiler::Error::Prctl(e) => {
                e.raw_os_error().unwrap_or(-1)
            }
            _ => -1,
        })?;
        applied += 1;
    }
    Ok(applied)
}

/// Three filters, for a filter has one answer beside "allowed"; the strictest answer counts.
fn filters() -> Result<[BpfProgram; 3], BackendError> {
    let arch: TargetArch = std::env::consts::ARCH.try_into()?;
    let filter = |rules, otherwise, listed| -> Result<BpfProgram, BackendError> {
        SeccompFilter::new(rules, otherwise, listed, arch)?.try_into()
    };
    let deadly = DEADLY.iter().map(|&call| (call, vec![])).collect();
    // clone3 hides its flags behind a pointer, so it must look absent: glibc then uses clone, whose flags can be read. EPERM would be final.
    let absent = BTreeMap::from([(libc::SYS_clone3, vec![])]);
    Ok([
        filter(deadly, SeccompAction::Allow, SeccompAction::KillProcess)?,
        filter(
            absent,
            SeccompAction::Allow,
            SeccompAction::Errno(libc::ENOSYS.cast_unsigned()),
        )?,
        filter(
            allowed()?,
            SeccompAction::Errno(libc::EPERM.cast_unsigned()),
            SeccompAction::Allow,
        )?,
    ])
}

fn allowed() -> Result<BTreeMap<c_long, Vec<SeccompRule>>, BackendError> {
    let mut allowed: BTreeMap<_, _> = ALLOWED.iter().map(|&call| (call, vec![])).collect();
    // Memory, never executable.
    let not_executable = || one_of([bits(2, libc::PROT_EXEC, 0)]);
    allowed.insert(libc::SYS_mmap, not_executable()?);
    allowed.insert(libc::SYS_mprotect, not_executable()?);
    // Advice about own pages; not MADV_REMOVE, which would punch holes into shared memory.
    let advice = [
        libc::MADV_DONTNEED,
        libc::MADV_FREE,
        libc::MADV_HUGEPAGE,
        libc::MADV_POPULATE_WRITE,
        libc::MADV_WILLNEED,
        libc::MADV_SEQUENTIAL,
    ];
    allowed.insert(libc::SYS_madvise, one_of(advice.map(|a| equal(2, a)))?);
    // abort() signals itself.
    let myself = i32::try_from(std::process::id()).unwrap_or(-1);
    allowed.insert(libc::SYS_tgkill, one_of([equal(0, myself)])?);
    let thread = libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_SIGHAND;
    allowed.insert(libc::SYS_clone, one_of([bits(0, thread, thread)])?);
    Ok(allowed)
}

/// The call is allowed when any of the conditions holds.
fn one_of<const N: usize>(
    conditions: [Result<SeccompCondition, BackendError>; N],
) -> Result<Vec<SeccompRule>, BackendError> {
    conditions
        .into_iter()
        .map(|condition| SeccompRule::new(vec![condition?]))
        .collect()
}

/// Argument `argument` masked by `mask` is `value`.
fn bits(argument: u8, mask: i32, value: i32) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask.cast_unsigned().into());
    let value = value.cast_unsigned().into();
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

fn equal(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    let value = value.cast_unsigned().into();
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}
