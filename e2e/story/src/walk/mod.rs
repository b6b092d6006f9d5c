//! The whole story: connecting, answering, not knowing, people, consent, notifications, and what protects all of it.

mod answering;
mod connecting;
mod consent;
mod notifying;
mod people;
mod stage;
mod wire;

use anyhow::Result;

use crate::facts::Facts;
use crate::report::Report;
use stage::Stage;

/// Plays every scene; whether all of it held. A scene ends at its first failure, the next begins all the same.
pub async fn walk(facts: &Facts, json: bool) -> Result<bool> {
    let stage = Stage::new(facts).await?;
    let mut report = Report::new(json);
    let report = &mut report;
    let _ = connecting::as_tech_provider(&stage, report).await;
    let _ = connecting::as_solution_partner(&stage, report).await;
    let _ = connecting::by_hand(&stage, report).await;
    let _ = answering::in_indonesian(&stage, report).await;
    let _ = answering::in_english(&stage, report).await;
    let _ = answering::to_a_voice_note(&stage, report).await;
    let _ = people::not_knowing_and_taking_over(&stage, report).await;
    let _ = consent::stop_ends_it(&stage, report).await;
    let _ = consent::no_template_without_consent(&stage, report).await;
    let _ = notifying::in_time_and_once(&stage, report).await;
    let _ = wire::same_request_twice(&stage, report).await;
    let _ = wire::signatures(&stage, report).await;
    Ok(std::mem::replace(report, Report::new(true)).end())
}
