//! `docs/policy.md`, rule by rule, over the bare history. Nothing here is shared with the gate but its words for an answer.

use rules::consent::{Channel, ConsentAction, Purpose};
use rules::gate::{Decision, Form, Ground, LineState, MayBegin, Policy, Reason, TemplateFitness};
use rules::id::ConsentEventId;
use rules::message::Author;
use rules::time::Timestamp;
use uuid::Uuid;

use crate::history::{Event, History, NOW, PEOPLE};

const MINUTE: i64 = 60 * 1_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A rule: its number, and what it says of a history, if anything.
type Rule = (&'static str, fn(&History) -> Option<Decision>);

/// The rules in their order.
const RULES: &[Rule] = &[
    ("1", |h| (h.line == LineState::Gone).then(|| no(Reason::LineGone))),
    ("2", |h| silent_since(h, 130_403).then(|| no(Reason::Blocked))),
    ("3", |h| match (h.form, window(h)) {
        (Form::StopConfirmation, true) => Some(held_or(h, go(Ground::StopConfirmation))),
        (Form::StopConfirmation, false) => Some(no(Reason::WindowClosed)),
        _ => None,
    }),
    ("4", |h| (h.form == Form::FreeForm && !window(h)).then(|| no(Reason::WindowClosed))),
    ("5", |h| {
        let stop = stop(h, Channel::Whatsapp)?;
        let answered = h.author == Author::Member && wrote(h).is_some_and(|wrote| wrote > stop);
        (h.form == Form::FreeForm && !answered).then(|| no(Reason::Stopped))
    }),
    ("6", |h| (h.form == Form::FreeForm).then(|| held_or(h, go(Ground::Window)))),
    ("7", |h| stop(h, Channel::Whatsapp).map(|_| no(Reason::Stopped))),
    ("8", |h| (fitness(h) == TemplateFitness::Unusable).then(|| no(Reason::TemplateUnusable))),
    ("9", |h| (word(h, Channel::Whatsapp, purpose(h)) == Some(false)).then(|| no(Reason::PurposeStopped))),
    ("10", |h| (marketing(h) && !opted_in(h)).then(|| no(Reason::NoMarketingOptIn))),
    ("11", |h| (!may_write(h) && fallback(h).is_none()).then(|| no(Reason::NoOptIn))),
    ("12", |h| (fitness(h) == TemplateFitness::Misfit).then(|| no(Reason::TemplateMisfit))),
    ("11, fallback", |h| (!may_write(h)).then(|| elsewhere(h, Reason::NoOptIn))),
    ("13", |h| (marketing(h) && h.is_american).then(|| elsewhere(h, Reason::MarketingToUs))),
    ("14", |h| not_on_whatsapp(h).then(|| elsewhere(h, Reason::NotOnWhatsapp))),
    ("15", |h| {
        let experiment = marketing(h) && !window(h) && age(failed(h, 130_472)?) < 30 * DAY;
        experiment.then(|| elsewhere(h, Reason::MarketingExperiment))
    }),
    ("16", capped),
    ("17", |h| {
        (fitness(h) == TemplateFitness::Paused).then(|| wait(NOW.0 + 5 * MINUTE, Reason::TemplatePaused))
    }),
    ("18", |h| match h.may_begin {
        MayBegin::Restricted if !window(h) => Some(wait(NOW.0 + 5 * MINUTE, Reason::NumberRestricted)),
        MayBegin::AtLimit if !window(h) => Some(wait(NOW.0 + 5 * MINUTE, Reason::NumberAtLimit)),
        _ => None,
    }),
    ("18, M8", |h| {
        let limit = h.limit.filter(|_| !window(h))?;
        let last = |person| back(h).find(|(_, event)| *event == Event::Begun(person)).map(|(at, _)| at.0);
        let counts_at = |person, moment| last(person).is_some_and(|at| moment < at + DAY);
        let full_at = |moment| PEOPLE.filter(|person| counts_at(*person, moment)).count() as u64 >= limit;
        if counts_at(0, NOW.0) || !full_at(NOW.0) {
            return None;
        }
        // Somebody stops counting at one of these moments, and at no other.
        let moments = PEOPLE.filter_map(last).map(|at| at + DAY).filter(|at| *at > NOW.0);
        let until = moments.filter(|moment| !full_at(*moment)).min()?;
        Some(wait(until.max(NOW.0 + 5 * MINUTE), Reason::NumberAtLimit))
    }),
    ("19", |h| {
        let until = failed(h, 131_049)?.0 + DAY;
        (marketing(h) && !window(h) && NOW.0 < until).then(|| wait(until, Reason::MarketingCapped))
    }),
    ("20", |h| {
        let until = failed(h, 131_048)?.0 + if marketing(h) { DAY } else { HOUR };
        (NOW.0 < until).then(|| wait(until, Reason::NumberSlowed))
    }),
    ("21", quiet),
    ("22", |h| Some(held_or(h, go(if opted_in(h) { Ground::OptIn } else { Ground::Window })))),
];

/// What the policy says.
pub fn decide(history: &History) -> Decision {
    explain(history).1
}

/// The same, with the rule that says it.
pub fn explain(history: &History) -> (&'static str, Decision) {
    RULES
        .iter()
        .find_map(|(number, rule)| Some((*number, rule(history)?)))
        .expect("the last rule always says something")
}

/// Whether two answers are the same, whichever entry of the ledger they name.
pub fn alike(one: Decision, other: Decision) -> bool {
    let plain = |decision| match decision {
        Decision::Send { ground, consent } => go_by(ground, consent.is_some()),
        other => other,
    };
    plain(one) == plain(other)
}

fn go(ground: Ground) -> Decision {
    go_by(ground, ground == Ground::OptIn)
}

fn go_by(ground: Ground, consent: bool) -> Decision {
    Decision::Send { ground, consent: consent.then_some(ConsentEventId(Uuid::nil())) }
}

fn no(reason: Reason) -> Decision {
    Decision::Refuse { reason }
}

fn wait(until: i64, reason: Reason) -> Decision {
    Decision::Wait { until: Timestamp(until), reason }
}

fn elsewhere(history: &History, reason: Reason) -> Decision {
    let Some(to) = fallback(history) else { return no(reason) };
    capped(history).or_else(|| quiet(history)).unwrap_or(Decision::FallBack { to, reason })
}

/// Rule 16.
fn capped(h: &History) -> Option<Decision> {
    let cap = match purpose(h) {
        Purpose::Marketing => h.caps.marketing?,
        Purpose::Utility => h.caps.utility?,
        Purpose::Authentication => return None,
    };
    let days = i64::from(cap.days) * DAY;
    let counting: Vec<i64> = h
        .events
        .iter()
        .filter(|(_, event)| *event == Event::Intended { purpose: purpose(h), counts: true })
        .map(|(at, _)| at.0)
        .filter(|at| NOW.0 - at < days)
        .collect();
    let over = (counting.len() + 1).checked_sub(cap.most as usize).filter(|over| *over > 0)?;
    Some(match purpose(h) {
        Purpose::Marketing => no(Reason::FrequencyCap),
        _ => wait(counting[over - 1] + days, Reason::FrequencyCap),
    })
}

/// Rule 21.
fn quiet(h: &History) -> Option<Decision> {
    let is_quiet = |at| quiet_at(h, at);
    // Minute by minute, until it is quiet no more.
    let this_minute = NOW.0 - NOW.0.rem_euclid(MINUTE);
    is_quiet(this_minute).then(|| {
        let until = (1..).map(|n| this_minute + n * MINUTE).find(|at| !is_quiet(*at));
        wait(until.unwrap_or(i64::MAX), Reason::QuietHours)
    })
}

/// Rule 23.
fn held_or(history: &History, decision: Decision) -> Decision {
    if history.line == LineState::Held { wait(NOW.0 + 5 * MINUTE, Reason::LineHeld) } else { decision }
}

fn age(at: Timestamp) -> i64 {
    NOW.0 - at.0
}

fn purpose(history: &History) -> Purpose {
    match history.form {
        Form::Template { purpose, .. } => purpose,
        _ => Purpose::Utility,
    }
}

fn fitness(history: &History) -> TemplateFitness {
    match history.form {
        Form::Template { state, .. } => state,
        _ => TemplateFitness::Ready,
    }
}

fn marketing(history: &History) -> bool {
    purpose(history) == Purpose::Marketing
}

/// From now back.
fn back(history: &History) -> impl Iterator<Item = &(Timestamp, Event)> {
    history.events.iter().rev()
}

/// When the contact last wrote.
fn wrote(history: &History) -> Option<Timestamp> {
    back(history).find(|(_, event)| matches!(event, Event::Wrote | Event::Keyword { .. })).map(|(at, _)| *at)
}

/// When a message last failed with a code.
fn failed(history: &History, code: i64) -> Option<Timestamp> {
    back(history).find(|(_, event)| *event == Event::Failed(code)).map(|(at, _)| *at)
}

/// Whether the contact has not written since a message failed with a code.
fn silent_since(history: &History, code: i64) -> bool {
    failed(history, code).is_some_and(|failed| wrote(history).is_none_or(|wrote| wrote < failed))
}

fn window(history: &History) -> bool {
    wrote(history).is_some_and(|wrote| age(wrote) < DAY) && !silent_since(history, 131_047)
}

/// M2: failures from now back to the last sign that the contact is there.
fn not_on_whatsapp(history: &History) -> bool {
    let is_sign = |event: &Event| matches!(event, Event::Wrote | Event::Keyword { .. } | Event::Delivered);
    let mut failures = back(history)
        .take_while(|(_, event)| !is_sign(event))
        .filter(|(_, event)| *event == Event::Failed(131_026))
        .map(|(at, _)| *at);
    match (failures.next(), failures.next()) {
        (Some(only), None) => age(only) < DAY,
        (Some(last), Some(_)) => age(last) < 30 * DAY,
        (None, _) => false,
    }
}

/// What an event says of a channel: of which purpose, and whether yes. The words of a message that is no keyword are apart.
fn said(event: &Event, channel: Channel) -> Option<(Option<Purpose>, bool)> {
    match event {
        Event::Keyword { purpose, action } if channel == Channel::Whatsapp => {
            Some((*purpose, *action == ConsentAction::OptIn))
        }
        Event::Said { channel: of, purpose, action, .. } if *of == channel => {
            Some((*purpose, *action == ConsentAction::OptIn))
        }
        _ => None,
    }
}

/// The STOP that is in force on a channel, L2, L3, L5, L7.
fn stop(history: &History, channel: Channel) -> Option<Timestamp> {
    let whatsapp = if channel == Channel::Whatsapp { None } else { stop(history, Channel::Whatsapp) };
    let lifted_by_writing = history.inbound_lifts_opt_out && channel == Channel::Whatsapp;
    let own = back(history).find_map(|(at, event)| match (event, said(event, channel)) {
        (_, Some((None, false))) => Some(Some(*at)),
        (_, Some((None, true))) => Some(None),
        (Event::Wrote, _) if lifted_by_writing => Some(None),
        _ => None,
    });
    whatsapp.or(own.flatten())
}

/// The last word on a purpose, L1 to L6: yes, no, or nothing.
fn word(history: &History, channel: Channel, purpose: Purpose) -> Option<bool> {
    if stop(history, channel).is_some() {
        return Some(false);
    }
    last_word(&history.events, history.inbound_lifts_opt_out, channel, purpose)
}

fn last_word(
    events: &[(Timestamp, Event)],
    writing_lifts: bool,
    channel: Channel,
    purpose: Purpose,
) -> Option<bool> {
    let ((_, event), before) = events.split_last()?;
    let earlier = |purpose| last_word(before, writing_lifts, channel, purpose);
    match said(event, channel) {
        Some((Some(of), yes)) if of == purpose => Some(yes),
        Some((None, false)) => Some(false),
        Some((None, true)) if purpose != Purpose::Marketing => Some(true),
        _ if *event == Event::Wrote && channel == Channel::Whatsapp && purpose == Purpose::Utility => {
            let refused = was_stopped(before, channel) || earlier(purpose) == Some(false);
            if writing_lifts || !refused { Some(true) } else { earlier(purpose) }
        }
        _ => earlier(purpose),
    }
}

/// Whether STOP was in force after these, as far as writing in lifts nothing.
fn was_stopped(events: &[(Timestamp, Event)], channel: Channel) -> bool {
    let last = events.iter().rev().find_map(|(_, event)| match said(event, channel)? {
        (None, yes) => Some(!yes),
        _ => None,
    });
    last.unwrap_or(false)
}

fn opted_in(history: &History) -> bool {
    let by_any_word = word(history, Channel::Whatsapp, purpose(history)) == Some(true);
    by_any_word && (history.policy != Policy::StrictOptIn || said_yes(history))
}

/// L5, under *strict opt-in*: what was said, as if the contact had never written beside it.
fn said_yes(history: &History) -> bool {
    let said: Vec<_> = history.events.iter().filter(|(_, event)| *event != Event::Wrote).cloned().collect();
    last_word(&said, false, Channel::Whatsapp, purpose(history)) == Some(true)
}

/// Rule 11: whether there is an opt-in, or a window that stands for one.
fn may_write(history: &History) -> bool {
    opted_in(history) || (history.policy == Policy::WindowOrOptIn && window(history))
}

/// The first channel that is allowed, reachable, and not refused.
fn fallback(history: &History) -> Option<Channel> {
    let may = |channel: Channel| match word(history, channel, purpose(history)) {
        Some(yes) => yes,
        None => !marketing(history),
    };
    let allowed = history.allowed.iter().map(|next| next.channel);
    allowed.filter(|channel| history.reachable.contains(channel)).find(|channel| may(*channel))
}

/// Rule 21, at one minute.
fn quiet_at(history: &History, at: i64) -> bool {
    let Some(hours) = &history.quiet else { return false };
    let purpose = purpose(history);
    if purpose == Purpose::Authentication || !hours.purposes.contains(&purpose) {
        return false;
    }
    let minute_of_day = |text: String| {
        let (hour, minute) = text.split_once(':').expect("hours and minutes");
        hour.parse::<i64>().expect("hours") * 60 + minute.parse::<i64>().expect("minutes")
    };
    let (from, to) = (minute_of_day(hours.from.into()), minute_of_day(hours.to.into()));
    let clock = (at / MINUTE + i64::from(history.clock_minutes)).rem_euclid(24 * 60);
    // From `from` on it takes so many minutes until `to`, and so many until now.
    (clock - from).rem_euclid(24 * 60) < (to - from).rem_euclid(24 * 60)
}
