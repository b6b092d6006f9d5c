//! Pure language work for answers: words, stems, passages, extractive answers, refusals.
