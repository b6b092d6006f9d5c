//! The main job over real HTTP, between the gateway and the emulator: ingest, answer, send, statuses.

mod files;
mod inbox;
mod ingesting;
mod sending;
mod stage;
mod talking;
