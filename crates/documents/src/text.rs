//! Plain text and Markdown.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::encoding::Decoded;
use crate::outline::Outline;
use crate::{Limits, Parts, Refused, Warning};

/// Whether text without a telling name is Markdown: a heading, a fence or a link.
pub(crate) fn looks_like_markdown(text: &str) -> bool {
    text.lines().any(|line| {
        let hashes = line.bytes().take_while(|b| *b == b'#').count();
        ((1..=6).contains(&hashes) && line[hashes..].starts_with(' '))
            || line.starts_with("```")
            || line
                .split_once("](http")
                .is_some_and(|(before, after)| before.contains('[') && after.contains(')'))
    })
}

/// Paragraphs as they stand; line breaks are kept, they carry meaning in addresses and opening hours.
pub(crate) fn read_plain(decoded: Decoded, limits: &Limits) -> Result<Parts, Refused> {
    let mut outline = Outline::new(limits.output_bytes);
    outline.paragraph(&decoded.text)?;
    Ok(Parts { sections: outline.finish(), warnings: warnings(decoded.replaced), ..Parts::default() })
}

/// Markdown as its reader sees it: headings, paragraphs, lists, tables; link targets in brackets, marks removed.
pub(crate) fn read_markdown(decoded: Decoded, limits: &Limits) -> Result<Parts, Refused> {
    let mut reader = Markdown {
        outline: Outline::new(limits.output_bytes),
        text: String::new(),
        lists: 0,
        links: Vec::new(),
        header: Vec::new(),
        row: Vec::new(),
        rows: Vec::new(),
    };
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut depth = 0usize;
    let mut metadata = false;
    for event in Parser::new_ext(&decoded.text, options) {
        match &event {
            Event::Start(tag) => {
                depth += 1;
                metadata |= matches!(tag, Tag::MetadataBlock(_));
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits.nesting {
            return Err(Refused::TooDeep { limit: limits.nesting });
        }
        if !metadata {
            reader.event(&event)?;
        }
        metadata &= !matches!(event, Event::End(TagEnd::MetadataBlock(_)));
    }
    reader.flush()?;
    Ok(Parts { sections: reader.outline.finish(), warnings: warnings(decoded.replaced), ..Parts::default() })
}

pub(crate) fn warnings(replaced: bool) -> Vec<Warning> {
    if replaced { vec![Warning::CharactersReplaced] } else { Vec::new() }
}

struct Markdown {
    outline: Outline,
    text: String,
    lists: usize,
    links: Vec<(String, usize)>,
    header: Vec<String>,
    row: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Markdown {
    fn event(&mut self, event: &Event<'_>) -> Result<(), Refused> {
        match event {
            Event::Start(tag) => self.start(tag)?,
            Event::End(tag) => self.end(*tag)?,
            Event::Text(text) | Event::Code(text) => self.text.push_str(text),
            Event::SoftBreak | Event::HardBreak => self.text.push('\n'),
            Event::Rule => self.flush()?,
            // Tags are markup, not text; what stands between them arrives as text.
            Event::Html(_) | Event::InlineHtml(_) => {}
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>) -> Result<(), Refused> {
        match tag {
            Tag::Heading { .. } | Tag::Item | Tag::Table(_) | Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
                self.flush()?
            }
            Tag::List(_) => {
                self.flush()?;
                self.lists += 1;
            }
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), self.text.len())),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), Refused> {
        match tag {
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                self.outline.heading(level_number(level), &text)?;
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::BlockQuote(_) => self.flush()?,
            TagEnd::List(_) => {
                self.flush()?;
                self.lists = self.lists.saturating_sub(1);
            }
            TagEnd::Link => {
                if let Some((target, start)) = self.links.pop()
                    && target.starts_with("http")
                    && self.text.get(start..).is_some_and(|shown| !shown.contains(&target))
                {
                    self.text.push_str(&format!(" ({target})"));
                }
            }
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead => self.header = std::mem::take(&mut self.row),
            TagEnd::TableRow => self.rows.push(std::mem::take(&mut self.row)),
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.rows);
                self.outline.table(Some(&std::mem::take(&mut self.header)), &rows)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Refused> {
        let text = std::mem::take(&mut self.text);
        match self.lists {
            0 => self.outline.paragraph(&text),
            depth => self.outline.item(depth - 1, &text),
        }
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Section;

    fn markdown(text: &str) -> Vec<Section> {
        let decoded = Decoded { text: text.into(), replaced: false };
        read_markdown(decoded, &Limits::default()).unwrap().sections
    }

    #[test]
    fn headings_lists_tables_and_links() {
        let sections = markdown(
            "---\ntitle: hidden\n---\n# Kopi *Nusantara*\n\nBaca [panduan](https://example.org/p).\n\n## Harga\n\n- **Gayo**: 90.000\n  - sangrai sedang\n- Toraja\n\n| Produk | Harga |\n|---|---|\n| Gayo | 90.000 |\n",
        );
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].path, ["Kopi Nusantara"]);
        assert_eq!(sections[0].text, "Baca panduan (https://example.org/p).");
        assert_eq!(sections[1].path, ["Kopi Nusantara", "Harga"]);
        assert_eq!(
            sections[1].text,
            "- Gayo: 90.000\n  - sangrai sedang\n- Toraja\n\nProduk: Gayo; Harga: 90.000"
        );
    }

    #[test]
    fn setext_headings_and_tags() {
        let sections = markdown("Jam buka\n========\n\nSenin <b>09.00</b>\n");
        assert_eq!(sections[0].path, ["Jam buka"]);
        assert_eq!(sections[0].text, "Senin 09.00");
    }

    #[test]
    fn deep_quotes_are_refused() {
        let decoded = Decoded { text: format!("{} x", "> ".repeat(2000)), replaced: false };
        assert_eq!(read_markdown(decoded, &Limits::default()).unwrap_err(), Refused::TooDeep { limit: 256 });
    }

    #[test]
    fn plain_text_keeps_its_lines() {
        let decoded = Decoded { text: "Buka:\r\nSenin 9-5\r\n\r\n\r\nTutup Minggu".into(), replaced: true };
        let parts = read_plain(decoded, &Limits::default()).unwrap();
        assert_eq!(parts.sections[0].text, "Buka:\nSenin 9-5\n\nTutup Minggu");
        assert_eq!(parts.warnings, [Warning::CharactersReplaced]);
    }

    #[test]
    fn telling_markdown_from_prose() {
        assert!(looks_like_markdown("## Harga\nx"));
        assert!(looks_like_markdown("see [this](https://example.org)"));
        assert!(!looks_like_markdown("#1 di kota\n#kopi enak [1] (lihat)"));
    }
}
