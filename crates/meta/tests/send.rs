//! Outbound messages are written exactly as Meta's pages and the recorded exchanges show them.

use meta::send::{
    AskContact, AskLocation, Audio, Button, ButtonKind, Buttons, Captioned, Component, Contact, ContactName,
    Content, Document, Framed, Header, Interactive, Invalid, Label, Language, List, Location, MarkRead,
    Message, OpenUrl, Parameter, Reaction, Recipient, Reply, Row, Section, Source, Template, Text,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn to_anna(content: Content) -> Message {
    Message::new(Recipient::Phone("+491700000001".into()), content)
}

fn id(id: &str) -> Source {
    Source::Id(id.into())
}

fn text(text: &str) -> Parameter {
    Parameter::Text { text: text.into(), parameter_name: None }
}

fn reply(id: &str, title: &str) -> Button {
    Button::Reply(Reply { id: id.into(), title: title.into() })
}

fn label(text: &str) -> Option<Label> {
    Some(Label { text: text.into() })
}

fn template(name: &str, components: Vec<Component>) -> Content {
    Content::Template(Template { name: name.into(), language: Language { code: "en_US".into() }, components })
}

/// The envelope around a content for Anna.
fn for_anna(kind: &str, content: Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+491700000001",
                          "type": kind});
    body[kind] = content;
    body
}

