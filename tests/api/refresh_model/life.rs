//! Plays the life of a link over HTTP, and compares each answer with the model's.

use futures_util::future::join_all;
use linkgate::foundation::keys::KeyKind;
use proptest::sample::Index;

use super::{
    Kind, Step,
    known::{Access, Known, Sent},
    model::Circumstances,
    world::{IDLE, World},
};
use crate::harness::{Answer, Pkce, hours, minutes, tokens};

/// A person's links at one client, of which the platform uses the last.
struct Life<'a> {
    world: &'a mut World,
    kind: Kind,
    rotates: bool,
    links: Vec<Known>,
    backed_up: bool,
}

/// Lives one life; an error says what went otherwise than the model says.
pub async fn live(world: &mut World, kind: Kind, steps: &[Step]) -> Result<(), String> {
    let mut life = Life {
        world,
        kind,
        rotates: kind != Kind::Keeping,
        links: Vec::new(),
        backed_up: false,
    };
    life.world.set_rotation(kind, life.rotates).await;
    life.link().await;
    for (number, step) in steps.iter().enumerate() {
        let at = |wrong: String| format!("step {number}, {step:?}: {wrong}");
        life.take(step).await.map_err(at)?;
        life.compare_access().await.map_err(at)?;
    }
    Ok(())
}

