//! Who may make an account by themselves.

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUp {
    /// Whoever has an e-mail address.
    Open,
    /// Whose e-mail address an admin has invited.
    Invited,
    /// Nobody: accounts come from admins.
    #[default]
    Off,
}

impl SignUp {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "invited" => Ok(Self::Invited),
            "off" => Ok(Self::Off),
            _ => Err(format!("must be `open`, `invited` or `off`, not `{text}`")),
        }
    }
}
