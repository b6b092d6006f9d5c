//! Meta's limits, checked before anything is sent, each violation named in plain words.

use std::collections::HashSet;

use super::{
    Audio, Button, ButtonKind, Captioned, Component, Contact, Content, Document, Header, Interactive,
    Location, Message, Parameter, Recipient, Source, Template,
};
use crate::limits::{self, interactive as tap, template};

/// One limit that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Invalid {
    /// Where, as in Meta's JSON: `interactive.action.buttons[1].reply.title`.
    pub field: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

impl Message {
    /// Checks Meta's limits; returns everything that would be refused, in the order of the message.
    pub fn validate(&self) -> Result<(), Vec<Invalid>> {
        let mut check = Check::default();
        match &self.recipient {
            Recipient::Phone(phone) => check.phone("to", phone),
            Recipient::User(id) => check.filled("recipient", id),
            Recipient::Group(id) => check.filled("to", id),
        }
        if let Some(id) = &self.reply_to {
            check.filled("context.message_id", id);
            if matches!(self.content, Content::Reaction(_)) {
                check.fail("context", "does not go with a reaction, which names its message itself");
            }
        }
        check.optional("biz_opaque_callback_data", self.callback_data.as_deref(), limits::CALLBACK_DATA);
        check.content(&self.content);
        check.done()
    }
}

impl Content {
    /// The same for the content alone.
    pub fn validate(&self) -> Result<(), Vec<Invalid>> {
        let mut check = Check::default();
        check.content(self);
        check.done()
    }
}

#[derive(Default)]
struct Check(Vec<Invalid>);

