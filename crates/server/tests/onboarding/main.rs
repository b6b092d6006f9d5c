//! Onboarding over real HTTP, between the gateway and the emulator.

mod accounts;
mod beginning;
mod failures;
mod flows;
mod stage;
