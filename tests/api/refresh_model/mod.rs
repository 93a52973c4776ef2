//! Random lives of links against a model: refreshes, lost answers, several at once, thieves, unlinking
//! and linking again, restarts, restored backups, new keys and time. No sequence may cost a
//! well-behaved platform its link, nor let a public client's stale token live.
//!
//! `LINKGATE_TEST_REFRESH_LIVES` is how many lives are tried. A life that fails is made as short as
//! it can be, and tried first from then on (`regressions.txt`).

mod known;
mod life;
mod model;
mod world;

use std::panic::AssertUnwindSafe;

use chrono::TimeDelta;
use futures_util::FutureExt;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use self::world::World;
use crate::harness::{days, hours, minutes, seconds};

/// What a client is at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A refresh gives it another refresh token.
    Rotating,
    /// It keeps its refresh token.
    Keeping,
    Public,
}

/// What happens next to a link.
#[derive(Debug, Clone)]
enum Step {
    /// The platform refreshes at one of the nodes.
    Refresh(usize),
    /// It does, and the answer is lost.
    Lose(usize),
    /// It does so several times at once, and keeps one of the answers.
    AtOnce(usize, Index),
    /// Somebody presents a refresh token that was once sent to the platform, of the link it uses.
    Steal(Index),
    /// The same, of any link there ever was.
    StealAny(Index),
    Pass(TimeDelta),
    Restart(usize),
    NewKeys,
    /// Rotation is switched on or off; a public client's stays on.
    Switch,
    BackUp,
    Restore,
    EnableAccount(bool),
    Unlink,
    /// The person links once more; the platform uses the new link from then on.
    LinkAgain,
    /// The platform says good-bye.
    Revoke,
    RevokeAccess,
}

fn spans() -> impl Strategy<Value = TimeDelta> {
    prop::sample::select(vec![
        seconds(1),
        seconds(1),
        seconds(20),
        seconds(59),
        seconds(60),
        minutes(30),
        hours(1),
        days(1),
        days(2),
        world::IDLE - seconds(1),
        world::IDLE,
    ])
}

fn steps() -> impl Strategy<Value = Step> {
    let node = 0..2_usize;
    prop_oneof![
        24 => node.clone().prop_map(Step::Refresh),
        12 => node.clone().prop_map(Step::Lose),
        6 => (2..5_usize, any::<Index>()).prop_map(|(number, kept)| Step::AtOnce(number, kept)),
        10 => any::<Index>().prop_map(Step::Steal),
        2 => any::<Index>().prop_map(Step::StealAny),
        14 => spans().prop_map(Step::Pass),
        2 => node.prop_map(Step::Restart),
        4 => Just(Step::NewKeys),
        3 => Just(Step::Switch),
        3 => Just(Step::BackUp),
        3 => Just(Step::Restore),
        1 => Just(Step::EnableAccount(false)),
        2 => Just(Step::EnableAccount(true)),
        1 => Just(Step::Unlink),
        4 => Just(Step::LinkAgain),
        1 => Just(Step::Revoke),
        2 => Just(Step::RevokeAccess),
    ]
}

fn lives() -> impl Strategy<Value = (Kind, Vec<Step>)> {
    // A public client's link dies of so much that most of its life is short.
    let kinds = vec![Kind::Rotating, Kind::Keeping, Kind::Public, Kind::Public];
    let kinds = prop::sample::select(kinds);
    (kinds, prop::collection::vec(steps(), 1..48))
}

/// What chance seldom finds: retries keep a link alive, too, be they so soon that they could be taken
/// for the refresh that they repeat.
fn known_lives() -> [(Kind, Vec<Step>); 2] {
    let almost_idle = Step::Pass(world::IDLE - seconds(1));
    [
        (
            Kind::Rotating,
            vec![
                Step::Lose(0),
                Step::Pass(seconds(59)),
                Step::Lose(1),
                almost_idle.clone(),
                Step::Refresh(0),
            ],
        ),
        (
            Kind::Keeping,
            vec![
                Step::Refresh(0),
                Step::Pass(seconds(20)),
                Step::Refresh(1),
                almost_idle,
                Step::Refresh(0),
            ],
        ),
    ]
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the suite tries is told by whoever runs it"
)]
fn number_of_lives() -> u32 {
    let told = std::env::var("LINKGATE_TEST_REFRESH_LIVES").ok();
    told.map_or(20, |number| number.parse().unwrap())
}

#[sqlx::test]
async fn no_life_of_a_link_unlinks_a_well_behaved_platform_or_lets_a_stale_token_live(db: PgPool) {
    let mut world = World::begin(db).await;
    for (kind, steps) in known_lives() {
        life::live(&mut world, kind, &steps).await.unwrap();
    }
    let (ask, mut asked) = mpsc::channel::<((Kind, Vec<Step>), oneshot::Sender<_>)>(1);
    // The runner calls and waits; what it calls needs the test's own thread.
    let running = tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(Config {
            cases: number_of_lives(),
            max_shrink_iters: 150,
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
                "tests/api/refresh_model/regressions.txt",
            ))),
            ..Config::default()
        });
        runner.run(&lives(), |life| {
            let (answer, answered) = oneshot::channel();
            ask.blocking_send((life, answer)).unwrap();
            let lived: Result<(), String> = answered.blocking_recv().unwrap();
            lived.map_err(TestCaseError::fail)
        })
    });
    while let Some(((kind, steps), answer)) = asked.recv().await {
        let life = AssertUnwindSafe(life::live(&mut world, kind, &steps)).catch_unwind();
        let lived = life.await.unwrap_or_else(|_| Err("it panicked".to_owned()));
        answer.send(lived).unwrap();
    }
    if let Err(found) = running.await.unwrap() {
        panic!("{found}");
    }
}
