//! What happens when two of these run at once, on two nodes with one database (RACE in the abuse
//! cases): each is played here on two servers of the test's own process, and on two processes.

mod instances;
mod processes;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use linkgate::admin::AdminRole::Operator;

use crate::harness::{Answer, Pkce, Platform, Redirect, Stage, TestApp, Tokens, tokens};

/// Eight requests at once, four at each node.
async fn eight<'a, F: Future<Output = Answer>>(
    nodes: [&'a Platform; 2],
    request: impl Fn(&'a Platform) -> F,
) -> Vec<Answer> {
    let turns = nodes.into_iter().cycle().take(8);
    join_all(turns.map(request)).await
}

pub async fn with_second_node(stage: &Stage) -> (TestApp, Platform) {
    let node = stage.app.second_node().await;
    let platform = node.platform(&stage.client);
    (node, platform)
}

/// Eight redemptions of a new code, of which one must win; gives its tokens.
pub async fn redemptions(stage: &Stage, second: &Platform) -> Tokens {
    let code = stage.code().await;
    let answers = eight([&stage.platform, second], |platform| {
        platform.redeem(&code, &[])
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{answers:?}");
    for answer in lost {
        answer.assert_refused(400, "invalid_grant");
    }
    // Two servers of one platform are no thief: the winner's tokens live.
    let won = tokens(won.first().unwrap());
    assert!(stage.resolves(&won).await);
    won
}

/// Eight refreshes with one token, which must all give the same successor.
pub async fn refreshes(stage: &Stage, second: &Platform, held: &Tokens) -> Vec<Tokens> {
    let answers = eight([&stage.platform, second], |platform| {
        platform.refresh_with(&held.refresh, &[])
    })
    .await;
    let pairs: Vec<_> = answers.iter().map(tokens).collect();
    let successors: BTreeSet<_> = pairs.iter().map(|pair| &pair.refresh).collect();
    let access: BTreeSet<_> = pairs.iter().map(|pair| &pair.access).collect();
    assert_eq!((successors.len(), access.len()), (1, 8));
    assert!(!successors.contains(&held.refresh));
    pairs
}

pub async fn of_eight_redemptions_exactly_one_wins_on_any_number_of_nodes(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    for round in 1..=5 {
        redemptions(stage, &second).await;
        assert_eq!(stage.app.count("link", "state = 'active'").await, round);
    }
}

pub async fn a_public_clients_code_in_eight_hands_ends_the_link(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let code = stage.code().await;
    let verifier = Pkce::default().verifier;
    let more = [("code_verifier", verifier.as_str())];
    let answers = eight([&stage.platform, &second], |platform| {
        platform.redeem(&code, &more)
    })
    .await;
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert!(!stage.resolves(&tokens(won.first().unwrap())).await);
    assert_eq!(stage.app.only_link().await, "ended by code_replayed");
}

pub async fn eight_refreshes_all_succeed_and_agree(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let mut held = stage.link().await;
    for generation in 2..=6 {
        let pairs = refreshes(stage, &second, &held).await;
        for pair in &pairs {
            assert!(stage.resolves(pair).await);
        }
        held = pairs.first().unwrap().clone();
        let row = format!(
            "generation = {generation} and confirmed = {}",
            generation - 1
        );
        assert_eq!(stage.app.count("link", &row).await, 1);
    }
}

pub async fn eight_refreshes_of_a_public_client_agree_too(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let held = stage.link().await;
    let answers = eight([&stage.platform, &second], |platform| {
        platform.refresh_with(&held.refresh, &[])
    })
    .await;
    let successors: BTreeSet<_> = answers
        .iter()
        .map(|answer| tokens(answer).refresh)
        .collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(stage.app.only_link().await, "active");
}

pub async fn a_slow_refresh_never_takes_the_link_back(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let mut held = stage.link().await;
    for round in 0..4 {
        let current = held.refresh.clone();
        let slow = (0..24).map(|_| second.refresh_with(&current, &[]));
        let chain = async {
            let mut newest = held.clone();
            for _ in 0..3 {
                newest = tokens(&stage.platform.refresh_with(&newest.refresh, &[]).await);
            }
            newest
        };
        let (answers, newest) = tokio::join!(join_all(slow), chain);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.assert_refused(400, "invalid_grant");
        }
        let generation = 1 + 3 * (round + 1);
        let row = format!(
            "generation = {generation} and confirmed = {}",
            generation - 1
        );
        assert_eq!(stage.app.count("link", &row).await, 1);
        held = newest;
    }
}

pub async fn after_a_redemption_met_an_unlink_nothing_is_valid(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    for _ in 0..6 {
        let code = stage.code().await;
        let form = stage.browser.get("/account").await.form("/account/unlink");
        let (redeemed, unlinked) =
            tokio::join!(second.redeem(&code, &[]), stage.browser.submit(&form));
        assert_eq!(unlinked.status, 200);
        if redeemed.status == 200 {
            let won = tokens(&redeemed);
            assert!(!stage.resolves(&won).await);
            let refreshed = stage.platform.refresh_with(&won.refresh, &[]).await;
            refreshed.assert_refused(400, "invalid_grant");
        } else {
            redeemed.assert_refused(400, "invalid_grant");
        }
        assert_eq!(stage.app.count("link", "state <> 'ended'").await, 0);
    }
}

pub async fn after_a_refresh_met_a_disabled_account_nothing_is_valid(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let mut held = stage.link().await;
    for _ in 0..6 {
        let (refreshed, ()) = tokio::join!(
            second.refresh_with(&held.refresh, &[]),
            stage.app.disable(&stage.person)
        );
        if refreshed.status == 200 {
            held = tokens(&refreshed);
        } else {
            refreshed.assert_refused(400, "invalid_grant");
        }
        assert!(!stage.resolves(&held).await);
        second
            .refresh_with(&held.refresh, &[])
            .await
            .assert_refused(400, "invalid_grant");
        stage.app.enable(&stage.person).await;
    }
}

pub async fn after_a_refresh_met_an_unlink_nothing_is_valid(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    for _ in 0..6 {
        let held = stage.link().await;
        let form = stage.browser.get("/account").await.form("/account/unlink");
        let (refreshed, unlinked) = tokio::join!(
            second.refresh_with(&held.refresh, &[]),
            stage.browser.submit(&form)
        );
        assert_eq!(unlinked.status, 200);
        let newest = if refreshed.status == 200 {
            tokens(&refreshed)
        } else {
            held
        };
        assert!(!stage.resolves(&newest).await);
        second
            .refresh_with(&newest.refresh, &[])
            .await
            .assert_refused(400, "invalid_grant");
    }
}

pub async fn fifty_taps_are_one_link_and_one_redirect(stage: &Stage) {
    let (node, _) = with_second_node(stage).await;
    let page = stage.consent_page(&[("state", "s")]).await;
    let browsers = [stage.browser.clone(), stage.browser.at(&node.url)];
    let taps = browsers.iter().cycle().take(50);
    let answers = join_all(taps.map(|browser| browser.decide(&page, "approve"))).await;
    let redirects: BTreeSet<_> = answers
        .iter()
        .map(|answer| Redirect::of(answer).location)
        .collect();
    assert_eq!(redirects.len(), 1);
    assert_eq!(stage.app.count("link", "true").await, 1);
}

pub async fn taps_and_redemptions_at_once_make_one_link(stage: &Stage) {
    let (node, second) = with_second_node(stage).await;
    let page = stage.consent_page(&[]).await;
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    let browser = stage.browser.at(&node.url);
    let taps = join_all((0..10).map(|_| browser.decide(&page, "approve")));
    let (answers, redeemed) = tokio::join!(taps, second.redeem(redirect.code(), &[]));
    assert_eq!(redeemed.status, 200);
    for answer in answers {
        let same = answer.status == 303 && answer.location() == redirect.location;
        assert!(same || answer.status == 409, "{answer:?}");
    }
    assert_eq!(stage.app.only_link().await, "active");
}

pub async fn one_address_created_eight_times_at_once_is_one_account(app: &TestApp) {
    let node = app.second_node().await;
    let console = app.console(Operator).await;
    let new = "/admin/accounts/new";
    let form = console.get(new).await.form(new);
    let forms: Vec<_> = ["haneul@example.com", "HANEUL@Example.com"]
        .iter()
        .cycle()
        .take(8)
        .map(|email| form.clone().with("email", email).with("name", "김하늘"))
        .collect();
    let browsers = [console.clone(), console.at(&node.url)];
    let browsers = browsers.iter().cycle();
    let posts = forms.iter().zip(browsers);
    let answers = join_all(posts.map(|(form, browser)| browser.submit(form))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 303);
    assert_eq!(made.len(), 1, "{answers:?}");
    for answer in refused {
        answer.assert_page(422);
        let reason = "Another account already has this e-mail address.";
        assert!(answer.text().contains(reason), "{answer:?}");
    }
    assert_eq!(app.count("account", "true").await, 1);
}

pub async fn guesses_at_once_are_all_counted(stage: &Stage) {
    let (_node, second) = with_second_node(stage).await;
    let pkce = Pkce::default();
    let code = stage.approve(&pkce.parameters()).await.code().to_owned();
    let wrong = "g".repeat(43);
    let guess = [("code_verifier", wrong.as_str())];
    eight([&stage.platform, &second], |platform| {
        platform.redeem(&code, &guess)
    })
    .await;
    assert_eq!(stage.app.only_link().await, "ended by wrong_verifier");
}
