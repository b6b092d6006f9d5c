//! DOCX (Office Open XML): headings, paragraphs, lists and tables of the main document part.
//!
//! Only four parts of the container are ever unpacked, each under a bound on size and ratio, so what else an archive
//! hides does not matter. The XML is read as a stream of events; entities other than XML's own five and character
//! numbers are not resolved, and a document type declaration, which Word never writes, ends the reading.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::outline::{Outline, one_line};
use crate::{Foreign, Kind, Limits, Parts, Refused, encoding};

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Parts that unpack to less than this are not held to the ratio.
const SMALL_PART: u64 = 1 << 20;
const DAMAGED: Refused = Refused::Damaged { kind: Kind::Docx };

/// Opens a zip container and makes sure that it is a DOCX.
pub(crate) fn open<'a>(bytes: &'a [u8], hint: Option<Kind>, limits: &Limits) -> Result<Archive<'a>, Refused> {
    let broken =
        if hint == Some(Kind::Docx) { DAMAGED } else { Refused::Unsupported { found: Foreign::Archive } };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken)?;
    if archive.len() > limits.zip_entries {
        return Err(Refused::TooManyParts { limit: limits.zip_entries });
    }
    if archive.index_for_name("[Content_Types].xml").is_some() && main_part(&mut archive, limits)?.is_some() {
        return Ok(archive);
    }
    let holds = |folder: &str| archive.file_names_raw().any(|name| name.starts_with(folder.as_bytes()));
    Err(match () {
        () if holds("xl/") => Refused::Unsupported { found: Foreign::Spreadsheet },
        () if holds("ppt/") => Refused::Unsupported { found: Foreign::Presentation },
        () if holds("mimetype") && holds("content.xml") => {
            Refused::Unsupported { found: Foreign::OpenDocument }
        }
        () if hint == Some(Kind::Docx) => Refused::NotDocx,
        () => Refused::Unsupported { found: Foreign::Archive },
    })
}

/// Reads the main document part, with the help of its styles.
pub(crate) fn read(mut archive: Archive<'_>, limits: &Limits) -> Result<Parts, Refused> {
    let main = main_part(&mut archive, limits)?.ok_or(Refused::NotDocx)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let styles = match part(&mut archive, &format!("{folder}/styles.xml"), limits)? {
        Some(xml) => Styles::read(&xml, limits)?,
        None => Styles::default(),
    };
    let title = match part(&mut archive, "docProps/core.xml", limits)? {
        Some(xml) => core_title(&xml, limits)?,
        None => None,
    };
    let xml = part(&mut archive, &main, limits)?.ok_or(DAMAGED)?;
    let mut body = Body::new(&styles, limits);
    walk(&xml, limits, |step| body.step(step))?;
    Ok(Parts { title: title.or(body.title), sections: body.outline.finish(), ..Parts::default() })
}

/// The name of the main document part, as the package's relations give it; other kinds of Office files have none
/// below `word/`.
fn main_part(archive: &mut Archive<'_>, limits: &Limits) -> Result<Option<String>, Refused> {
    let mut target = None;
    if let Some(xml) = part(archive, "_rels/.rels", limits)? {
        walk(&xml, limits, |step| {
            if let Step::Start(element) = step
                && element.local_name().as_ref() == "Relationship"
                && attribute(element, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                target = attribute(element, "Target").map(|name| name.trim_start_matches('/').to_string());
            }
            Ok(())
        })?;
    }
    let name = target.unwrap_or_else(|| "word/document.xml".into());
    Ok((name.starts_with("word/") && archive.index_for_name(&name).is_some()).then_some(name))
}

/// Unpacks one part as text, within bounds. `None` if the container has no such part.
fn part(archive: &mut Archive<'_>, name: &str, limits: &Limits) -> Result<Option<String>, Refused> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
            return Err(Refused::PasswordProtected);
        }
        Err(_) => return Err(DAMAGED),
    };
    let by_ratio = file.compressed_size().saturating_mul(limits.zip_ratio).max(SMALL_PART);
    let most = by_ratio.min(limits.zip_part_bytes);
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|_| DAMAGED)?;
    if bytes.len() as u64 > most {
        return Err(Refused::Bomb);
    }
    encoding::decode(&bytes).map(|decoded| Some(decoded.text)).ok_or(DAMAGED)
}

