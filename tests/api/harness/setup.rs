//! Accounts and clients, made by the functions that the console and the command line use.

use std::{collections::BTreeMap, sync::Arc};

use linkgate::{
    account::{self, Account, password::Hasher},
    client::{
        self, Client,
        preset::Preset,
        registration::{self, Draft, Rules},
    },
    config::Lifetimes,
    foundation::{
        clock::Clock,
        ids::AccountId,
        outbound::Outbound,
        random::{Random, SystemRandom},
        secret::{ClientSecretKind, Plain},
    },
};
use serde_json::json;

use super::{COST, PASSWORD, REDIRECT_URI, TestApp, canary};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: AccountId,
    pub email: String,
}

/// A client, and its secret if it has one.
#[derive(Debug, Clone)]
pub struct Registered {
    pub client: Client,
    pub secret: Option<String>,
}

impl Registered {
    /// The `client_id`.
    pub fn id(&self) -> String {
        self.client.id.to_string()
    }
}

/// A client without quirks: confidential, one redirect URI, all built-in scopes.
pub fn draft() -> Draft {
    Draft {
        name: "Speaker".to_owned(),
        preset: preset("custom"),
        preset_values: BTreeMap::new(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        scopes: Vec::new(),
        public: false,
    }
}

/// The same for a client that can't keep a secret.
pub fn public_draft() -> Draft {
    Draft {
        public: true,
        ..draft()
    }
}

/// The preset of that id.
pub fn preset(id: &str) -> &'static Preset {
    Preset::find(id).unwrap()
}

impl TestApp {
    /// Registers a client; a confidential one gets a secret.
    pub async fn register(&self, draft: Draft) -> Registered {
        let (random, now): (&dyn Random, _) = (&SystemRandom, self.clock.now());
        let rules = Rules {
            lifetimes: &Lifetimes::default(),
            on_loopback: true,
            defined_scopes: &[],
            outbound: Outbound::new(false, true),
        };
        let client = registration::register(draft, rules, random, now).unwrap();
        client::store::insert_client(&self.db, &client)
            .await
            .unwrap();
        let mut registered = Registered {
            secret: None,
            client,
        };
        if registered.client.confidential {
            self.give_secret(&mut registered, chrono::TimeDelta::zero())
                .await;
        }
        registered
    }

    /// A client without quirks.
    pub async fn client(&self) -> Registered {
        self.register(draft()).await
    }

    /// A client that can't keep a secret.
    pub async fn public_client(&self) -> Registered {
        self.register(public_draft()).await
    }

    /// Replaces a client's secret; the old one works for `overlap` more.
    pub async fn give_secret(&self, client: &mut Registered, overlap: chrono::TimeDelta) {
        let (random, now): (&dyn Random, _) = (&SystemRandom, self.clock.now());
        let secret = Plain::<ClientSecretKind>::random(random);
        let mut connection = self.db.acquire().await.unwrap();
        let named = (random.uuid(), &secret.hash());
        let id = &client.client.id;
        client::secret::store::replace_secret(&mut connection, id, named, now + overlap, now)
            .await
            .unwrap();
        canary::note(canary::Kind::ClientSecret, secret.expose());
        client.secret = Some(secret.expose().to_owned());
    }

    /// Changes a client as an admin would.
    pub async fn change_client(&self, client: &Registered, change: impl FnOnce(&mut Client)) {
        let known = client::store::find_client(&self.db, &client.client.id).await;
        let mut known = known.unwrap().unwrap();
        change(&mut known);
        let stored = client::store::update_client(&self.db, &known).await;
        assert!(stored.unwrap());
    }

    /// Disables a client.
    pub async fn disable_client(&self, client: &Registered) {
        let now = self.clock.now();
        self.change_client(client, |client| client.disabled_at = Some(now))
            .await;
    }

    /// Somebody with an account, whose password is [`PASSWORD`].
    pub async fn person(&self, email: &str) -> Person {
        let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
        let hash = hasher.hash(PASSWORD.into()).await.unwrap();
        self.person_with_hash(email, Some(&hash)).await
    }

    /// Somebody whose password hash came from elsewhere.
    pub async fn person_with_hash(&self, email: &str, hash: Option<&str>) -> Person {
        let attributes = json!({ "points": 12, "tier": "gold" });
        let account = Account {
            id: AccountId::random(&SystemRandom),
            external_id: Some(format!("customer:{email}")),
            email: email.to_owned(),
            name: "김하늘".to_owned(),
            locale: "ko".to_owned(),
            attributes: attributes.as_object().unwrap().clone(),
            disabled_at: None,
            delete_at: None,
            created_at: self.clock.now(),
        };
        account.check().unwrap();
        let stored = account::store::insert_account(&self.db, &account, hash).await;
        stored.unwrap();
        Person {
            id: account.id,
            email: account.email,
        }
    }

    /// Changes an account as an admin would.
    pub async fn change_account(&self, person: &Person, change: impl FnOnce(&mut Account)) {
        let known = account::store::find_account(&self.db, person.id).await;
        let mut known = known.unwrap().unwrap();
        change(&mut known);
        let now = self.clock.now();
        let stored = account::store::update_account(&self.db, &known, now).await;
        stored.unwrap();
    }

    /// Disables an account.
    pub async fn disable(&self, person: &Person) {
        self.switch(person, false).await;
    }

    /// Enables an account again.
    pub async fn enable(&self, person: &Person) {
        self.switch(person, true).await;
    }

    async fn switch(&self, person: &Person, enable: bool) {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await.unwrap();
        let switched = account::switch::switch(&mut transaction, person.id, enable, now).await;
        assert!(switched.unwrap().unwrap().changed);
        transaction.commit().await.unwrap();
    }
}
