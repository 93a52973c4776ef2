//! Who somebody is, as a provider tells it.

use serde_json::Value;

use super::{calls::Failure, known::Reading};
use crate::{
    account::{MAX_NAME_LENGTH, is_email},
    mail,
};

/// OpenID Connect Core §2: no longer than that.
const MAX_SUBJECT: usize = 255;

/// A person at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the provider calls them, for ever.
    pub subject: String,
    /// Their e-mail address, if they share it.
    pub email: Option<String>,
    /// Whether the provider says that they were seen to read its mail.
    pub email_proven: bool,
    /// What they are called, if they share it.
    pub name: Option<String>,
}

impl Reading {
    /// Reads what a provider said.
    pub fn read(&self, said: &Value) -> Result<Identity, Failure> {
        let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str);
        if let Some((pointer, expected)) = self.success
            && text(pointer) != Some(expected)
        {
            let code: String = text(pointer).unwrap_or("none").chars().take(20).collect();
            return Err(Failure::refused(format!(
                "it answered with the result {code}"
            )));
        }
        let subject = match said.pointer(self.subject) {
            Some(Value::String(subject)) => subject.clone(),
            Some(Value::Number(number)) if number.is_u64() => number.to_string(),
            _ => return Err(Failure::refused("it does not say who it is")),
        };
        let plain = subject.chars().all(|c| c.is_ascii_graphic());
        if subject.is_empty() || subject.len() > MAX_SUBJECT || !plain {
            return Err(Failure::refused("what it calls the person can't be"));
        }
        let email = text(self.email).map(str::trim);
        let email = email.filter(|email| is_email(email) && mail::is_deliverable(email));
        let proofs = self.email_proofs;
        // A text is what some write instead of a boolean.
        let holds = |pointer: &&str| match said.pointer(pointer) {
            Some(Value::Bool(holds)) => *holds,
            Some(Value::String(holds)) => holds == "true",
            _ => false,
        };
        let names = self.names.iter().filter_map(|pointer| text(pointer));
        let mut names = names.map(|name| {
            let plain = name.trim().chars().filter(|c| !c.is_control());
            plain.take(MAX_NAME_LENGTH).collect::<String>()
        });
        Ok(Identity {
            subject,
            email: email.map(str::to_owned),
            email_proven: email.is_some() && !proofs.is_empty() && proofs.iter().all(holds),
            name: names.find(|name| !name.is_empty()),
        })
    }
}

impl Identity {
    /// With what another answer about the same person says of address and name.
    pub fn with(self, told: Self) -> Result<Self, Failure> {
        // OpenID Connect Core §5.3.2: or it may be about somebody else.
        if told.subject != self.subject {
            return Err(Failure::refused("its answers are about two people"));
        }
        let (email, email_proven) = match told.email {
            Some(email) => (Some(email), told.email_proven),
            None => (self.email, self.email_proven),
        };
        Ok(Self {
            subject: self.subject,
            email,
            email_proven,
            name: told.name.or(self.name),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::account::provider::Kind;

    #[test]
    fn naver_nests_and_says_whether_it_succeeded() {
        let reading = Kind::Naver.known().answers.unwrap();
        let mut said = json!({ "resultcode": "00", "message": "success", "response": {
            "id": "abc_1", "email": "haneul@naver.com", "nickname": "하늘", "name": "김하늘" } });
        let read = reading.read(&said).ok().unwrap();
        assert_eq!((read.subject.as_str(), read.email_proven), ("abc_1", false));
        assert_eq!(read.name.as_deref(), Some("김하늘"));
        assert_eq!(read.email.as_deref(), Some("haneul@naver.com"));
        for code in [json!("024"), json!(0), json!(null)] {
            said["resultcode"] = code;
            assert!(matches!(reading.read(&said), Err(Failure::Refused(_))));
        }
    }

    #[test]
    fn kakaos_address_is_proven_only_when_it_is_valid_and_verified() {
        let reading = Kind::Kakao.known().answers.unwrap();
        for (valid, verified, proven) in [
            (json!(true), json!(true), true),
            (json!(true), json!(false), false),
            (json!(false), json!(true), false),
            (json!(null), json!(true), false),
        ] {
            let said = json!({ "id": 1_376_016_924_u64, "kakao_account": {
                "email": "a@example.com", "is_email_valid": valid, "is_email_verified": verified } });
            let read = reading.read(&said).ok().unwrap();
            assert_eq!(read.subject, "1376016924");
            assert_eq!(read.email_proven, proven, "{said}");
        }
        let read = reading.read(&json!({ "id": 1 })).ok().unwrap();
        assert_eq!(
            (read.email, read.email_proven, read.name),
            (None, false, None)
        );
    }

    #[test]
    fn what_can_t_be_a_person_is_none() {
        let reading = Kind::OpenIdConnect.known().claims;
        for sub in [
            json!(""),
            json!(null),
            json!("a b"),
            json!("하늘"),
            json!("x".repeat(256)),
            json!(1.5),
            json!({}),
        ] {
            assert!(reading.read(&json!({ "sub": sub })).is_err(), "{sub}");
        }
        let odd =
            json!({ "sub": "a", "email": "a@b@c", "email_verified": true, "name": " \u{7} " });
        let read = reading.read(&odd).ok().unwrap();
        assert_eq!(
            (read.email, read.email_proven, read.name),
            (None, false, None)
        );
    }
}
