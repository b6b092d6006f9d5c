//! From the lines of a PDF's pages to text that reads naturally: furniture removed, broken lines joined, chapters
//! found by the document's own bookmarks.

use std::collections::HashMap;

use crate::Refused;
use crate::outline::Outline;

/// A bookmark: where a chapter begins.
pub(crate) struct Bookmark {
    pub(crate) level: u8,
    pub(crate) title: String,
    pub(crate) page: usize,
}

/// Removes what is printed on pages but is not their text: running heads and page numbers, and the lines of a table of
/// contents, which would match every question and answer none.
pub(crate) fn remove_furniture(pages: &mut [(u32, String)]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (_, text) in pages.iter() {
        for line in edges(text) {
            *seen.entry(line).or_default() += 1;
        }
    }
    let often = (pages.len() / 3).max(3);
    for (_, text) in pages.iter_mut() {
        let count = text.lines().count();
        let kept: Vec<&str> = text
            .lines()
            .enumerate()
            .filter(|(i, line)| {
                let at_edge = *i == 0 || i + 1 == count;
                let furniture =
                    at_edge && (page_number(line) || seen.get(&shape(line)).is_some_and(|n| *n >= often));
                !furniture && !contents_line(line)
            })
            .map(|(_, line)| line)
            .collect();
        *text = kept.join("\n").trim_matches('\n').to_string();
    }
}

/// Adds a page's text, opening a section wherever a bookmark's title stands on a line of its own. A bookmark whose
/// title is not printed opens its section at the top of the page, if no other begins on that page before it.
pub(crate) fn read_page(
    outline: &mut Outline,
    number: u32,
    text: &str,
    bookmarks: &[&Bookmark],
) -> Result<(), Refused> {
    let lines: Vec<&str> = text.lines().collect();
    outline.page(number);
    let mut at = 0;
    for bookmark in bookmarks {
        match (at..lines.len()).find(|i| is_title(lines[*i], &bookmark.title)) {
            Some(place) => {
                outline.paragraph(&join_lines(&lines[at..place]))?;
                outline.heading(bookmark.level, &bookmark.title)?;
                at = place + 1;
            }
            None if at == 0 => outline.heading(bookmark.level, &bookmark.title)?,
            None => {}
        }
    }
    outline.paragraph(&join_lines(&lines[at..]))
}

/// The shapes of the first and last line.
fn edges(text: &str) -> Vec<String> {
    let (first, last) = (text.lines().next(), text.lines().next_back());
    let mut edges: Vec<String> =
        first.into_iter().chain(last).map(shape).filter(|shape| !shape.is_empty()).collect();
    edges.dedup();
    edges
}

/// A line without its numbers, so that running heads of different pages are equal.
fn shape(line: &str) -> String {
    let word = |word: &str| !word.chars().all(|c| c.is_ascii_digit() || "ivxlc./-–|".contains(c));
    line.split_whitespace().filter(|w| word(w)).collect::<Vec<_>>().join(" ")
}

fn page_number(line: &str) -> bool {
    line.chars().count() <= 8 && shape(line).is_empty()
}

/// `1.2 Title . . . . . . 7`
fn contents_line(line: &str) -> bool {
    line.contains(". . . .") || line.contains(".....")
}

fn is_title(line: &str, title: &str) -> bool {
    let letters =
        |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (line, title) = (letters(line), letters(title));
    // Chapters are numbered on the page but not always in the bookmark.
    !title.is_empty()
        && line
            .strip_suffix(title.as_str())
            .is_some_and(|rest| rest.len() <= 8 && rest.chars().all(|c| c.is_ascii_digit()))
}

