//! Notifications: defined, previewed, run when they are due or called, and never twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jobs::{Queue, Verdict, Work, handler};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rules::id::{ContactId, OrgId, TemplateId};
use rules::notification::RunState;
use rules::outreach::OutreachOutcome;
use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use store::Cursor;
use store::outreach::OutreachFilter;
use store::templates::TemplateReading;
use testkit::app::{self, Samples, TestApp, TestOrg};

/// An organisation with a template in two languages and the kind `permit`.
async fn stage(app: &TestApp) -> (TestOrg, Samples) {
    let org = app.org("Kopi Senja").await;
    let samples = app.furnish(&org).await;
    let mut tx = app.ctx.store.begin().await.unwrap();
    let mut scope = tx.org(org.id).await.unwrap();
    let template = |language: &str, text: &str| TemplateReading {
        id: TemplateId::fresh(app.now(), app.ctx.chance()),
        meta_template_id: format!("{language}-{}", org.id),
        name: "permit_expiring".into(),
        language: language.into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        quality: None,
        parameter_format: "NAMED".into(),
        components: json!([{ "type": "BODY", "text": text }]),
        rejected_reason: None,
        ttl_seconds: None,
        coming_category: None,
    };
    let readings = [
        template("id", "Halo {{name}}, {{title}} berlaku sampai {{until}}."),
        template("en", "Hello {{name}}, {{title}} is valid until {{until}}."),
    ];
    scope.record_templates(samples["account"].parse().unwrap(), &readings, app.now()).await.unwrap();
    tx.commit().await.unwrap();
    (org, samples)
}

fn definition(samples: &Samples) -> Value {
    json!({
        "number_id": samples["number"], "template": "permit_expiring", "language": "id",
        "variables": {
            "body.name": { "from": { "kind": "contact_name" }, "default": "Pelanggan" },
            "body.title": { "from": { "kind": "field", "field": "title" } },
            "body.until": { "from": { "kind": "field", "field": "expires_on" } },
        },
        "audience": { "kind": "records", "record_kind_id": samples["record_kind"] },
        "trigger": { "kind": "date", "field": "expires_on", "days": -30, "at": "09:00" },
        "time_zone": "Asia/Jakarta",
    })
}

/// Permits that expire on a day, each of somebody else who has opted in.
async fn permits(org: &TestOrg, day: &str, count: usize) {
    let record = |n: usize| {
        json!({ "external_id": format!("P-{n:04}"),
        "contact": { "phone": format!("+62811{n:07}"), "name": format!("Toko {n}") },
        "data": { "title": format!("Izin {n}"), "expires_on": day } })
    };
    for from in (0..count).step_by(1_000) {
        let records: Vec<Value> = (from..count.min(from + 1_000)).map(record).collect();
        org.key.post("records/bulk", json!({ "kind": "permit", "records": records })).await.expect(200);
    }
}

