//! Labels, of contacts and of conversations: what the organisation calls them by, in words of its own.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::Problem;

/// More would help nobody find anything.
const MOST: usize = 50;
const LONGEST: usize = 60;

/// Labels to give and to take away, so that two who change others do not undo each other. What is in both is given.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelChange {
    /// Labels to give; blanks around them are taken off.
    #[serde(default)]
    #[garde(custom(are_labels))]
    add: Vec<String>,
    /// Labels to take away.
    #[serde(default)]
    #[garde(custom(are_labels))]
    remove: Vec<String>,
}

impl LabelChange {
    /// Gives these.
    pub(crate) fn giving(add: Vec<String>) -> Self {
        Self { add, remove: Vec::new() }
    }

    /// What `labels` become.
    pub(crate) fn applied_to(&self, labels: &[String]) -> Result<Vec<String>, Problem> {
        let kept = labels.iter().filter(|label| !self.remove.iter().any(|gone| gone.trim() == *label));
        let labels = tidied(kept.chain(&self.add).cloned().collect());
        if labels.len() > MOST && !self.add.is_empty() {
            return Err(Problem::unprocessable(
                "too_many_labels",
                format!("This would be more than {MOST} labels. Take some away that nobody looks for."),
            ));
        }
        Ok(labels)
    }
}

/// Labels without surrounding blanks and repetitions.
fn tidied(labels: Vec<String>) -> Vec<String> {
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
