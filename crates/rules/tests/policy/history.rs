//! What may happen before somebody wants to send something.

use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use rand::Rng;
use rand::seq::IndexedRandom as _;
use rules::caps::{Cap, FrequencyCaps};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::gate::{Form, LineState, MayBegin, Policy, TemplateFitness};
use rules::message::Author;
use rules::outreach::NextChannel;
use rules::quiet::{DayTime, QuietHours, WhoseClock};
use rules::time::Timestamp;

/// When somebody wants to send.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);

/// The codes that let us know of more than one message.
pub const CODES: &[i64] = &[131_026, 131_047, 131_049, 130_472, 130_403, 131_048];

/// Whom the portfolio may have written to first; the contact is the first of them.
pub const PEOPLE: std::ops::Range<u8> = 0..5;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The contact wrote to the number, something that is no keyword.
    Wrote,
    /// The contact wrote STOP, START or their like: it opens the window, too.
    Keyword { purpose: Option<Purpose>, action: ConsentAction },
    /// A yes or no came another way.
    Said { channel: Channel, purpose: Option<Purpose>, action: ConsentAction, source: ConsentSource },
    /// A message of ours failed with this code.
    Failed(i64),
    /// A message of ours reached the contact.
    Delivered,
    /// A template was intended before this one. `counts`: it was neither refused nor failed.
    Intended { purpose: Purpose, counts: bool },
    /// The portfolio wrote to one of a few people first.
    Begun(u8),
}

/// What happened until now, and what is asked.
#[derive(Clone, Debug)]
pub struct History {
    /// What happened, each at its own time, in order.
    pub events: Vec<(Timestamp, Event)>,
    pub author: Author,
    pub form: Form,
    pub policy: Policy,
    pub inbound_lifts_opt_out: bool,
    pub quiet: Option<QuietHours>,
    /// How far the clock that counts is ahead of UTC.
    pub clock_minutes: i32,
    pub caps: FrequencyCaps,
    pub line: LineState,
    pub may_begin: MayBegin,
    /// How many people the portfolio may write to first.
    pub limit: Option<u64>,
    pub is_american: bool,
    /// What the sender allows.
    pub allowed: Vec<NextChannel>,
    /// What is set up and has an address.
    pub reachable: Vec<Channel>,
}

fn one<T: Copy>(dice: &mut impl Rng, of: &[T]) -> T {
    *of.choose(dice).expect("something to choose from")
}

/// Mostly the first.
fn mostly<T: Copy>(dice: &mut impl Rng, usual: T, others: &[T]) -> T {
    if dice.random_ratio(4, 5) { usual } else { one(dice, others) }
}

fn purpose(dice: &mut impl Rng) -> Purpose {
    one(
        dice,
        &[
            Purpose::Utility,
            Purpose::Utility,
            Purpose::Marketing,
            Purpose::Marketing,
            Purpose::Authentication,
        ],
    )
}

impl Event {
    fn made_up(dice: &mut impl Rng) -> Self {
        let action = one(dice, &[ConsentAction::OptIn, ConsentAction::OptIn, ConsentAction::OptOut]);
        let about = if dice.random_ratio(1, 4) { None } else { Some(purpose(dice)) };
        match dice.random_range(0..19) {
            0..4 => Self::Wrote,
            4 => Self::Keyword { purpose: about, action },
            5..9 => Self::Said {
                channel: mostly(dice, Channel::Whatsapp, &[Channel::Email, Channel::Sms]),
                purpose: about,
                action,
                source: one(dice, &[ConsentSource::Api, ConsentSource::Form, ConsentSource::MetaPreference]),
            },
            9..12 => Self::Failed(one(dice, CODES)),
            12 => Self::Delivered,
            13..16 => Self::Begun(dice.random_range(PEOPLE)),
            _ => Self::Intended { purpose: purpose(dice), counts: dice.random_ratio(3, 4) },
        }
    }
}

