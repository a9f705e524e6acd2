//! CPU time of a call: what the guest computes, and what the host computes for it.
//!
//! A call runs in polls of its task. The CPU time of the polling thread is compared before and after each: it includes the
//! guest's code, the conversion of arguments and results, and every host function, and excludes waiting, other tasks, and the
//! time in which a busy machine runs something else. Work that the host does for the call in a task of its own is added likewise.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// A clock of CPU time.
pub(crate) trait CpuClock: Send + Sync + fmt::Debug {
    /// CPU time that the current thread has used since it started.
    fn of_this_thread(&self) -> Duration;
}

/// The clock of the operating system (POSIX `CLOCK_THREAD_CPUTIME_ID`).
#[derive(Debug)]
pub(crate) struct ThreadCpuClock;

impl CpuClock for ThreadCpuClock {
    fn of_this_thread(&self) -> Duration {
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(used).unwrap_or_default()
    }
}

/// No poll of the call is running.
const IDLE: u64 = u64::MAX;

/// Measures the CPU time of one call. Clones measure the same call.
#[derive(Clone, Debug)]
pub(crate) struct CpuMeter {
    clock: Arc<dyn CpuClock>,
    used: Arc<Nanoseconds>,
}

#[derive(Debug)]
struct Nanoseconds {
    /// Of the polls that are over.
    spent: AtomicU64,
    /// Reading of the clock when the current poll of the guest began, or [`IDLE`].
    began: AtomicU64,
}

impl CpuMeter {
    pub(crate) fn new(clock: &Arc<dyn CpuClock>) -> Self {
        Self {
            clock: Arc::clone(clock),
            used: Arc::new(Nanoseconds {
                spent: AtomicU64::new(0),
                began: AtomicU64::new(IDLE),
            }),
        }
    }

    /// CPU time that the call has used. Called from within a poll of the guest, it includes that poll.
    pub(crate) fn used(&self) -> Duration {
        let spent = self.used.spent.load(Ordering::Relaxed);
        let running = match self.used.began.load(Ordering::Relaxed) {
            IDLE => 0,
            began => self.now().saturating_sub(began),
        };
        Duration::from_nanos(spent.saturating_add(running))
    }

    /// Measure the task that runs the guest.
    pub(crate) fn of_guest<F: Future + Unpin>(self, work: F) -> Measured<F> {
        Measured {
            meter: self,
            runs_guest: true,
            work,
        }
    }

    /// Measure work that the host does for the call in a task of its own.
    pub(crate) fn of_host<F: Future + Unpin>(self, work: F) -> Measured<F> {
        Measured {
            meter: self,
            runs_guest: false,
            work,
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.of_this_thread().as_nanos()).unwrap_or(IDLE - 1)
    }
}

/// A future whose polls are charged to a call.
#[derive(Debug)]
pub(crate) struct Measured<F> {
    meter: CpuMeter,
    runs_guest: bool,
    work: F,
}

impl<F: Future + Unpin> Future for Measured<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.meter.now();
        if self.runs_guest {
            self.meter.used.began.store(began, Ordering::Relaxed);
        }
        let done = Pin::new(&mut self.work).poll(context);
        let spent = self.meter.now().saturating_sub(began);
        if self.runs_guest {
            self.meter.used.began.store(IDLE, Ordering::Relaxed);
        }
        self.meter.used.spent.fetch_add(spent, Ordering::Relaxed);
        done
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A clock that a test sets.
    #[derive(Debug, Default)]
    pub(crate) struct SetClock(AtomicU64);

    impl SetClock {
        pub(crate) fn advance(&self, by: Duration) {
            self.0
                .fetch_add(u64::try_from(by.as_nanos()).unwrap(), Ordering::Relaxed);
        }
    }

    impl CpuClock for SetClock {
        fn of_this_thread(&self) -> Duration {
            Duration::from_nanos(self.0.load(Ordering::Relaxed))
        }
    }

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn every_poll_is_charged_and_waiting_is_not() {
        let clock = Arc::new(SetClock::default());
        let meter = CpuMeter::new(&(Arc::clone(&clock) as _));
        let mut polls = 0;
        let work = poll_fn(|context| {
            polls += 1;
            clock.advance(3 * MS);
            assert_eq!(meter.used(), 3 * polls * MS, "the poll that runs counts");
            context.waker().wake_by_ref();
            if polls == 4 { Poll::Ready(()) } else { Poll::Pending }
        });
        let mut measured = meter.clone().of_guest(work);
        poll_fn(|context| {
            // What this thread does between two polls belongs to another call.
            clock.advance(100 * MS);
            Pin::new(&mut measured).poll(context)
        })
        .await;
        assert_eq!(meter.used(), 12 * MS);
    }

    #[tokio::test]
    async fn work_of_the_host_is_added_to_that_of_the_guest() {
        let clock = Arc::new(SetClock::default());
        let meter = CpuMeter::new(&(Arc::clone(&clock) as _));
        let work = |cost: Duration| {
            let clock = Arc::clone(&clock);
            Box::pin(async move { clock.advance(cost) })
        };
        meter.clone().of_guest(work(2 * MS)).await;
        meter.clone().of_host(work(5 * MS)).await;
        assert_eq!(meter.used(), 7 * MS);
    }

    #[test]
    fn the_clock_of_a_thread_advances_with_its_work() {
        let began = ThreadCpuClock.of_this_thread();
        let mut sum = 0_u64;
        while ThreadCpuClock.of_this_thread() == began {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(ThreadCpuClock.of_this_thread() > began);
    }
}
