//! The races of `races` on two processes, over and over: `make soak` runs them, `make test` a few of
//! them.

use std::time::Instant;

use sqlx::PgPool;

use crate::{
    harness::{Stage, TestApp, draft},
    races::{redemptions, refreshes, with_second_node},
};

#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is told by whoever runs it, and told to them"
)]
#[sqlx::test]
#[ignore = "it takes minutes: make soak"]
async fn soak_of_thousands_of_races_of_eight_none_is_won_twice(db: PgPool) {
    let told = std::env::var("LINKGATE_SOAK_RACES").ok();
    let races: u64 = told.map_or(10_000, |number| number.parse().unwrap());
    let stage = Stage::on(TestApp::process(db).await, draft()).await;
    let (_node, second) = with_second_node(&stage).await;
    let begun = Instant::now();
    let (mut redeemed, mut refreshed) = (0, 0);
    while redeemed + refreshed < races {
        let held = redemptions(&stage, &second).await;
        let pairs = refreshes(&stage, &second, &held).await;
        assert!(stage.resolves(pairs.last().unwrap()).await);
        (redeemed, refreshed) = (redeemed + 1, refreshed + 1);
        if redeemed % 500 == 0 {
            tell(redeemed, refreshed, begun);
        }
    }
    tell(redeemed, refreshed, begun);
    // What the answers said is what the database holds: a link for each code, and no more.
    let links = i64::try_from(redeemed).unwrap();
    assert_eq!(stage.app.count("link", "true").await, links);
    assert_eq!(stage.app.count("link", "state = 'active'").await, links);
    let steps = "select sum(generation - 1) from link";
    assert_eq!(stage.app.value(steps).await, Some(refreshed.to_string()));
}

fn tell(redeemed: u64, refreshed: u64, begun: Instant) {
    println!(
        "{redeemed} races of 8 redemptions and {refreshed} of 8 refreshes, no double success, {} s",
        begun.elapsed().as_secs()
    );
}
