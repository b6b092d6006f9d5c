//! Which step comes next, and how the whole stands.

use super::{EXCHANGE_PATIENCE, Entry, Mode, Standing, Step, StepStatus, TokenState, Trouble, Turn, Variant};
use crate::gate::LineState;
use crate::time::Timestamp;

/// What is on record about one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which.
    pub step: Step,
    /// How far it is.
    pub status: StepStatus,
    /// When it is made again, where it waits.
    pub retry_at: Option<Timestamp>,
    /// What stopped it.
    pub trouble: Option<Trouble>,
}

/// Everything the next step depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who pays, whose app.
    pub mode: Mode,
    /// How the client came in.
    pub entry: Entry,
    /// What kind of signup it is.
    pub variant: Variant,
    /// Whether messages of this account go to an address of their own.
    pub override_wanted: bool,
    /// Whether somebody gave the attempt up.
    pub abandoned: bool,
    /// When a code came that has not become a token yet.
    pub code_at: Option<Timestamp>,
    /// Whether a token is stored.
    pub has_token: bool,
    /// What is on record, in any order.
    pub records: &'a [Record],
    /// The present moment.
    pub now: Timestamp,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Make this step.
    Do(Step),
    /// Nothing before this moment.
    Wait {
        /// The step that waits.
        step: Step,
        /// Until when.
        until: Timestamp,
        /// Why, where something stopped it.
        why: Option<Trouble>,
    },
    /// Somebody has to act first.
    NeedsPerson {
        /// The step that waits.
        step: Step,
        /// Who.
        who: Turn,
        /// What stopped it.
        what: Trouble,
    },
    /// Nothing is left to do.
    Done,
}

/// The steps that apply, in order.
pub fn plan(mode: Mode, entry: Entry, variant: Variant, override_wanted: bool) -> Vec<Step> {
    Step::ALL
        .iter()
        .copied()
        .filter(|step| match step {
            Step::ExchangeCode => entry != Entry::Manual,
            Step::OverrideWebhook => override_wanted,
            // Under a multi-partner solution the partner shares its own line. After an app-only signup our system
            // user cannot reach the account, so there is nothing that we could share.
            Step::ShareCredit => mode == Mode::SolutionPartner && variant != Variant::AppOnly,
            Step::RegisterNumber => variant != Variant::Coexistence,
            Step::SyncBusinessApp => variant == Variant::Coexistence,
            _ => true,
        })
        .collect()
}

/// What is to be done now.
pub fn next_step(facts: &Facts<'_>) -> Next {
    if facts.abandoned {
        return Next::Done;
    }
    let plan = plan(facts.mode, facts.entry, facts.variant, facts.override_wanted);
    let (watched, ordered): (Vec<_>, Vec<_>) = plan.into_iter().partition(|step| step.is_watched());
    for step in ordered {
        match look(facts, step) {
            Next::Done => {}
            found => return found,
        }
    }
    let found: Vec<_> = watched.into_iter().map(|step| look(facts, step)).collect();
    // A due look comes before a wait, the sooner wait before the later.
    let urgency = |next: &Next| match next {
        Next::Do(_) => (0, Timestamp(i64::MIN)),
        Next::Wait { until, .. } => (1, *until),
        Next::NeedsPerson { .. } => (2, Timestamp(i64::MIN)),
        Next::Done => (3, Timestamp(i64::MIN)),
    };
    found.into_iter().min_by_key(urgency).unwrap_or(Next::Done)
}

/// One step: done, due, waiting or stuck.
fn look(facts: &Facts<'_>, step: Step) -> Next {
    if step == Step::ExchangeCode {
        return look_at_exchange(facts);
    }
    let Some(record) = facts.records.iter().find(|record| record.step == step) else {
        return Next::Do(step);
    };
    match record.status {
        StepStatus::Done => Next::Done,
        // The process ended between the call and its record. Every step can be made again: each reads first what the
        // call before it may have brought about.
        StepStatus::Running => Next::Do(step),
        StepStatus::Waiting => match record.retry_at {
            Some(until) if until > facts.now => Next::Wait { step, until, why: record.trouble },
            _ => Next::Do(step),
        },
        StepStatus::NeedsPerson => {
            let what = record.trouble.unwrap_or(Trouble::Refused);
            Next::NeedsPerson { step, who: what.turn(), what }
        }
    }
}

