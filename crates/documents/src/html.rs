//! Web pages: the main article where there is one, else the whole body, with its headings.

use std::borrow::Cow;
use std::collections::HashSet;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use crate::encoding::{self, Decoded};
use crate::outline::{Outline, one_line};
use crate::text::warnings;
use crate::{Limits, Parts, Refused, Section};

/// Elements whose content is not text for a reader.
const SILENT: [&str; 14] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "select",
    "button", "nav", "dialog", "head",
];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 27] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "address",
    "details",
    "summary",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "form",
    "fieldset",
    "legend",
    "hr",
    "center",
    "body",
    "html",
];
/// Where a heading keeps its level while the article finder, which renames `h1`, is at work.
const LEVEL: &str = "data-level";
/// Most elements the article finder looks at; larger pages are read whole.
const MOST_ELEMENTS: usize = 50_000;

/// Whether text is a web page. With a telling name (`told`) any tag will do.
pub(crate) fn looks_like(text: &str, told: bool) -> bool {
    let start: String = text.trim_start().chars().take(2048).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || (start.starts_with('<') && ["<html", "<head", "<body"].iter().any(|tag| start.contains(tag)))
        || (told
            && ["<p", "<h1", "<h2", "<div", "<br", "<ul", "<table"].iter().any(|tag| start.contains(tag)))
}

/// Decodes a page: a byte-order mark wins, then the page's own `charset`, then the content.
pub(crate) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let guessed = encoding::decode(bytes);
    if std::str::from_utf8(bytes).is_ok() || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
    {
        return guessed;
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let label = start.split("charset=").nth(1).map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        rest.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
            .next()
            .unwrap_or_default()
    });
    label.and_then(|label| encoding::decode_as(label, bytes)).or(guessed)
}

/// Reads a page.
pub(crate) fn read(decoded: Decoded, limits: &Limits) -> Result<Parts, Refused> {
    let page = Document::from(decoded.text);
    check_depth(&page.root(), limits.nesting)?;
    remember_levels(&page);
    unmark_anchors(&page);
    let title = page.select("title").nodes().first().map(|node| one_line(&node.text()));
    let whole = sections_of(&page, limits)?;
    let chosen = match article(&page, limits)? {
        Some(article) if is_better(&article, &whole) => article,
        _ => whole,
    };
    Ok(Parts { title, sections: chosen, warnings: warnings(decoded.replaced), ..Parts::default() })
}

/// An article must hold most of the text (shops and price lists are no articles) and every heading between its first
/// and its last. Where it is nearly the whole page, the page is better: the finder likes to drop short sections, and a
/// lost section costs more than a line of navigation kept.
fn is_better(article: &[Section], whole: &[Section]) -> bool {
    let share = length(article) * 100 / length(whole).max(1);
    let kept: HashSet<&str> =
        article.iter().filter_map(|section| section.path.last().map(String::as_str)).collect();
    let held: Vec<bool> = whole
        .iter()
        .filter_map(|section| section.path.last())
        .map(|title| kept.contains(title.as_str()))
        .collect();
    let first = held.iter().position(|held| *held).unwrap_or(0);
    let last = held.iter().rposition(|held| *held).map_or(0, |at| at + 1);
    (50..80).contains(&share) && held[first..last].iter().all(|held| *held)
}

fn length(sections: &[Section]) -> usize {
    sections.iter().map(|section| section.text.len()).sum()
}

fn article(page: &Document, limits: &Limits) -> Result<Option<Vec<Section>>, Refused> {
    let config = Config { max_elements_to_parse: MOST_ELEMENTS, disable_json_ld: true, ..Config::default() };
    let Ok(mut finder) = Readability::with_document(page.clone(), None, Some(config)) else {
        return Ok(None);
    };
    let Ok(article) = finder.parse() else { return Ok(None) };
    sections_of(&Document::from(article.content), limits).map(Some)
}

fn remember_levels(page: &Document) {
    for (name, level) in [("h1", "1"), ("h2", "2"), ("h3", "3"), ("h4", "4"), ("h5", "5"), ("h6", "6")] {
        for heading in page.select(name).nodes() {
            heading.set_attr(LEVEL, level);
        }
    }
}

/// Named places (`<a id="x"/>`) are not links, though they look like them to the article finder, which removes
/// headings that consist of links.
fn unmark_anchors(page: &Document) {
    for anchor in page.select("a").nodes() {
        if !anchor.has_attr("href") {
            anchor.rename("span");
        }
    }
}