impl History {
    /// Something that might have happened.
    pub fn made_up(dice: &mut impl Rng) -> Self {
        let count = dice.random_range(0..10);
        let mut ages: Vec<u64> = (0..count)
            .map(|_| {
                let longest = one(dice, &[3_600, 50 * 3_600, 50 * 3_600, 9 * 86_400, 40 * 86_400]);
                dice.random_range(1..longest) * 1_000_000 + dice.random_range(0..1_000_000)
            })
            .collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        ages.dedup();
        let at = |age: &u64| NOW - Duration::from_micros(*age);
        let form = match dice.random_range(0..10) {
            0 => Form::FreeForm,
            1 => Form::StopConfirmation,
            _ => Form::Template {
                purpose: purpose(dice),
                state: mostly(dice, TemplateFitness::Ready, TemplateFitness::ALL),
            },
        };
        let time =
            |dice: &mut _| DayTime::new(Rng::random_range(dice, 0..24), Rng::random_range(dice, 0..60));
        let quiet = dice.random_ratio(1, 3).then(|| QuietHours {
            from: time(dice).expect("a time of day"),
            to: time(dice).expect("a time of day"),
            clock: WhoseClock::Organisation,
            purposes: one(dice, &[&[Purpose::Marketing][..], &[Purpose::Utility], Purpose::ALL]).to_vec(),
        });
        let cap = |dice: &mut _| {
            let (most, days) = (Rng::random_range(dice, 1..4), Rng::random_range(dice, 1..10));
            Rng::random_ratio(dice, 1, 3).then_some(Cap { most, days })
        };
        let elsewhere = [Channel::Email, Channel::Sms];
        let next = |channel: &Channel| NextChannel { channel: *channel, minutes: 60 };
        Self {
            events: ages.iter().map(|age| (at(age), Event::made_up(dice))).collect(),
            author: one(dice, &[Author::Member, Author::Ai, Author::Api, Author::System]),
            form,
            policy: mostly(dice, Policy::WindowOrOptIn, Policy::ALL),
            inbound_lifts_opt_out: dice.random_ratio(1, 4),
            quiet,
            clock_minutes: one(dice, &[0, 420, -300, 345, 780]),
            caps: FrequencyCaps { marketing: cap(dice), utility: cap(dice) },
            line: mostly(dice, LineState::Ready, LineState::ALL),
            may_begin: mostly(dice, MayBegin::Yes, MayBegin::ALL),
            limit: dice.random_ratio(1, 4).then(|| dice.random_range(1..4)),
            is_american: dice.random_ratio(1, 10),
            allowed: elsewhere.iter().filter(|_| dice.random_ratio(2, 5)).map(next).collect(),
            reachable: elsewhere.iter().copied().filter(|_| dice.random_ratio(2, 3)).collect(),
        }
    }

    /// The zone of the clock that counts.
    pub fn zone(&self) -> TimeZone {
        TimeZone::fixed(Offset::from_seconds(self.clock_minutes * 60).expect("an offset"))
    }

    /// The same with as little as still shows what `shows` looks for.
    pub fn cut_down(self, shows: impl Fn(&Self) -> bool) -> Self {
        let mut least = self;
        let plainer: &[fn(&mut Self)] = &[
            |one| one.quiet = None,
            |one| one.caps = FrequencyCaps::default(),
            |one| one.allowed.clear(),
            |one| one.line = LineState::Ready,
            |one| one.may_begin = MayBegin::Yes,
            |one| one.limit = None,
            |one| one.is_american = false,
            |one| one.inbound_lifts_opt_out = false,
            |one| one.policy = Policy::WindowOrOptIn,
            |one| one.clock_minutes = 0,
            |one| one.author = Author::Api,
        ];
        loop {
            let without = (0..least.events.len()).map(|n| {
                let mut fewer = least.clone();
                fewer.events.remove(n);
                fewer
            });
            let Some(fewer) = without.into_iter().find(&shows) else { break };
            least = fewer;
        }
        for make in plainer {
            let mut plain = least.clone();
            make(&mut plain);
            if shows(&plain) {
                least = plain;
            }
        }
        least
    }
}
