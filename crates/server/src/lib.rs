//! The running system: one room per capability behind one HTTP router.