/// Each message with the JSON it must become.
fn samples() -> Vec<(Message, Value)> {
    let framed_list = Framed {
        header: Some(Header::Text { text: "Shipping".into() }),
        ..Framed::new(
            "Pick one",
            List {
                button: "Options".into(),
                sections: vec![Section {
                    title: Some("Fast".into()),
                    rows: vec![
                        Row { id: "exp".into(), title: "Express".into(), description: Some("1 day".into()) },
                        Row { id: "std".into(), title: "Standard".into(), description: None },
                    ],
                }],
            },
        )
    };
    let buttons = Framed {
        footer: label("Acme"),
        ..Framed::new(
            "Keep the appointment?",
            Buttons { buttons: vec![reply("keep", "Keep"), reply("cancel", "Cancel")] },
        )
    };
    let with_picture = Framed {
        header: Some(Header::Image { image: id("2762702990552401") }),
        ..Framed::new("9am?", Buttons { buttons: vec![reply("change", "Change")] })
    };
    let filled = vec![
        Component::Body { parameters: vec![text("Eva"), text("#8612")] },
        Component::Button { sub_type: ButtonKind::Url, index: 0, parameters: vec![text("8612")] },
    ];
    vec![
        (
            Message {
                reply_to: Some("wamid.G01IN".into()),
                callback_data: Some("job-1".into()),
                ..to_anna(Content::Text(Text {
                    body: "Hi Anna, see https://shop.example/a".into(),
                    preview_url: true,
                }))
            },
            json!({"messaging_product":"whatsapp","recipient_type":"individual","to":"+491700000001",
                   "context":{"message_id":"wamid.G01IN"},"biz_opaque_callback_data":"job-1","type":"text",
                   "text":{"body":"Hi Anna, see https://shop.example/a","preview_url":true}}),
        ),
        (
            to_anna(Content::Image(Captioned {
                source: id("910000000000001"),
                caption: Some("Your chair".into()),
            })),
            for_anna("image", json!({"id":"910000000000001","caption":"Your chair"})),
        ),
        (
            to_anna(Content::Video(Captioned {
                source: Source::Link("https://x.example/v.mp4".into()),
                caption: None,
            })),
            for_anna("video", json!({"link":"https://x.example/v.mp4"})),
        ),
        (
            to_anna(Content::Audio(Audio { source: id("9"), voice: true })),
            for_anna("audio", json!({"id":"9","voice":true})),
        ),
        (
            to_anna(Content::Document(Document {
                source: id("9"),
                caption: Some("c".into()),
                filename: Some("f.pdf".into()),
            })),
            for_anna("document", json!({"id":"9","caption":"c","filename":"f.pdf"})),
        ),
        (to_anna(Content::Sticker(id("9"))), for_anna("sticker", json!({"id":"9"}))),
        (
            to_anna(Content::Location(Location {
                latitude: "-6.2".into(),
                longitude: "106.8".into(),
                name: Some("Monas".into()),
                address: None,
            })),
            for_anna("location", json!({"latitude":"-6.2","longitude":"106.8","name":"Monas"})),
        ),
        (
            to_anna(Content::Contacts(vec![Contact {
                name: ContactName {
                    formatted_name: "Eva Muster".into(),
                    first_name: Some("Eva".into()),
                    ..ContactName::default()
                },
                ..Contact::default()
            }])),
            for_anna("contacts", json!([{"name":{"formatted_name":"Eva Muster","first_name":"Eva"}}])),
        ),
        (
            to_anna(Content::Reaction(Reaction { message_id: "wamid.G01IN".into(), emoji: "👍".into() })),
            for_anna("reaction", json!({"message_id":"wamid.G01IN","emoji":"👍"})),
        ),
        (
            to_anna(Content::Interactive(Interactive::Button(buttons))),
            for_anna(
                "interactive",
                json!({"type":"button","body":{"text":"Keep the appointment?"},
                "footer":{"text":"Acme"},"action":{"buttons":[
                    {"type":"reply","reply":{"id":"keep","title":"Keep"}},
                    {"type":"reply","reply":{"id":"cancel","title":"Cancel"}}]}}),
            ),
        ),
        (
            to_anna(Content::Interactive(Interactive::Button(with_picture))),
            for_anna(
                "interactive",
                json!({"type":"button","header":{"type":"image","image":{"id":"2762702990552401"}},
                "body":{"text":"9am?"},"action":{"buttons":[{"type":"reply","reply":{"id":"change","title":"Change"}}]}}),
            ),
        ),
        (
            to_anna(Content::Interactive(Interactive::List(framed_list))),
            for_anna(
                "interactive",
                json!({"type":"list","header":{"type":"text","text":"Shipping"},
                "body":{"text":"Pick one"},"action":{"button":"Options","sections":[{"title":"Fast","rows":[
                    {"id":"exp","title":"Express","description":"1 day"},{"id":"std","title":"Standard"}]}]}}),
            ),
        ),
        (
            to_anna(Content::Interactive(Interactive::CtaUrl(Framed::new(
                "See",
                OpenUrl::CtaUrl { display_text: "Open".into(), url: "https://x.example".into() },
            )))),
            for_anna(
                "interactive",
                json!({"type":"cta_url","body":{"text":"See"},"action":{"name":"cta_url",
                "parameters":{"display_text":"Open","url":"https://x.example"}}}),
            ),
        ),
        (
            to_anna(Content::Interactive(Interactive::LocationRequestMessage(Framed::new(
                "Where?",
                AskLocation::SendLocation,
            )))),
            for_anna(
                "interactive",
                json!({"type":"location_request_message","body":{"text":"Where?"},
                "action":{"name":"send_location"}}),
            ),
        ),
        (
            to_anna(Content::Interactive(Interactive::RequestContactInfo(Framed::new(
                "Your number?",
                AskContact::RequestContactInfo,
            )))),
            for_anna(
                "interactive",
                json!({"type":"request_contact_info","body":{"text":"Your number?"},
                "action":{"name":"request_contact_info"}}),
            ),
        ),
        (
            to_anna(template("order_update", filled)),
            for_anna(
                "template",
                json!({"name":"order_update","language":{"code":"en_US"},"components":[
                {"type":"body","parameters":[{"type":"text","text":"Eva"},{"type":"text","text":"#8612"}]},
                {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"8612"}]}]}),
            ),
        ),
        (
            to_anna(template("winter_sale", vec![])),
            for_anna("template", json!({"name":"winter_sale","language":{"code":"en_US"}})),
        ),
        (
            Message::new(
                Recipient::User("DE.10000000000000000002".into()),
                Content::text("Yes, three left."),
            ),
            json!({"messaging_product":"whatsapp","recipient_type":"individual","recipient":"DE.10000000000000000002",
                   "type":"text","text":{"body":"Yes, three left."}}),
        ),
        (
            Message::new(Recipient::Group("Y2FwaV9ncm91cDox".into()), Content::text("hello all")),
            json!({"messaging_product":"whatsapp","recipient_type":"group","to":"Y2FwaV9ncm91cDox","type":"text",
                   "text":{"body":"hello all"}}),
        ),
    ]
}

