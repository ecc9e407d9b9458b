//! Many targets at once.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{FetchCause, FetchError, Options, Presented, Target, fetch};
use crate::limits;

/// In which order [`fetch_all`] hands over its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each as soon as it is there.
    AsTheyCome,
    /// In the order of the targets; a result waits for those before it.
    InOrder,
}

/// Fetches from every target, at most `jobs` at once (held between 1 and [`limits::JOBS_MOST`]), and hands
/// each result with its target's index to `on_result`, on the calling thread. Every target gets exactly one
/// result: a slow or failing one touches no other, and a panic in one is that one's
/// [`FetchCause::Internal`].
pub fn fetch_all(
    targets: &[Target],
    options: &Options,
    jobs: usize,
    delivery: Delivery,
    mut on_result: impl FnMut(usize, Result<Presented, FetchError>),
) {
    let jobs = jobs.clamp(1, limits::JOBS_MOST).min(targets.len());
    let next = AtomicUsize::new(0);
    let work = |sender: &mpsc::SyncSender<Numbered>| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(target) = targets.get(index) else { return };
            if sender.send((index, fetch_safely(target, options))).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(limits::JOBS_MOST);
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
        let mut order = Order { next: 0, waiting: BTreeMap::new(), delivery };
        for numbered in receiver {
            order.hand_over(numbered, &mut on_result);
        }
        if started == 0 {
            // Not one thread to be had: then one after the other, here.
            for (index, target) in targets.iter().enumerate() {
                on_result(index, fetch_safely(target, options));
            }
        }
    });
}

type Numbered = (usize, Result<Presented, FetchError>);

struct Order {
    next: usize,
    waiting: BTreeMap<usize, Result<Presented, FetchError>>,
    delivery: Delivery,
}

impl Order {
    fn hand_over(
        &mut self,
        (index, result): Numbered,
        on_result: &mut impl FnMut(usize, Result<Presented, FetchError>),
    ) {
        if self.delivery == Delivery::AsTheyCome {
            on_result(index, result);
            return;
        }
        self.waiting.insert(index, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            on_result(self.next, result);
            self.next += 1;
        }
    }
}

fn fetch_safely(target: &Target, options: &Options) -> Result<Presented, FetchError> {
    catch_unwind(AssertUnwindSafe(|| fetch(target, options))).unwrap_or_else(|_| {
        Err(FetchError {
            target: target.clone(),
            tried: Box::default(),
            elapsed: Duration::ZERO,
            cause: FetchCause::Internal("a panic, which is a fault of keyward's own".to_owned()),
        })
    })
}