/// What a reader of XML sees: elements opening and closing, and the text between them, entities resolved.
enum Step<'a> {
    Start(&'a BytesStart<'a>),
    End(&'a str),
    Text(&'a str),
}

/// Walks through XML without recursion, bounded in depth.
fn walk(
    xml: &str,
    limits: &Limits,
    mut visit: impl FnMut(Step<'_>) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|_| DAMAGED)? {
            Event::Start(element) => {
                depth += 1;
                if depth > limits.nesting {
                    return Err(Refused::TooDeep { limit: limits.nesting });
                }
                visit(Step::Start(&element))?;
            }
            Event::End(element) => {
                depth -= 1;
                visit(Step::End(element.local_name().as_ref()))?;
            }
            Event::Empty(element) => {
                visit(Step::Start(&element))?;
                visit(Step::End(element.local_name().as_ref()))?;
            }
            Event::Text(text) => visit(Step::Text(&text.xml10_content()))?,
            Event::CData(text) => visit(Step::Text(&text.xml10_content()))?,
            Event::GeneralRef(entity) => {
                let character = match entity.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    _ => match entity.xml10_content().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(Refused::Bomb),
                    },
                };
                visit(Step::Text(character.encode_utf8(&mut [0; 4])))?;
            }
            Event::DocType(_) => return Err(Refused::Bomb),
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(DAMAGED),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

/// A switch such as `<w:vanish/>`, which may carry `w:val="false"`.
fn switched_on(element: &BytesStart<'_>) -> bool {
    !matches!(attribute(element, "val").as_deref(), Some("0" | "false" | "off"))
}

fn core_title(xml: &str, limits: &Limits) -> Result<Option<String>, Refused> {
    let (mut inside, mut title) = (false, String::new());
    walk(xml, limits, |step| {
        match step {
            Step::Start(element) => inside = element.local_name().as_ref() == "title",
            Step::End(_) => inside = false,
            Step::Text(text) if inside => title.push_str(text),
            Step::Text(_) => {}
        }
        Ok(())
    })?;
    let title = one_line(&title);
    Ok((!title.is_empty()).then_some(title))
}

/// Which paragraph styles are headings. Style ids are translated ("Judul1"); their names and outline levels are not.
#[derive(Default)]
struct Styles {
    levels: HashMap<String, u8>,
    based_on: HashMap<String, String>,
}

/// The level of a document's title, above every heading.
const TITLE_LEVEL: u8 = 0;

impl Styles {
    fn read(xml: &str, limits: &Limits) -> Result<Self, Refused> {
        let mut styles = Self::default();
        let mut id = String::new();
        walk(xml, limits, |step| {
            let Step::Start(element) = step else { return Ok(()) };
            let value = || attribute(element, "val").unwrap_or_default();
            match element.local_name().as_ref() {
                "style" => id = attribute(element, "styleId").unwrap_or_default(),
                "name" => {
                    let name = value().to_lowercase();
                    let level = if name == "title" { Some(TITLE_LEVEL) } else { heading_number(&name) };
                    if let Some(level) = level {
                        styles.levels.insert(id.clone(), level);
                    }
                }
                "outlineLvl" => {
                    if let Some(level) = outline_level(&value()) {
                        styles.levels.entry(id.clone()).or_insert(level);
                    }
                }
                "basedOn" => {
                    styles.based_on.insert(id.clone(), value());
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(styles)
    }

    /// The heading level of a style, its own or that of the style it is based on.
    fn level(&self, id: &str) -> Option<u8> {
        let mut at = id;
        for _ in 0..16 {
            if let Some(level) = self.levels.get(at) {
                return Some(*level);
            }
            at = self.based_on.get(at)?;
        }
        None
    }
}

fn heading_number(name: &str) -> Option<u8> {
    name.strip_prefix("heading ")?.trim().parse().ok().filter(|n| (1..=9).contains(n))
}

/// `w:outlineLvl` counts headings from 0; 9 means body text.
fn outline_level(value: &str) -> Option<u8> {
    value.parse::<u8>().ok().filter(|n| *n < 9).map(|n| n + 1)
}

#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<u8>,
    list: Option<usize>,
}

#[derive(Default)]
struct Table {
    header: Option<Vec<String>>,
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    cell: String,
    row_is_header: bool,
}

/// The state while the body is walked through. Paragraphs nest (text boxes), and so do tables.
struct Body<'a> {
    styles: &'a Styles,
    outline: Outline,
    title: Option<String>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    in_text: bool,
    hidden_run: bool,
    /// Depth inside a subtree that says nothing new: fallbacks of drawings, text moved away, tracked changes.
    skipping: usize,
}

impl<'a> Body<'a> {
    fn new(styles: &'a Styles, limits: &Limits) -> Self {
        Self {
            styles,
            outline: Outline::new(limits.output_bytes),
            title: None,
            paragraphs: Vec::new(),
            tables: Vec::new(),
            in_text: false,
            hidden_run: false,
            skipping: 0,
        }
    }

    fn step(&mut self, step: Step<'_>) -> Result<(), Refused> {
        if self.skipping > 0 {
            match step {
                Step::Start(_) => self.skipping += 1,
                Step::End(_) => self.skipping -= 1,
                Step::Text(_) => {}
            }
            return Ok(());
        }
        match step {
            Step::Start(element) => self.start(element),
            Step::End(name) => self.end(name)?,
            Step::Text(text) if self.in_text && !self.hidden_run => self.push(text),
            Step::Text(_) => {}
        }
        Ok(())
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val").unwrap_or_default();
        match element.local_name().as_ref() {
            "Fallback" | "moveFrom" | "del" | "pPrChange" | "rPrChange" => self.skipping = 1,
            "p" => self.paragraphs.push(Paragraph::default()),
            "r" => self.hidden_run = false,
            "vanish" => self.hidden_run = switched_on(element),
            "t" => self.in_text = true,
            "tab" if !self.hidden_run => self.push(" "),
            "br" | "cr" if !self.hidden_run => self.push("\n"),
            "noBreakHyphen" if !self.hidden_run => self.push("-"),
            "pStyle" => {
                let level = self.styles.level(&value());
                self.with_paragraph(|p| p.level = p.level.or(level));
            }
            "outlineLvl" => self.with_paragraph(|p| p.level = outline_level(&value())),
            "ilvl" => self.with_paragraph(|p| p.list = value().parse().ok()),
            "numId" if value() != "0" => self.with_paragraph(|p| p.list = p.list.or(Some(0))),
            "tbl" => self.tables.push(Table::default()),
            "tblHeader" if switched_on(element) => {
                if let Some(table) = self.tables.last_mut() {
                    table.row_is_header = true;
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Refused> {
        match name {
            "t" => self.in_text = false,
            "r" => self.hidden_run = false,
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.close_paragraph(paragraph)?;
                }
            }
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row.push(std::mem::take(&mut table.cell));
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let row = std::mem::take(&mut table.row);
                    match std::mem::take(&mut table.row_is_header)
                        && table.header.is_none()
                        && table.rows.is_empty()
                    {
                        true => table.header = Some(row),
                        false => table.rows.push(row),
                    }
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    self.close_table(table)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn with_paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            change(paragraph);
        }
    }

    fn close_paragraph(&mut self, paragraph: Paragraph) -> Result<(), Refused> {
        if let Some(table) = self.tables.last_mut() {
            table.cell.push_str(&paragraph.text);
            table.cell.push('\n');
            return Ok(());
        }
        match (paragraph.level, paragraph.list) {
            (Some(TITLE_LEVEL), _) if self.title.is_none() => {
                self.title = Some(one_line(&paragraph.text));
                Ok(())
            }
            (Some(level), _) => self.outline.heading(level, &paragraph.text),
            (None, Some(depth)) => self.outline.item(depth, &paragraph.text),
            (None, None) => self.outline.paragraph(&paragraph.text),
        }
    }

    fn close_table(&mut self, table: Table) -> Result<(), Refused> {
        match self.tables.last_mut() {
            // A table inside a cell is part of that cell's text.
            Some(outer) => {
                for row in table.header.iter().chain(&table.rows) {
                    outer.cell.push_str(&row.join(" "));
                    outer.cell.push('\n');
                }
                Ok(())
            }
            None if table.rows.is_empty() => self.outline.table(None, table.header.as_slice()),
            None => self.outline.table(table.header.as_deref(), &table.rows),
        }
    }
}
