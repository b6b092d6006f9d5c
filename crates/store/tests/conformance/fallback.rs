//! Channels besides WhatsApp, and what is sent on them.

use std::time::Duration;

use rules::consent::{Channel, Purpose};
use rules::fallback::{FallbackSettings, Provider, ReachKind, ReachState};
use rules::id::{ContactId, MessageId, OrgId, OutreachId, ReachId};
use rules::locale::Locale;
use rules::outreach::NextChannel;
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::channels::ChannelSetup;
use store::reaches::{Reach, ReachStep};
use store::{Cursor, Json};
use testkit::{Seeded, TestClock, both};

fn setup(channel: Channel, provider: Provider, now: Timestamp) -> ChannelSetup {
    let settings = Json(json!({ "provider": provider }));
    ChannelSetup { channel, provider, settings, sealed: Some(vec![1, 2]), problem: None, updated_at: now }
}

#[tokio::test]
async fn each_channel_is_carried_by_one_provider() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let [ours, theirs] = [(); 2].map(|()| OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        let sms = setup(Channel::Sms, Provider::Twilio, clock.now());
        scope.set_channel(&sms).await.unwrap();
        scope.set_channel(&setup(Channel::Email, Provider::Smtp, clock.now())).await.unwrap();
        let changed = ChannelSetup { sealed: None, ..setup(Channel::Email, Provider::Operator, clock.now()) };
        scope.set_channel(&changed).await.unwrap();
        assert_eq!(scope.channels().await.unwrap(), [changed, sms.clone()]);
        scope.note_channel_problem(Channel::Sms, Some("locked out")).await.unwrap();
        assert_eq!(scope.channels().await.unwrap()[1].problem.as_deref(), Some("locked out"));
        scope.note_channel_problem(Channel::Sms, None).await.unwrap();
        assert_eq!(scope.channels().await.unwrap()[1], sms);

        assert_eq!(scope.fallback_settings().await.unwrap(), FallbackSettings::default());
        let order = vec![NextChannel { channel: Channel::Email, minutes: 240 }];
        let settings = FallbackSettings { order, link_hours: 5, ..FallbackSettings::default() };
        for _ in 0..2 {
            scope.set_fallback_settings(&settings, clock.now()).await.unwrap();
        }
        assert_eq!(scope.fallback_settings().await.unwrap(), settings);

        let mut elsewhere = tx.org(theirs).await.unwrap();
        assert!(elsewhere.channels().await.unwrap().is_empty());
        assert!(!elsewhere.remove_channel(Channel::Sms).await.unwrap());
        assert_eq!(elsewhere.fallback_settings().await.unwrap(), FallbackSettings::default());
        let mut scope = tx.org(ours).await.unwrap();
        assert!(scope.remove_channel(Channel::Sms).await.unwrap());
        assert!(!scope.remove_channel(Channel::Sms).await.unwrap());
    })
    .await;
}

fn reach(clock: &TestClock, chance: &Seeded, outreach: OutreachId, channel: Channel) -> Reach {
    clock.advance(Duration::from_millis(2));
    let now = clock.now();
    Reach {
        id: ReachId::fresh(now, chance),
        outreach_id: outreach,
        message_id: MessageId::fresh(now, chance),
        contact_id: ContactId::fresh(now, chance),
        channel,
        kind: ReachKind::Link,
        purpose: Purpose::Utility,
        locale: Locale::Id,
        address: "6281234567890".into(),
        subject: "Ada pesan".into(),
        body: "Halo".into(),
        state: ReachState::Queued,
        problem: None,
        attempts: 0,
        due_at: now,
        provider_ref: None,
        expires_at: now + Duration::from_secs(3600),
        agreed_at: None,
        created_at: now,
        updated_at: now,
    }
}

