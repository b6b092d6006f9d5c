//! Figures, bars, table and JSON.

use serde_json::{Value, json};

use super::{
    measure::{Asked, Given, Mode, Run},
    questions::{Class, Split},
};

/// Which questions a figure is about: all, or one part.
const PARTS: [(&str, Option<Split>); 3] =
    [("all", None), ("tune", Some(Split::Tune)), ("held", Some(Split::Held))];

/// The bars for the embedded answerer.
const RECALL_OWN: f64 = 0.95;
const RECALL_LOOSE: f64 = 0.80;
const ANSWERED: f64 = 0.80;
const REFUSED: f64 = 0.90;
/// The bar for paraphrases with embeddings, in English.
const RECALL_PARAPHRASE: f64 = 0.70;

/// A share with what it is of.
#[derive(Clone, Copy)]
struct Share {
    hits: usize,
    of: usize,
}

impl Share {
    fn count<'a>(asked: impl Iterator<Item = &'a Asked>, hit: impl Fn(&Asked) -> bool) -> Self {
        let mut share = Share { hits: 0, of: 0 };
        for one in asked {
            share.of += 1;
            share.hits += usize::from(hit(one));
        }
        share
    }

    fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.hits as f64 / self.of as f64 }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2} ({}/{})", self.value(), self.hits, self.of);
        f.pad(&text)
    }
}

/// The figures of one part.
struct Figures {
    recall: [(Class, Share); 3],
    answered: Share,
    /// Of the answerable questions, those answered from a wrong passage.
    misled: Share,
    refused: Share,
}

fn figures(run: &Run, part: Option<Split>) -> Figures {
    let of = |class: Class| {
        run.asked.iter().filter(move |one| one.class == class && part.is_none_or(|part| one.split == part))
    };
    let recall = [Class::Own, Class::Loose, Class::Paraphrase]
        .map(|class| (class, Share::count(of(class), |one| one.found)));
    // Retrievable: the right passage is among the five, so that an answer from it was possible.
    let retrievable =
        [Class::Own, Class::Loose, Class::Paraphrase].into_iter().flat_map(of).filter(|one| one.found);
    let answered = Share::count(retrievable, |one| one.outcome == Given::Right);
    let answerable = [Class::Own, Class::Loose, Class::Paraphrase].into_iter().flat_map(of);
    let misled = Share::count(answerable, |one| one.outcome == Given::Wrong);
    let refused = Share::count(of(Class::Unanswerable), |one| one.outcome == Given::Refused);
    Figures { recall, answered, misled, refused }
}

/// Every bar that is missed, as a sentence. The held-out part must meet them too.
pub(super) fn verdict(runs: &[Run]) -> Vec<String> {
    let mut missed = Vec::new();
    for run in runs {
        for (name, part) in PARTS.into_iter().filter(|(_, part)| *part != Some(Split::Tune)) {
            let figures = figures(run, part);
            let mut bar = |what: &str, share: Share, least: f64| {
                if share.value() < least {
                    missed.push(format!("{} {name}: {what} is {share}, below {least:.2}", title(run)));
                }
            };
            if run.mode == Mode::Embedded {
                bar("recall of own words", figures.recall[0].1, RECALL_OWN);
                bar("recall of loose wording", figures.recall[1].1, RECALL_LOOSE);
                bar("answered from the right passage", figures.answered, ANSWERED);
                bar("unanswerable refused", figures.refused, REFUSED);
            } else {
                bar("recall of paraphrases", figures.recall[2].1, RECALL_PARAPHRASE);
            }
        }
    }
    missed
}

fn title(run: &Run) -> String {
    let mode = match run.mode {
        Mode::Embedded => "embedded",
        Mode::Embeddings => "embeddings",
    };
    format!("{} {mode} {}", run.language.code(), run.store)
}

/// Prints the table for people.
pub(super) fn print(runs: &[Run], missed: &[String]) {
    println!(
        "{:<26}{:<8}{:<15}{:<15}{:<15}{:<15}{:<15}{:<15}",
        "",
        "part",
        "recall@5 own",
        "loose",
        "paraphrase",
        "answered right",
        "answered wrong",
        "refused right"
    );
    for run in runs {
        for (name, part) in PARTS {
            let figures = figures(run, part);
            let heading = if part.is_none() { title(run) } else { String::new() };
            println!(
                "{heading:<26}{name:<8}{:<15}{:<15}{:<15}{:<15}{:<15}{:<15}",
                figures.recall[0].1,
                figures.recall[1].1,
                figures.recall[2].1,
                figures.answered,
                figures.misled,
                figures.refused
            );
        }
        let (median, slow) = times(run);
        println!(
            "{:<26}{} passages; time per answer: median {median:.1} ms, 95th {slow:.1} ms",
            "", run.passages
        );
    }
    println!(
        "bars: recall {RECALL_OWN} own, {RECALL_LOOSE} loose (paraphrase with embeddings {RECALL_PARAPHRASE}), answered {ANSWERED}, refused {REFUSED}"
    );
    match missed {
        [] => println!("every bar is met, also by the questions held apart from tuning"),
        missed => missed.iter().for_each(|sentence| println!("MISSED {sentence}")),
    }
}

/// Median and 95th percentile in milliseconds.
fn times(run: &Run) -> (f64, f64) {
    let mut times: Vec<f64> = run.asked.iter().map(|one| one.time.as_secs_f64() * 1_000.0).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len() - 1)).copied();
    (at(0.5).unwrap_or_default(), at(0.95).unwrap_or_default())
}

/// Prints what went wrong in the tuning part; the held-out part stays unseen.
pub(super) fn misses(runs: &[Run]) {
    for run in runs {
        for one in run.asked.iter().filter(|one| one.split == Split::Tune) {
            let good = match one.class {
                Class::Unanswerable => one.outcome == Given::Refused,
                _ => one.found && one.outcome == Given::Right,
            };
            if !good {
                let text: String = one.text.chars().take(110).collect();
                println!(
                    "{} {:?} found={} {:?} {:.2} | {} | {} | {}",
                    one.id,
                    one.class,
                    one.found,
                    one.outcome,
                    one.confidence,
                    one.question,
                    one.title,
                    text.replace('\n', " ")
                );
            }
        }
    }
}

/// The same as one JSON object.
pub(super) fn json(runs: &[Run], missed: &[String]) -> Value {
    let share = |share: Share| json!({ "share": share.value(), "hits": share.hits, "of": share.of });
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| {
            let parts: serde_json::Map<String, Value> = PARTS
                .iter()
                .map(|(name, part)| {
                    let figures = figures(run, *part);
                    let figures = json!({
                        "recall_own": share(figures.recall[0].1),
                        "recall_loose": share(figures.recall[1].1),
                        "recall_paraphrase": share(figures.recall[2].1),
                        "answered_right": share(figures.answered),
                        "answered_wrong": share(figures.misled),
                        "refused_right": share(figures.refused),
                    });
                    ((*name).to_owned(), figures)
                })
                .collect();
            let (median, slow) = times(run);
            json!({
                "run": title(run), "language": run.language.code(), "store": run.store, "passages": run.passages,
                "questions": run.asked.len(), "median_ms": median, "p95_ms": slow, "parts": parts,
            })
        })
        .collect();
    json!({ "passed": missed.is_empty(), "missed": missed, "runs": runs })
}
