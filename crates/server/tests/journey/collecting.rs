//! A customer agrees in a form and confirms it on WhatsApp; another comes by a link.

use carrier::{Fault, Via};
use reqwest::header;
use rules::time::span;
use serde_json::{Value, json};
use testkit::app::MailServer;
use url::Url;

use super::fallback::{browse, mail, twilio, with_carrier};
use super::stage::{ANNA, Stage, both};

async fn number(stage: &Stage) -> String {
    let mut tx = stage.app.ctx.store.read().await.unwrap();
    let numbers = tx.org(stage.org.id).await.unwrap().numbers(None).await.unwrap();
    numbers[0].id.to_string()
}

fn wording() -> Value {
    json!({
        "business": "Kopi Senja", "privacy_url": "https://kopisenja.example/privasi",
        "purposes": ["utility", "marketing"],
        "id": {
            "title": "Kabar dari Kopi Senja",
            "utility": "Kopi Senja boleh mengabari saya tentang pesanan lewat WhatsApp.",
            "marketing": "Kopi Senja boleh mengirimi saya promo lewat WhatsApp.",
            "footer": "Balas BERHENTI kapan saja.", "button": "Daftar", "thanks": "Terima kasih, sampai jumpa!",
        },
    })
}

/// A form that is confirmed on WhatsApp: its id and its page.
async fn form(stage: &Stage) -> (String, String) {
    let number = number(stage).await;
    let new = json!({ "name": "Kasir", "number_id": number, "double_opt_in": "whatsapp" });
    let form = stage.org.owner.post("forms", new).await.expect(201);
    let id = form.str("/id").to_owned();
    stage.org.owner.post(&format!("forms/{id}/versions"), json!({ "wording": wording() })).await.expect(201);
    (id, form.str("/url").replace(&stage.app.url, ""))
}

/// Fills in the page and gives back the message that it asks to be sent.
async fn fills_in(stage: &Stage, page: &str, phone: &str) -> String {
    let fields = [("phone", phone), ("marketing", "on"), ("name", "Anna"), ("lang", "id")];
    let request = stage.app.anonymous.request(reqwest::Method::POST, page).form(&fields);
    let answer =
        stage.app.anonymous.send(request.header(header::ACCEPT, "application/json")).await.expect(200);
    assert_eq!(answer.str("/state"), "pending");
    text_of(answer.str("/link"))
}

fn text_of(link: &str) -> String {
    let link = Url::parse(link).unwrap();
    link.query_pairs().find(|(name, _)| name == "text").unwrap().1.into_owned()
}

async fn ledger(stage: &Stage) -> Value {
    let contacts = stage.org.owner.get("contacts").await.expect(200);
    assert_eq!(contacts.items().len(), 1, "{}", contacts.text);
    let path = format!("contacts/{}/consent", contacts.str("/items/0/id"));
    stage.org.owner.get(&path).await.expect(200).json
}

