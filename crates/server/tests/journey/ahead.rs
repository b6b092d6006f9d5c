//! Answers that are prepared in the transaction that accepts them: they leave at once, and never where anything speaks
//! against it by then.

use std::time::Duration;

use jobs::{Queue, Runner, Work, set_handler};
use rules::time::span;
use serde_json::json;
use server::Ctx;
use store::Cursor;
use store::messages::{Attempt, Message, Towards};
use testkit::app::Ground;
use tokio_util::sync::CancellationToken;

use super::model::{Reply, Stub, supported};
use super::stage::{ANNA, Stage, both, both_with};

const PRICES: &str = "Kopi Gayo 250 gram harganya Rp 85.000.";
const QUESTION: &str = "Berapa harga kopi Gayo 250 gram?";
const PRICE: &str = "85.000";

/// How long a worker holds a message.
const LEASE: Duration = Duration::from_secs(60);

/// An organisation that knows its prices.
async fn with_prices(journey: impl AsyncFn(&Stage)) {
    both(async |stage| {
        stage.knows("Daftar Harga", PRICES).await;
        journey(stage).await;
    })
    .await;
}

/// The same, with a model that takes its time: what happens meanwhile happens between the turn's beginning and its commit.
async fn with_a_model(journey: impl AsyncFn(&Stage, &Stub)) {
    let stub = Stub::start().await;
    let change = |parts: &mut server::Parts| parts.model = Some(stub.model(Duration::from_secs(20)));
    both_with(change, async |stage: &Stage| {
        stage.knows("Daftar Harga", PRICES).await;
        journey(stage, &stub).await;
    })
    .await;
}

/// Waits for something that comes by itself.
async fn until(what: &str, is_there: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if is_there().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("within ten seconds it does not come that {what}");
}

/// What was written comes in.
async fn comes_in(stage: &Stage) {
    until("a webhook is applied", async || server::ingest::work(&stage.app.ctx).await.unwrap()).await;
}

/// Anna asks, and something happens while the model thinks about it.
async fn while_it_thinks(stage: &Stage, stub: &Stub, deed: impl AsyncFnOnce()) {
    let told = CancellationToken::new();
    let (told_too, said) = (told.clone(), supported("Kopi Gayo 250 gram harganya Rp 85.000 ya kak.", &[1]));
    stub.take_prompts();
    stub.then(move |_| Reply::SaysOnce(told_too.clone(), said.clone()));
    stage.app.clock.advance(Duration::from_secs(1));
    stage.writes(ANNA, QUESTION).await;
    tokio::join!(stage.settle(), async {
        until("the model is asked", async || !stub.take_prompts().is_empty()).await;
        deed().await;
        told.cancel();
    });
}

/// Anna asks, and something happens after the answer was committed, before its worker begins.
async fn before_the_worker(stage: &Stage, deed: impl AsyncFnOnce()) {
    stage.app.clock.advance(Duration::from_secs(1));
    stage.writes(ANNA, QUESTION).await;
    comes_in(stage).await;
    let (arrived, let_on) = (CancellationToken::new(), CancellationToken::new());
    let runner = runner(&stage.app.ctx, Some((&arrived, &let_on)));
    let (ran, ()) = tokio::join!(runner.run_due(), async {
        until("the answer has a worker", async || arrived.is_cancelled()).await;
        deed().await;
        let_on.cancel();
    });
    ran.unwrap();
}

/// A runner of a node's queues; whose worker of messages tells that it has come, and waits to be let on.
fn runner(ctx: &Ctx, gate: Option<(&CancellationToken, &CancellationToken)>) -> Runner {
    let gated = |queue: Queue| match (queue.work.clone(), gate) {
        (Work::Together(deliver), Some((arrived, let_on))) if queue.name == "deliver" => {
            let (arrived, let_on) = (arrived.clone(), let_on.clone());
            let gated = set_handler(move |jobs, room| {
                let (arrived, let_on, deliver) = (arrived.clone(), let_on.clone(), deliver.clone());
                async move {
                    arrived.cancel();
                    let_on.cancelled().await;
                    deliver(jobs, room).await
                }
            });
            Queue { work: Work::Together(gated), ..queue }
        }
        _ => queue,
    };
    let queues = server::queues::queues(ctx).into_iter().map(gated).collect();
    Runner::new(ctx.store.clone(), ctx.clock.clone(), ctx.chance.clone(), queues)
}

/// The AI's answers, and the attempts to send each.
async fn answers(stage: &Stage) -> Vec<(Message, Vec<Attempt>)> {
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let mut scope = tx.org(stage.org.id).await.unwrap();
    let row = scope.conversations(&Default::default(), Cursor::NEWEST, 1).await.unwrap().items.pop().unwrap();
    let thread = scope.thread(row.conversation.id, Towards::Older(Cursor::NEWEST), 100).await.unwrap();
    let mut answers = Vec::new();
    for message in thread.items.into_iter().rev().filter(|one| one.author.as_str() == "ai") {
        let attempts = scope.attempts(message.id).await.unwrap();
        answers.push((message, attempts));
    }
    answers
}