/// The exchange is made once, while the client waits; what comes through here later is its recovery.
fn look_at_exchange(facts: &Facts<'_>) -> Next {
    let step = Step::ExchangeCode;
    if facts.has_token {
        return Next::Done;
    }
    if let Some(code_at) = facts.code_at {
        let until = code_at + EXCHANGE_PATIENCE;
        return if facts.now < until { Next::Wait { step, until, why: None } } else { Next::Do(step) };
    }
    let record = facts.records.iter().find(|record| record.step == step);
    match record {
        Some(Record { status: StepStatus::Waiting, .. }) => look_recorded(facts, record, step),
        Some(Record { trouble: Some(what), .. }) => Next::NeedsPerson { step, who: what.turn(), what: *what },
        _ => Next::NeedsPerson { step, who: Turn::Client, what: Trouble::NoCodeYet },
    }
}

fn look_recorded(facts: &Facts<'_>, record: Option<&Record>, step: Step) -> Next {
    match record.and_then(|record| record.retry_at) {
        Some(until) if until > facts.now => {
            Next::Wait { step, until, why: record.and_then(|record| record.trouble) }
        }
        _ => Next::Do(step),
    }
}

/// How the connection stands.
pub fn standing(facts: &Facts<'_>) -> Standing {
    if facts.abandoned {
        return Standing::Abandoned;
    }
    let plan = plan(facts.mode, facts.entry, facts.variant, facts.override_wanted);
    for step in plan.into_iter().filter(|step| !step.is_watched()) {
        match look(facts, step) {
            Next::Done => {}
            Next::NeedsPerson { what: Trouble::NoCodeYet, .. } => return Standing::Started,
            Next::NeedsPerson { .. } => return Standing::NeedsPerson,
            Next::Wait { step: Step::ExchangeCode, why: None, .. } => return Standing::CodeReceived,
            Next::Wait { .. } => return Standing::Waiting,
            Next::Do(Step::ExchangeCode) => return Standing::CodeReceived,
            Next::Do(_) => return Standing::Working,
        }
    }
    let status = |step| facts.records.iter().find(|record| record.step == step).map(|record| record.status);
    match (status(Step::CheckFunding), status(Step::FirstMessage)) {
        (None, _) | (_, None) => Standing::Working,
        (Some(StepStatus::Done), Some(StepStatus::Done)) => Standing::Live,
        (Some(StepStatus::Done), _) => Standing::Silent,
        (Some(_), _) => Standing::PaymentPending,
    }
}

/// Whether an account can send, from what Meta said of it last. Unknown words do not hold anything: Meta's refusal
/// would say so better. (Meta: account status, review decision, 2026-09.)
pub fn account_line(
    disconnected: bool,
    token: TokenState,
    status: Option<&str>,
    review: Option<&str>,
    paused: bool,
) -> LineState {
    if disconnected {
        return LineState::Gone;
    }
    let held = paused
        || token != TokenState::Valid
        || matches!(status, Some("DISABLED" | "RESTRICTED"))
        || matches!(review, Some("REJECTED"));
    if held { LineState::Held } else { LineState::Ready }
}

