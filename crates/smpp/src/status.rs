//! What a message centre's refusals mean, for people.

use rusmpp::CommandStatus;

/// A status as a person can look it up: in words where they help, and always as the number that every manual has.
pub(crate) fn words(status: CommandStatus) -> String {
    let meaning = match status {
        CommandStatus::EsmeRinvpaswd => "the password is wrong",
        CommandStatus::EsmeRinvsysid => "the system id is unknown",
        CommandStatus::EsmeRbindfail => "the centre does not let this account in",
        CommandStatus::EsmeRalybnd => "the account is connected elsewhere already",
        CommandStatus::EsmeRinvsystyp => "the system type is wrong",
        CommandStatus::EsmeRinvsrcadr => "the sender is not allowed",
        CommandStatus::EsmeRinvdstadr => "the number does not exist",
        CommandStatus::EsmeRinvmsglen => "the text is too long",
        CommandStatus::EsmeRinvdcs => "the centre does not take these characters",
        CommandStatus::EsmeRthrottled => "too many texts at once",
        CommandStatus::EsmeRmsgqful => "the centre's queue is full",
        CommandStatus::EsmeRsyserr => "the centre has an error",
        _ => "the centre refuses",
    };
    format!("{meaning} (SMPP status 0x{:08X})", u32::from(status))
}

/// Whether the centre asks for patience rather than refuses.
pub(crate) fn is_throttled(status: CommandStatus) -> bool {
    matches!(status, CommandStatus::EsmeRthrottled | CommandStatus::EsmeRmsgqful)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_number() {
        assert_eq!(
            words(CommandStatus::EsmeRinvdstadr),
            "the number does not exist (SMPP status 0x0000000B)"
        );
        assert_eq!(words(CommandStatus::from(0x0400)), "the centre refuses (SMPP status 0x00000400)");
    }
}
