//! Whom a portfolio has written to first.

use std::collections::BTreeSet;

use rules::id::{ContactId, OrgId};
use rules::time::{Clock as _, span};
use store::begun::{Begun, Crowd, FIRST_BEGUN};
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn each_person_counts_once_for_each_portfolio_with_the_last_time() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
        let [anna, budi] = [1, 2].map(|_| ContactId::fresh(now, &chance));
        let of = |portfolio: &str, contact| (org, Begun { portfolio: portfolio.into(), contact });
        let mut tx = db.store.begin().await.unwrap();
        let mut batch = tx.batch(&[org]).await.unwrap();
        let first = BTreeSet::from([of("800", anna), of("800", budi), of("900", anna)]);
        batch.note_begun(&first, now).await.unwrap();
        let later = now + span::hours(1);
        batch.note_begun(&BTreeSet::from([of("800", anna)]), later).await.unwrap();
        batch.note_begun(&BTreeSet::new(), later).await.unwrap();
        let before = now - span::hours(1);
        let mut by =
            batch.begun_by(&[(org, anna), (org, budi), (org, ContactId(org.0))], before).await.unwrap();
        by[0].sort();
        assert_eq!(by, [vec!["800".to_owned(), "900".into()], vec!["800".into()], Vec::new()]);
        assert_eq!(
            batch.begun_by(&[(org, budi)], now).await.unwrap(),
            [Vec::<String>::new()],
            "not since then"
        );

        let mut scope = tx.org(org).await.unwrap();
        let crowd = |people, earliest| Crowd { people, earliest };
        assert_eq!(scope.crowd("800", before, 9).await.unwrap(), crowd(2, Some(now)));
        assert_eq!(scope.crowd("800", before, 1).await.unwrap(), crowd(1, Some(later)), "from the newest");
        assert_eq!(scope.crowd("800", now, 9).await.unwrap(), crowd(1, Some(later)));
        assert_eq!(scope.crowd("700", before, 9).await.unwrap(), Crowd::default());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        // One after the other, and none is passed over.
        let (mut place, mut steps) = (Some(FIRST_BEGUN), 0);
        while let Some(after) = place {
            place = tx.drop_begun_before(later, &after, 1).await.unwrap();
            steps += 1;
        }
        assert_eq!(steps, 4, "three, and that there is no fourth");
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.crowd("800", before, 9).await.unwrap(), crowd(1, Some(later)));
        assert_eq!(scope.crowd("900", before, 9).await.unwrap(), Crowd::default());
    })
    .await;
}
