//! Whether admins have to have a second factor.

/// Who decides about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdminSecondFactor {
    /// Every admin has to have one.
    #[default]
    Required,
    /// Each admin by choice.
    Optional,
}

impl AdminSecondFactor {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "required" => Ok(Self::Required),
            "optional" => Ok(Self::Optional),
            _ => Err(format!("must be `required` or `optional`, not `{text}`")),
        }
    }
}