async fn opt_in(app: &TestApp, org: OrgId) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    let mut after = None;
    loop {
        let people =
            scope.walk_contacts(&store::contacts::ContactFilter::default(), after, 200).await.unwrap();
        let Some(last) = people.last() else { break };
        after = Some(last.id);
        for person in &people {
            let yes = store::consent::NewConsentEvent {
                id: rules::id::ConsentEventId::fresh(app.now(), app.ctx.chance()),
                contact: person.id,
                channel: rules::consent::Channel::Whatsapp,
                purpose: Some(rules::consent::Purpose::Utility),
                action: rules::consent::ConsentAction::OptIn,
                source: rules::consent::ConsentSource::Api,
                evidence: json!({ "wording": "Ya" }),
                at: app.now(),
            };
            scope.append_consent(&yes).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// A contact writes START.
async fn starts(app: &TestApp, org: OrgId, contact: &str) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    let start = store::consent::NewConsentEvent {
        id: rules::id::ConsentEventId::fresh(app.now(), app.ctx.chance()),
        contact: contact.parse().unwrap(),
        channel: rules::consent::Channel::Whatsapp,
        purpose: None,
        action: rules::consent::ConsentAction::OptIn,
        source: rules::consent::ConsentSource::Keyword,
        evidence: json!({ "words": "MULAI" }),
        at: app.now(),
    };
    tx.org(org).await.unwrap().append_consent(&start).await.unwrap();
    tx.commit().await.unwrap();
}

/// Runs what notifications have to do, and nothing else: what they accept stays where it is.
async fn run(app: &TestApp) -> usize {
    runner(app).run_due().await.unwrap()
}

fn runner(app: &TestApp) -> jobs::Runner {
    let queues = server::notifications::queues(&app.ctx);
    jobs::Runner::new(app.ctx.store.clone(), app.ctx.clock.clone(), app.ctx.chance.clone(), queues)
}

async fn intended(app: &TestApp, org: OrgId) -> usize {
    let mut tx = app.ctx.store.read().await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    let (mut people, mut after) = (BTreeSet::new(), Cursor::NEWEST);
    let (mut rows, mut told) = (0, 0);
    loop {
        let page = scope.outreach_page(&OutreachFilter::default(), after, 200).await.unwrap();
        rows += page.items.len();
        // Who was refused has not been told.
        let messages = || page.items.iter().filter(|one| one.message_id.is_some());
        told += messages().count();
        people.extend(messages().map(|one| one.contact_id));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(told, people.len(), "somebody was told twice");
    rows
}

#[tokio::test]
async fn a_day_in_a_record_leads_to_one_message_and_never_to_a_second() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        // 2026-11-20 16:00 in Jakarta: due tomorrow at nine.
        permits(&org, "2026-12-21", 3).await;
        opt_in(app, org.id).await;
        let refuses =
            org.owner.get("contacts?q=Toko%202").await.items()[0]["id"].as_str().unwrap().to_owned();
        let stop = json!({ "action": "opt_out", "wording": "STOP" });
        org.owner.post(&format!("contacts/{refuses}/consent"), stop).await.expect(201);
        let english =
            org.owner.get("contacts?q=Toko%201").await.items()[0]["id"].as_str().unwrap().to_owned();
        org.owner.patch(&format!("contacts/{english}"), json!({ "language": "en" })).await.expect(200);

        let new =
            json!({ "name": "Izin hampir habis", "state": "enabled", "definition": definition(&samples) });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}", made.str("/id"));
        assert_eq!(made.json["next_at"], json!(app.now().0 + 17 * 3_600_000_000));

        let preview = org
            .owner
            .post("notifications/preview", json!({ "definition": definition(&samples) }))
            .await
            .expect(200);
        assert_eq!((&preview.json["people"], &preview.json["counted"]), (&json!(3), &json!(3)));
        let of = |external_id: &str| {
            let one = preview.items().iter().find(|one| one["external_id"] == external_id).expect("a permit");
            one.clone()
        };
        assert_eq!(of("P-0000")["text"]["body"], "Halo Toko 0, Izin 0 berlaku sampai 21 Desember 2026.");
        assert_eq!(of("P-0001")["text"]["body"], "Hello Toko 1, Izin 1 is valid until 21 December 2026.");
        let refused = of("P-0002");
        assert_eq!((&refused["verdict"], &refused["reason"]), (&json!("refuse"), &json!("opted_out")));
        assert!(refused["detail"]["id"].as_str().unwrap().contains("MULAI"));
        assert_eq!(intended(app, org.id).await, 0, "a preview changes nothing");

        assert_eq!(run(app).await, 0, "not yet");
        app.clock.advance(span::hours(17));
        assert!(run(app).await > 0);
        let runs = org.owner.get(&format!("{path}/runs")).await;
        assert_eq!(runs.items().len(), 1);
        let run_path = format!("notification-runs/{}", runs.items()[0]["id"].as_str().unwrap());
        let stands = org.owner.get(&run_path).await.expect(200);
        assert_eq!((stands.str("/state"), stands.str("/day")), ("done", "2026-11-21"));
        assert_eq!((&stands.json["decided"], &stands.json["people"]), (&json!(3), &json!(3)));
        assert_eq!(
            stands.json["outcomes"],
            json!([{ "channel": "whatsapp", "outcome": "queued", "count": 2 }])
        );
        let all = org.owner.get(&format!("{run_path}/recipients")).await;
        let told: BTreeSet<(&str, &str)> = all
            .items()
            .iter()
            .map(|one| (one["external_id"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("P-0000", "send"), ("P-0001", "send"), ("P-0002", "refuse")].into());
        let refused = org.owner.get(&format!("{run_path}/recipients?verdict=refuse")).await;
        assert_eq!((refused.items().len(), refused.str("/items/0/standing")), (1, "opted_out"));
        let queued = org.owner.get(&format!("{run_path}/recipients?outcome=queued")).await;
        assert_eq!((queued.items().len(), &queued.json["items"][0]["window_open"]), (2, &json!(false)));
        let csv = org.owner.get(&format!("{run_path}/export")).await.expect(200);
        assert_eq!(csv.text.lines().count(), 4);
        assert_eq!(intended(app, org.id).await, 3);

        // Nothing more: not with the next tick, not by hand, not when the record is put again.
        app.clock.advance(Duration::from_secs(20));
        run(app).await;
        let again = org.owner.post(&format!("{path}/runs"), json!({})).await.expect(200);
        assert_eq!(again.str("/id"), runs.items()[0]["id"].as_str().unwrap());
        permits(&org, "2026-12-21", 3).await;
        app.clock.advance(span::hours(24));
        run(app).await;
        assert_eq!(intended(app, org.id).await, 3);
        assert_eq!(
            org.owner.get(&format!("{path}/runs")).await.items().len(),
            2,
            "the next day has a run of its own"
        );

        // Who was refused may be told once nothing stands against it, and then no more either.
        starts(app, org.id, &refuses).await;
        let permit = org.owner.get("records?q=P-0002").await.items()[0]["id"].clone();
        for (place, decided) in [("first", 1), ("second", 0)] {
            let wish = json!({ "records": [permit], "key": place });
            let begun = org.owner.post(&format!("{path}/runs"), wish).await.expect(201);
            run(app).await;
            let ended = org.owner.get(&format!("notification-runs/{}", begun.str("/id"))).await.expect(200);
            assert_eq!(ended.json["decided"], json!(decided), "{place}: {}", ended.text);
        }
        assert_eq!(intended(app, org.id).await, 4);
        assert_eq!(org.owner.delete(&path).await.expect(204).status, 204);
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_call_tells_those_it_names_what_it_gives_once() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 2).await;
        opt_in(app, org.id).await;
        let mut called = definition(&samples);
        called["trigger"] = json!({ "kind": "call" });
        called["audience"] = json!({ "kind": "contacts" });
        called["variables"]["body.title"] = json!({ "from": { "kind": "given", "name": "title" } });
        called["variables"]["body.until"] =
            json!({ "from": { "kind": "given", "name": "until" }, "default": "besok" });
        let new = json!({ "name": "Panggilan", "state": "enabled", "definition": called });
        let made = org.key.post("notifications", &new).await.expect(201);
        assert_eq!(made.json["next_at"], Value::Null);
        let path = format!("notifications/{}/runs", made.str("/id"));
        let somebody = org.owner.get("contacts?q=Toko%201").await.items()[0]["id"].clone();
        let call = json!({ "key": "invoice-1", "contacts": [somebody], "values": { "title": "Tagihan" } });
        let first = org.key.post(&path, &call).await.expect(201);
        let second = org.key.post(&path, &call).await.expect(200);
        assert_eq!(first.str("/id"), second.str("/id"));
        run(app).await;
        assert_eq!(intended(app, org.id).await, 1);
        let other = json!({ "key": "invoice-2", "contacts": [somebody] });
        let without = org.key.post(&path, &other).await.expect(201);
        run(app).await;
        let stands = org.key.get(&format!("notification-runs/{}", without.str("/id"))).await;
        assert_eq!(stands.str("/counts/0/reason"), "missing_value");
        assert_eq!(stands.str("/counts/0/gap"), "body.title");
        let people = format!("notification-runs/{}/recipients?reason=missing_value", without.str("/id"));
        let people = org.key.get(&people).await.expect(200);
        assert_eq!((people.items().len(), people.str("/items/0/gap")), (1, "body.title"));
        assert!(people.str("/items/0/detail/id").starts_with("{{title}} dalam teks kosong"));
        assert_eq!(
            org.key
                .post(&path, json!({ "contacts": ["018f0000-0000-7000-8000-000000000000"] }))
                .await
                .problem(404),
            "not_found"
        );

        let agent = app.member(org.id, Role::Agent).await;
        assert_eq!(agent.post(&path, &call).await.problem(403), "right_missing");
        assert_eq!(agent.get(&path).await.items().len(), 2);
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_run_waits_goes_on_and_ends_when_somebody_says_so() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-20", server::notifications::BATCH + 20).await;
        opt_in(app, org.id).await;
        let new = json!({ "name": "Izin", "state": "paused", "definition": definition(&samples) });
        let made = org.owner.post("notifications", &new).await.expect(201);
        assert_eq!(made.json["next_at"], Value::Null, "paused");
        let path = format!("notifications/{}", made.str("/id"));
        let begun = org.owner.post(&format!("{path}/runs"), json!({})).await.expect(201);
        let run_path = format!("notification-runs/{}", begun.str("/id"));
        org.owner.put(&format!("{run_path}/state"), json!({ "state": "paused" })).await.expect(200);
        run(app).await;
        assert_eq!(org.owner.get(&run_path).await.json["decided"], 0);
        assert_eq!(org.owner.delete(&path).await.problem(409), "notification_running");
        org.owner.put(&format!("{run_path}/state"), json!({ "state": "running" })).await.expect(200);
        run(app).await;
        let stands = org.owner.get(&run_path).await;
        let everybody = server::notifications::BATCH + 21;
        assert_eq!(
            (stands.str("/state"), &stands.json["decided"]),
            ("done", &json!(everybody)),
            "with the one of the furnishing"
        );
        assert_eq!(
            org.owner.put(&format!("{run_path}/state"), json!({ "state": "stopped" })).await.problem(409),
            "run_over"
        );

        let enabled =
            org.owner.put(&format!("{path}/state"), json!({ "state": "enabled" })).await.expect(200);
        assert!(enabled.json["next_at"].is_i64());
        app.clock.advance(span::hours(72));
        run(app).await;
        let runs = org.owner.get(&format!("{path}/runs")).await;
        assert_eq!(runs.items().len(), 2, "of the days that were missed the last one counts");
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_beside_its_field() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        let fields = async |change: &dyn Fn(&mut Value)| -> Vec<String> {
            let mut wrong = definition(&samples);
            change(&mut wrong);
            let new = json!({ "name": "Izin", "state": "enabled", "definition": wrong });
            let answer = org.owner.post("notifications", &new).await;
            assert_eq!(answer.problem(422), "invalid", "{}", answer.text);
            let errors = answer.json["errors"].as_array().unwrap();
            errors.iter().map(|error| error["field"].as_str().unwrap().replace("definition.", "")).collect()
        };
        assert_eq!(
            fields(&|one| one["trigger"] = json!({ "kind": "cron", "pattern": "* * * * *" })).await,
            ["trigger"]
        );
        assert_eq!(fields(&|one| one["trigger"]["field"] = json!("fee")).await, ["trigger.field"]);
        assert_eq!(fields(&|one| one["time_zone"] = json!("Jakarta")).await, ["time_zone"]);
        assert_eq!(fields(&|one| one["language"] = json!("fr")).await, ["language"]);
        assert_eq!(
            fields(&|one| {
                one["variables"].as_object_mut().unwrap().remove("body.until");
            })
            .await,
            ["variables.body.until"]
        );
        assert_eq!(
            fields(&|one| one["variables"]["body.x"] = json!({ "from": { "kind": "contact_name" } })).await,
            ["variables.body.x"]
        );
        assert_eq!(
            fields(&|one| {
                one["audience"] = json!({ "kind": "contacts" });
                one["trigger"] = json!({ "kind": "call" });
            })
            .await,
            ["variables.body.title", "variables.body.until"],
        );
        let unknown = fields(&|one| one["template"] = json!("unknown")).await;
        assert!(unknown.contains(&"template".to_owned()), "{unknown:?}");
    })
    .await;
}