/// Template parameters of every kind, as Meta's pages print them.
fn template_components() -> Vec<Value> {
    vec![
        json!({"type":"header","parameters":[{"type":"image","image":{"id":"1602186516975000"}}]}),
        json!({"type":"header","parameters":[{"type":"document","document":{"link":"https://x.example/a.pdf","filename":"a.pdf"}}]}),
        json!({"type":"header","parameters":[{"type":"location","location":{"latitude":"1","longitude":"2","name":"n","address":"a"}}]}),
        json!({"type":"header","parameters":[{"type":"product","product":{"product_retailer_id":"p","catalog_id":"c"}}]}),
        json!({"type":"body","parameters":[{"type":"text","text":"Pablo","parameter_name":"first_name"}]}),
        json!({"type":"body","parameters":[{"type":"currency","currency":{"fallback_value":"$10","code":"USD","amount_1000":10000}},
                                           {"type":"date_time","date_time":{"fallback_value":"Friday"}}]}),
        json!({"type":"limited_time_offer","parameters":[{"type":"limited_time_offer","limited_time_offer":{"expiration_time_ms":1209600000}}]}),
        json!({"type":"button","sub_type":"copy_code","index":"0","parameters":[{"type":"coupon_code","coupon_code":"CARIBE25"}]}),
        json!({"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"ORDER_8612"}]}),
        json!({"type":"button","sub_type":"flow","index":"0","parameters":[{"type":"action","action":{"flow_token":"tok","flow_action_data":{"k":"v"}}}]}),
        json!({"type":"button","sub_type":"catalog","index":"0","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"2lc"}}]}),
        json!({"type":"button","sub_type":"mpm","index":"0","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"2lc",
               "sections":[{"title":"t","product_items":[{"product_retailer_id":"p"}]}]}}]}),
        json!({"type":"button","sub_type":"voice_call","index":"0","parameters":[{"type":"ttl_minutes","ttl_minutes":100},{"type":"payload","payload":"p"}]}),
        json!({"type":"button","sub_type":"order_details","index":"0","parameters":[{"type":"action","action":{"order_details":{"reference_id":"r"}}}]}),
        json!({"type":"carousel","cards":[
            {"card_index":0,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"2"}}]},
             {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"more-0"}]}]},
            {"card_index":1,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"3"}}]}]}]}),
    ]
}

#[test]
fn messages_are_written_as_meta_shows_them() {
    for (message, expected) in samples() {
        assert_eq!(serde_json::to_value(&message).unwrap(), expected);
        assert_eq!(message.validate(), Ok(()), "{expected}");
    }
}

#[test]
fn messages_can_be_read_back() {
    for (message, json) in samples() {
        assert!(serde_json::from_value::<Message>(json).unwrap() == message);
    }
}

#[test]
fn every_kind_of_template_component_survives() {
    for json in template_components() {
        let component: Component = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&component).unwrap(), json);
        assert_eq!(template("t", vec![component]).validate(), Ok(()), "{json}");
    }
    // Meta's pages also print the position as a number and the kind in capitals.
    let printed = json!({"type":"button","sub_type":"CATALOG","index":0,"parameters":[]});
    let component: Component = serde_json::from_value(printed).unwrap();
    assert!(matches!(component, Component::Button { sub_type: ButtonKind::Catalog, index: 0, .. }));
}

