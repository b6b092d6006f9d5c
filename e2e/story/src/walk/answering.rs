//! A customer asks, the AI answers from the organisation's own documents.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::stage::{Shop, Stage};
use crate::http::text;
use crate::live::Live;
use crate::report::{Report, Stop};

/// A question, and what its answer must hold.
struct Question {
    words: &'static str,
    answer: &'static str,
    citation: &'static str,
}

/// The roaster's customer.
pub async fn in_indonesian(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let question =
        Question { words: "Berapa harga kopi Gayo 250 gram?", answer: "85.000", citation: "Sumber:" };
    answered(&stage.shop(0), &stage.indonesian(0), report, "Indonesian", &question).await
}

/// The clinic's customer.
pub async fn in_english(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let question =
        Question { words: "When is the clinic open on Saturday?", answer: "13:00", citation: "Source:" };
    answered(&stage.shop(1), &stage.british(0), report, "English", &question).await
}

async fn answered(
    shop: &Shop<'_>,
    person: &str,
    report: &mut Report,
    language: &str,
    question: &Question,
) -> Result<(), Stop> {
    let (live, asked) =
        report.step(&format!("a customer writes in {language}"), ask(shop, person, question)).await?;
    let answer = report.step("the answer arrives, with its source", arrives(shop, person, question)).await?;
    let conversation = report.step("the inbox holds the question once", kept(shop, person, &asked)).await?;
    let message =
        report.step("its ticks go sent, delivered, read", ticks(shop, &conversation, &answer, &live)).await?;
    report.step("it rests on a passage of the documents", grounded(shop, &message, question)).await?;
    report.step("live events told of the question", told(&live, &conversation)).await
}

async fn ask(shop: &Shop<'_>, person: &str, question: &Question) -> Result<((Live, String), String)> {
    let live = Live::open(&shop.api).await?;
    let wamid = shop.asked(person, question.words).await?;
    Ok(((live, wamid), question.words.to_owned()))
}

async fn arrives(shop: &Shop<'_>, person: &str, question: &Question) -> Result<(Value, String)> {
    let answer = shop.phone_gets(person, question.answer, "read", 0).await?;
    let words = text(&answer["text"])?;
    ensure!(words.contains(question.citation), "expected {:?} in {words:?}", question.citation);
    let sent = shop.sent_to(person).await?;
    ensure!(sent.len() == 1, "expected one answer, got {}: {sent:?}", sent.len());
    Ok((answer, words.replace('\n', " ")))
}

async fn kept(shop: &Shop<'_>, person: &str, wamid: &str) -> Result<(Value, String)> {
    let conversation = shop.conversation(person).await?;
    let path = format!("conversations/{}/messages", text(&conversation["id"])?);
    let thread = shop.api.get(&path).await?.expect(200)?;
    let times =
        thread["items"].as_array().into_iter().flatten().filter(|message| message["wamid"] == wamid).count();
    ensure!(times == 1, "expected the question once in the inbox, got {times} times: {thread}");
    Ok((conversation, String::new()))
}

/// The gateway hears every tick, in order.
async fn ticks(
    shop: &Shop<'_>,
    conversation: &Value,
    answer: &Value,
    live: &Live,
) -> Result<(Value, String)> {
    let message = shop.ticks(conversation, &text(&answer["id"])?, "read").await?;
    let at = |name: &str| message[name].as_i64().with_context(|| format!("expected {name}, got {message}"));
    let (sent, delivered, read) = (at("sent_at")?, at("delivered_at")?, at("read_at")?);
    ensure!(
        sent <= delivered && delivered <= read,
        "expected sent ≤ delivered ≤ read, got {sent} {delivered} {read}"
    );
    let mine = |data: &Value| data["message_id"] == message["id"];
    live.wait(5, |event| {
        event.kind == "message.updated" && mine(&event.data) && event.data["state"] == "read"
    })
    .await?;
    let states: Vec<String> = live
        .events()
        .iter()
        .filter(|event| event.kind == "message.updated" && mine(&event.data))
        .filter_map(|event| event.data["state"].as_str().map(str::to_owned))
        .collect();
    Ok((message.clone(), format!("live events: {}", states.join(", "))))
}

async fn grounded(shop: &Shop<'_>, message: &Value, question: &Question) -> Result<((), String)> {
    let answer = shop.api.get(&format!("messages/{}/answer", text(&message["id"])?)).await?.expect(200)?;
    ensure!(answer["verdict"] == "answered", "expected the verdict answered, got {answer}");
    let used = answer["passages"].as_array().into_iter().flatten().find(|passage| passage["used"] == true);
    let used = used.with_context(|| format!("expected a passage that was used, got {answer}"))?;
    let passage = text(&used["text"])?;
    ensure!(
        passage.contains(question.answer),
        "expected {:?} in the passage, got {passage:?}",
        question.answer
    );
    Ok(((), text(&used["source_title"])?))
}

async fn told(live: &Live, conversation: &Value) -> Result<((), String)> {
    let id = &conversation["id"];
    live.wait(5, |event| event.kind == "message.created" && event.data["conversation_id"] == *id).await?;
    Ok(((), format!("{} events", live.events().len())))
}

/// Nothing is configured that could listen: the AI says so and offers a person.
pub async fn to_a_voice_note(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(0), stage.indonesian(1));
    report
        .step("a voice note is answered honestly", async {
            let note = json!({ "type": "audio", "audio": {}, "media": { "base64": "T2dnUwACAAAAAAAAAABzdG9yeQ==", "mime_type": "audio/ogg; codecs=opus" } });
            shop.hears(&person, note).await?;
            let answer = shop.phone_gets(&person, "pesan suara", "delivered", 0).await?;
            ensure!(answer["kind"] == "interactive", "expected a button that offers a person, got {answer}");
            Ok(((), text(&answer["text"])?))
        })
        .await
}
