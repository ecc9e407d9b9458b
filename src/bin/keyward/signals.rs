//! Signals that would end the process in the middle of something.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;

use rustix::termios::{OptionalActions, Termios, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Has a write beyond the limit of file sizes (`ulimit -f`) fail, as on a full disk, instead of ending the process: a file
/// that is written in place would be left damaged. A JVM does the same.
pub(crate) fn survive_size_limit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without it the save is as good as before.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    });
}

/// The terminal as it was, while it is not so.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// A verb waits for the signals itself.
static AWAITED: AtomicBool = AtomicBool::new(false);

/// Gives a terminal its state back should a signal end the process before [`restored`] is called.
pub(crate) fn restore_at_the_end(terminal: &File, before: &Termios) -> io::Result<()> {
    static ONCE: Once = Once::new();
    let again = terminal.try_clone()?;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some((again, before.clone()));
    // Never undone: a signal that once had a handler here would be ignored without it.
    ONCE.call_once(|| {
        let ending = [SIGINT, SIGQUIT, SIGTERM, SIGHUP];
        let Ok(mut signals) = Signals::new(ending.into_iter().filter(|signal| !may_be_ignored(*signal)))
        else {
            return;
        };
        let _ = thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            for signal in signals.forever() {
                end_by(signal);
            }
        });
    });
    Ok(())
}

/// The terminal is as it was.
pub(crate) fn restored() {
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// From now on the verb waits for the signals that end the process.
pub(crate) fn await_them() {
    AWAITED.store(true, Ordering::SeqCst);
}

/// Ends the process as the signal does, unless a verb waits for it.
pub(crate) fn end_by(signal: i32) {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((terminal, state)) = before.as_ref() {
        let _ = tcsetattr(terminal, OptionalActions::Now, state);
    }
    if !AWAITED.load(Ordering::SeqCst) {
        let _ = emulate_default_handler(signal);
    }
}

/// Whether the process was started to ignore the signal, as by `nohup`. It has to go on doing so; where that cannot be told,
/// the signal is left alone.
fn may_be_ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask.checked_shr(signal.unsigned_abs().saturating_sub(1)).unwrap_or(0) & 1 == 1)
}
