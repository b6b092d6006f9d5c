//! What a member or a key may do.

text_enum! {
    /// A member's role in an organisation, from most to least.
    pub enum Role {
        /// May do everything, including giving the organisation away.
        Owner = "owner",
        /// Everything but owners and deletion of the organisation.
        Admin = "admin",
        /// Works the inbox.
        Agent = "agent",
        /// Reads.
        Viewer = "viewer",
    }
}

text_enum! {
    /// A right that an operation asks for; also the scope that an API key carries.
    pub enum Right {
        /// Read conversations, contacts and messages.
        ReadInbox = "inbox.read",
        /// Send, assign, hand off and hand back.
        WriteInbox = "inbox.write",
        /// Read knowledge and answers.
        ReadKnowledge = "knowledge.read",
        /// Change knowledge and AI settings.
        WriteKnowledge = "knowledge.write",
        /// Record consent.
        WriteConsent = "consent.write",
        /// See connections, messaging accounts, numbers and templates.
        ReadConnections = "connections.read",
        /// Write, change, submit and delete templates.
        WriteTemplates = "templates.write",
        /// Connect, repair and disconnect.
        WriteConnections = "connections.write",
        /// See members and keys.
        ReadMembers = "members.read",
        /// Invite, change and remove members; make and revoke keys.
        WriteMembers = "members.write",
        /// Read business records, notifications and what came of them.
        ReadRecords = "records.read",
        /// Make, import and remove business records and their kinds.
        WriteRecords = "records.write",
        /// Define notifications, run, pause and stop them.
        WriteNotifications = "notifications.write",
        /// Change the organisation's settings.
        WriteSettings = "settings.write",
        /// Read the audit log and events kept aside.
        ReadAudit = "audit.read",
    }
}

text_enum! {
    /// Whether an organisation may work.
    pub enum OrgStatus {
        /// It works.
        Active = "active",
        /// The operator stopped it: its members may read and nothing else.
        Suspended = "suspended",
        /// The operator deletes it: nobody gets in any more.
        Deleting = "deleting",
    }
}

impl Role {
    /// Whether this role includes the right.
    pub fn may(self, right: Right) -> bool {
        match self {
            Role::Owner | Role::Admin => true,
            Role::Agent => matches!(
                right,
                Right::ReadInbox
                    | Right::WriteInbox
                    | Right::ReadKnowledge
                    | Right::WriteConsent
                    | Right::ReadConnections
                    | Right::ReadRecords
                    | Right::WriteRecords
                    | Right::ReadMembers
            ),
            Role::Viewer => {
                matches!(
                    right,
                    Right::ReadInbox
                        | Right::ReadKnowledge
                        | Right::ReadConnections
                        | Right::ReadRecords
                        | Right::ReadMembers
                )
            }
        }
    }

    /// Whether a member of this role may give or take `other`: nobody raises anyone above themselves.
    pub fn may_grant(self, other: Role) -> bool {
        self.may(Right::WriteMembers) && self <= other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_role_never_has_a_right_that_a_higher_lacks() {
        for pair in Role::ALL.windows(2) {
            for right in Right::ALL {
                assert!(pair[0].may(*right) || !pair[1].may(*right), "{right}");
            }
        }
    }

    #[test]
    fn nobody_grants_above_themselves() {
        assert!(Role::Owner.may_grant(Role::Owner));
        assert!(!Role::Admin.may_grant(Role::Owner));
        assert!(!Role::Agent.may_grant(Role::Viewer));
    }
}
