//! A small Meta with a memory of its own: what it was asked, what it took, what reached each phone, what it has to tell.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use meta::graph::{Carried, GraphError, Transport};
use rand::Rng as _;
use rand::rngs::StdRng;
use rules::time::Clock;
use serde_json::{Value, json};
use testkit::TestClock;
use testkit::app::line::{NUMBER, WABA};

use super::turns::{Life, What};
use super::world::{PEOPLE, World};

/// How often things go wrong, of a hundred.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    pub no_connection: u32,
    pub request_lost: u32,
    pub late: u32,
    pub answer_lost: u32,
    pub server_error: u32,
    pub slow_down: u32,
    pub never: u32,
    pub undeliverable: u32,
    pub status_missing: u32,
    pub no_echo: u32,
    pub repeated: u32,
}

impl Faults {
    /// Everything goes well.
    pub const NONE: Self = Self {
        no_connection: 0,
        request_lost: 0,
        late: 0,
        answer_lost: 0,
        server_error: 0,
        slow_down: 0,
        never: 0,
        undeliverable: 0,
        status_missing: 0,
        no_echo: 0,
        repeated: 0,
    };

    /// As the seed has it: many of one kind and none of another, differently each time.
    pub fn of(dice: &mut StdRng) -> Self {
        let mut some = |most: u32| if dice.random_ratio(1, 2) { dice.random_range(0..=most) } else { 0 };
        Self {
            no_connection: some(30),
            request_lost: some(20),
            late: some(20),
            answer_lost: some(40),
            server_error: some(20),
            slow_down: some(30),
            never: some(10),
            undeliverable: some(20),
            status_missing: some(40),
            no_echo: some(20),
            repeated: some(30),
        }
    }
}

/// What becomes of a request, as its node hears it.
#[derive(Clone, Debug)]
enum Heard {
    NoConnection,
    Nothing,
    Answer(u16, Value),
}

/// A request to send a message.
#[derive(Debug)]
pub struct Request {
    pub person: usize,
    pub text: String,
    pub callback: String,
    /// Meta has looked at it.
    pub seen: bool,
    /// Meta took it.
    pub taken: bool,
    /// What its node will hear, once it is let go on.
    heard: Option<Heard>,
}

/// What Meta has to tell.
#[derive(Clone, Debug)]
pub struct News {
    pub body: Value,
    /// Of a status: the message's callback data, the word, and whether the data is told.
    pub status: Option<(String, &'static str, bool)>,
    /// The text, of a message.
    pub text: Option<String>,
    /// Which life is looking at it.
    pub posted: Option<Life>,
    /// It was answered 200 at least once.
    pub acknowledged: bool,
    /// It will not be sent again.
    pub over: bool,
}

impl News {
    fn of(body: Value) -> Self {
        Self { body, status: None, text: None, posted: None, acknowledged: false, over: false }
    }
}

#[derive(Default)]
pub struct Records {
    pub requests: Vec<Request>,
    /// The texts that have reached a phone, in their order.
    pub phone: Vec<String>,
    pub news: Vec<News>,
    /// Handed over although the ledger said STOP.
    pub after_stop: Vec<String>,
}

/// The simulated Meta.
pub struct Meta {
    records: Mutex<Records>,
    seed: u64,
}

impl Meta {
    pub fn new(seed: u64) -> Self {
        Self { records: Mutex::default(), seed }
    }

    /// What the ids of people's messages begin with.
    pub fn prefix(&self) -> String {
        format!("wamid.in.{}.", self.seed)
    }

    pub fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides what becomes of a request that is about to leave. `false`: its answer is on the way, and comes when the
    /// request is let go on once more.
    pub fn decide(&self, n: usize, faults: &Faults, dice: &mut StdRng, clock: &TestClock) -> bool {
        if self.records().requests[n].heard.is_some() {
            return true;
        }
        let mut chance = |percent: u32| dice.random_range(0..100) < percent;
        let heard = if chance(faults.no_connection) {
            Heard::NoConnection
        } else if chance(faults.request_lost) {
            self.records().requests[n].seen = true;
            Heard::Nothing
        } else if chance(faults.late) {
            Heard::Nothing
        } else {
            let lost = chance(faults.answer_lost);
            let answer = self.look_at(n, faults, dice, clock);
            self.records().requests[n].heard = Some(if lost { Heard::Nothing } else { answer });
            return false;
        };
        self.records().requests[n].heard = Some(heard);
        true
    }

    /// How a request stands, in words.
    pub fn tell(&self, n: usize) -> String {
        let records = self.records();
        let Request { text, taken, heard, .. } = &records.requests[n];
        let taken = if *taken { "taken" } else { "not taken" };
        format!("request {n} of \"{text}\": {taken}, {heard:?}")
    }

    /// Requests whose node has given up, and that may still come.
    pub fn late(&self) -> Vec<usize> {
        let records = self.records();
        let late = |request: &Request| !request.seen && matches!(request.heard, Some(Heard::Nothing));
        (0..records.requests.len()).filter(|n| late(&records.requests[*n])).collect()
    }

