//! The dialog as HTML: templates, filled in.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::texts::Language;

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, source) in [
        ("dialog.html", include_str!("pages/dialog.html")),
        ("step.html", include_str!("pages/step.html")),
        ("done.html", include_str!("pages/done.html")),
    ] {
        templates.add_template(name, source).expect("the dialog's templates are well formed");
    }
    templates
});

/// What stands around every page.
#[derive(Debug, Default)]
pub struct Frame {
    /// Heading.
    pub title: String,
    /// First sentence.
    pub lead: String,
    /// `Step 2 of 5`; empty outside the steps.
    pub progress: String,
    /// What is wrong with the last answer.
    pub problem: Option<String>,
}

/// One choice of a step.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// Value sent back.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// Small print.
    pub hint: String,
}

/// A name and a value: a field carried along, or a line of the summary.
#[derive(Debug, Serialize)]
pub struct Pair {
    /// Name or label.
    pub name: String,
    /// Value.
    pub value: String,
}

/// What one step shows.
#[derive(Debug, Default, Serialize)]
pub struct StepView {
    /// `business`, `account`, `number`, `verify` or `grant`.
    pub step: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Answers of the other steps.
    pub carried: Vec<Pair>,
    /// Things to choose from.
    pub options: Vec<Choice>,
    /// The one chosen.
    pub chosen: String,
    /// The label of the choice to add a number.
    pub number_new: String,
    /// Whether the run may go on without a number.
    pub may_skip: bool,
    /// The verification code, shown because no text message is sent.
    pub code: &'static str,
    /// What stands before the code.
    pub code_note: String,
    /// What is about to be shared.
    pub summary: Vec<Pair>,
}

/// A page with a form.
pub fn step(language: Language, frame: &Frame, view: &StepView, form: &impl Serialize) -> Response {
    let context = context! { t => Value::from(Serde(language.words())), form => Value::from(Serde(form)), ..Value::from(Serde(view)) };
    page(StatusCode::OK, language, frame, &render("step.html", context))
}

/// The last page of a popup: it plays the messages to the page that opened it and closes itself.
pub fn done(language: Language, frame: &Frame, plan: &impl Serialize) -> Response {
    // Inside a script element only `<` could end it.
    let plan = serde_json::to_string(plan).unwrap_or_default().replace('<', "\\u003c");
    let context =
        context! { t => Value::from(Serde(language.words())), posts => Value::from_safe_string(plan) };
    page(StatusCode::OK, language, frame, &render("done.html", context))
}

/// A page that only says something.
pub fn notice(status: StatusCode, language: Language, frame: &Frame) -> Response {
    page(status, language, frame, "")
}

fn page(status: StatusCode, language: Language, frame: &Frame, body: &str) -> Response {
    let context = context! {
        t => Value::from(Serde(language.words())),
        language => language.code(),
        css => Value::from_safe_string(include_str!("pages/dialog.css").to_owned()),
        title => frame.title.as_str(),
        lead => frame.lead.as_str(),
        progress => frame.progress.as_str(),
        problem => frame.problem.as_deref(),
        body => Value::from_safe_string(body.to_owned()),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Html(render("dialog.html", context))).into_response()
}

fn render(name: &str, context: Value) -> String {
    let rendered = TEMPLATES.get_template(name).and_then(|template| template.render(context));
    rendered.unwrap_or_else(|error| {
        tracing::error!(%error, name, "a page of the dialog could not be rendered");
        String::new()
    })
}