/// A process ends wherever it may, within a batch or between two: its work is given up at random moments, its leases run
/// out, and another one goes on.
#[tokio::test]
async fn a_run_survives_the_end_of_its_process_and_tells_nobody_twice() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        let people = 5 * server::notifications::BATCH + 7;
        permits(&org, "2026-12-20", people).await;
        opt_in(app, org.id).await;
        let new = json!({ "name": "Izin", "state": "paused", "definition": definition(&samples) });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let begun =
            org.owner.post(&format!("notifications/{}/runs", made.str("/id")), json!({})).await.expect(201);
        let id = begun.str("/id").parse().unwrap();
        let (mut ended, mut wait) = (0, 1);
        let state = loop {
            let mut tx = app.ctx.store.read().await.unwrap();
            let state = tx.org(org.id).await.unwrap().run(id).await.unwrap().unwrap();
            drop(tx);
            if state.state == RunState::Done {
                break state;
            }
            // A little later each time, so that every moment of a batch comes up.
            let work = runner(app);
            let patience = Duration::from_millis(wait);
            ended += usize::from(tokio::time::timeout(patience, work.run_due()).await.is_err());
            wait = wait * 3 / 2 + 3;
            app.clock.advance(span::minutes(2));
        };
        assert!(ended > 3, "it was interrupted {ended} times");
        assert_eq!(state.counts.0.values().sum::<i64>(), i64::try_from(people + 1).unwrap());
        assert_eq!(intended(app, org.id).await, people + 1);
        let mut tx = app.ctx.store.read().await.unwrap();
        let outcomes = tx.org(org.id).await.unwrap().outcomes(id).await.unwrap();
        let queued: i64 = outcomes.iter().map(|one| one.count).sum();
        assert_eq!((outcomes.len(), queued), (1, i64::try_from(people + 1).unwrap()));
        assert_eq!(outcomes[0].outcome, OutreachOutcome::Queued.as_str());
        assert_eq!(tx.jobs_left("deliver").await.unwrap(), queued);
        drop(tx);
        app.leave_jobs();
    })
    .await;
}

