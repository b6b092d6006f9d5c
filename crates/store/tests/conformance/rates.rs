//! Counting business-initiated intentions: days that are counted say what counting the rows themselves would.

use std::collections::{BTreeMap, BTreeSet};

use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::{ConsentEventId, ContactId, ConversationId, NotificationId, NumberId, OrgId, OutreachId};
use rules::message::Author;
use rules::outreach::{OutreachOutcome, OutreachVerdict};
use rules::rates::Tally;
use rules::time::{Clock as _, Randomness as _, Timestamp, span};
use serde_json::json;
use store::consent::NewConsentEvent;
use store::outreach::{Outreach, OutreachStep};
use store::rates::{Counted, RatesFilter, SLOT, Tallied};
use store::{Json, OrgScope};
use testkit::{Seeded, TestClock, both};

const DAY: i64 = 86_400_000_000;

fn draw(chance: &Seeded, below: usize) -> usize {
    let mut bytes = [0; 8];
    chance.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % below as u64).unwrap()
}

fn one_of<T: Copy>(chance: &Seeded, list: &[T]) -> T {
    list[draw(chance, list.len())]
}

/// Written from `docs/rates.md`, not from the statements.
fn tally(row: &Outreach) -> Tally {
    use OutreachOutcome as O;
    let whatsapp = row.channel == Channel::Whatsapp;
    let refused = row.outcome == O::Refused;
    let elsewhere = !whatsapp
        || matches!(
            row.outcome,
            O::AwaitingOptIn | O::FallbackSent | O::FallbackDelivered | O::FallbackFailed
        );
    let handed =
        whatsapp && matches!(row.outcome, O::Sent | O::Delivered | O::Read | O::Failed | O::Unresolved);
    let arrived = handed && matches!(row.outcome, O::Delivered | O::Read);
    Tally {
        intended: 1,
        opted_in: i64::from(row.standing == "opted_in"),
        refused: i64::from(refused),
        fallen_back: i64::from(elsewhere && !refused),
        handed: i64::from(handed),
        in_window: i64::from(handed && row.window_open),
        delivered: i64::from(arrived),
        read: i64::from(arrived && row.outcome == O::Read),
        failed: i64::from(handed && row.outcome == O::Failed),
    }
}

fn by<K: Ord>(rows: &[Outreach], key: impl Fn(&Outreach) -> K) -> Tallied<K> {
    let mut apart: BTreeMap<K, Tally> = BTreeMap::new();
    for row in rows {
        let sum = apart.entry(key(row)).or_default();
        *sum = sum.and(tally(row));
    }
    apart.into_iter().collect()
}

fn sorted<K: Ord>(mut tallied: Tallied<K>) -> Tallied<K> {
    tallied.sort_by(|(one, _), (other, _)| one.cmp(other));
    tallied
}

/// Whatever is asked, counted days and rows say the same.
async fn agree(scope: &mut OrgScope<'_>, rows: &[Outreach], days: i64) {
    let all = RatesFilter::default();
    let (from, until) = (Timestamp(0), Timestamp(days * DAY));
    assert_eq!(scope.daily_by_day(&all, 0, days).await.unwrap(), by(rows, |row| row.at.0 / DAY));
    let numbers = by(rows, |row| row.number_id);
    assert_eq!(sorted(scope.daily_by_number(&all, 0, days).await.unwrap()), numbers);
    assert_eq!(sorted(scope.live_by_number(&all, from, until).await.unwrap()), numbers);
    let templates = by(rows, |row| row.template_name.clone());
    assert_eq!(sorted(scope.daily_by_template(&all, 0, days).await.unwrap()), templates);
    assert_eq!(sorted(scope.live_by_template(&all, from, until).await.unwrap()), templates);
    let notifications = by(rows, |row| row.notification_id);
    assert_eq!(sorted(scope.daily_by_notification(&all, 0, days).await.unwrap()), notifications);
    assert_eq!(sorted(scope.live_by_notification(&all, from, until).await.unwrap()), notifications);
    let narrow = RatesFilter {
        number: Some(rows[0].number_id),
        template: Some(rows[0].template_name.clone()),
        notification: rows[0].notification_id,
    };
    let fits = |row: &&Outreach| {
        row.number_id == rows[0].number_id
            && row.template_name == rows[0].template_name
            && (rows[0].notification_id.is_none() || row.notification_id == rows[0].notification_id)
    };
    let fitting: Vec<Outreach> = rows.iter().filter(fits).cloned().collect();
    assert_eq!(scope.daily_by_day(&narrow, 0, days).await.unwrap(), by(&fitting, |row| row.at.0 / DAY));
}

