//! What was just done, said on the page after the redirect. The address carries only a key, so that
//! nobody can make the console say something else.

/// Something an admin did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// An account exists.
    AccountCreated,
    /// An account was changed.
    AccountSaved,
    /// Nobody can log in to it, and nothing answers for it.
    AccountDisabled,
    /// It works again.
    AccountEnabled,
    /// Its tokens are dead.
    LinkEnded,
    /// It had ended before.
    LinkHadEnded,
    /// A client was changed.
    ClientSaved,
    /// What a client's pages look like was changed.
    LookSaved,
    /// Nothing answers for its links.
    ClientDisabled,
    /// It works again.
    ClientEnabled,
    /// It is gone with its links.
    ClientDeleted,
    /// An action answers.
    ActionSaved,
    /// An action is gone.
    ActionDeleted,
    /// The client's calls are recorded.
    RecorderOn,
    /// They are not any more.
    RecorderOff,
    /// Recorded calls are gone.
    CallsForgotten,
    /// The client looks for tokens there first.
    PlaceAdopted,
    /// An admin exists.
    AdminCreated,
    /// An admin was changed.
    AdminSaved,
    /// Somebody's second factors are gone.
    FactorsCleared,
    /// One of one's own is.
    FactorRemoved,
    /// There is another passkey of one's own.
    PasskeyAdded,
    /// Settings were changed.
    SettingsSaved,
    /// A scope has its sentences.
    ScopeSaved,
    /// A scope is gone.
    ScopeDeleted,
    /// A provider was set up or changed.
    ProviderSaved,
    /// People may sign in with it again.
    ProviderEnabled,
    /// Nobody may.
    ProviderDisabled,
    /// It is gone with its connections.
    ProviderDeleted,
    /// Somebody is invited.
    InvitationSent,
    /// Nobody was told anything.
    InvitationNotSent,
    /// Somebody is not any more.
    InvitationWithdrawn,
}

const SENTENCES: [(Done, &str, &str); 32] = [
    (
        Done::AccountCreated,
        "account-created",
        "The account was created.",
    ),
    (
        Done::AccountSaved,
        "account-saved",
        "The account was saved.",
    ),
    (
        Done::AccountDisabled,
        "account-disabled",
        "The account is disabled. Its links answer nothing until it is enabled again.",
    ),
    (
        Done::AccountEnabled,
        "account-enabled",
        "The account is enabled again.",
    ),
    (
        Done::LinkEnded,
        "link-ended",
        "The link has ended. Every token of it is refused from now on.",
    ),
    (
        Done::LinkHadEnded,
        "link-had-ended",
        "The link had ended already; nothing was changed.",
    ),
    (Done::ClientSaved, "client-saved", "The client was saved."),
    (
        Done::LookSaved,
        "look-saved",
        "The look was saved. Other nodes show it within half a minute.",
    ),
    (
        Done::ClientDisabled,
        "client-disabled",
        "The client is disabled: the platform is answered invalid_client. Its links stay as they are.",
    ),
    (
        Done::ClientEnabled,
        "client-enabled",
        "The client is enabled again, and so are its links.",
    ),
    (
        Done::ClientDeleted,
        "client-deleted",
        "The client was deleted.",
    ),
    (
        Done::ActionSaved,
        "action-saved",
        "The action was saved. It answers so from the next call on.",
    ),
    (
        Done::ActionDeleted,
        "action-deleted",
        "The action was deleted.",
    ),
    (
        Done::RecorderOn,
        "recorder-on",
        "Recording for ten minutes. Point the builder at the URL below, and look again when it has called.",
    ),
    (
        Done::RecorderOff,
        "recorder-off",
        "Nothing is recorded any more.",
    ),
    (
        Done::CallsForgotten,
        "calls-forgotten",
        "The recorded calls are gone.",
    ),
    (
        Done::PlaceAdopted,
        "place-adopted",
        "Saved: from the next call on, the client looks there first.",
    ),
    (
        Done::AdminCreated,
        "admin-created",
        "The admin was created.",
    ),
    (Done::AdminSaved, "admin-saved", "The admin was saved."),
    (
        Done::FactorsCleared,
        "factors-cleared",
        "There are no second factors any more: the password alone leads in.",
    ),
    (
        Done::FactorRemoved,
        "factor-removed",
        "It is removed, and asked for no more.",
    ),
    (
        Done::PasskeyAdded,
        "passkey-added",
        "The passkey was added. It is asked for at your next sign-in.",
    ),
    (
        Done::SettingsSaved,
        "settings-saved",
        "The settings were saved.",
    ),
    (Done::ScopeSaved, "scope-saved", "The scope was saved."),
    (
        Done::ScopeDeleted,
        "scope-deleted",
        "The scope was deleted.",
    ),
    (
        Done::ProviderSaved,
        "provider-saved",
        "Saved. The login page shows it within half a minute.",
    ),
    (
        Done::ProviderEnabled,
        "provider-enabled",
        "It is switched on: people can sign in with it again.",
    ),
    (
        Done::ProviderDisabled,
        "provider-disabled",
        "It is switched off: nobody can sign in with it.",
    ),
    (
        Done::ProviderDeleted,
        "provider-deleted",
        "The provider was deleted, with everybody’s connections to it.",
    ),
    (
        Done::InvitationSent,
        "invitation-sent",
        "The invitation is on its way.",
    ),
    (
        Done::InvitationNotSent,
        "invitation-not-sent",
        "Nothing was sent: it was used already, or nobody can sign up.",
    ),
    (
        Done::InvitationWithdrawn,
        "invitation-withdrawn",
        "The address is not invited any more.",
    ),
];

impl Done {
    /// What an address names, if it names anything.
    pub fn parse(key: &str) -> Option<Self> {
        let found = SENTENCES.iter().find(|(_, known, _)| *known == key);
        found.map(|(done, _, _)| *done)
    }

    /// How an address names it.
    pub fn key(self) -> &'static str {
        self.entry().map_or("", |(_, key, _)| key)
    }

    /// What the page says.
    pub fn sentence(self) -> &'static str {
        self.entry().map_or("", |(_, _, sentence)| sentence)
    }

    fn entry(self) -> Option<&'static (Self, &'static str, &'static str)> {
        SENTENCES.iter().find(|(done, _, _)| *done == self)
    }
}