/// Goes through the first of a run's people, and has the next wait for a minute.
async fn run_first_batch(app: &TestApp) {
    let (begun, later) = (Arc::new(AtomicBool::new(false)), app.now() + span::minutes(1));
    let stopping = |queue: Queue| match queue.work {
        Work::Each(step) if queue.name == server::notifications::RUN => {
            let begun = begun.clone();
            let step = handler(move |job| {
                let (step, goes) = (step.clone(), !begun.swap(true, Ordering::SeqCst));
                async move { if goes { step(job).await } else { Verdict::Later(later, "the test".into()) } }
            });
            Queue { work: Work::Each(step), ..queue }
        }
        work => Queue { work, ..queue },
    };
    let queues = server::notifications::queues(&app.ctx).into_iter().map(stopping).collect();
    let (ctx, store) = (&app.ctx, app.ctx.store.clone());
    jobs::Runner::new(store, ctx.clock.clone(), ctx.chance.clone(), queues).run_due().await.unwrap();
}

/// The ids of contacts on a run's way, from a place on.
async fn on_the_way(app: &TestApp, org: OrgId, after: Option<ContactId>) -> Vec<ContactId> {
    let mut tx = app.ctx.store.read().await.unwrap();
    let all = store::contacts::ContactFilter::default();
    let found = tx.org(org).await.unwrap().walk_contacts(&all, after, 1_000).await.unwrap();
    found.into_iter().map(|contact| contact.id).collect()
}

