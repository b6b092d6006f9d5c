//! The four rates: the same before and after days are counted, in whatever order things become known.

use rules::consent::{Channel, Purpose};
use rules::id::{ContactId, ConversationId, NumberId, OutreachId};
use rules::message::Author;
use rules::outreach::{OutreachOutcome, OutreachVerdict};
use rules::time::{Randomness as _, Timestamp, span};
use serde_json::{Value, json};
use store::Json;
use store::outreach::{Outreach, OutreachStep};
use testkit::Seeded;
use testkit::app::{self, TestApp, TestOrg};

fn draw(chance: &Seeded, below: usize) -> usize {
    let mut bytes = [0; 8];
    chance.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % below as u64).unwrap()
}

fn one_of<T: Copy>(chance: &Seeded, list: &[T]) -> T {
    list[draw(chance, list.len())]
}

fn intention(at: Timestamp, number_id: NumberId, chance: &Seeded) -> Outreach {
    Outreach {
        id: OutreachId::fresh(at, chance),
        contact_id: ContactId::fresh(at, chance),
        number_id,
        conversation_id: ConversationId::fresh(at, chance),
        message_id: None,
        template_name: one_of(chance, &["order_ready", "promo"]).into(),
        template_language: "id".into(),
        purpose: Purpose::Utility,
        author: Author::Api,
        notification_id: None,
        recipient_id: None,
        fallback: Json(Vec::new()),
        standing: one_of(chance, &["unknown", "opted_in"]).into(),
        window_open: one_of(chance, &[true, false]),
        verdict: OutreachVerdict::Send,
        reason: None,
        channel: one_of(chance, &[Channel::Whatsapp, Channel::Whatsapp, Channel::Email]),
        outcome: one_of(chance, OutreachOutcome::ALL),
        trouble: None,
        outcome_at: at,
        at,
    }
}

async fn insert(app: &TestApp, org: &TestOrg, rows: &[Outreach]) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (org.id, row.clone())).collect();
    tx.batch(&[org.id]).await.unwrap().insert_outreach(&rows).await.unwrap();
    tx.commit().await.unwrap();
}

/// The sums that the API tells, whichever way it tells them apart.
async fn totals(org: &TestOrg, more: &str) -> Vec<Value> {
    let mut totals = Vec::new();
    for by in ["day", "number", "template", "notification"] {
        let rates = org.owner.get(&format!("rates?by={by}{more}")).await.expect(200);
        totals.push(rates.json["total"].clone());
    }
    totals
}

#[tokio::test]
async fn figures_are_the_same_whether_days_are_counted_or_not() {
    app::both(async |app| {
        app.leave_jobs();
        let chance = Seeded::new(11);
        let org = app.org("Kopi Senja").await;
        let numbers = [NumberId::fresh(app.now(), &chance), NumberId::fresh(app.now(), &chance)];
        let mut rows: Vec<Outreach> = Vec::new();
        server::rates::start(&app.ctx).await.unwrap();
        for round in 0..5 {
            // A day's worth, some of it before midnight where the organisation is and some after.
            for _ in 0..30 {
                app.clock.advance(span::minutes(50));
                let row = intention(app.now(), one_of(&chance, &numbers), &chance);
                insert(app, &org, std::slice::from_ref(&row)).await;
                rows.push(row);
            }
            // Of any day before, something else becomes known.
            let mut tx = app.ctx.store.begin().await.unwrap();
            for _ in 0..10 {
                let place = draw(&chance, rows.len());
                let row = &mut rows[place];
                row.outcome = one_of(&chance, OutreachOutcome::ALL);
                row.channel = one_of(&chance, &[Channel::Whatsapp, Channel::Email]);
                let step = OutreachStep { channel: row.channel, outcome: row.outcome, trouble: None };
                let mut scope = tx.org(org.id).await.unwrap();
                scope.advance_outreach(row.id, &step, app.now()).await.unwrap();
            }
            tx.commit().await.unwrap();
            app.run_jobs().await;
            app.clock.advance(span::minutes(61));
            app.run_jobs().await;
            let delivered = rows
                .iter()
                .filter(|row| {
                    row.channel == Channel::Whatsapp
                        && matches!(row.outcome, OutreachOutcome::Delivered | OutreachOutcome::Read)
                })
                .count();
            for total in totals(&org, "").await {
                assert_eq!(
                    (&total["intended"], &total["delivered"]),
                    (&json!(rows.len()), &json!(delivered)),
                    "round {round}"
                );
            }
            let counted = totals(&org, "").await;
            let mut tx = app.ctx.store.begin().await.unwrap();
            tx.org(org.id).await.unwrap().forget_counts().await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(totals(&org, "").await, counted, "read live, round {round}");
            app.clock.advance(span::minutes(61));
            app.run_jobs().await;
            assert_eq!(totals(&org, "").await, counted, "counted anew, round {round}");
            let one = rows.iter().filter(|row| row.number_id == numbers[0]).count();
            let narrowed = totals(&org, &format!("&number={}", numbers[0])).await;
            assert!(narrowed.iter().all(|total| total["intended"] == json!(one)));
        }
        let days = org.owner.get("rates").await.expect(200);
        assert_eq!(
            (days.json["rows"].as_array().unwrap().len(), days.str("/timezone")),
            (30, "Asia/Jakarta")
        );
        let other = app.org("Klinik").await;
        assert_eq!(other.owner.get("rates").await.expect(200).json["total"]["intended"], 0);
        let table = org.owner.get("rates.csv?by=template").await.expect(200);
        let lines: Vec<&str> = table.text.lines().collect();
        assert_eq!(lines.len(), 4, "{}", table.text);
        assert!(
            lines[0].starts_with("key,intended,") && lines[3].starts_with("total,150,"),
            "{}",
            table.text
        );
        for wrong in [
            "rates?from=yesterday",
            "rates?from=2026-01-02&until=2026-01-01",
            "rates?from=2020-01-01&until=2026-01-01",
        ] {
            assert_eq!(org.owner.get(wrong).await.problem(422), "invalid", "{wrong}");
        }
    })
    .await;
}
