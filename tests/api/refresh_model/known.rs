//! One link, as its platform, a thief and the model know it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    model::{Circumstances, Memory},
    world::IDLE,
};
use crate::harness::{Answer, Tokens, tokens};

/// A refresh token that was sent to the platform.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The link's how manieth it is, from 1.
    pub number: usize,
    pub text: String,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct Access {
    pub text: String,
    pub issued_at: DateTime<Utc>,
    pub epoch: usize,
}

#[derive(Debug)]
pub struct Known {
    pub id: Uuid,
    /// What the server should know.
    pub memory: Memory,
    /// What it knew when it was backed up.
    pub backup: Option<Memory>,
    /// What the platform would present next.
    pub held: Sent,
    /// What thieves may have got hold of.
    pub sent: Vec<Sent>,
    /// The newest one.
    pub access: Access,
    /// The newest refresh token, to be repeated to the letter; unknown after a backup came back.
    pub newest: Option<Sent>,
    /// When a refresh last succeeded.
    pub renewed_at: DateTime<Utc>,
    /// Whether somebody used a token that the platform has not seen: nothing can save it then.
    pub overtaken: bool,
}

impl Known {
    /// A link that was made just now.
    pub fn new(first: Tokens, now: DateTime<Utc>) -> Self {
        let held = Sent {
            number: 1,
            text: first.refresh,
        };
        Self {
            id: held.link(),
            memory: Memory::new(now),
            backup: None,
            sent: vec![held.clone()],
            newest: Some(held.clone()),
            held,
            access: Access {
                text: first.access,
                issued_at: now,
                epoch: 0,
            },
            renewed_at: now,
            overtaken: false,
        }
    }

    /// Whether there is a good reason to refuse the platform; told without the model's counters.
    pub fn is_excused(&self, met: Circumstances) -> bool {
        let idle = met.now >= self.renewed_at + IDLE;
        self.memory.ended || idle || !met.account_enabled || self.overtaken
    }

    /// Compares an answer with what was expected; gives the refresh token in it.
    pub fn compare(
        &mut self,
        answer: &Answer,
        expected: Option<usize>,
        now: DateTime<Utc>,
    ) -> Result<Option<Sent>, String> {
        let Some(number) = expected else {
            return if answer.status == 400 && answer.error() == "invalid_grant" {
                Ok(None)
            } else {
                Err(format!("it should have been refused: {answer:?}"))
            };
        };
        if answer.status != 200 {
            return Err(format!("it should have got token {number}: {answer:?}"));
        }
        let given = tokens(answer);
        let sent = Sent {
            number,
            text: given.refresh,
        };
        let same = self.newest.as_ref().filter(|known| known.number == number);
        if same.is_some_and(|known| known.text != sent.text) {
            return Err(format!("token {number} came in another form"));
        }
        if self.access.text == given.access {
            return Err("an access token came twice".to_owned());
        }
        self.newest = Some(sent.clone());
        self.access = Access {
            text: given.access,
            issued_at: now,
            epoch: self.memory.access_epoch,
        };
        self.renewed_at = now;
        self.sent.push(sent.clone());
        Ok(Some(sent))
    }
}

impl Sent {
    /// The id of the key that made it.
    pub fn key(&self) -> i16 {
        let bytes = self.bytes();
        i16::from_be_bytes([bytes[1], bytes[2]])
    }

    fn link(&self) -> Uuid {
        Uuid::from_slice(&self.bytes()[3..19]).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        let body = self.text.strip_prefix("lg_rt_").unwrap();
        URL_SAFE_NO_PAD.decode(body).unwrap()
    }
}