#[tokio::test]
async fn who_turns_out_to_be_somebody_else_in_the_middle_of_a_run_is_told_once() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", server::notifications::BATCH + 9).await;
        opt_in(app, org.id).await;
        let mut called = definition(&samples);
        called["trigger"] = json!({ "kind": "call" });
        called["audience"] = json!({ "kind": "contacts" });
        called["variables"]["body.title"] = json!({ "from": { "kind": "text", "text": "Izin" } });
        called["variables"]["body.until"] = json!({ "from": { "kind": "text", "text": "besok" } });
        let new = json!({ "name": "Panggilan", "state": "enabled", "definition": called });
        let made = org.key.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}/runs", made.str("/id"));
        let begun = org.key.post(&path, json!({ "key": "all" })).await.expect(201);
        run_first_batch(app).await;
        let everybody = on_the_way(app, org.id, None).await;
        let (told, to_come) = everybody.split_at(server::notifications::BATCH);
        assert_eq!(intended(app, org.id).await, told.len());
        let merge = format!("contacts/{}/merge", to_come[0]);
        org.owner.post(&merge, json!({ "contact_id": told[0] })).await.expect(200);
        app.clock.advance(span::minutes(1));
        run(app).await;
        assert_eq!(intended(app, org.id).await, everybody.len() - 1);
        let ended = org.key.get(&format!("notification-runs/{}", begun.str("/id"))).await;
        assert_eq!(
            (ended.str("/state"), &ended.json["decided"]),
            ("done", &json!(everybody.len() - 1)),
            "the person who was told is passed over"
        );
        // Whoever names both names one person.
        let both = json!({ "key": "two", "contacts": [told[0], to_come[0]] });
        let begun = org.key.post(&path, both).await.expect(201);
        run(app).await;
        let ended = org.key.get(&format!("notification-runs/{}", begun.str("/id"))).await;
        assert_eq!((&ended.json["decided"], ended.str("/counts/0/verdict")), (&json!(1), "send"));
        app.leave_jobs();
    })
    .await;
}