/// Bounds the depth without recursion, before anything recurses over the tree.
fn check_depth(root: &NodeRef<'_>, limit: usize) -> Result<(), Refused> {
    let mut open = vec![(*root, 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > limit {
            return Err(Refused::TooDeep { limit });
        }
        open.extend(node.children_it(false).map(|child| (child, depth + 1)));
    }
    Ok(())
}

fn sections_of(page: &Document, limits: &Limits) -> Result<Vec<Section>, Refused> {
    let mut walker =
        Walker { outline: Outline::new(limits.output_bytes), text: String::new(), lists: 0, in_item: false };
    walker.children(&page.root())?;
    walker.flush()?;
    Ok(walker.outline.finish())
}

struct Walker {
    outline: Outline,
    text: String,
    lists: usize,
    in_item: bool,
}

impl Walker {
    fn children(&mut self, node: &NodeRef<'_>) -> Result<(), Refused> {
        for child in node.children_it(false) {
            if child.is_text() {
                self.text.push_str(&joined(&child.text()));
            } else if let Some(name) = child.node_name() {
                self.element(&child, &name)?;
            }
        }
        Ok(())
    }

    fn element(&mut self, node: &NodeRef<'_>, name: &str) -> Result<(), Refused> {
        if SILENT.contains(&name) || is_hidden(node) {
            return Ok(());
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush()?;
                let level = node.attr(LEVEL).and_then(|level| level.parse().ok());
                self.outline.heading(level.unwrap_or(name.as_bytes()[1] - b'0'), &node.text())
            }
            "br" => {
                self.text.push('\n');
                Ok(())
            }
            "table" => {
                self.flush()?;
                self.table(node)
            }
            "ul" | "ol" | "dl" if is_contents(node) => self.flush(),
            "ul" | "ol" => {
                self.flush()?;
                self.lists += 1;
                let outcome = self.children(node);
                self.flush()?;
                self.lists -= 1;
                outcome
            }
            "li" => {
                self.flush()?;
                let outer = std::mem::replace(&mut self.in_item, true);
                self.children(node)?;
                self.flush()?;
                self.in_item = outer;
                Ok(())
            }
            block if BLOCKS.contains(&block) => {
                self.flush()?;
                self.children(node)?;
                self.flush()
            }
            _ => self.children(node),
        }
    }

    /// A table of data becomes lines; a table that lays out the page, told by blocks or tables inside it, is walked.
    fn table(&mut self, table: &NodeRef<'_>) -> Result<(), Refused> {
        let inside = |names: &[&str]| {
            table
                .descendants_it()
                .any(|node| node.node_name().is_some_and(|name| names.contains(&name.as_ref())))
        };
        if inside(&["table", "h1", "h2", "h3", "ul", "ol", "div"]) {
            self.children(table)?;
            return self.flush();
        }
        let mut header = None;
        let mut rows = Vec::new();
        for row in table.descendants_it().filter(|node| node.has_name("tr") && !is_hidden(node)) {
            let cells: Vec<_> =
                row.children_it(false).filter(|cell| cell.has_name("td") || cell.has_name("th")).collect();
            let texts: Vec<String> = cells.iter().map(|cell| one_line(&visible_text(cell))).collect();
            let all_heads = cells.len() > 1 && cells.iter().all(|cell| cell.has_name("th"));
            if all_heads && header.is_none() && rows.is_empty() {
                header = Some(texts);
            } else {
                rows.push(texts);
            }
        }
        match (&header, rows.is_empty()) {
            (Some(names), true) => self.outline.table(None, std::slice::from_ref(names)),
            _ => self.outline.table(header.as_deref(), &rows),
        }
    }

    fn flush(&mut self) -> Result<(), Refused> {
        let text = std::mem::take(&mut self.text);
        if self.in_item {
            self.outline.item(self.lists.saturating_sub(1), &text)
        } else {
            self.outline.paragraph(&text)
        }
    }
}

/// Whether a list is a table of contents: several links to places within pages, and hardly a word beside them. It
/// repeats every heading and answers nothing.
fn is_contents(list: &NodeRef<'_>) -> bool {
    let places: Vec<_> = list
        .descendants_it()
        .filter(|node| node.has_name("a") && node.attr("href").is_some_and(|to| to.contains('#')))
        .collect();
    let linked: usize = places.iter().map(|place| one_line(&place.text()).len()).sum();
    places.len() >= 3 && linked * 10 >= one_line(&list.text()).len() * 8
}

/// Text of an element without its hidden and silent parts.
fn visible_text(node: &NodeRef<'_>) -> String {
    let mut text = String::new();
    for child in node.children_it(false) {
        if child.is_text() {
            text.push_str(&joined(&child.text()));
        } else if let Some(name) = child.node_name()
            && !SILENT.contains(&name.as_ref())
            && !is_hidden(&child)
        {
            text.push_str(&visible_text(&child));
            if name.as_ref() == "br" || BLOCKS.contains(&name.as_ref()) {
                text.push(' ');
            }
        }
    }
    text
}

/// What a reader of the page cannot see must not reach a model that answers customers.
fn is_hidden(node: &NodeRef<'_>) -> bool {
    let style =
        node.attr("style").map(|style| style.to_ascii_lowercase().replace(' ', "")).unwrap_or_default();
    node.has_attr("hidden")
        || ["display:none", "visibility:hidden", "font-size:0", "opacity:0;"]
            .iter()
            .any(|rule| style.contains(rule))
}

/// Line breaks in the source are blanks; only `br` and blocks break lines.
fn joined(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\u{c}']) {
        Cow::Owned(text.replace(['\n', '\r', '\u{c}'], " "))
    } else {
        Cow::Borrowed(text)
    }
}
