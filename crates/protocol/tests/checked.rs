//! The protocol holds in every state; and each way of getting it wrong is found.

use protocol::properties::{AT_MOST_ONCE, CONSENT, HONEST, KEPT, ORDER, RANK, SETTLED};
use protocol::{Flaw, Protocol};
use stateright::{Checker as _, HasDiscoveries, Model as _};

/// Visits every state; returns how many there are.
fn holds(protocol: Protocol) -> usize {
    let checker = protocol.checker().threads(2).spawn_bfs().join();
    println!("{protocol:?}: {} states, {} deep", checker.unique_state_count(), checker.max_depth());
    checker.assert_properties();
    checker.unique_state_count()
}

/// Finds a way to a state in which the property does not hold.
fn breaks(flaw: Flaw, property: &'static str) {
    let protocol = Protocol::with(flaw);
    let wanted = HasDiscoveries::AnyOf(std::iter::once(property).collect());
    let checker = protocol.checker().finish_when(wanted).spawn_bfs().join();
    let way = checker.discovery(property).unwrap_or_else(|| panic!("{flaw:?} is not found"));
    println!("{flaw:?}: {:?}", way.into_actions());
}

#[test]
fn every_state_keeps_every_promise() {
    assert!(holds(Protocol::SOUND) > 100_000);
}

#[test]
fn also_where_statuses_name_metas_id_alone() {
    assert!(holds(Protocol { messages: 1, echo: false, ..Protocol::SOUND }) > 1_000);
}

#[test]
fn also_where_a_person_sends_again() {
    assert!(holds(Protocol { messages: 1, sent_again: 1, ..Protocol::SOUND }) > 10_000);
}

#[test]
fn each_flaw_is_found() {
    for (flaw, property) in [
        (Flaw::AttemptNotedAfterwards, AT_MOST_ONCE),
        (Flaw::UnknownIsRetried, AT_MOST_ONCE),
        (Flaw::LeaseNeverChecked, AT_MOST_ONCE),
        (Flaw::LeaseCheckedLast, HONEST),
        (Flaw::GateAskedOnce, CONSENT),
        (Flaw::NoOrder, ORDER),
        (Flaw::StatusesOverwrite, RANK),
        (Flaw::JobAfterAcknowledgement, KEPT),
        (Flaw::WebhookAcknowledgedFirst, KEPT),
        (Flaw::NoSweep, SETTLED),
    ] {
        breaks(flaw, property);
    }
}