#[tokio::test]
async fn an_agreement_counts_once_its_writer_has_confirmed_it_on_whatsapp() {
    both(async |stage| {
        let (id, page) = form(stage).await;
        let message = fills_in(stage, &page, &format!("+{ANNA}")).await;
        assert!(message.starts_with("Ya, saya setuju menerima pesan dari Kopi Senja. (#"), "{message}");
        assert!(stage.org.owner.get("contacts").await.items().is_empty(), "nobody is a contact yet");

        stage.writes(ANNA, &message).await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await, ["Terima kasih, sampai jumpa!"], "and the AI is silent");
        let ledger = ledger(stage).await;
        assert_eq!(ledger["state"]["marketing"]["standing"], "opted_in");
        let events = ledger["events"].as_array().unwrap();
        let entry = events.iter().find(|event| event["source"] == "form").unwrap();
        let evidence = &entry["evidence"];
        assert_eq!(evidence["wording"], "Kopi Senja boleh mengirimi saya promo lewat WhatsApp.");
        let shown = evidence["shown"].as_str().unwrap();
        assert_eq!(evidence["shown_sha256"], hex::encode(server::identity::hash(shown)));
        assert!(shown.contains("Balas BERHENTI") && !shown.contains("sampai jumpa"), "{shown}");
        assert_eq!((&evidence["way"], &evidence["language"]), (&json!("widget"), &json!("id")));
        assert_eq!(evidence["ip"], "127.0.0.1");
        let proof: rules::id::MessageId = evidence["message_id"].as_str().unwrap().parse().unwrap();
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let stored = tx.org(stage.org.id).await.unwrap().message(proof).await.unwrap().unwrap();
        assert_eq!(stored.body, message);
        drop(tx);

        // The same message again confirms nothing more, and is an ordinary one.
        stage.writes(ANNA, &message).await;
        stage.settle().await;
        let sent = stage.org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
        assert_eq!((sent.items().len(), sent.str("/items/0/state")), (1, "confirmed"));
        assert_eq!(self::ledger(stage).await["events"].as_array().unwrap().len(), events.len());
        let form = stage.org.owner.get(&format!("forms/{id}")).await.expect(200);
        assert_eq!((&form.json["submitted"], &form.json["confirmed"]), (&json!(1), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_forgotten() {
    both(async |stage| {
        let (id, page) = form(stage).await;
        let message = fills_in(stage, &page, &format!("+{ANNA}")).await;
        stage.app.clock.advance(span::hours(49));
        stage.control("POST", "clock", json!({ "now": stage.app.now().0 / 1_000 })).await;
        server::maintenance::step(&stage.app.ctx, stage.app.now(), &mut None).await.unwrap();
        stage.writes(ANNA, &message).await;
        stage.settle().await;
        let ledger = ledger(stage).await;
        assert_eq!(ledger["state"]["marketing"]["standing"], "unknown", "too late");
        let sent = stage.org.owner.get(&format!("forms/{id}/submissions?state=expired")).await.expect(200);
        let gone = &sent.items()[0];
        assert_eq!((&gone["phone"], &gone["name"], &gone["ip"]), (&Value::Null, &json!(""), &json!("")));
    })
    .await;
}

#[tokio::test]
async fn somebody_who_stopped_everything_is_told_that_it_stays_so() {
    both(async |stage| {
        let (_, page) = form(stage).await;
        stage.writes(ANNA, "BERHENTI").await;
        stage.settle().await;
        let message = fills_in(stage, &page, &format!("+{ANNA}")).await;
        stage.writes(ANNA, &message).await;
        stage.settle().await;
        assert!(ledger(stage).await["state"]["stopped_by"].is_string(), "a tick is no START");
        stage.writes(ANNA, "MULAI").await;
        stage.settle().await;
        assert_eq!(ledger(stage).await["state"]["utility"]["standing"], "opted_in");
    })
    .await;
}

#[tokio::test]
async fn a_link_tells_who_came_by_it_and_who_agreed_by_writing() {
    both(async |stage| {
        let words = "Dengan mengirim pesan ini saya setuju Kopi Senja mengirimi saya promo.";
        let number = number(stage).await;
        let link = json!({
            "name": "Poster di pintu", "number_id": number, "text": "Halo, saya mau pesan.",
            "wording": words, "purposes": ["marketing"],
        });
        let link = stage.org.owner.post("chat-links", link).await.expect(201);
        let path = link.str("/url").replace(&stage.app.url, "");
        let opened = stage.app.anonymous.get(&path).await.expect(307);
        let message = text_of(opened.headers["location"].to_str().unwrap());
        assert_eq!(message, link.str("/fills_in"));
        let looked =
            stage.app.anonymous.send(stage.app.anonymous.request(reqwest::Method::HEAD, &path)).await;
        assert_eq!(looked.status, 307);

        // Whoever takes the words out comes by the link all the same, and has agreed to nothing.
        stage.writes(ANNA, &message.replace(words, "")).await;
        stage.settle().await;
        assert_eq!(stage.conversation().await["attribution"]["source_type"], "link");
        assert_eq!(stage.conversation().await["attribution"]["headline"], "Poster di pintu");
        assert_eq!(ledger(stage).await["state"]["marketing"]["standing"], "unknown");

        let before = stage.received(ANNA).await.len();
        stage.writes(ANNA, &message).await;
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert_eq!(received.len(), before + 1, "one answer to what is filled in: {received:?}");
        assert!(received[before].starts_with("Terima kasih! Kami catat"), "{received:?}");
        let ledger = ledger(stage).await;
        assert_eq!(ledger["state"]["marketing"]["standing"], "opted_in");
        let events = ledger["events"].as_array().unwrap();
        let entry = events.iter().find(|event| event["source"] == "form").unwrap();
        assert_eq!(entry["evidence"]["wording"], words);
        let counted = stage.org.owner.get("chat-links").await.expect(200);
        let counted = &counted.items()[0];
        assert_eq!(
            [&counted["opened"], &counted["wrote"], &counted["opted_in"]],
            [&json!(1), &json!(1), &json!(1)]
        );
    })
    .await;
}

/// A form that is confirmed at a link, on this channel: its id and its page.
async fn form_with_link(stage: &Stage, double_opt_in: &str) -> (String, String) {
    let new = json!({ "name": "Situs", "double_opt_in": double_opt_in });
    let form = stage.org.owner.post("forms", new).await.expect(201);
    let id = form.str("/id").to_owned();
    let mut wording = wording();
    wording["channels"] = json!(["whatsapp", "email", "sms"]);
    stage.org.owner.post(&format!("forms/{id}/versions"), json!({ "wording": wording })).await.expect(201);
    (id, form.str("/url").replace(&stage.app.url, ""))
}

/// Sends the form's page as somebody would. Returns the page that they see then.
async fn sends(stage: &Stage, page: &str, phone: &str, email: &str) -> String {
    let fields = [("phone", phone), ("email", email), ("marketing", "on"), ("name", "Anna"), ("lang", "id")];
    let request = stage.app.anonymous.request(reqwest::Method::POST, page).form(&fields);
    stage.app.anonymous.send(request).await.expect(200).text
}

fn confirmation(stage: &Stage, text: &str) -> String {
    let (_, rest) = text.split_once(&format!("{}/c/", stage.app.url)).expect("a link");
    format!("{}/c/{}", stage.app.url, rest.split_whitespace().next().unwrap())
}

#[tokio::test]
async fn an_agreement_is_confirmed_at_a_link_in_a_mail() {
    with_carrier(async |stage, _| {
        let early = json!({ "name": "Situs", "double_opt_in": "email" });
        let early = stage.org.owner.post("forms", early).await;
        assert_eq!((early.problem(422), early.str("/errors/0/field")), ("invalid", "double_opt_in"));
        let mut server = MailServer::start().await;
        mail(stage, server.port).await;
        let (id, page) = form_with_link(stage, "email").await;
        let shown = stage.app.anonymous.get(&format!("{page}?lang=id")).await.expect(200).text;
        assert!(
            shown.contains("name=\"email\"")
                && !shown.contains("boleh kosong)</small></label>\n    <input id=\"email\"")
        );
        let nobody = stage.app.anonymous.request(reqwest::Method::POST, &page);
        let nobody = nobody.form(&[("phone", "+6281200000001"), ("marketing", "on")]);
        stage.app.anonymous.send(nobody).await.expect(422);

        let stranger = "+6281299990001";
        let told = sends(stage, &page, stranger, "Budi@Example.com").await;
        assert!(told.contains("Kami sudah mengirim email") && !told.contains("sampai jumpa"), "{told}");
        let before = stage.org.owner.get("contacts").await.expect(200).items().len();
        stage.app.run_jobs().await;
        let letter = server.next().await;
        assert_eq!(letter["to"], json!(["Budi@Example.com"]));
        assert_eq!(letter["subject"], "Mohon konfirmasi: pesan dari Kopi Senja");
        let link = confirmation(stage, letter["text"].as_str().unwrap());
        for _ in 0..2 {
            let (status, page) = browse(reqwest::Method::GET, &link).await;
            assert!(status == 200 && page.contains("boleh mengirimi saya promo"), "{page}");
            assert!(!page.contains("tentang pesanan"), "only what was ticked: {page}");
        }
        assert_eq!(stage.org.owner.get("contacts").await.items().len(), before, "to open it changes nothing");

        let (status, page_then) = browse(reqwest::Method::POST, &link).await;
        assert!(status == 200 && page_then.contains("sampai jumpa"), "{page_then}");
        let sent = stage.org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
        assert_eq!((sent.str("/items/0/state"), sent.str("/items/0/double_opt_in")), ("confirmed", "email"));
        let contact = sent.str("/items/0/contact_id").to_owned();
        let known = stage.org.owner.get(&format!("contacts/{contact}")).await.expect(200);
        assert_eq!(known.str("/email"), "budi@example.com");
        let told = stage.org.owner.get(&format!("contacts/{contact}/consent")).await.expect(200).json;
        let events = told["events"].as_array().unwrap();
        let channels: Vec<_> = events.iter().map(|event| event["channel"].as_str().unwrap()).collect();
        assert_eq!(channels.len(), 3, "{told}");
        assert!(["whatsapp", "email", "sms"].iter().all(|one| channels.contains(one)), "{channels:?}");
        let evidence = &events[0]["evidence"];
        assert_eq!(evidence["link_id"], sent.items()[0]["id"]);
        assert_eq!(
            (&evidence["link_sent_on"], &evidence["link_sent_to"]),
            (&json!("email"), &json!("Budi@Example.com"))
        );
        assert_eq!(evidence["confirmed_user_agent"], "Telepon Anna");
        assert_eq!(
            (&evidence["version"], &evidence["wording"]),
            (&json!(1), &json!("Kopi Senja boleh mengirimi saya promo lewat WhatsApp."))
        );

        // Pressed again it thanks again, and adds nothing.
        browse(reqwest::Method::POST, &link).await;
        let again = stage.org.owner.get(&format!("contacts/{contact}/consent")).await.expect(200).json;
        assert_eq!(again["events"].as_array().unwrap().len(), 3);
        let forged = format!("{}x", &link[..link.len() - 1]);
        assert_eq!(browse(reqwest::Method::GET, &forged).await.0, 404);
        let other_purpose = link.replace("/c/", "/w/");
        assert_eq!(browse(reqwest::Method::POST, &other_purpose).await.0, 404, "it is for this alone");
    })
    .await;
}

#[tokio::test]
async fn an_agreement_is_confirmed_at_a_link_in_a_text_and_nobody_is_pestered() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        let (id, page) = form_with_link(stage, "sms").await;
        // The provider is busy: it is tried again, and the owner sees why.
        carrier.fault(Via::Twilio, Fault::Later);
        let told = sends(stage, &page, "+6281299990001", "").await;
        assert!(told.contains("Kami sudah mengirim SMS"), "{told}");
        stage.app.run_jobs().await;
        let sent = stage.org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
        assert!(sent.str("/items/0/problem").contains("Twilio"), "{}", sent.text);
        stage.app.clock.advance(std::time::Duration::from_secs(61));
        stage.app.run_jobs().await;
        let [text] = &carrier.arrived()[..] else { panic!("one text") };
        assert_eq!((text.via, text.to.as_str()), (Via::Twilio, "+6281299990001"));
        let link = confirmation(stage, &text.text);
        let (_, page_then) = browse(reqwest::Method::POST, &link).await;
        assert!(page_then.contains("sampai jumpa"), "{page_then}");
        let sent = stage.org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
        assert_eq!((sent.str("/items/0/state"), &sent.items()[0]["problem"]), ("confirmed", &Value::Null));

        // Whoever types somebody's number again and again has them asked a few times, and is told the same.
        let others = "+6281299990002";
        let first = sends(stage, &page, others, "").await;
        for _ in 0..7 {
            let again = sends(stage, &page, others, "").await;
            let plain = |page: &str| {
                page.split("nonce=\"")
                    .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest).to_owned())
                    .collect::<String>()
            };
            assert_eq!(plain(&again), plain(&first));
        }
        stage.app.run_jobs().await;
        let pestered = carrier.arrived().iter().filter(|text| text.to == others).count();
        assert!((1..=4).contains(&pestered), "{pestered}");

        // Whoever answers STOP to that is nobody's contact, and is left in peace all the same.
        let bothered = "+6281299990003";
        sends(stage, &page, bothered, "").await;
        stage.app.run_jobs().await;
        let texts = || carrier.arrived().iter().filter(|text| text.to == bothered).count();
        assert_eq!(texts(), 1);
        let asked = carrier.arrived().iter().find(|text| text.to == bothered).unwrap().id;
        let list = stage.org.owner.get("channels").await.expect(200);
        carrier.inbound(Via::Twilio, list.str("/items/0/inbound_url"));
        carrier.reply(asked, "STOP").await;
        sends(stage, &page, bothered, "").await;
        stage.app.run_jobs().await;
        assert_eq!(texts(), 1);
        let list = stage.org.owner.get("suppressions").await.expect(200);
        assert_eq!((list.str("/items/0/reason"), &list.json["items"][0]["count"]), ("stop", &json!(1)));
        carrier.reply(asked, "START").await;
        sends(stage, &page, bothered, "").await;
        stage.app.run_jobs().await;
        assert_eq!(texts(), 2, "they allow it again");

        // Whoever ended texts is sent none; a link that is too late does nothing.
        let end = carrier.arrived().iter().find(|text| text.to == others).unwrap().clone();
        let late = confirmation(stage, &end.text);
        stage.app.clock.advance(span::hours(49));
        server::maintenance::step(&stage.app.ctx, stage.app.now(), &mut None).await.unwrap();
        let (status, page_then) = browse(reqwest::Method::POST, &late).await;
        assert!(status == 200 && page_then.contains("sudah berakhir"), "{page_then}");
        stage.app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn strangers_do_not_run_up_the_bill_for_texts() {
    with_carrier(async |stage, carrier| {
        twilio(stage, carrier).await;
        let (id, page) = form_with_link(stage, "sms").await;
        let sends = async |nth: usize| {
            let phone = format!("+62812{nth:07}");
            let request = stage.app.anonymous.request(reqwest::Method::POST, &page);
            let request = request.header("x-forwarded-for", format!("198.51.{}.1", nth % 250));
            let request = request.form(&[("phone", phone.as_str()), ("marketing", "on"), ("name", "Anna")]);
            stage.app.anonymous.send(request).await.expect(200);
        };
        // What is asked is counted, not what is sent: no text need leave for this.
        for nth in 0..502 {
            sends(nth).await;
        }
        stage.app.clock.advance(std::time::Duration::from_secs(1));
        sends(502).await;
        let newest = async || {
            let sent = stage.org.owner.get(&format!("forms/{id}/submissions")).await.expect(200);
            sent.items()[0]["problem"].as_str().map(str::to_owned)
        };
        let why = newest().await.expect("the last was not asked, and the owner sees why");
        assert!(why.contains("too many people"), "{why}");
        stage.app.clock.advance(span::hours(2));
        sends(503).await;
        assert_eq!(newest().await, None, "later there is room again");
        stage.app.leave_jobs();
    })
    .await;
}