#[test]
fn marking_read() {
    let mark = |typing| serde_json::to_value(MarkRead { message_id: "wamid.1".into(), typing }).unwrap();
    let read = json!({"messaging_product":"whatsapp","status":"read","message_id":"wamid.1"});
    assert_eq!(mark(false), read);
    let mut typing = read;
    typing["typing_indicator"] = json!({"type":"text"});
    assert_eq!(mark(true), typing);
}

#[test]
fn when_both_addresses_are_given_to_counts() {
    let both = json!({"messaging_product":"whatsapp","to":"+49170","recipient":"DE.1","text":{"body":"x"}});
    assert!(serde_json::from_value::<Message>(both).unwrap().recipient == Recipient::Phone("+49170".into()));
    let none = json!({"messaging_product":"whatsapp","type":"text","text":{"body":"x"}});
    assert!(serde_json::from_value::<Message>(none).is_err());
    let wrong = json!({"messaging_product":"whatsapp","to":"1","type":"image","text":{"body":"x"}});
    assert!(serde_json::from_value::<Message>(wrong).is_err());
}

/// The fields complained of.
fn fields(content: Content) -> Vec<String> {
    let problems = content.validate().err().unwrap_or_default();
    problems.into_iter().map(|Invalid { field, .. }| field).collect()
}

fn buttons(buttons: Vec<Button>) -> Content {
    Content::Interactive(Interactive::Button(Framed::new("b", Buttons { buttons })))
}

fn list(sections: Vec<Section>) -> Content {
    Content::Interactive(Interactive::List(Framed::new("b", List { button: "o".into(), sections })))
}

fn section(title: Option<&str>, rows: std::ops::Range<usize>) -> Section {
    let row = |i: usize| Row { id: i.to_string(), title: "t".into(), description: None };
    Section { title: title.map(Into::into), rows: rows.map(row).collect() }
}

