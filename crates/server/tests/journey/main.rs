//! The main job over real HTTP, between the gateway and the emulator: ingest, answer, send, statuses.

mod ahead;
mod bot;
mod bot_attacks;
mod bot_model;
mod collecting;
mod diverted;
mod either;
mod fallback;
mod files;
mod inbox;
mod ingesting;
mod listed;
mod model;
mod outreach;
mod released;
mod sending;
mod stage;
mod talking;
mod templates;
mod traced;