    /// Meta looks at a request: takes it, or says why not.
    pub fn take_late(&self, n: usize, faults: &Faults, dice: &mut StdRng, clock: &TestClock) {
        self.look_at(n, faults, dice, clock);
    }

    fn look_at(&self, n: usize, faults: &Faults, dice: &mut StdRng, clock: &TestClock) -> Heard {
        let mut chance = |percent: u32| dice.random_range(0..100) < percent;
        self.records().requests[n].seen = true;
        if chance(faults.slow_down) {
            return if chance(50) { refusal(131_056, 400) } else { refusal(130_429, 429) };
        }
        if chance(faults.never) {
            return refusal(131_026, 400);
        }
        let broken = chance(faults.server_error);
        if broken && chance(50) {
            return refusal(131_000, 500);
        }
        let arrives = !chance(faults.undeliverable);
        let wamid = self.accept(n, arrives, faults, dice, clock);
        if broken {
            return Heard::Answer(502, Value::String("<html>Bad gateway</html>".to_owned()));
        }
        Heard::Answer(200, json!({ "messaging_product": "whatsapp", "messages": [{ "id": wamid }] }))
    }

    fn accept(
        &self,
        n: usize,
        arrives: bool,
        faults: &Faults,
        dice: &mut StdRng,
        clock: &TestClock,
    ) -> String {
        let mut records = self.records();
        let wamid = format!("wamid.out.{}.{n}", self.seed);
        let request = &mut records.requests[n];
        request.taken = true;
        let (person, text, callback) = (request.person, request.text.clone(), request.callback.clone());
        if arrives {
            records.phone.push(text);
        }
        let echo = dice.random_range(0..100) >= faults.no_echo;
        for word in if arrives { ["sent", "delivered", "read"] } else { ["sent", "failed", "failed"] } {
            if dice.random_range(0..100) < faults.status_missing {
                continue;
            }
            let mut status = json!({
                "id": wamid, "status": word, "timestamp": clock.now().seconds().to_string(),
                "recipient_id": PEOPLE[person],
            });
            if word == "failed" {
                status["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
            }
            if echo {
                status["biz_opaque_callback_data"] = callback.clone().into();
            }
            let body = webhook(json!({ "statuses": [status] }));
            records.news.push(News { status: Some((callback.clone(), word, echo)), ..News::of(body) });
        }
        wamid
    }

    /// A person writes.
    pub fn writes(&self, person: usize, text: &str, clock: &TestClock) {
        let mut records = self.records();
        let message = json!({
            "from": PEOPLE[person], "id": format!("{}{}", self.prefix(), records.news.len()),
            "timestamp": clock.now().seconds().to_string(), "type": "text", "text": { "body": text },
        });
        let contact = json!({ "profile": { "name": "Anna" }, "wa_id": PEOPLE[person] });
        let body = webhook(json!({ "contacts": [contact], "messages": [message] }));
        records.news.push(News { text: Some(text.to_owned()), ..News::of(body) });
    }
}

fn webhook(of: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "62215550111", "phone_number_id": NUMBER },
    });
    for (name, list) in of.as_object().into_iter().flatten() {
        value[name] = list.clone();
    }
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": WABA, "changes": [{ "field": "messages", "value": value }] }],
    })
}

fn refusal(code: i64, status: u16) -> Heard {
    Heard::Answer(
        status,
        json!({ "error": { "code": code, "message": "refused", "type": "OAuthException" } }),
    )
}

/// A life's way to Meta.
pub struct Wire {
    pub world: Arc<World>,
    pub life: Life,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({})", self.life)
    }
}

impl Transport for Wire {
    fn carry(&self, request: reqwest::Request) -> Carried<'_> {
        Box::pin(async move {
            let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let Some(to) = body["to"].as_str().filter(|_| request.url().path().ends_with("/messages")) else {
                // Read marks and the like.
                return Ok(answer(200, &json!({ "success": true })));
            };
            let to = to.trim_start_matches('+');
            let person = PEOPLE.iter().position(|phone| *phone == to).expect("one of the people");
            let text = body["text"]["body"].as_str().unwrap_or_default().to_owned();
            let callback = body["biz_opaque_callback_data"].as_str().unwrap_or_default().to_owned();
            let stopped = self.world.is_stopped(person).await;
            let n = {
                let mut records = self.world.meta.records();
                if stopped && World::is_ours(&text) {
                    records.after_stop.push(text.clone());
                }
                let request = Request { person, text, callback, seen: false, taken: false, heard: None };
                records.requests.push(request);
                records.requests.len() - 1
            };
            self.world.turns.wait(self.life, What::Request(n)).await;
            let heard = self.world.meta.records().requests[n].heard.clone();
            match heard {
                Some(Heard::Answer(status, body)) => Ok(answer(status, &body)),
                Some(Heard::NoConnection) => Err(GraphError::Unreachable { reason: "connecting failed" }),
                _ => Err(GraphError::Unknown { reason: "it took too long", status: None }),
            }
        })
    }
}

fn answer(status: u16, body: &Value) -> reqwest::Response {
    let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    axum::http::Response::builder().status(status).body(body).expect("an answer").into()
}