/// The runs of a notification, oldest first: the key's day, and how many were decided about.
async fn decided(org: &TestOrg, path: &str) -> Vec<(String, i64)> {
    let runs = org.owner.get(&format!("{path}/runs")).await.expect(200);
    let told = |run: &Value| (run["day"].as_str().unwrap().to_owned(), run["decided"].as_i64().unwrap());
    runs.items().iter().rev().map(told).collect()
}

#[tokio::test]
async fn everybody_hears_of_it_at_the_hour_of_their_own_clock() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 3).await;
        opt_in(app, org.id).await;
        for (name, zone) in [("Toko%200", "Asia/Jayapura"), ("Toko%201", "Asia/Makassar")] {
            let id = org.owner.get(&format!("contacts?q={name}")).await.items()[0]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            org.owner.patch(&format!("contacts/{id}"), json!({ "timezone": zone })).await.expect(200);
        }
        let mut definition = definition(&samples);
        definition["clock"] = json!("contact");
        let new = json!({ "name": "Izin", "state": "enabled", "definition": definition });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}", made.str("/id"));
        // 16:00 in Jakarta: nine o'clock comes to Jayapura in 15 hours, two before Jakarta.
        assert_eq!(made.json["next_at"], json!(app.now().0 + 15 * 3_600_000_000));
        let day = "2026-11-21".to_owned();
        for (hours, runs) in [(15, vec![1]), (1, vec![1, 1]), (1, vec![1, 1, 1])] {
            app.clock.advance(span::hours(hours));
            run(app).await;
            let expected: Vec<_> = runs.into_iter().map(|count| (day.clone(), count)).collect();
            assert_eq!(decided(&org, &path).await, expected);
        }
        // Whoever moves west between two runs is told by none twice, and whoever moves east is left out by none.
        let contact =
            org.owner.get("contacts?q=Toko%200").await.items()[0]["id"].as_str().unwrap().to_owned();
        org.owner
            .patch(&format!("contacts/{contact}"), json!({ "timezone": "Asia/Jakarta" }))
            .await
            .expect(200);
        permits(&org, "2026-12-22", 3).await;
        app.clock.advance(span::hours(22));
        run(app).await;
        org.owner
            .patch(&format!("contacts/{contact}"), json!({ "timezone": "Asia/Jayapura" }))
            .await
            .expect(200);
        app.clock.advance(span::hours(2));
        run(app).await;
        let next: i64 = decided(&org, &path).await.iter().skip(3).map(|(_, count)| count).sum();
        assert_eq!(next, 3, "everybody of the next day");
        // Who is refused at the first hour of a day is not refused again at each later one.
        let stop = json!({ "action": "opt_out", "wording": "STOP" });
        org.owner.post(&format!("contacts/{contact}/consent"), stop).await.expect(201);
        permits(&org, "2026-12-23", 3).await;
        app.clock.advance(span::hours(24));
        run(app).await;
        let last: i64 = decided(&org, &path)
            .await
            .iter()
            .filter(|(day, _)| day == "2026-11-23")
            .map(|(_, count)| count)
            .sum();
        assert_eq!(last, 3, "each once");
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_preview_tells_what_it_would_cost() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 3).await;
        opt_in(app, org.id).await;
        let abroad = json!({ "external_id": "P-X", "contact": { "phone": "+3545551234", "name": "Anna" },
            "data": { "title": "Izin", "expires_on": "2026-12-21" } });
        org.key.post("records/bulk", json!({ "kind": "permit", "records": [abroad] })).await.expect(200);
        let preview =
            org.owner.post("notifications/preview", json!({ "definition": definition(&samples) })).await.expect(200);
        let each = rules::prices::rates_of("62811").unwrap().utility;
        // Anna has not opted in: she gets nothing, and that costs nothing.
        assert_eq!(
            preview.json["price"],
            json!({ "currency": "USD", "since": rules::prices::SINCE, "millionths": 3 * each, "priced": 3, "free": 0, "unknown": 0 })
        );
        let prices: Vec<&Value> = preview.items().iter().map(|one| &one["price"]).collect();
        assert_eq!(prices.iter().filter(|price| ***price == json!(each)).count(), 3);
        assert_eq!(prices.iter().filter(|price| price.is_null()).count(), 1);
        opt_in(app, org.id).await;
        let preview =
            org.owner.post("notifications/preview", json!({ "definition": definition(&samples) })).await.expect(200);
        assert_eq!((&preview.json["price"]["priced"], &preview.json["price"]["unknown"]), (&json!(3), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn a_header_is_a_file_that_was_uploaded() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        let mut tx = app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(org.id).await.unwrap();
        let with_file = TemplateReading {
            id: TemplateId::fresh(app.now(), app.ctx.chance()),
            meta_template_id: format!("file-{}", org.id),
            name: "with_file".into(),
            language: "id".into(),
            category: "UTILITY".into(),
            status: "APPROVED".into(),
            quality: None,
            parameter_format: "NAMED".into(),
            components: json!([{ "type": "HEADER", "format": "DOCUMENT" }, { "type": "BODY", "text": "Halo {{name}}." }]),
            rejected_reason: None,
            ttl_seconds: None,
            coming_category: None,
        };
        scope.record_templates(samples["account"].parse().unwrap(), &[with_file], app.now()).await.unwrap();
        tx.commit().await.unwrap();
        permits(&org, "2026-12-21", 1).await;
        opt_in(app, org.id).await;
        let file = |name: &str, mime: &str| {
            let part = Part::bytes(b"%PDF-1.4 a permit".to_vec()).file_name(name.to_owned()).mime_str(mime).unwrap();
            org.key.send(org.key.request(Method::POST, "media").multipart(Form::new().part("file", part)))
        };
        let media = file("izin.pdf", "application/pdf").await.expect(201).str("/id").to_owned();
        let mut definition = definition(&samples);
        definition["template"] = json!("with_file");
        definition["variables"] = json!({ "body.name": { "from": { "kind": "contact_name" } },
            "header": { "from": { "kind": "file", "media_id": media } } });
        definition["trigger"] = json!({ "kind": "call" });
        let new = json!({ "name": "Izin", "state": "enabled", "definition": definition });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}", made.str("/id"));
        org.owner.post(&format!("{path}/runs"), json!({})).await.expect(201);
        run(app).await;
        let mut tx = app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(org.id).await.unwrap();
        let uses = scope.media_uses(media.parse().unwrap(), 9).await.unwrap();
        assert_eq!(uses.len(), 2, "of this permit and of the one that was there");
        for message in uses {
            let message = scope.message(message).await.unwrap().unwrap();
            let header = &message.content.0["template"]["components"][0]["parameters"][0]["document"];
            assert_eq!(header["id"], json!(media), "{}", message.content.0);
        }
        drop(tx);

        let wrong = |change: &dyn Fn(&mut Value)| {
            let mut wrong = new.clone();
            change(&mut wrong["definition"]);
            wrong
        };
        let elsewhere = wrong(&|one| one["variables"]["body.name"] = one["variables"]["header"].clone());
        assert_eq!(org.owner.post("notifications", elsewhere).await.problem(422), "invalid");
        let nowhere = wrong(&|one| one["variables"]["header"]["from"]["media_id"] = json!(org.id));
        assert_eq!(org.owner.post("notifications", nowhere).await.problem(404), "not_found");
        let order = |channels: Value| wrong(&|one| one["fallback"] = channels.clone());
        let step = |channel: &str| json!({ "channel": channel, "minutes": 60 });
        for channels in [
            json!([step("email"), step("email")]),
            json!([step("email"), step("whatsapp")]),
            json!([step("whatsapp")]),
            json!([{ "channel": "email", "minutes": 0 }]),
        ] {
            assert_eq!(org.owner.post("notifications", order(channels)).await.problem(422), "invalid");
        }
        let all = json!([step("whatsapp"), step("email"), step("sms")]);
        org.owner.post("notifications", order(all)).await.expect(201);
        app.leave_jobs();
    })
    .await;
}

