//! Gates that are wrong on purpose.

use std::time::Duration;

use rules::consent::{Channel, Purpose};
use rules::gate::{self, Decision, Facts, Form, LineState, MayBegin, Policy, Reason, TemplateFitness};
use rules::message::Author;

use crate::history::{Event, History, NOW};
use crate::machine;

/// A gate with something wrong about it.
pub struct Flaw {
    /// What it does.
    pub name: &'static str,
    wrong: Wrong,
}

enum Wrong {
    /// It takes in something else than what happened.
    TakesIn(fn(&mut History)),
    /// It is told something wrong.
    IsTold(fn(&mut Facts)),
    /// It says something else than it should.
    Says(fn(&Facts, Decision) -> Decision),
}

use Wrong::{IsTold, Says, TakesIn};

impl Flaw {
    /// What this gate says.
    pub fn decide(&self, history: &History) -> Decision {
        match self.wrong {
            TakesIn(wrong) => {
                let mut other = history.clone();
                wrong(&mut other);
                machine::decide(&other)
            }
            IsTold(wrong) => {
                let mut facts = machine::facts(history);
                wrong(&mut facts);
                gate::decide(&facts, NOW)
            }
            Says(wrong) => {
                let facts = machine::facts(history);
                wrong(&facts, gate::decide(&facts, NOW))
            }
        }
    }
}

fn form(facts: &mut Facts, was: TemplateFitness) {
    if let Form::Template { state, .. } = &mut facts.form
        && *state == was
    {
        *state = TemplateFitness::Ready;
    }
}

fn without(history: &mut History, code: i64) {
    history.events.retain(|(_, event)| *event != Event::Failed(code));
}

macro_rules! flaws {
    ($($name:literal: $wrong:expr,)+) => {
        /// All of them.
        pub const ALL: &[Flaw] = &[$(Flaw { name: $name, wrong: $wrong },)+];
    };
}

flaws! {
    "forgets STOP": IsTold(|facts| facts.consent.stopped = None),
    "lets writing in lift an opt-out": TakesIn(|history| history.inbound_lifts_opt_out = true),
    "never lets writing in lift an opt-out": TakesIn(|history| history.inbound_lifts_opt_out = false),
    "takes what was said of email for what was said of WhatsApp": TakesIn(|history| {
        for (_, event) in &mut history.events {
            if let Event::Said { channel, .. } = event {
                *channel = Channel::Whatsapp;
            }
        }
    }),
    "takes a yes to utility for a yes to marketing": TakesIn(|history| {
        for (_, event) in &mut history.events {
            if let Event::Said { purpose: purpose @ Some(Purpose::Utility), .. } = event {
                *purpose = Some(Purpose::Marketing);
            }
        }
    }),
    "keeps the window open for 25 hours": IsTold(|facts| {
        facts.last_inbound_at = facts.last_inbound_at.map(|at| at + Duration::from_secs(3_600));
    }),
    "knows better than Meta whether the window is open": TakesIn(|history| without(history, 131_047)),
    "believes for ever that the window is closed": IsTold(|facts| {
        facts.window_denied_at = facts.window_denied_at.map(|_| NOW);
    }),
    "lets a machine answer after STOP": IsTold(|facts| facts.author = Author::Member),
    "lets nobody answer after STOP": IsTold(|facts| facts.author = Author::Ai),
    "asks for less than strict opt-in": IsTold(|facts| facts.policy = Policy::WindowOrOptIn),
    "asks everybody for opt-in": IsTold(|facts| facts.policy = Policy::StrictOptIn),
    "writes to whom we have blocked": TakesIn(|history| without(history, 130_403)),
    "writes to who is not on WhatsApp": TakesIn(|history| without(history, 131_026)),
    "believes one failure for a month": IsTold(|facts| {
        facts.not_on_whatsapp_until = facts.not_on_whatsapp_until.map(|at| at + Duration::from_secs(29 * 86_400));
    }),
    "does not take a delivery for a sign of life": TakesIn(|history| {
        history.events.retain(|(_, event)| *event != Event::Delivered);
    }),
    "sends marketing to the United States": IsTold(|facts| facts.is_american = false),
    "sends marketing that Meta holds back": TakesIn(|history| without(history, 131_049)),
    "sends marketing into an experiment": TakesIn(|history| without(history, 130_472)),
    "goes on with a number that is held back": TakesIn(|history| without(history, 131_048)),
    "has no caps": IsTold(|facts| facts.cap_frees_at = None),
    "counts what was refused": TakesIn(|history| {
        for (_, event) in &mut history.events {
            if let Event::Intended { counts, .. } = event {
                *counts = true;
            }
        }
    }),
    "keeps offers until nobody wants them": Says(|facts, said| match said {
        Decision::Refuse { reason: reason @ Reason::FrequencyCap } => {
            Decision::Wait { until: facts.cap_frees_at.unwrap_or(NOW), reason }
        }
        said => said,
    }),
    "has no quiet hours": IsTold(|facts| facts.quiet_until = None),
    "counts quiet hours by another clock": TakesIn(|history| history.clock_minutes += 60),
    "sends what does not fit": IsTold(|facts| form(facts, TemplateFitness::Misfit)),
    "sends what Meta has paused": IsTold(|facts| form(facts, TemplateFitness::Paused)),
    "sends what is not approved": IsTold(|facts| form(facts, TemplateFitness::Unusable)),
    "sends from a number that is gone": IsTold(|facts| facts.line = LineState::Ready),
    "begins what Meta does not let it begin": IsTold(|facts| facts.may_begin = MayBegin::Yes),
    "writes to more people first than Meta allows": IsTold(|facts| facts.limit_frees_at = None),
    "counts people for ever": TakesIn(|history| {
        for (at, event) in &mut history.events {
            if matches!(event, Event::Begun(_)) {
                *at = NOW;
            }
        }
    }),
    "counts a person each time": TakesIn(|history| {
        for (n, (_, event)) in history.events.iter_mut().enumerate() {
            if let Event::Begun(person) = event {
                *person = 100 + n as u8;
            }
        }
    }),
    "wakes people by another channel": Says(|facts, said| match said {
        Decision::Wait { reason: Reason::QuietHours, .. } if facts.fallback.is_some() && facts.not_on_whatsapp_until > Some(NOW) => {
            Decision::FallBack { to: facts.fallback.unwrap_or(Channel::Sms), reason: Reason::NotOnWhatsapp }
        }
        said => said,
    }),
    "knows no other channel": IsTold(|facts| facts.fallback = None),
    "writes elsewhere to who said STOP": Says(|_, said| match said {
        Decision::Refuse { reason: reason @ Reason::Stopped } => Decision::FallBack { to: Channel::Sms, reason },
        said => said,
    }),
    "writes elsewhere to who opted out": Says(|facts, said| match (said, facts.fallback) {
        (Decision::Refuse { reason: reason @ Reason::PurposeStopped }, Some(to)) => {
            Decision::FallBack { to, reason }
        }
        (said, _) => said,
    }),
    "writes elsewhere where nobody may": TakesIn(|history| {
        history.events.retain(|(_, event)| !matches!(event, Event::Said { channel: Channel::Email | Channel::Sms, .. }));
    }),
}
