//! Onboarding over real HTTP, between the gateway and the emulator.

mod accounts;
mod beginning;
mod client;
mod credit;
mod failures;
mod flows;
mod numbers;
mod sends;
mod several;
mod stage;
mod table;
