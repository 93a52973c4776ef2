use super::*;
use crate::foundation::random::SystemRandom;

const CHEAP: Cost = Cost {
    memory: 64,
    passes: 2,
    lanes: 1,
};

fn hasher(cost: Cost) -> Hasher {
    Hasher::new(cost, 1, Arc::new(SystemRandom)).unwrap()
}

#[tokio::test]
async fn a_password_is_right_only_for_its_own_hash() {
    let hasher = hasher(CHEAP);
    let stored = hasher.hash("한강피자 맛있다".into()).await.unwrap();
    assert!(
        stored.starts_with("$argon2id$v=19$m=64,t=2,p=1$"),
        "{stored}"
    );
    let right = hasher
        .verify("한강피자 맛있다".into(), Some(stored.clone()))
        .await
        .unwrap();
    assert_eq!(right, Verdict::Right { rehashed: None });
    assert_eq!(
        hasher
            .verify("한강피자 맛있다 ".into(), Some(stored))
            .await
            .unwrap(),
        Verdict::Wrong
    );
    assert_eq!(
        hasher
            .verify("nobody's password".into(), None)
            .await
            .unwrap(),
        Verdict::Wrong
    );
}

#[tokio::test]
async fn a_weaker_or_foreign_hash_is_replaced_at_login() {
    let weak = hasher(CHEAP).hash("opensesame".into()).await.unwrap();
    let stronger = hasher(Cost { passes: 3, ..CHEAP });
    let bcrypt = bcrypt::hash("opensesame", 4).unwrap();
    for stored in [weak, bcrypt] {
        let verdict = stronger
            .verify("opensesame".into(), Some(stored))
            .await
            .unwrap();
        let Verdict::Right {
            rehashed: Some(rehashed),
        } = verdict
        else {
            panic!("{verdict:?}")
        };
        let again = stronger
            .verify("opensesame".into(), Some(rehashed))
            .await
            .unwrap();
        assert_eq!(again, Verdict::Right { rehashed: None });
    }
}

#[tokio::test]
async fn an_overlong_password_is_wrong_without_being_hashed() {
    let hasher = hasher(CHEAP);
    hasher.0.permits.close();
    assert_eq!(
        hasher.verify("x".repeat(129).into(), None).await.unwrap(),
        Verdict::Wrong
    );
    assert_eq!(
        hasher.verify("한".repeat(171).into(), None).await.unwrap(),
        Verdict::Wrong
    );
    assert!(hasher.verify("short".into(), None).await.is_err());
}

#[tokio::test]
async fn who_hangs_up_frees_no_hasher_that_still_works() {
    let hasher = hasher(CHEAP);
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let abandoned = hasher.run(move || held.recv());
    let gone = tokio::time::timeout(Duration::from_millis(20), abandoned).await;
    assert!(gone.is_err());
    assert_eq!(hasher.0.permits.available_permits(), 0);
    let_go.send(()).unwrap();
    assert!(hasher.hash("next please".into()).await.is_ok());
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once() {
    let hasher = hasher(CHEAP);
    let _held = hasher.0.permits.acquire().await.unwrap();
    let _places: Vec<_> = (0..QUEUE)
        .map(|_| Place::take(&hasher.0.waiting, QUEUE).unwrap())
        .collect();
    assert!(matches!(
        hasher.hash("x".into()).await,
        Err(HashError::Busy(_))
    ));
}

#[test]
fn imports_are_argon2_or_bcrypt_of_bearable_cost() {
    for good in [
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b27WV4r1Qk",
        "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
    ] {
        assert!(is_importable(good), "{good}");
    }
    for bad in [
        "",
        "plain",
        "$2b$31$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
        "$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b27WV4r1Qk",
        "$pbkdf2-sha256$i=1000$c29tZXNhbHQ$RdescudvJCsgt3ub+b27WV4r1Qk",
    ] {
        assert!(!is_importable(bad), "{bad}");
    }
}