/// The only answer: its state, and the outcomes of the attempts to send it.
async fn answer(stage: &Stage) -> (String, Vec<Option<String>>) {
    let mut answers = answers(stage).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    let (message, attempts) = answers.remove(0);
    (message.state.to_string(), attempts.into_iter().map(|attempt| attempt.outcome).collect())
}

/// How often the price has reached Anna.
async fn arrived(stage: &Stage) -> usize {
    stage.received(ANNA).await.iter().filter(|text| text.contains(PRICE)).count()
}

/// What was accepted and not prepared with it waits as any other message does, and leaves once.
async fn waits_and_leaves_once(stage: &Stage, wait: Duration) {
    assert_eq!(arrived(stage).await, 0);
    assert_eq!(answer(stage).await, ("queued".to_owned(), Vec::new()));
    assert_eq!((stage.app.ctx.ahead.waiting(), stage.app.ctx.ahead.taken()), (0, 0));
    stage.app.clock.advance(wait);
    stage.settle().await;
    assert_eq!(arrived(stage).await, 1);
    assert_eq!(answer(stage).await, ("read".to_owned(), vec![Some("sent".to_owned())]));
}

#[tokio::test]
async fn an_answer_is_prepared_as_it_is_accepted_and_leaves() {
    with_prices(async |stage| {
        before_the_worker(stage, async || {
            assert_eq!(
                answer(stage).await,
                ("queued".to_owned(), vec![None]),
                "its attempt is noted already"
            );
            assert_eq!(stage.app.ctx.ahead.waiting(), 1);
            assert_eq!(arrived(stage).await, 0);
        })
        .await;
        stage.settle().await;
        assert_eq!(arrived(stage).await, 1);
        assert_eq!(answer(stage).await, ("read".to_owned(), vec![Some("sent".to_owned())]));
        assert_eq!((stage.app.ctx.ahead.waiting(), stage.app.ctx.ahead.taken()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn an_organisation_suspended_meanwhile_sends_when_it_may_work_again() {
    with_a_model(async |stage, stub| {
        let path = format!("/api/v1/operator/orgs/{}", stage.org.id);
        let set = async |status: &str| {
            stage.app.operator.patch(&path, json!({ "status": status })).await.expect(200);
        };
        while_it_thinks(stage, stub, async || set("suspended").await).await;
        assert_eq!(answer(stage).await, ("queued".to_owned(), Vec::new()));
        set("active").await;
        waits_and_leaves_once(stage, span::minutes(10)).await;
    })
    .await;
}

#[tokio::test]
async fn a_number_that_may_not_send_now_sends_later_and_once() {
    with_prices(async |stage| {
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let number = tx.org(stage.org.id).await.unwrap().numbers(None).await.unwrap().remove(0).id;
        drop(tx);
        let pause = Duration::from_secs(30);
        stage.app.ctx.limits.pause(number, stage.app.now() + pause);
        assert!(stage.asks(QUESTION).await.is_empty());
        waits_and_leaves_once(stage, pause).await;
    })
    .await;
}

/// Meta: one message in six seconds to the same person, of which 45 may be borrowed.
#[tokio::test]
async fn a_person_who_was_sent_as_many_as_may_be_is_answered_later_and_once() {
    with_prices(async |stage| {
        // The gateway's own limit is meant, not Meta's.
        stage.control("PATCH", "settings", json!({ "limits": { "pair_burst": 0 } })).await;
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let greeted = answers(stage).await.len();
        let taken = stage.app.ctx.ahead.taken();
        for n in greeted..45 {
            let body = json!({ "to": { "phone": format!("+{ANNA}") }, "content": { "type": "text", "body": format!("{n}") } });
            stage.org.key.post("messages", &body).await.expect(202);
        }
        stage.settle().await;
        assert!(stage.asks(QUESTION).await.is_empty());
        let (waiting, attempts) = answers(stage).await.remove(greeted);
        assert_eq!((waiting.state.as_str(), attempts.len()), ("queued", 0));
        assert_eq!(stage.app.ctx.ahead.taken(), taken, "it was not prepared");
        stage.app.clock.advance(Duration::from_secs(6));
        stage.settle().await;
        assert_eq!(arrived(stage).await, 1);
        let (sent, attempts) = answers(stage).await.remove(greeted);
        assert_eq!((sent.state.as_str(), attempts.len()), ("read", 1));
    })
    .await;
}

#[tokio::test]
async fn the_gate_is_asked_again_where_the_settings_have_changed_meanwhile() {
    with_a_model(async |stage, stub| {
        let set = async |settings| {
            stage.org.owner.patch("", json!({ "settings": settings })).await.expect(200);
        };
        set(json!({ "inbound_lifts_opt_out": true })).await;
        stage.writes(ANNA, "STOP").await;
        stage.settle().await;
        // What she asks lifts her STOP, until the organisation wants it otherwise.
        while_it_thinks(stage, stub, async || set(json!({ "inbound_lifts_opt_out": false })).await).await;
        assert_eq!(answer(stage).await, ("refused".to_owned(), Vec::new()));
        stage.app.clock.advance(span::minutes(10));
        stage.settle().await;
        assert_eq!(arrived(stage).await, 0);
        assert_eq!(stage.app.ctx.ahead.taken(), 0);
    })
    .await;
}

#[tokio::test]
async fn settings_that_change_nothing_for_an_answer_hold_it_up_no_longer_than_its_turn() {
    with_a_model(async |stage, stub| {
        let strict = json!({ "settings": { "policy": "strict_opt_in" } });
        let deed = async || drop(stage.org.owner.patch("", strict).await.expect(200));
        while_it_thinks(stage, stub, deed).await;
        assert_eq!(arrived(stage).await, 1);
        assert_eq!(answer(stage).await, ("read".to_owned(), vec![Some("sent".to_owned())]));
        assert_eq!(stage.app.ctx.ahead.taken(), 0, "it was prepared in its turn");
    })
    .await;
}

/// By word of mouth, and to us.
#[tokio::test]
async fn who_says_no_meanwhile_is_not_answered() {
    with_a_model(async |stage, stub| {
        let deed = async || {
            let contact = stage.conversation().await["contact"]["id"].as_str().unwrap().to_owned();
            let no = json!({ "action": "opt_out", "note": "By telephone." });
            stage.org.owner.post(&format!("contacts/{contact}/consent"), no).await.expect(201);
        };
        while_it_thinks(stage, stub, deed).await;
        nobody_is_answered(stage).await;
    })
    .await;
    with_a_model(async |stage, stub| {
        let deed = async || {
            stage.writes(ANNA, "STOP").await;
            comes_in(stage).await;
        };
        while_it_thinks(stage, stub, deed).await;
        nobody_is_answered(stage).await;
    })
    .await;
}

async fn nobody_is_answered(stage: &Stage) {
    stage.app.clock.advance(span::minutes(10));
    stage.settle().await;
    assert_eq!(arrived(stage).await, 0);
    assert!(answers(stage).await.is_empty());
    assert_eq!(stage.app.ctx.ahead.taken(), 0);
}

/// Whoever finds an attempt without an end takes it for sent, and who has lost the lease sends nothing.
#[tokio::test]
async fn a_worker_that_has_lost_its_lease_sends_nothing() {
    with_prices(async |stage| {
        // Another process knows nothing of what this one has prepared.
        let (app, (intake, _)) = (&stage.app, server::ingest::intake(1));
        let ground = Ground::beside(&app.ctx, app.ctx.store.clone(), app.url.clone(), app.clock.clone());
        let other = Ctx::new(ground.parts(intake));
        before_the_worker(stage, async || {
            stage.app.clock.advance(LEASE + Duration::from_secs(1));
            assert_eq!(runner(&other, None).run_due().await.unwrap(), 1, "the other has taken it");
            assert_eq!(answer(stage).await, ("unknown".to_owned(), vec![Some("unknown".to_owned())]));
        })
        .await;
        assert_eq!((stage.app.ctx.ahead.waiting(), stage.app.ctx.ahead.taken()), (0, 1));
        stage.app.clock.advance(span::minutes(11));
        stage.settle().await;
        server::dispatch::sweep(&stage.app.ctx).await.unwrap();
        assert_eq!(arrived(stage).await, 0);
        assert_eq!(answer(stage).await.0, "unresolved", "a person decides");
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_late_and_still_holds_its_lease_sends_once() {
    for late in [LEASE - Duration::from_secs(10), LEASE + Duration::from_secs(1)] {
        with_prices(async |stage| {
            before_the_worker(stage, async || stage.app.clock.advance(late)).await;
            stage.settle().await;
            assert_eq!(arrived(stage).await, 1);
            assert_eq!(answer(stage).await, ("read".to_owned(), vec![Some("sent".to_owned())]));
        })
        .await;
    }
}

#[tokio::test]
async fn nothing_leaves_and_nothing_is_kept_of_what_was_not_committed() {
    with_prices(async |stage| {
        stage.app.database.fail_commits("attempts").await.unwrap();
        assert!(stage.asks(QUESTION).await.is_empty());
        assert!(answers(stage).await.is_empty());
        assert_eq!((stage.app.ctx.ahead.waiting(), stage.app.ctx.ahead.taken()), (0, 0));
        stage.app.database.mend_commits("attempts").await.unwrap();
        stage.app.clock.advance(span::minutes(10));
        stage.settle().await;
        assert_eq!(arrived(stage).await, 1);
        assert_eq!(answer(stage).await, ("read".to_owned(), vec![Some("sent".to_owned())]));
        assert_eq!((stage.app.ctx.ahead.waiting(), stage.app.ctx.ahead.taken()), (0, 1));
    })
    .await;
}