#[test]
fn each_limit_names_its_field() {
    let long = |n: usize| "é".repeat(n);
    let none: [&str; 0] = [];
    assert_eq!(fields(Content::text(long(4096))), none);
    assert_eq!(fields(Content::text(long(4097))), ["text.body"]);
    assert_eq!(fields(Content::text("  ")), ["text.body"]);
    let image = |caption| Content::Image(Captioned { source: id("1"), caption: Some(caption) });
    assert_eq!(fields(image(long(1024))), none);
    assert_eq!(fields(image(long(1025))), ["image.caption"]);
    assert_eq!(fields(Content::Sticker(Source::Link("ftp://x".into()))), ["sticker.link"]);
    assert_eq!(fields(Content::Sticker(id(""))), ["sticker.id"]);

    assert_eq!(fields(buttons(vec![])), ["interactive.action.buttons"]);
    let four = (0..4).map(|i| reply(&i.to_string(), &i.to_string())).collect();
    assert_eq!(fields(buttons(four)), ["interactive.action.buttons"]);
    assert_eq!(
        fields(buttons(vec![reply("a", "Same"), reply("b", "Same")])),
        ["interactive.action.buttons[1].reply.title"]
    );
    assert_eq!(
        fields(buttons(vec![reply(&long(257), &long(21))])),
        ["interactive.action.buttons[0].reply.id", "interactive.action.buttons[0].reply.title"]
    );

    assert_eq!(fields(list(vec![section(None, 0..10)])), none);
    assert_eq!(fields(list(vec![section(None, 0..11)])), ["interactive.action.sections"]);
    assert_eq!(
        fields(list(vec![section(Some("a"), 0..6), section(Some("b"), 6..11)])),
        ["interactive.action.sections"]
    );
    assert_eq!(
        fields(list(vec![section(None, 0..1), section(Some("b"), 1..2)])),
        ["interactive.action.sections[0].title"]
    );
    assert_eq!(fields(list(vec![section(None, 0..0)])), ["interactive.action.sections[0].rows"]);
    assert_eq!(
        fields(list(vec![section(Some("a"), 0..1), section(Some("b"), 0..1)])),
        ["interactive.action.sections[1].rows[0].id"]
    );
    let body = |body: String| {
        Content::Interactive(Interactive::List(Framed::new(
            body,
            List { button: "o".into(), sections: vec![section(None, 0..1)] },
        )))
    };
    assert_eq!(fields(body(long(4096))), none);
    assert_eq!(fields(body(long(4097))), ["interactive.body.text"]);

    assert_eq!(fields(template("Order Update", vec![])), ["template.name"]);
    let body = |text_of: &str| template("t", vec![Component::Body { parameters: vec![text(text_of)] }]);
    assert_eq!(fields(body("two\nlines")), ["template.components[0].parameters[0].text"]);
    assert_eq!(fields(body("five     spaces")), ["template.components[0].parameters[0].text"]);
    assert_eq!(fields(body("four    spaces")), none);
    let wrong = Component::Button {
        sub_type: ButtonKind::Url,
        index: 10,
        parameters: vec![Parameter::Payload { payload: "p".into() }],
    };
    assert_eq!(
        fields(template("t", vec![wrong])),
        ["template.components[0].index", "template.components[0].parameters[0]"]
    );
    assert_eq!(
        fields(Content::Location(Location {
            latitude: "91".into(),
            longitude: "x".into(),
            name: None,
            address: None
        })),
        ["location.latitude", "location.longitude"]
    );
    assert_eq!(
        fields(Content::Contacts(vec![Contact {
            name: ContactName { formatted_name: "Eva".into(), ..ContactName::default() },
            ..Contact::default()
        }])),
        ["contacts[0].name"]
    );
    assert_eq!(
        fields(Content::Reaction(Reaction { message_id: "w".into(), emoji: "ok".into() })),
        ["reaction.emoji"]
    );
    assert_eq!(fields(Content::Reaction(Reaction { message_id: "w".into(), emoji: String::new() })), none);
}

#[test]
fn the_envelope_is_checked_too() {
    let fields = |message: Message| -> Vec<String> {
        message.validate().err().unwrap_or_default().into_iter().map(|invalid| invalid.field).collect()
    };
    let to = |phone: &str| Message::new(Recipient::Phone(phone.into()), Content::text("x"));
    assert_eq!(fields(to("+1 (650) 555-1234")), [] as [&str; 0]);
    assert_eq!(fields(to("MY.20355")), ["to"]);
    assert_eq!(
        fields(Message { callback_data: Some("x".repeat(513)), ..to("+491700000001") }),
        ["biz_opaque_callback_data"]
    );
    let reaction = Content::Reaction(Reaction { message_id: "w".into(), emoji: "👍".into() });
    assert_eq!(
        fields(Message { reply_to: Some("w".into()), content: reaction, ..to("+491700000001") }),
        ["context"]
    );
    let problem = to("").validate().unwrap_err().remove(0);
    assert_eq!(
        problem.to_string(),
        "to is not a phone number; write + and the country code, then the number"
    );
}

#[test]
fn nothing_of_a_message_shows_in_debug() {
    for (message, _) in samples() {
        let text = format!("{message:?} {:?} {:?}", message.content, message.recipient);
        for secret in ["Anna", "4917", "DE.1", "chair", "Yes"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_survives_the_way(body in ".{0,200}", data in proptest::option::of("[a-z0-9]{1,40}")) {
        let message = Message { callback_data: data, ..to_anna(Content::text(body)) };
        let json = serde_json::to_string(&message).unwrap();
        prop_assert!(serde_json::from_str::<Message>(&json).unwrap() == message);
    }
}