async fn set_status(app: &TestApp, org: OrgId, status: &str) {
    let path = format!("/api/v1/operator/orgs/{org}");
    app.operator_person().await.patch(&path, json!({ "status": status })).await.expect(200);
}

#[tokio::test]
async fn what_falls_due_while_the_organisation_is_suspended_is_past() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 2).await;
        opt_in(app, org.id).await;
        let mut daily = definition(&samples);
        daily["audience"] = json!({ "kind": "contacts" });
        daily["trigger"] = json!({ "kind": "cron", "pattern": "0 9 * * *" });
        for gap in ["body.title", "body.until"] {
            daily["variables"][gap] = json!({ "from": { "kind": "text", "text": "Izin" } });
        }
        let new = json!({ "name": "Harian", "state": "enabled", "definition": daily });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}/runs", made.str("/id"));
        set_status(app, org.id, "suspended").await;
        for _ in 0..5 {
            app.clock.advance(span::hours(24));
            run(app).await;
        }
        set_status(app, org.id, "active").await;
        app.clock.advance(span::hours(2));
        run(app).await;
        assert!(org.owner.get(&path).await.items().is_empty(), "nothing is made up for");
        assert_eq!(intended(app, org.id).await, 0);
        app.clock.advance(span::hours(22));
        run(app).await;
        assert_eq!(org.owner.get(&path).await.items().len(), 1, "the next day is as any other");
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn a_run_that_could_not_begin_for_a_day_tells_nobody_any_more() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 2).await;
        opt_in(app, org.id).await;
        let new = json!({ "name": "Izin", "state": "enabled", "definition": definition(&samples) });
        let made = org.owner.post("notifications", &new).await.expect(201);
        app.clock.advance(span::hours(17));
        let mut begins = server::notifications::queues(&app.ctx);
        begins.retain(|queue| queue.name == server::notifications::DUE);
        let (store, clock, chance) = (&app.ctx.store, &app.ctx.clock, &app.ctx.chance);
        let runner = jobs::Runner::new(store.clone(), clock.clone(), chance.clone(), begins);
        runner.run_due().await.unwrap();
        let path = format!("notifications/{}/runs", made.str("/id"));
        let state = async || org.owner.get(&path).await.expect(200).str("/items/0/state").to_owned();
        set_status(app, org.id, "suspended").await;
        run(app).await;
        assert_eq!(state().await, "running");
        app.clock.advance(span::hours(25));
        run(app).await;
        assert_eq!(state().await, "stopped");
        set_status(app, org.id, "active").await;
        app.clock.advance(span::hours(1));
        run(app).await;
        assert_eq!(intended(app, org.id).await, 0);
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn whoever_was_refused_at_the_last_moment_has_not_been_reached() {
    app::both(async |app| {
        let (org, samples) = stage(app).await;
        permits(&org, "2026-12-21", 1).await;
        opt_in(app, org.id).await;
        let new = json!({ "name": "Izin", "state": "enabled", "definition": definition(&samples) });
        let made = org.owner.post("notifications", &new).await.expect(201);
        let path = format!("notifications/{}/runs", made.str("/id"));
        app.clock.advance(span::hours(17));
        run(app).await;
        let first = org.owner.get(&path).await.str("/items/0/id").to_owned();
        let told = async || {
            let people = org.owner.get(&format!("notification-runs/{first}/recipients")).await.expect(200);
            [people.str("/items/0/verdict"), people.str("/items/0/outcome")].map(str::to_owned)
        };
        assert_eq!(told().await, ["send", "queued"]);
        // They end everything before it is their turn.
        let contact =
            org.owner.get("contacts?q=Toko%200").await.items()[0]["id"].as_str().unwrap().to_owned();
        app.clock.advance(Duration::from_secs(1));
        let stop = json!({ "action": "opt_out", "wording": "STOP" });
        org.owner.post(&format!("contacts/{contact}/consent"), stop).await.expect(201);
        app.run_jobs().await;
        assert_eq!(told().await, ["send", "refused"]);

        app.clock.advance(Duration::from_secs(1));
        starts(app, org.id, &contact).await;
        let permit = org.owner.get("records?q=P-0000").await.items()[0]["id"].clone();
        for (key, decided) in [("again", 1), ("and again", 0)] {
            let wish = json!({ "records": [permit], "key": key });
            let begun = org.owner.post(&path, wish).await.expect(201);
            run(app).await;
            let ended = org.owner.get(&format!("notification-runs/{}", begun.str("/id"))).await.expect(200);
            assert_eq!(ended.json["decided"], json!(decided), "{key}: {}", ended.text);
        }
        assert_eq!(told().await, ["send", "refused"], "what was is still written down");
        app.leave_jobs();
    })
    .await;
}