/// Whether a number can send: its account can, and it is registered and neither banned nor gone.
pub fn number_line(
    account: LineState,
    removed: bool,
    platform_type: Option<&str>,
    status: Option<&str>,
) -> LineState {
    if removed || account == LineState::Gone {
        return LineState::Gone;
    }
    let held = account == LineState::Held
        || matches!(platform_type, Some("NOT_APPLICABLE"))
        || matches!(
            status,
            Some(
                "PENDING"
                    | "DISCONNECTED"
                    | "OFFLINE"
                    | "RESTRICTED"
                    | "BANNED"
                    | "DELETED"
                    | "MIGRATED"
                    | "UNVERIFIED"
                    | "UNLINKED"
            )
        );
    if held { LineState::Held } else { LineState::Ready }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::span;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);

    fn record(step: Step, status: StepStatus) -> Record {
        Record { step, status, retry_at: None, trouble: None }
    }

    fn done(steps: &[Step]) -> Vec<Record> {
        steps.iter().map(|step| record(*step, StepStatus::Done)).collect()
    }

    fn facts(records: &[Record]) -> Facts<'_> {
        Facts {
            mode: Mode::TechProvider,
            entry: Entry::Popup,
            variant: Variant::Standard,
            override_wanted: false,
            abandoned: false,
            code_at: None,
            has_token: true,
            records,
            now: NOW,
        }
    }

    #[test]
    fn each_mode_and_variant_has_its_plan() {
        use Step::*;
        let plan = |mode, entry, variant, own| super::plan(mode, entry, variant, own);
        let tech = plan(Mode::TechProvider, Entry::Popup, Variant::Standard, false);
        let all = [
            ExchangeCode,
            ProveAccess,
            BindAccount,
            SubscribeApp,
            RegisterNumber,
            Sync,
            CheckFunding,
            FirstMessage,
        ];
        assert_eq!(tech, all);
        assert_eq!(plan(Mode::Direct, Entry::Manual, Variant::Standard, false), all[1..]);
        assert_eq!(plan(Mode::MultiPartnerSolution, Entry::Redirect, Variant::Standard, false), all);
        let partner = plan(Mode::SolutionPartner, Entry::Invite, Variant::Standard, true);
        let position = |step| partner.iter().position(|other| *other == step).unwrap();
        assert!(position(SubscribeApp) < position(OverrideWebhook), "a bare subscription comes first");
        assert!(position(ShareCredit) < position(RegisterNumber), "credit comes before registering");
        assert!(!plan(Mode::SolutionPartner, Entry::Popup, Variant::AppOnly, false).contains(&ShareCredit));
        let coexistence = plan(Mode::TechProvider, Entry::Popup, Variant::Coexistence, false);
        assert!(!coexistence.contains(&RegisterNumber));
        assert!(coexistence.contains(&SyncBusinessApp));
    }

    #[test]
    fn the_exchange_waits_for_a_code_and_is_recovered_only_when_it_was_lost() {
        let start = Facts { has_token: false, ..facts(&[]) };
        assert_eq!(
            next_step(&start),
            Next::NeedsPerson { step: Step::ExchangeCode, who: Turn::Client, what: Trouble::NoCodeYet }
        );
        assert_eq!(standing(&start), Standing::Started);
        let fresh = Facts { code_at: Some(NOW), ..start };
        assert_eq!(
            next_step(&fresh),
            Next::Wait { step: Step::ExchangeCode, until: NOW + EXCHANGE_PATIENCE, why: None }
        );
        assert_eq!(standing(&fresh), Standing::CodeReceived);
        let lost = Facts { code_at: Some(NOW - EXCHANGE_PATIENCE), ..start };
        assert_eq!(next_step(&lost), Next::Do(Step::ExchangeCode));
        let expired = [Record {
            trouble: Some(Trouble::CodeExpired),
            ..record(Step::ExchangeCode, StepStatus::NeedsPerson)
        }];
        let expired = Facts { records: &expired, ..start };
        assert_eq!(standing(&expired), Standing::NeedsPerson);
    }

    #[test]
    fn steps_are_made_in_order_and_an_interrupted_one_again() {
        let mut records = done(&[Step::ProveAccess, Step::BindAccount]);
        assert_eq!(next_step(&facts(&records)), Next::Do(Step::SubscribeApp));
        records.push(record(Step::SubscribeApp, StepStatus::Running));
        assert_eq!(next_step(&facts(&records)), Next::Do(Step::SubscribeApp));
        assert_eq!(standing(&facts(&records)), Standing::Working);
    }

    #[test]
    fn a_wait_ends_by_itself_and_a_person_does_not() {
        let mut records = done(&[Step::ProveAccess, Step::BindAccount, Step::SubscribeApp]);
        records.push(Record {
            retry_at: Some(NOW + span::hours(72)),
            trouble: Some(Trouble::RegisterLimit),
            ..record(Step::RegisterNumber, StepStatus::Waiting)
        });
        let waiting = facts(&records);
        assert_eq!(
            next_step(&waiting),
            Next::Wait {
                step: Step::RegisterNumber,
                until: NOW + span::hours(72),
                why: Some(Trouble::RegisterLimit)
            }
        );
        assert_eq!(standing(&waiting), Standing::Waiting);
        assert_eq!(
            next_step(&Facts { now: NOW + span::hours(72), ..waiting }),
            Next::Do(Step::RegisterNumber)
        );
        records.pop();
        records.push(Record {
            trouble: Some(Trouble::VerifyFirst),
            ..record(Step::RegisterNumber, StepStatus::NeedsPerson)
        });
        assert_eq!(
            next_step(&facts(&records)),
            Next::NeedsPerson { step: Step::RegisterNumber, who: Turn::Client, what: Trouble::VerifyFirst }
        );
    }

    #[test]
    fn unfunded_and_silent_are_standings_that_are_looked_at_again() {
        use Step::*;
        let mut records = done(&[ProveAccess, BindAccount, SubscribeApp, RegisterNumber, Sync]);
        assert_eq!(next_step(&facts(&records)), Next::Do(CheckFunding));
        let waiting = |step, trouble, minutes| Record {
            retry_at: Some(NOW + span::minutes(minutes)),
            trouble: Some(trouble),
            ..record(step, StepStatus::Waiting)
        };
        records.push(waiting(CheckFunding, Trouble::Unfunded, 9));
        assert_eq!(next_step(&facts(&records)), Next::Do(FirstMessage), "funding does not hold up the rest");
        records.push(waiting(FirstMessage, Trouble::NothingHeard, 5));
        assert_eq!(standing(&facts(&records)), Standing::PaymentPending);
        assert_eq!(
            next_step(&facts(&records)),
            Next::Wait {
                step: FirstMessage,
                until: NOW + span::minutes(5),
                why: Some(Trouble::NothingHeard)
            }
        );
        records[5] = record(CheckFunding, StepStatus::Done);
        assert_eq!(standing(&facts(&records)), Standing::Silent);
        records[6] = record(FirstMessage, StepStatus::Done);
        assert_eq!(standing(&facts(&records)), Standing::Live);
        assert_eq!(next_step(&facts(&records)), Next::Done);
    }

    #[test]
    fn an_abandoned_connection_does_nothing() {
        let given_up = Facts { abandoned: true, ..facts(&[]) };
        assert_eq!(next_step(&given_up), Next::Done);
        assert_eq!(standing(&given_up), Standing::Abandoned);
    }

    #[test]
    fn lines_hold_what_cannot_be_sent() {
        use LineState::*;
        for (disconnected, token, status, review, paused, line) in [
            (false, TokenState::Valid, Some("ACTIVE"), Some("APPROVED"), false, Ready),
            (false, TokenState::Valid, None, None, false, Ready),
            (false, TokenState::Valid, Some("SOMETHING_NEW"), None, false, Ready),
            (false, TokenState::Suspect, Some("ACTIVE"), None, false, Held),
            (false, TokenState::Expired, Some("ACTIVE"), None, false, Held),
            (false, TokenState::Valid, Some("DISABLED"), None, false, Held),
            (false, TokenState::Valid, Some("ACTIVE"), Some("REJECTED"), false, Held),
            (false, TokenState::Valid, Some("ACTIVE"), None, true, Held),
            (true, TokenState::Valid, Some("ACTIVE"), None, false, Gone),
        ] {
            assert_eq!(account_line(disconnected, token, status, review, paused), line);
        }
        assert_eq!(number_line(Ready, false, Some("CLOUD_API"), Some("CONNECTED")), Ready);
        assert_eq!(number_line(Ready, false, Some("NOT_APPLICABLE"), Some("PENDING")), Held);
        assert_eq!(number_line(Ready, false, Some("CLOUD_API"), Some("BANNED")), Held);
        assert_eq!(number_line(Held, false, Some("CLOUD_API"), Some("CONNECTED")), Held);
        assert_eq!(number_line(Ready, true, Some("CLOUD_API"), Some("CONNECTED")), Gone);
    }
}
