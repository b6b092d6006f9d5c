//! What the product does: each event is taken in as it comes, and the gate is asked about what is left of them.

use std::collections::BTreeMap;

use rules::allowance::Allowance;
use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, LedgerEntry, Purpose};
use rules::gate::{self, Decision, Facts, Form};
use rules::id::ConsentEventId;
use rules::number::MessagingLimit;
use rules::outreach::first_open;
use rules::signals::{Signal, SignalKind};
use rules::time::Timestamp;
use uuid::Uuid;

use crate::history::{Event, History, NOW};

/// What is stored.
#[derive(Default)]
struct Stored {
    ledger: Vec<LedgerEntry>,
    last_inbound_at: Option<Timestamp>,
    window_denied_at: Option<Timestamp>,
    blocked_at: Option<Timestamp>,
    slowed_at: Option<Timestamp>,
    signals: Vec<Signal>,
    intended: Vec<(Purpose, Timestamp)>,
    /// Whom the portfolio wrote to first, each once with the last time.
    begun: BTreeMap<u8, Timestamp>,
}

impl Stored {
    fn take_in(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Wrote => {
                self.heard(at);
                self.record_once(
                    Some(Purpose::Utility),
                    ConsentAction::OptIn,
                    ConsentSource::InboundMessage,
                    at,
                );
            }
            Event::Keyword { purpose, action } => {
                self.heard(at);
                self.record(Channel::Whatsapp, purpose, action, ConsentSource::Keyword, at);
            }
            Event::Said { channel, purpose, action, source } => {
                self.record(channel, purpose, action, source, at)
            }
            Event::Failed(131_047) => self.window_denied_at = Some(at),
            Event::Failed(130_403) => self.blocked_at = Some(at),
            Event::Failed(131_048) => self.slowed_at = Some(at),
            Event::Failed(code) => {
                if let Some(kind) = SignalKind::of_code(code) {
                    let before = self.signals.iter().position(|signal| signal.kind == kind);
                    let times = before.map_or(0, |n| self.signals.swap_remove(n).times) + 1;
                    self.signals.push(Signal { kind, at, times });
                }
            }
            Event::Delivered => self.is_on_whatsapp(),
            Event::Begun(person) => {
                self.begun.insert(person, at);
            }
            Event::Intended { purpose, counts } => self.intended.extend(counts.then_some((purpose, at))),
        }
    }

    fn heard(&mut self, at: Timestamp) {
        self.last_inbound_at = Some(at);
        self.is_on_whatsapp();
    }

    fn is_on_whatsapp(&mut self) {
        self.signals.retain(|signal| signal.kind != SignalKind::NotOnWhatsapp);
    }

    fn record(
        &mut self,
        channel: Channel,
        purpose: Option<Purpose>,
        action: ConsentAction,
        source: ConsentSource,
        at: Timestamp,
    ) {
        let id = ConsentEventId(Uuid::from_u128(self.ledger.len() as u128));
        self.ledger.push(LedgerEntry { id, channel, purpose, action, source, at });
    }

    /// As the store does: not what was said last, and from the same source.
    fn record_once(
        &mut self,
        purpose: Option<Purpose>,
        action: ConsentAction,
        source: ConsentSource,
        at: Timestamp,
    ) {
        let speaks = |entry: &&LedgerEntry| {
            entry.channel == Channel::Whatsapp && (entry.purpose.is_none() || entry.purpose == purpose)
        };
        let last = self.ledger.iter().rev().find(speaks);
        if last.is_none_or(|last| (last.action, last.source) != (action, source)) {
            self.record(Channel::Whatsapp, purpose, action, source, at);
        }
    }
}

/// What the gate is told of a history.
pub fn facts(history: &History) -> Facts {
    let mut stored = Stored::default();
    for (at, event) in &history.events {
        stored.take_in(*at, *event);
    }
    let consent = Consent::from_ledger(&stored.ledger, history.inbound_lifts_opt_out);
    let stopped = consent.stopped.and_then(|stop| stored.ledger.iter().find(|entry| entry.id == stop));
    let mut facts = Facts {
        consent,
        stopped_at: stopped.map(|entry| entry.at),
        last_inbound_at: stored.last_inbound_at,
        window_denied_at: stored.window_denied_at,
        blocked_at: stored.blocked_at,
        slowed_at: stored.slowed_at,
        is_american: history.is_american,
        policy: history.policy,
        line: history.line,
        may_begin: history.may_begin,
        ..Facts::new(history.author, history.form)
    };
    facts.heed(&stored.signals);
    if let Form::Template { purpose, .. } = history.form {
        let earlier: Vec<_> =
            stored.intended.iter().filter(|(of, _)| *of == purpose).map(|(_, at)| *at).collect();
        facts.cap_frees_at = history.caps.of(purpose).and_then(|cap| cap.frees_at(&earlier, NOW));
        let counts = |at: &Timestamp| NOW < *at + gate::WINDOW;
        let is_among = stored.begun.get(&0).is_some_and(counts);
        let begun: Vec<_> = stored.begun.values().copied().collect();
        let limit = history.limit.filter(|_| !is_among).map(MessagingLimit::People);
        facts.limit_frees_at = limit.and_then(|limit| Allowance::among(limit, &begun, NOW)?.frees_at());
        facts.quiet_until = history.quiet.as_ref().and_then(|quiet| quiet.end(purpose, &history.zone(), NOW));
        facts.fallback = first_open(&history.allowed, purpose, |channel| {
            let reachable = history.reachable.contains(&channel);
            reachable.then(|| Consent::on(channel, &stored.ledger, history.inbound_lifts_opt_out))
        });
    }
    facts
}

/// What the gate says.
pub fn decide(history: &History) -> Decision {
    gate::decide(&facts(history), NOW)
}
