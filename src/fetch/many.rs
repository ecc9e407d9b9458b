//! Many targets at once.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::address::remaining;
use super::{FetchCause, FetchError, Options, Phase, Presented, Target, fetch_until};
use crate::limits;

/// In which order [`fetch_all`] and [`fetch_each`] hand over their results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each as soon as it is there.
    AsTheyCome,
    /// In the order of the targets; a result waits for those before it.
    InOrder,
}

/// How many targets are asked at once, how fast, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Targets that are asked at once, held between 1 and [`limits::JOBS_MOST`].
    pub jobs: usize,
    /// New connections in a second at most; zero is no limit. Of several addresses of one host only the first
    /// counts.
    pub rate: u32,
    /// When all has to be done. Targets whose turn comes later fail with [`Phase::Turn`].
    pub until: Option<Instant>,
    /// The order of the results.
    pub delivery: Delivery,
}

/// One target of [`fetch_each`] with what came of it.
#[derive(Debug)]
pub struct Fetched {
    /// The target.
    pub target: Target,
    /// Its result.
    pub result: Result<Presented, FetchError>,
}

/// Fetches from every target of a list that is known as a whole; see [`fetch_each`].
pub fn fetch_all(
    targets: &[Target],
    options: &Options,
    jobs: usize,
    delivery: Delivery,
    mut on_result: impl FnMut(usize, Result<Presented, FetchError>),
) {
    let pace = Pace { jobs: jobs.clamp(1, targets.len().max(1)), rate: 0, until: None, delivery };
    let targets = targets.iter().map(|target| Ok::<_, Infallible>(target.clone()));
    fetch_each(targets, options, &pace, |index, fetched| {
        let Ok(fetched) = fetched;
        on_result(index, fetched.result);
        ControlFlow::Continue(())
    });
}

/// Fetches from each target as the list gives it, and hands each result with its target's index to `on_result`,
/// on the calling thread. What the list gives instead of a target is handed over in its place. Every target gets
/// exactly one result: a slow or failing one touches no other, and a panic in one is that one's
/// [`FetchCause::Internal`]. `on_result` may end it all; what is under way is then awaited and thrown away.
///
/// Of the list no more is taken than is under way, and of the results no more are kept than
/// [`limits::WAITING_RESULTS`]: a list may be without end.
pub fn fetch_each<E: Send>(
    targets: impl Iterator<Item = Result<Target, E>> + Send,
    options: &Options,
    pace: &Pace,
    mut on_result: impl FnMut(usize, Result<Fetched, E>) -> ControlFlow<()>,
) {
    let most = targets.size_hint().1.unwrap_or(usize::MAX).max(1);
    let jobs = pace.jobs.clamp(1, limits::JOBS_MOST).min(most);
    let list = List::new(targets, pace);
    let gate = Gate::new(pace);
    let work = |sender: &mpsc::SyncSender<(usize, Result<Fetched, E>)>| {
        while let Some((index, target)) = list.next() {
            let fetched = target.map(|target| gate.fetch(target, options));
            if sender.send((index, fetched)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(jobs);
        let mut started = 0usize;
        for _ in 0..jobs {
            let (sender, work) = (sender.clone(), &work);
            let spawned =
                thread::Builder::new().name("fetch".to_owned()).spawn_scoped(scope, move || work(&sender));
            if spawned.is_err() {
                break;
            }
            started += 1;
        }
        drop(sender);
        let mut order = Order { next: 0, waiting: BTreeMap::new(), delivery: pace.delivery };
        for (index, fetched) in receiver {
            if order.hand_over(index, fetched, &mut on_result).is_break() {
                list.stop();
                return;
            }
            list.delivered(order.next);
        }
        if started == 0 {
            // Not one thread to be had: then one after the other, here.
            while let Some((index, target)) = list.next() {
                let fetched = target.map(|target| gate.fetch(target, options));
                if on_result(index, fetched).is_break() {
                    return;
                }
                list.delivered(index.saturating_add(1));
            }
        }
    });
}

/// The targets that nobody has taken.
struct List<T> {
    state: Mutex<ListState>,
    targets: Mutex<T>,
    moved: Condvar,
    in_order: bool,
}

#[derive(Debug, Default)]
struct ListState {
    taken: usize,
    delivered: usize,
    stopped: bool,
}

impl<E, T: Iterator<Item = Result<Target, E>>> List<T> {
    fn new(targets: T, pace: &Pace) -> Self {
        Self {
            state: Mutex::default(),
            targets: Mutex::new(targets),
            moved: Condvar::new(),
            in_order: pace.delivery == Delivery::InOrder,
        }
    }

    /// The next target with its index, once it is not too far ahead of what was delivered.
    fn next(&self) -> Option<(usize, Result<Target, E>)> {
        // Held all the while, so that indexes follow the list.
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.lock();
        while self.in_order
            && !state.stopped
            && state.taken >= state.delivered.saturating_add(limits::WAITING_RESULTS)
        {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return None;
        }
        let index = state.taken;
        state.taken = index.saturating_add(1);
        drop(state);
        // A list from a pipe may take its time.
        let target = targets.next();
        if target.is_none() {
            self.stop();
        }
        target.map(|target| (index, target))
    }

    fn delivered(&self, count: usize) {
        self.lock().delivered = count;
        self.moved.notify_all();
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, ListState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets targets through at the rate, until the time is up.
struct Gate {
    interval: Duration,
    until: Option<Instant>,
    next: Mutex<Instant>,
}

impl Gate {
    fn new(pace: &Pace) -> Self {
        let interval = if pace.rate == 0 { Duration::ZERO } else { Duration::from_secs(1) / pace.rate };
        Self { interval, until: pace.until, next: Mutex::new(Instant::now()) }
    }

    fn fetch(&self, target: Target, options: &Options) -> Fetched {
        let start = Instant::now();
        let result = if self.wait() {
            fetch_safely(&target, options, self.until)
        } else {
            let cause = FetchCause::Timeout(Phase::Turn);
            Err(FetchError { target: target.clone(), tried: Box::default(), elapsed: start.elapsed(), cause })
        };
        Fetched { target, result }
    }

    /// Waits for a turn; `false` when the time was up before it.
    fn wait(&self) -> bool {
        let turn = if self.interval.is_zero() {
            Instant::now()
        } else {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = Instant::now().max(*next);
            if self.until.is_none_or(|until| turn < until) {
                *next = turn + self.interval;
            }
            turn
        };
        if self.until.is_some_and(|until| turn >= until) {
            return false;
        }
        thread::sleep(remaining(turn));
        true
    }
}

struct Order<R> {
    next: usize,
    waiting: BTreeMap<usize, R>,
    delivery: Delivery,
}

impl<R> Order<R> {
    fn hand_over(
        &mut self,
        index: usize,
        result: R,
        on_result: &mut impl FnMut(usize, R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.delivery == Delivery::AsTheyCome {
            return on_result(index, result);
        }
        self.waiting.insert(index, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            on_result(self.next, result)?;
            self.next += 1;
        }
        ControlFlow::Continue(())
    }
}

fn fetch_safely(target: &Target, options: &Options, until: Option<Instant>) -> Result<Presented, FetchError> {
    catch_unwind(AssertUnwindSafe(|| fetch_until(target, options, until))).unwrap_or_else(|_| {
        Err(FetchError {
            target: target.clone(),
            tried: Box::default(),
            elapsed: Duration::ZERO,
            cause: FetchCause::Internal("a panic, which is a fault of keyward's own".to_owned()),
        })
    })
}