#[tokio::test]
async fn a_contact_is_reached_once_for_an_intention_on_a_channel() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let [ours, theirs] = [(); 2].map(|()| OrgId::fresh(clock.now(), &chance));
        let outreach = OutreachId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        let text = reach(&clock, &chance, outreach, Channel::Sms);
        assert!(scope.insert_reach(&text).await.unwrap());
        assert!(!scope.insert_reach(&reach(&clock, &chance, outreach, Channel::Sms)).await.unwrap());
        let mail = reach(&clock, &chance, outreach, Channel::Email);
        assert!(scope.insert_reach(&mail).await.unwrap());
        assert!(scope.reach(text.id).await.unwrap().unwrap() == text);
        let ids = |all: Vec<Reach>| all.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(scope.reaches_of(outreach).await.unwrap()), [text.id, mail.id]);
        let page = scope.reaches(None, Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(ids(page.items), [mail.id]);
        let page = scope.reaches(None, page.next.unwrap(), 10).await.unwrap();
        assert_eq!(ids(page.items), [text.id]);
        let of_one = scope.reaches(Some(text.message_id), Cursor::NEWEST, 10).await.unwrap();
        assert_eq!(ids(of_one.items), [text.id]);
        let reached = scope.contact_reached_at(Channel::Sms, "6281234567890").await.unwrap();
        assert_eq!(reached, Some(text.contact_id));
        assert_eq!(scope.contact_reached_at(Channel::Sms, "628").await.unwrap(), None);

        let mut elsewhere = tx.org(theirs).await.unwrap();
        assert!(elsewhere.reach(text.id).await.unwrap().is_none());
        assert!(elsewhere.reaches_of(outreach).await.unwrap().is_empty());
        assert!(elsewhere.contact_reached_at(Channel::Sms, "6281234567890").await.unwrap().is_none());
        assert!(!elsewhere.agree_at_reach(text.id, clock.now()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_to_be_handed_over_counts_as_handed_over() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let mut all = Vec::new();
        for _ in 0..3 {
            let outreach = OutreachId::fresh(clock.now(), &chance);
            let one = reach(&clock, &chance, outreach, Channel::Sms);
            scope.insert_reach(&one).await.unwrap();
            all.push(one);
        }
        let now = clock.now();
        assert_eq!(scope.next_reach_due(Channel::Sms).await.unwrap(), Some(all[0].due_at));
        assert_eq!(scope.next_reach_due(Channel::Email).await.unwrap(), None);
        assert!(scope.take_reaches(Channel::Email, now, 9).await.unwrap().is_empty());
        let taken = scope.take_reaches(Channel::Sms, now, 2).await.unwrap();
        let told: Vec<_> = taken.iter().map(|one| (one.id, one.state, one.attempts)).collect();
        assert_eq!(told, [(all[0].id, ReachState::Sending, 1), (all[1].id, ReachState::Sending, 1)]);
        assert_eq!(scope.abandoned_reaches(Channel::Sms).await.unwrap().len(), 2);
        assert!(scope.is_handing_over(Channel::Sms).await.unwrap());
        assert!(!scope.is_handing_over(Channel::Email).await.unwrap());

        // Not before its time again.
        let later = now + Duration::from_secs(60);
        let again =
            ReachStep { state: ReachState::Queued, problem: Some("busy"), provider_ref: None, due_at: later };
        assert!(scope.step_reach(all[0].id, ReachState::Sending, &again, now).await.unwrap());
        let sent =
            ReachStep { state: ReachState::Sent, problem: None, provider_ref: Some("SM1"), due_at: now };
        assert!(scope.step_reach(all[1].id, ReachState::Sending, &sent, now).await.unwrap());
        assert_eq!(scope.take_reaches(Channel::Sms, now, 9).await.unwrap()[0].id, all[2].id);
        assert!(scope.take_reaches(Channel::Sms, now, 9).await.unwrap().is_empty());
        assert_eq!(scope.next_reach_due(Channel::Sms).await.unwrap(), Some(later));
        let taken = scope.take_reaches(Channel::Sms, later, 9).await.unwrap();
        assert_eq!(
            (taken[0].id, taken[0].attempts, taken[0].problem.as_deref()),
            (all[0].id, 2, Some("busy"))
        );

        let known = scope.reach_by_ref(Channel::Sms, "SM1").await.unwrap().unwrap();
        assert_eq!((known.id, known.provider_ref.as_deref()), (all[1].id, Some("SM1")));
        assert!(scope.reach_by_ref(Channel::Email, "SM1").await.unwrap().is_none());
        assert_eq!(scope.last_reach_at(Channel::Sms).await.unwrap(), Some(all[1].created_at));
        assert_eq!(scope.last_reach_at(Channel::Email).await.unwrap(), None);
        // A receipt has no new name for it.
        let delivered = ReachStep { state: ReachState::Delivered, provider_ref: None, ..sent };
        assert!(scope.step_reach(all[1].id, ReachState::Sent, &delivered, now).await.unwrap());
        // Whoever wrote it down late does not undo what the provider told meanwhile, and still brings its name.
        let late = ReachStep { provider_ref: Some("SM2"), ..sent };
        assert!(!scope.step_reach(all[1].id, ReachState::Sending, &late, now).await.unwrap());
        let kept = scope.reach_by_ref(Channel::Sms, "SM2").await.unwrap().unwrap();
        assert_eq!((kept.id, kept.state), (all[1].id, ReachState::Delivered));

        assert!(scope.agree_at_reach(all[1].id, now).await.unwrap());
        assert!(!scope.agree_at_reach(all[1].id, now).await.unwrap(), "once");
        assert_eq!(scope.reach(all[1].id).await.unwrap().unwrap().agreed_at, Some(now));
    })
    .await;
}