/// Joins lines that were broken to fit the page: a line nearly as long as the longest continues on the next one,
/// unless that begins a list item. Words cut by a hyphen are made whole.
fn join_lines(lines: &[&str]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    let mut last: Option<&str> = None;
    for &line in lines {
        match last {
            Some(before) if !before.is_empty() && !line.is_empty() => {
                let full = before.chars().count() * 10 >= width * 6;
                let hyphenated = before.ends_with('-') && line.starts_with(char::is_lowercase);
                if hyphenated && full {
                    out.pop();
                } else {
                    let goes_on = full && !begins_item(line) && !is_row(before, line);
                    out.push(if goes_on { ' ' } else { '\n' });
                }
            }
            Some(_) => out.push('\n'),
            None => {}
        }
        out.push_str(line);
        last = Some(line);
    }
    out
}

/// Whether a line looks like a row of a table although it is long: it ends in a figure, and the next begins anew.
/// "Kopi susu gula aren 22.000", "Kopi hitam 15.000".
fn is_row(line: &str, next: &str) -> bool {
    let figure = line.trim_end_matches([',', '-', '%']).ends_with(|c: char| c.is_ascii_digit());
    figure && next.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
}

fn begins_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    line.starts_with(['-', '•', '–', '*', '·', '▪', '◦'])
        || ((1..=3).contains(&digits) && line[digits..].starts_with(['.', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_are_joined_and_lists_kept() {
        let text = "Kami menerima pengembalian barang dalam waktu tujuh ha-\nri sejak diterima oleh pembeli yang \
                    berbahagia di\nrumah.\n- satu\n- dua\n\nBaru";
        assert_eq!(
            join_lines(&text.lines().collect::<Vec<_>>()),
            "Kami menerima pengembalian barang dalam waktu tujuh hari sejak diterima oleh pembeli yang berbahagia di \
             rumah.\n- satu\n- dua\n\nBaru"
        );
    }

    #[test]
    fn rows_of_a_table_stay_lines() {
        let rows = [
            "Kopi susu gula aren 22.000",
            "Kopi hitam tubruk 15.000",
            "Teh tarik panas 12.000,-",
            "Roti bakar 9.000",
        ];
        assert_eq!(join_lines(&rows), rows.join("\n"));
        let prose = ["Toko kami berdiri pada tahun 2019", "dan pindah ke Jalan Merdeka nomor 5", "Bandung."];
        assert_eq!(
            join_lines(&prose),
            "Toko kami berdiri pada tahun 2019 dan pindah ke Jalan Merdeka nomor 5\nBandung."
        );
    }

    #[test]
    fn running_heads_page_numbers_and_contents_go() {
        let mut pages: Vec<(u32, String)> = (1..=6)
            .map(|n| {
                (n, format!("Panduan Toko {n}\n\nIsi halaman ke-{n}.\n1.{n} Bab . . . . . . {n}\n\n{n}"))
            })
            .collect();
        pages.push((7, "Penutup\n\nTerima kasih".into()));
        remove_furniture(&mut pages);
        assert_eq!(pages[2].1, "Isi halaman ke-3.");
        assert_eq!(pages[6].1, "Penutup\n\nTerima kasih");
    }

    #[test]
    fn bookmarks_open_sections() {
        let marks = [
            Bookmark { level: 1, title: "Layanan".into(), page: 4 },
            Bookmark { level: 2, title: "Retur".into(), page: 4 },
            Bookmark { level: 3, title: "Ongkos kirim".into(), page: 4 },
            Bookmark { level: 1, title: "Tidak tercetak".into(), page: 4 },
        ];
        let mut outline = Outline::new(1000);
        let text = "Akhir bab lalu.\n\n2 RETUR\n\nBoleh.\n\n2.1 Ongkos kirim\n\nGratis.";
        read_page(&mut outline, 4, text, &marks.iter().collect::<Vec<_>>()).unwrap();
        let sections = outline.finish();
        let seen: Vec<_> = sections.iter().map(|s| (s.path.join("/"), s.text.as_str(), s.page)).collect();
        assert_eq!(
            seen,
            [
                ("Layanan".to_string(), "Akhir bab lalu.", Some(4)),
                ("Layanan/Retur".to_string(), "Boleh.", Some(4)),
                ("Layanan/Retur/Ongkos kirim".to_string(), "Gratis.", Some(4)),
            ]
        );
    }
}
