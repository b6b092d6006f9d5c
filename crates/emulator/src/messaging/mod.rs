//! How WhatsApp behaves: statuses, windows, prices, and what the people on the other side do.

pub mod ladder;
