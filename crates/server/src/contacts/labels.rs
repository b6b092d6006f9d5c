//! Labels, of contacts and of conversations: what the organisation calls them by, in words of its own.

/// More would help nobody find anything.
const MOST: usize = 50;
const LONGEST: usize = 60;

/// Labels without surrounding blanks and repetitions.
pub(crate) fn tidied(labels: Vec<String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::with_capacity(labels.len());
    for label in labels {
        let label = label.trim();
        if !label.is_empty() && !tidy.iter().any(|known| known == label) {
            tidy.push(label.to_owned());
        }
    }
    tidy
}

/// Whether these may be labels, in the signature that garde calls.
pub(crate) fn are_labels(labels: &[String], _: &()) -> garde::Result {
    if labels.len() > MOST {
        return Err(garde::Error::new(format!("at most {MOST} labels")));
    }
    if labels.iter().any(|label| label.chars().count() > LONGEST || label.chars().any(char::is_control)) {
        return Err(garde::Error::new(format!("a label has at most {LONGEST} visible characters")));
    }
    Ok(())
}
