//! How far a draft of a template has come, and what can happen to a template.

text_enum! {
    /// How far a draft of a template has come. When Meta has taken it, it is a template.
    pub enum DraftState {
        /// It is being written.
        Draft = "draft",
        /// It is on its way to Meta.
        Submitting = "submitting",
        /// Meta did not take it.
        Refused = "refused",
    }
}

text_enum! {
    /// What can happen to a template.
    pub enum TemplateEventKind {
        /// A member or key handed it to Meta.
        Submitted = "submitted",
        /// A member or key changed it.
        Edited = "edited",
        /// A member or key deleted it.
        Deleted = "deleted",
        /// A member or key ended its pause.
        Unpaused = "unpaused",
        /// It is in another state.
        Status = "status",
        /// It has another category.
        Category = "category",
        /// Meta announces another category.
        CategoryComing = "category_coming",
        /// It has another quality.
        Quality = "quality",
        /// It says something else.
        Components = "components",
    }
}
