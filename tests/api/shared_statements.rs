//! What shared statements promise: nobody waits for somebody else's row, a broken connection costs no
//! read, a commit that nobody heard of is not tried again, and a stop lets everybody finish.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::PgPool;

use crate::harness::{Answer, Stage, TestApp, Tokens, seconds, tokens};

/// Several links of one person.
async fn links(stage: &Stage, count: usize) -> Vec<Tokens> {
    let mut links = Vec::new();
    for _ in 0..count {
        links.push(stage.link().await);
    }
    links
}

async fn refresh_all(stage: &Stage, links: &[Tokens]) -> Vec<Answer> {
    let refreshes = links
        .iter()
        .map(|link| stage.platform.refresh_with(&link.refresh, &[]));
    join_all(refreshes).await
}

/// From now on each change of a link does this when it commits; `{}` stands for how many did before.
async fn at_commit(app: &TestApp, statement: &str) {
    for sql in [
        "create sequence commits minvalue 0 start 0",
        &format!(
            "create function at_commit() returns trigger language plpgsql as $$
             declare before bigint := nextval('commits');
             begin {statement}; return null; end $$"
        ),
        "create constraint trigger at_commit after update on link deferrable initially deferred
         for each row execute function at_commit()",
    ] {
        app.change_schema(sql).await;
    }
}

async fn metrics(app: &TestApp) -> String {
    let metrics = format!("{}/metrics", app.ops_url);
    app.browser().get(&metrics).await.body
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is the point")]
#[sqlx::test]
async fn a_refresh_does_not_wait_for_another_links_row(db: PgPool) {
    let stage = Stage::set(db).await;
    // More than there are lanes.
    let held = links(&stage, 4).await;
    let mark = "update link set wrong_verifiers = 1";
    stage.app.change(mark).await;
    let others = links(&stage, 4).await;
    let mut holding = stage.app.db.begin().await.unwrap();
    sqlx::query("update link set wrong_verifiers = 0 where wrong_verifiers = 1")
        .execute(&mut *holding)
        .await
        .unwrap();
    let others = async {
        stage.app.until_blocked().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let begun = Instant::now();
        let answers = refresh_all(&stage, &others).await;
        assert!(begun.elapsed() < Duration::from_secs(1), "they waited");
        holding.rollback().await.unwrap();
        answers
    };
    let (held, others) = tokio::join!(refresh_all(&stage, &held), others);
    for answer in others.iter().chain(&held) {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[sqlx::test]
async fn a_read_whose_connections_were_ended_succeeds_at_once(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for _ in 0..5 {
        // Both lanes have a connection, and both trust it.
        let resolves = (0..8).map(|_| stage.resolves(&link));
        assert!(join_all(resolves).await.into_iter().all(|good| good));
        assert_eq!(stage.platform.introspect(&link.access).await.status, 200);
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and application_name = 'linkgate'";
        stage.app.change_schema(end).await;
        assert!(stage.resolves(&link).await);
        assert_eq!(stage.platform.introspect(&link.access).await.status, 200);
    }
}

#[sqlx::test]
async fn a_batch_whose_commit_got_no_answer_is_not_tried_again(db: PgPool) {
    let stage = Stage::set(db).await;
    let links = links(&stage, 8).await;
    // The first two keep both lanes busy while the others gather; then PostgreSQL ends in the middle
    // of a commit.
    let statement = "if before < 2 then perform pg_sleep(0.5);
                     else perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if";
    at_commit(&stage.app, statement).await;
    let (first, gathering) = links.split_at(2);
    let gathering = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        refresh_all(&stage, gathering).await
    };
    let (first, failed) = tokio::join!(refresh_all(&stage, first), gathering);
    assert!(first.iter().all(|answer| answer.status == 200), "{first:?}");
    for answer in &failed {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").is_some());
    }
    let tried = stage.app.value("select last_value from commits").await;
    let tried: usize = tried.unwrap().parse().unwrap();
    assert!(
        tried < 4,
        "two commits and at most one of each lane: {tried}"
    );
    stage
        .app
        .change_schema("drop trigger at_commit on link")
        .await;
    for answer in refresh_all(&stage, &links).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[sqlx::test]
async fn whoever_waits_too_long_for_a_statement_is_told_to_come_again(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let mut locking = stage.app.db.begin().await.unwrap();
    sqlx::query("lock table link in access exclusive mode")
        .execute(&mut *locking)
        .await
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "how long it takes is the point")]
    let begun = Instant::now();
    let waiting = (0..12).map(|number| {
        let (stage, link) = (&stage, &link);
        async move {
            // One after the other, so that not all of them share the first statement.
            tokio::time::sleep(Duration::from_millis(20 * number)).await;
            stage.platform.resolve(&link.access).await
        }
    });
    for answer in join_all(waiting).await {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").is_some());
    }
    assert!(begun.elapsed() < Duration::from_secs(8));
    locking.rollback().await.unwrap();
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn a_stop_lets_shared_statements_finish_and_answers_everybody(db: PgPool) {
    let stage = Stage::set(db).await;
    let links = links(&stage, 6).await;
    at_commit(&stage.app, "perform pg_sleep(0.1)").await;
    let Stage { app, platform, .. } = stage;
    let refreshes = links
        .iter()
        .map(|link| platform.refresh_with(&link.refresh, &[]));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        app.stop().await;
    };
    let (answers, ()) = tokio::join!(join_all(refreshes), stop);
    let refreshed: Vec<_> = answers.iter().map(tokens).collect();
    assert_eq!(refreshed.len(), 6);
}

#[sqlx::test]
async fn metrics_tell_how_many_share_a_statement_and_how_long_they_wait(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage.app.clock.advance(seconds(1));
    assert!(stage.resolves(&link).await);
    let metrics = metrics(&stage.app).await;
    for line in [
        "linkgate_batch_calls_count{statement=\"resolve\"} 1",
        "linkgate_batch_calls_sum{statement=\"resolve\"} 1",
        "linkgate_batch_wait_seconds_count{statement=\"resolve\"} 1",
        "linkgate_batch_calls_count{statement=\"redeem\"} 1",
        "linkgate_batch_calls_count{statement=\"refresh\"} 0",
        "linkgate_batch_turned_away_total{statement=\"resolve\"} 0",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line}\n{metrics}"
        );
    }
}