impl Life<'_> {
    async fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Refresh(node) => {
                let answers = self.refresh(&[*node]).await?;
                self.hold(answers.into_iter().flatten().next());
            }
            Step::Lose(node) => drop(self.refresh(&[*node]).await?),
            Step::AtOnce(number, kept) => {
                let nodes: Vec<_> = (0..*number).map(|turn| turn % 2).collect();
                let answers = self.refresh(&nodes).await?;
                self.hold(kept.get(&answers).clone());
            }
            Step::Steal(which) => self.steal(*which, self.links.len() - 1).await?,
            Step::StealAny(which) => self.steal(*which, 0).await?,
            Step::Pass(span) => self.world.pass(*span).await,
            Step::Restart(node) => self.world.restart(*node).await,
            Step::NewKeys => {
                self.world.app().rotate(KeyKind::Refresh).await;
                self.world.app().rotate(KeyKind::Access).await;
                self.world.app().clock.advance(minutes(2));
            }
            Step::Switch if self.kind == Kind::Public => {}
            Step::Switch => {
                self.rotates = !self.rotates;
                self.world.set_rotation(self.kind, self.rotates).await;
            }
            Step::BackUp => self.back_up().await,
            Step::Restore if self.backed_up => self.restore().await,
            Step::Restore => {}
            Step::EnableAccount(enabled) => self.world.enable_account(*enabled).await,
            Step::Unlink => self.unlink().await,
            Step::LinkAgain => self.link().await,
            Step::Revoke => self.revoke().await?,
            Step::RevokeAccess => self.revoke_access().await?,
        }
        Ok(())
    }

    fn met(&self) -> Circumstances {
        Circumstances {
            now: self.world.app().now(),
            public: self.kind == Kind::Public,
            rotates: self.rotates,
            account_enabled: self.world.account_enabled,
        }
    }

    /// The link that the platform uses.
    fn used(&mut self) -> &mut Known {
        self.links.last_mut().unwrap()
    }

    /// Links, be it again: earlier links stay what they were.
    async fn link(&mut self) {
        self.world.enable_account(true).await;
        let app = self.world.app();
        let platform = app.platform(self.world.client(self.kind));
        let pkce = Pkce::default();
        let url = platform.url_with(&pkce.parameters());
        let redirect = app.browser().approve(&self.world.stage.person, &url).await;
        let verifier = [("code_verifier", pkce.verifier.as_str())];
        let first = tokens(&platform.redeem(redirect.code(), &verifier).await);
        let now = app.now();
        self.links.push(Known::new(first, now));
    }

    /// The platform presents what it holds, at all these nodes at once.
    async fn refresh(&mut self, nodes: &[usize]) -> Result<Vec<Option<Sent>>, String> {
        let met = self.met();
        let held = self.used().held.clone();
        let excused = self.used().is_excused(met);
        let platforms = nodes
            .iter()
            .map(|node| self.world.platform(*node, self.kind));
        let requests = platforms.map(|platform| platform.refresh_with(&held.text, &[]));
        let answers = join_all(requests).await;
        let mut sent = Vec::new();
        for answer in &answers {
            let link = self.used();
            let expected = link.memory.present(held.number, met);
            let given = link.compare(answer, expected, met.now)?;
            if given.is_none() && !excused && !met.public {
                return Err(format!("a well-behaved platform was refused: {answer:?}"));
            }
            sent.push(given);
        }
        Ok(sent)
    }

    fn hold(&mut self, sent: Option<Sent>) {
        if let Some(sent) = sent {
            let link = self.used();
            link.held = sent;
            link.overtaken = false;
        }
    }

    /// Somebody presents a refresh token that was once sent, of that link or of a later one.
    async fn steal(&mut self, which: Index, first: usize) -> Result<(), String> {
        let count = |(at, link): (usize, &Known)| (0..link.sent.len()).map(move |sent| (at, sent));
        let links = self.links.iter().enumerate().skip(first);
        let all: Vec<_> = links.flat_map(count).collect();
        let (at, sent) = *which.get(&all);
        let met = self.met();
        let stolen = self.links[at].sent[sent].clone();
        let readable = self.is_readable(&stolen).await;
        let platform = self.world.platform(0, self.kind);
        let answer = platform.refresh_with(&stolen.text, &[]).await;
        let link = &mut self.links[at];
        let behind = stolen.number < link.memory.presented;
        let expected = readable.then(|| link.memory.present(stolen.number, met));
        link.compare(&answer, expected.flatten(), met.now)?;
        link.overtaken |= link.memory.presented > link.held.number;
        // Told without the model: what is older than what was presented is dead for good.
        if behind && answer.status == 200 {
            return Err(format!("a stale token lives: {answer:?}"));
        }
        Ok(())
    }

    /// The newest access tokens are good for their hour while their link lives, at both nodes; of
    /// earlier links it is enough to ask one.
    async fn compare_access(&self) -> Result<(), String> {
        let met = self.met();
        for link in &self.links {
            let good = link.access.issued_at + hours(1) > met.now
                && !link.memory.ended
                && link.access.epoch >= link.memory.access_epoch
                && met.account_enabled;
            let expected = if good { 200 } else { 401 };
            let used = self.links.last().is_some_and(|last| last.id == link.id);
            for node in 0..if used { 2 } else { 1 } {
                let platform = self.world.platform(node, self.kind);
                let answer = platform.resolve(&link.access.text).await;
                if answer.status != expected {
                    return Err(format!("resolve should have been {expected}: {answer:?}"));
                }
            }
        }
        Ok(())
    }

    /// The links' ids, for a statement.
    fn ids(&self) -> String {
        let quoted = self.links.iter().map(|link| format!("'{}'", link.id));
        quoted.collect::<Vec<_>>().join(", ")
    }

    async fn back_up(&mut self) {
        self.world.back_up(&self.ids()).await;
        for link in &mut self.links {
            link.backup = Some(link.memory.clone());
        }
        self.backed_up = true;
    }

    async fn restore(&mut self) {
        let links = self.ids();
        self.world.restore(&links).await;
        for link in &mut self.links {
            match link.backup.clone() {
                Some(memory) => {
                    link.renewed_at = memory.idle_expires_at - IDLE;
                    link.memory = memory;
                    link.newest = None;
                }
                // It was made later and is unknown now.
                None => link.memory.ended = true,
            }
        }
    }

    /// The person's no, as their page says it.
    async fn unlink(&mut self) {
        let link = self.used();
        link.memory.ended = true;
        let end = format!(
            "update link set state = 'ended', ended_at = now(), end_reason = 'account'
             where link_id = '{}' and state = 'active'",
            link.id
        );
        self.world.app().change_schema(&end).await;
    }

    async fn revoke(&mut self) -> Result<(), String> {
        let held = self.used().held.clone();
        let readable = self.is_readable(&held).await;
        let answer = self.world.platform(0, self.kind).revoke(&held.text).await;
        self.used().memory.ended |= readable;
        revoked(&answer)
    }

    async fn revoke_access(&mut self) -> Result<(), String> {
        let now = self.met().now;
        let Access { text, .. } = self.used().access.clone();
        let answer = self.world.platform(1, self.kind).revoke(&text).await;
        let Known { memory, access, .. } = self.used();
        let fresh = access.issued_at + hours(1) > now;
        if fresh && !memory.ended && access.epoch == memory.access_epoch {
            memory.access_epoch += 1;
        }
        revoked(&answer)
    }

    /// Whether the key that made a token is still there; without it nothing is known of the token.
    async fn is_readable(&self, sent: &Sent) -> bool {
        let key = format!("key_id = {}", sent.key());
        self.world.app().count("key", &key).await > 0
    }
}

fn revoked(answer: &Answer) -> Result<(), String> {
    match answer.status {
        200 => Ok(()),
        _ => Err(format!("revoking failed: {answer:?}")),
    }
}
