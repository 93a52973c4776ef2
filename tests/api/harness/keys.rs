//! The keys of a test's database, and the work that keeps them.

use linkgate::{
    foundation::keys::{KeyKind, Keys},
    ops::key_schedule,
};

use super::TestApp;

impl TestApp {
    /// What the node does every five minutes; and what it did then stays noticed by it.
    pub async fn keep_keys(&self) {
        key_schedule::keep_once(self.state()).await.unwrap();
    }

    /// Makes a new key, as `linkgate key rotate` does.
    pub async fn rotate(&self, kind: KeyKind) {
        let (keys, random) = (self.keys(), &*self.state().random);
        keys.rotate(kind, random, self.now()).await.unwrap();
    }

    /// Replaces the keys of a kind, as `linkgate key rotate --compromised` does at first.
    pub async fn replace(&self, kind: KeyKind) {
        let (keys, random) = (self.keys(), &*self.state().random);
        let replaced = keys.replace_compromised(kind, random, self.now());
        replaced.await.unwrap();
    }

    /// Seals all keys anew, as `linkgate key reseal` does.
    pub async fn reseal(&self) {
        let random = &*self.state().random;
        self.keys().reseal(random).await.unwrap();
    }

    /// How many keys of that kind the database has.
    pub async fn keys_of(&self, kind: KeyKind) -> i64 {
        let condition = format!("kind = '{}'", kind.as_str());
        self.count("key", &condition).await
    }

    fn keys(&self) -> &Keys {
        &self.state().keys
    }
}