impl Check {
    fn done(self) -> Result<(), Vec<Invalid>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    fn fail(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Invalid { field: field.into(), problem: problem.into() });
    }

    fn filled(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.fail(field, "is empty");
        }
    }

    fn at_most(&mut self, field: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.fail(field, format!("has {length} characters; Meta allows {most}"));
        }
    }

    fn required(&mut self, field: &str, text: &str, most: usize) {
        self.filled(field, text);
        self.at_most(field, text, most);
    }

    fn optional(&mut self, field: &str, text: Option<&str>, most: usize) {
        if let Some(text) = text {
            self.required(field, text, most);
        }
    }

    fn count(&mut self, field: &str, count: usize, allowed: std::ops::RangeInclusive<usize>) {
        if !allowed.contains(&count) {
            let (least, most) = (allowed.start(), allowed.end());
            self.fail(field, format!("has {count} entries; Meta allows {least} to {most}"));
        }
    }

    fn phone(&mut self, field: &str, phone: &str) {
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let stray = phone.chars().any(|c| !c.is_ascii_digit() && !"+-() ".contains(c));
        if stray || !(5..=17).contains(&digits) {
            self.fail(field, "is not a phone number; write + and the country code, then the number");
        }
    }

    fn web_address(&mut self, field: &str, link: &str) {
        if !(link.starts_with("https://") || link.starts_with("http://"))
            || link.contains(char::is_whitespace)
        {
            self.fail(field, "is not a web address; it must begin with https:// or http://");
        }
    }

    fn source(&mut self, field: &str, source: &Source) {
        match source {
            Source::Id(id) => self.filled(&format!("{field}.id"), id),
            Source::Link(link) => self.web_address(&format!("{field}.link"), link),
        }
    }

    fn content(&mut self, content: &Content) {
        match content {
            Content::Text(text) => self.required("text.body", &text.body, limits::TEXT),
            Content::Image(media) => self.captioned("image", media),
            Content::Video(media) => self.captioned("video", media),
            Content::Audio(Audio { source, .. }) => self.source("audio", source),
            Content::Document(document) => self.document("document", document),
            Content::Sticker(source) => self.source("sticker", source),
            Content::Location(location) => self.location("location", location),
            Content::Contacts(contacts) => {
                self.count("contacts", contacts.len(), 1..=limits::CONTACTS);
                for (i, contact) in contacts.iter().enumerate() {
                    self.contact(&format!("contacts[{i}]"), contact);
                }
            }
            Content::Reaction(reaction) => {
                self.filled("reaction.message_id", &reaction.message_id);
                if reaction.emoji.is_ascii() && !reaction.emoji.is_empty() {
                    self.fail("reaction.emoji", "is not an emoji; leave it empty to take the reaction back");
                }
            }
            Content::Interactive(interactive) => self.interactive(interactive),
            Content::Template(template) => self.template(template),
        }
    }

    fn captioned(&mut self, field: &str, media: &Captioned) {
        self.source(field, &media.source);
        self.optional(&format!("{field}.caption"), media.caption.as_deref(), limits::CAPTION);
    }

    fn document(&mut self, field: &str, document: &Document) {
        self.source(field, &document.source);
        self.optional(&format!("{field}.caption"), document.caption.as_deref(), limits::CAPTION);
        if let Some(name) = &document.filename {
            self.filled(&format!("{field}.filename"), name);
        }
    }

    fn location(&mut self, field: &str, location: &Location) {
        for (name, text, most) in
            [("latitude", &location.latitude, 90.0), ("longitude", &location.longitude, 180.0)]
        {
            if !text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most) {
                self.fail(
                    format!("{field}.{name}"),
                    format!("is not a number of degrees between -{most} and {most}, such as -6.2"),
                );
            }
        }
    }

    fn contact(&mut self, field: &str, contact: &Contact) {
        let name = &contact.name;
        self.filled(&format!("{field}.name.formatted_name"), &name.formatted_name);
        let parts = [&name.first_name, &name.last_name, &name.middle_name, &name.suffix, &name.prefix];
        if parts.iter().all(|part| part.as_deref().unwrap_or_default().is_empty()) {
            self.fail(
                format!("{field}.name"),
                "needs one more part besides formatted_name, such as first_name",
            );
        }
    }

    fn interactive(&mut self, interactive: &Interactive) {
        match interactive {
            Interactive::Button(framed) => {
                self.frame(framed.header.as_ref(), &framed.body.text, framed.footer.as_ref(), tap::BODY);
                self.buttons(&framed.action.buttons);
            }
            Interactive::List(framed) => {
                self.frame(framed.header.as_ref(), &framed.body.text, framed.footer.as_ref(), tap::LIST_BODY);
                if matches!(&framed.header, Some(header) if !matches!(header, Header::Text { .. })) {
                    self.fail("interactive.header", "of a list can only be text");
                }
                self.list(&framed.action);
            }
            Interactive::CtaUrl(framed) => {
                self.frame(framed.header.as_ref(), &framed.body.text, framed.footer.as_ref(), tap::BODY);
                let super::OpenUrl::CtaUrl { display_text, url } = &framed.action;
                let parameters = "interactive.action.parameters";
                self.required(&format!("{parameters}.display_text"), display_text, tap::BUTTON_TITLE);
                self.web_address(&format!("{parameters}.url"), url);
            }
            Interactive::LocationRequestMessage(framed) => {
                self.body_only(framed.header.as_ref(), &framed.body.text, framed.footer.as_ref());
            }
            Interactive::RequestContactInfo(framed) => {
                self.frame(framed.header.as_ref(), &framed.body.text, framed.footer.as_ref(), tap::BODY);
            }
        }
    }

    fn frame(&mut self, header: Option<&Header>, body: &str, footer: Option<&super::Label>, most: usize) {
        match header {
            Some(Header::Text { text }) => self.required("interactive.header.text", text, tap::HEADER),
            Some(Header::Image { image }) => self.source("interactive.header.image", image),
            Some(Header::Video { video }) => self.source("interactive.header.video", video),
            Some(Header::Document { document }) => self.document("interactive.header.document", document),
            None => {}
        }
        self.required("interactive.body.text", body, most);
        self.optional("interactive.footer.text", footer.map(|footer| footer.text.as_str()), tap::FOOTER);
    }

    fn body_only(&mut self, header: Option<&Header>, body: &str, footer: Option<&super::Label>) {
        if header.is_some() || footer.is_some() {
            self.fail("interactive", "that asks for a place has only a body, no header or footer");
        }
        self.frame(None, body, None, tap::BODY);
    }

    fn buttons(&mut self, buttons: &[Button]) {
        let field = "interactive.action.buttons";
        self.count(field, buttons.len(), 1..=tap::BUTTONS);
        let (mut ids, mut titles) = (HashSet::new(), HashSet::new());
        for (i, Button::Reply(reply)) in buttons.iter().enumerate() {
            let (id, title) = (format!("{field}[{i}].reply.id"), format!("{field}[{i}].reply.title"));
            self.required(&id, &reply.id, tap::BUTTON_ID);
            self.required(&title, &reply.title, tap::BUTTON_TITLE);
            self.unique(&id, &mut ids, &reply.id);
            self.unique(&title, &mut titles, &reply.title);
        }
    }

    fn unique<'a>(&mut self, field: &str, seen: &mut HashSet<&'a str>, text: &'a str) {
        if !seen.insert(text) {
            self.fail(field, "is used twice; each must be different");
        }
    }

    fn list(&mut self, list: &super::List) {
        let field = "interactive.action.sections";
        self.required("interactive.action.button", &list.button, tap::BUTTON_TITLE);
        self.count(field, list.sections.len(), 1..=tap::SECTIONS);
        let rows: usize = list.sections.iter().map(|section| section.rows.len()).sum();
        if rows > tap::ROWS {
            self.fail(field, format!("have {rows} rows together; Meta allows {}", tap::ROWS));
        }
        let mut ids = HashSet::new();
        for (i, section) in list.sections.iter().enumerate() {
            let title = format!("{field}[{i}].title");
            self.optional(&title, section.title.as_deref(), tap::ROW_TITLE);
            if list.sections.len() > 1 && section.title.is_none() {
                self.fail(title, "is missing; with several sections each needs a title");
            }
            if section.rows.is_empty() {
                self.fail(format!("{field}[{i}].rows"), "are missing; a section needs at least one");
            }
            for (j, row) in section.rows.iter().enumerate() {
                let row_field = format!("{field}[{i}].rows[{j}]");
                self.required(&format!("{row_field}.id"), &row.id, tap::ROW_ID);
                self.required(&format!("{row_field}.title"), &row.title, tap::ROW_TITLE);
                let description = row.description.as_deref();
                self.optional(&format!("{row_field}.description"), description, tap::ROW_DESCRIPTION);
                self.unique(&format!("{row_field}.id"), &mut ids, &row.id);
            }
        }
    }

    fn template(&mut self, template: &Template) {
        self.required("template.name", &template.name, template::NAME);
        if template.name.chars().any(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_')) {
            self.fail("template.name", "may only have small letters, digits and underscores");
        }
        self.filled("template.language.code", &template.language.code);
        self.components("template.components", &template.components);
    }

    fn components(&mut self, field: &str, components: &[Component]) {
        for (i, component) in components.iter().enumerate() {
            let field = format!("{field}[{i}]");
            match component {
                Component::Header { parameters } => {
                    self.count(&format!("{field}.parameters"), parameters.len(), 1..=1);
                    self.parameters(&field, parameters);
                    if let [Parameter::Text { text, .. }] = parameters.as_slice() {
                        self.at_most(&format!("{field}.parameters[0].text"), text, template::HEADER_TEXT);
                    }
                }
                Component::Body { parameters } | Component::LimitedTimeOffer { parameters } => {
                    self.parameters(&field, parameters);
                }
                Component::Button { sub_type, index, parameters } => {
                    if *index >= template::BUTTONS {
                        self.fail(format!("{field}.index"), "is too high; buttons are counted from 0 to 9");
                    }
                    if parameters.is_empty() {
                        self.fail(format!("{field}.parameters"), "are missing; this button needs one");
                    }
                    self.parameters(&field, parameters);
                    self.button_parameters(&field, *sub_type, parameters);
                }
                Component::Carousel { cards } => {
                    self.count(&format!("{field}.cards"), cards.len(), template::CARDS);
                    for (j, card) in cards.iter().enumerate() {
                        self.components(&format!("{field}.cards[{j}].components"), &card.components);
                    }
                }
                Component::TapTargetConfiguration { .. } => {}
            }
        }
    }

    fn button_parameters(&mut self, field: &str, kind: ButtonKind, parameters: &[Parameter]) {
        for (i, parameter) in parameters.iter().enumerate() {
            let fits = matches!(
                (kind, parameter),
                (ButtonKind::QuickReply, Parameter::Payload { .. })
                    | (ButtonKind::Url, Parameter::Text { .. })
                    | (ButtonKind::CopyCode, Parameter::CouponCode { .. })
                    | (
                        ButtonKind::Flow | ButtonKind::Catalog | ButtonKind::Mpm | ButtonKind::OrderDetails,
                        Parameter::Action { .. }
                    )
                    | (ButtonKind::VoiceCall, Parameter::TtlMinutes { .. } | Parameter::Payload { .. })
            );
            if !fits {
                self.fail(format!("{field}.parameters[{i}]"), "is of a kind that this button does not take");
            }
        }
    }

    fn parameters(&mut self, field: &str, parameters: &[Parameter]) {
        let named = parameters.iter().filter(|parameter| parameter.is_named()).count();
        if named != 0 && named != parameters.len() {
            self.fail(format!("{field}.parameters"), "are partly named; name all of them or none");
        }
        for (i, parameter) in parameters.iter().enumerate() {
            let field = format!("{field}.parameters[{i}]");
            match parameter {
                Parameter::Text { text, .. } => {
                    let field = format!("{field}.text");
                    self.filled(&field, text);
                    if text.contains(['\n', '\r', '\t']) || text.contains("     ") {
                        self.fail(field, "has a line break, a tab or more than four spaces in a row");
                    }
                }
                Parameter::Image { image } => self.source(&format!("{field}.image"), image),
                Parameter::Video { video } => self.source(&format!("{field}.video"), video),
                Parameter::Gif { gif } => self.source(&format!("{field}.gif"), gif),
                Parameter::Document { document } => self.document(&format!("{field}.document"), document),
                Parameter::Location { location } => self.location(&format!("{field}.location"), location),
                Parameter::Payload { payload } => {
                    self.required(&format!("{field}.payload"), payload, template::PAYLOAD);
                }
                Parameter::CouponCode { coupon_code } => {
                    self.required(&format!("{field}.coupon_code"), coupon_code, template::COUPON_CODE);
                }
                Parameter::Currency { .. }
                | Parameter::DateTime { .. }
                | Parameter::Product { .. }
                | Parameter::Action { .. }
                | Parameter::LimitedTimeOffer { .. }
                | Parameter::TtlMinutes { .. } => {}
            }
        }
    }
}

impl Parameter {
    fn is_named(&self) -> bool {
        matches!(self, Self::Text { parameter_name: Some(_), .. })
    }
}