#[tokio::test]
async fn days_that_are_counted_say_what_their_intentions_say_whatever_happens_to_them() {
    for seed in 0..6 {
        both(|db| async move {
            let (clock, chance) = (TestClock::default(), Seeded::new(seed));
            let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
            let numbers = [NumberId::fresh(clock.now(), &chance), NumberId::fresh(clock.now(), &chance)];
            let notification = NotificationId::fresh(clock.now(), &chance);
            let days = 4;
            let mut rows: Vec<Outreach> = (0..80)
                .map(|_| {
                    let at = Timestamp(
                        i64::try_from(draw(&chance, usize::try_from(days * DAY).unwrap())).unwrap(),
                    );
                    Outreach {
                        id: OutreachId::fresh(at, &chance),
                        contact_id: ContactId::fresh(at, &chance),
                        number_id: one_of(&chance, &numbers),
                        conversation_id: ConversationId::fresh(at, &chance),
                        message_id: None,
                        template_name: one_of(&chance, &["order_ready", "promo"]).into(),
                        template_language: one_of(&chance, &["id", "en"]).into(),
                        purpose: Purpose::Utility,
                        author: Author::Api,
                        notification_id: one_of(&chance, &[None, Some(notification)]),
                        recipient_id: None,
                        fallback: Json(Vec::new()),
                        standing: one_of(&chance, &["unknown", "opted_in", "opted_out"]).into(),
                        window_open: one_of(&chance, &[true, false]),
                        verdict: OutreachVerdict::Send,
                        reason: None,
                        channel: one_of(&chance, Channel::ALL),
                        outcome: one_of(&chance, OutreachOutcome::ALL),
                        trouble: None,
                        outcome_at: at,
                        at,
                    }
                })
                .collect();
            let mut tx = db.store.begin().await.unwrap();
            let batch: Vec<(OrgId, Outreach)> = rows.iter().map(|row| (org, row.clone())).collect();
            tx.batch(&[org]).await.unwrap().insert_outreach(&batch).await.unwrap();
            let mut scope = tx.org(org).await.unwrap();
            assert_eq!(scope.counted().await.unwrap(), None);
            let mut since = Timestamp(0);
            for round in 1..4 {
                // Each round counts the days that the slots name, and nothing else.
                let slots = scope.slots_changed_since(since).await.unwrap();
                let due: BTreeSet<i64> = slots.iter().map(|slot| slot * SLOT / DAY).collect();
                for day in due {
                    let (from, until) = (Timestamp(day * DAY), Timestamp((day + 1) * DAY));
                    scope.count_day(day, from, until).await.unwrap();
                }
                agree(&mut scope, &rows, days).await;
                since = Timestamp(days * DAY + round * 1_000);
                let counted = Counted { timezone: "UTC".into(), until: since, last_day: days - 1 };
                scope.set_counted(&counted).await.unwrap();
                assert_eq!(scope.counted().await.unwrap(), Some(counted));
                for _ in 0..draw(&chance, 12) {
                    let row = &mut rows[draw(&chance, 80)];
                    row.channel = one_of(&chance, Channel::ALL);
                    row.outcome = one_of(&chance, OutreachOutcome::ALL);
                    let step = OutreachStep { channel: row.channel, outcome: row.outcome, trouble: None };
                    scope.advance_outreach(row.id, &step, since).await.unwrap();
                }
            }
            scope.forget_counts().await.unwrap();
            assert_eq!(scope.counted().await.unwrap(), None);
            assert!(scope.daily_by_day(&RatesFilter::default(), 0, days).await.unwrap().is_empty());
            let mut scope = tx.org(other).await.unwrap();
            let all = RatesFilter::default();
            let theirs = scope.live_by_number(&all, Timestamp(0), Timestamp(days * DAY)).await.unwrap();
            assert!(theirs.is_empty(), "another organisation's are not counted");
        })
        .await;
    }
}

#[tokio::test]
async fn opt_ins_and_opt_outs_of_a_span_are_counted() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let began = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.consents_between(began, began + span::days(1)).await.unwrap(), (0, 0));
        let contact = ContactId::fresh(clock.now(), &chance);
        for action in [ConsentAction::OptIn, ConsentAction::OptIn, ConsentAction::OptOut] {
            clock.advance(span::hours(1));
            let event = NewConsentEvent {
                id: ConsentEventId::fresh(clock.now(), &chance),
                contact,
                channel: Channel::Whatsapp,
                purpose: None,
                action,
                source: ConsentSource::Api,
                evidence: json!({}),
                at: clock.now(),
            };
            scope.append_consent(&event).await.unwrap();
        }
        assert_eq!(scope.consents_between(began, began + span::days(1)).await.unwrap(), (2, 1));
        assert_eq!(scope.consents_between(began, began + span::minutes(90)).await.unwrap(), (1, 0));
    })
    .await;
}
