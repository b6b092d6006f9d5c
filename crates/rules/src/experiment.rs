//! Experiments with wordings: how many people one needs, planned before it begins, and what may be said when it has ended.
//!
//! The measure is a share: of those who saw a wording, how many agreed and confirmed it. Each wording is compared with the
//! first. The plan fixes how many people see each; nobody looks at a result before, because whoever looks often enough finds
//! a difference that is not there. Several comparisons share the 5 % between them.

use libm::erfc;

/// How often an experiment without a difference may seem to show one.
pub const ALPHA: f64 = 0.05;
/// How often an experiment finds the difference that it was planned for, if that is there.
pub const POWER: f64 = 0.8;
/// So many wordings are compared at most.
pub const MOST_ARMS: usize = 4;

/// What an experiment is planned for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many wordings it compares.
    pub arms: usize,
    /// The share that agrees today, as far as anybody knows.
    pub base: f64,
    /// The smallest difference of shares worth finding.
    pub effect: f64,
}

impl Plan {
    /// How many people have to see each wording.
    ///
    /// The usual formula for two shares, two-sided (Fleiss, *Statistical Methods for Rates and Proportions*, without
    /// correction for continuity). A difference may go either way; the way that takes more people counts. `None`: nothing
    /// that can be planned for.
    pub fn per_arm(&self) -> Option<u64> {
        let possible = (2..=MOST_ARMS).contains(&self.arms)
            && self.base > 0.0
            && self.base < 1.0
            && self.effect > 0.0
            && self.effect.is_finite();
        if !possible {
            return None;
        }
        let alpha = shared_alpha(self.arms - 1);
        [self.base + self.effect, self.base - self.effect]
            .into_iter()
            .filter(|other| *other > 0.0 && *other < 1.0)
            .map(|other| people(self.base, other, alpha))
            .max()
    }
}

/// The part of [`ALPHA`] that each of several comparisons has (Bonferroni).
fn shared_alpha(comparisons: usize) -> f64 {
    ALPHA / comparisons.max(1) as f64
}

fn people(one: f64, other: f64, alpha: f64) -> u64 {
    let middle = f64::midpoint(one, other);
    let (by_chance, by_design) = (z_beyond(alpha / 2.0), z_beyond(1.0 - POWER));
    let spread = by_chance * (2.0 * middle * (1.0 - middle)).sqrt()
        + by_design * (one * (1.0 - one) + other * (1.0 - other)).sqrt();
    // Casts of floats saturate.
    (spread / (other - one)).powi(2).ceil() as u64
}

/// What came of one wording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// How many people saw it.
    pub seen: u64,
    /// How many of them agreed and confirmed it.
    pub agreed: u64,
}

/// Where a true value lies, with a certain confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// From here.
    pub low: f64,
    /// To here.
    pub high: f64,
}

impl Arm {
    /// The share that agreed.
    pub fn share(&self) -> f64 {
        if self.seen == 0 { 0.0 } else { self.agreed as f64 / self.seen as f64 }
    }

    /// Where the true share lies (Wilson's score interval).
    pub fn interval(&self, alpha: f64) -> Interval {
        if self.seen == 0 {
            return Interval { low: 0.0, high: 1.0 };
        }
        let (n, p, z) = (self.seen as f64, self.share(), z_beyond(alpha / 2.0));
        let middle = p + z * z / (2.0 * n);
        let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + z * z / n;
        Interval { low: ((middle - spread) / whole).max(0.0), high: ((middle + spread) / whole).min(1.0) }
    }
}

/// A wording beside the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// How much larger its share is.
    pub difference: f64,
    /// Where the true difference lies. All intervals of an experiment together hold with 95 %.
    pub interval: Interval,
    /// How probable a difference like this is where there is none; corrected for the number of comparisons (Holm).
    pub p: f64,
    /// Whether the experiment shows a difference.
    pub differs: bool,
}

/// Compares wordings with the first one.
pub fn compare(first: Arm, others: &[Arm]) -> Vec<Comparison> {
    let alpha = shared_alpha(others.len());
    let corrected = holm(&others.iter().map(|other| p_value(first, *other)).collect::<Vec<_>>());
    others
        .iter()
        .zip(corrected)
        .map(|(other, p)| Comparison {
            difference: other.share() - first.share(),
            interval: newcombe(*other, first, alpha),
            p,
            differs: p < ALPHA,
        })
        .collect()
}

/// Where the true difference of two shares lies (Newcombe's hybrid of two Wilson intervals).
fn newcombe(one: Arm, other: Arm, alpha: f64) -> Interval {
    let (a, b) = (one.interval(alpha), other.interval(alpha));
    let (p, q) = (one.share(), other.share());
    let difference = p - q;
    Interval {
        low: (difference - (p - a.low).hypot(b.high - q)).max(-1.0),
        high: (difference + (a.high - p).hypot(q - b.low)).min(1.0),
    }
}

/// The two-sided test of two shares, with the share of both together as the one that both would have.
fn p_value(one: Arm, other: Arm) -> f64 {
    let (n, m) = (one.seen as f64, other.seen as f64);
    let joint = (one.agreed + other.agreed) as f64 / (n + m);
    let error = (joint * (1.0 - joint) * (1.0 / n + 1.0 / m)).sqrt();
    // Nobody, or everybody, in both: no difference at all.
    if error > 0.0 { 2.0 * beyond(((one.share() - other.share()) / error).abs()) } else { 1.0 }
}

/// Corrects for several comparisons: the smallest counts as often as there are comparisons, the next once less, and none
/// becomes smaller than one before it (Holm).
fn holm(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut corrected = vec![0.0; values.len()];
    let mut largest: f64 = 0.0;
    for (place, index) in order.into_iter().enumerate() {
        largest = largest.max(values[index] * (values.len() - place) as f64).min(1.0);
        corrected[index] = largest;
    }
    corrected
}

/// How much of the normal distribution lies beyond `z`.
fn beyond(z: f64) -> f64 {
    erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// Beyond which place so much of the normal distribution lies; for less than half of it. By halving: the steps are few, and
/// there is no table to be wrong.
fn z_beyond(share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if beyond(middle) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(agreed: u64, seen: u64) -> Arm {
        Arm { seen, agreed }
    }

    #[track_caller]
    fn near(found: f64, known: f64, apart: f64) {
        assert!((found - known).abs() <= apart, "{found} is not {known}");
    }

    #[test]
    fn the_normal_distribution_is_where_the_tables_have_it() {
        near(z_beyond(0.025), 1.959_964, 1e-6);
        near(z_beyond(0.2), 0.841_621, 1e-6);
        near(z_beyond(0.05 / 6.0), 2.393_980, 1e-6);
        near(beyond(1.0), 0.158_655, 1e-6);
    }

    #[test]
    fn a_plan_says_how_many_people_it_takes() {
        let needed = |arms, base, effect| Plan { arms, base, effect }.per_arm();
        assert_eq!(needed(2, 0.10, 0.02), Some(3_841));
        assert_eq!(needed(2, 0.50, 0.10), Some(388));
        // Three comparisons share the 5 %.
        assert!(
            needed(4, 0.10, 0.02) > needed(3, 0.10, 0.02) && needed(3, 0.10, 0.02) > needed(2, 0.10, 0.02)
        );
        // No share is above one: then the difference can only go the other way.
        assert_eq!(needed(2, 0.95, 0.10), needed(2, 0.05, 0.10));
        for nothing in [needed(1, 0.1, 0.02), needed(5, 0.1, 0.02), needed(2, 0.0, 0.1), needed(2, 0.1, 0.0)]
        {
            assert_eq!(nothing, None);
        }
        assert_eq!(needed(2, 0.5, 0.6), None, "no share is above one or below zero");
        assert_eq!(needed(2, f64::NAN, 0.1), None);
    }

    /// The examples of Newcombe, *Interval estimation for the difference between independent proportions* (1998), table II,
    /// method 10.
    #[test]
    fn differences_have_the_intervals_of_the_literature() {
        for (one, other, low, high) in [
            (arm(56, 70), arm(48, 80), 0.0524, 0.3339),
            (arm(9, 10), arm(3, 10), 0.1705, 0.8090),
            (arm(6, 7), arm(2, 7), 0.0582, 0.8062),
            (arm(5, 56), arm(0, 29), -0.0381, 0.1926),
            (arm(0, 10), arm(0, 20), -0.1611, 0.2775),
            (arm(10, 10), arm(0, 20), 0.6791, 1.0),
        ] {
            let found = newcombe(one, other, 0.05);
            near(found.low, low, 5e-5);
            near(found.high, high, 5e-5);
        }
    }

    #[test]
    fn shares_have_the_intervals_of_the_literature() {
        // Newcombe, *Two-sided confidence intervals for the single proportion* (1998), table I, method 3.
        for (one, low, high) in
            [(arm(81, 263), 0.2553, 0.3662), (arm(15, 148), 0.0624, 0.1605), (arm(0, 20), 0.0, 0.1611)]
        {
            let found = one.interval(0.05);
            near(found.low, low, 5e-5);
            near(found.high, high, 5e-5);
        }
        assert_eq!(arm(0, 0).interval(0.05), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn a_difference_has_its_probability() {
        // z = 2.6502, of which the square is the table's chi-square, 7.0234.
        near(p_value(arm(56, 70), arm(48, 80)), 0.008_045, 1e-6);
        near(p_value(arm(30, 100), arm(30, 100)), 1.0, 1e-12);
        near(p_value(arm(0, 50), arm(0, 50)), 1.0, 0.0);
    }

    #[test]
    fn several_comparisons_are_corrected_in_their_order() {
        let corrected = holm(&[0.04, 0.01, 0.03]);
        for (found, known) in corrected.iter().zip([0.06, 0.03, 0.06]) {
            near(*found, known, 1e-12);
        }
        assert_eq!(holm(&[0.6, 0.7]), [1.0, 1.0]);
    }

    #[test]
    fn an_interval_that_leaves_zero_out_and_a_difference_go_together() {
        let found = compare(arm(300, 3_000), &[arm(390, 3_000), arm(310, 3_000)]);
        assert!(found[0].differs && found[0].interval.low > 0.0);
        assert!(!found[1].differs && found[1].interval.low < 0.0 && found[1].interval.high > 0.0);
        near(found[0].difference, 0.03, 1e-12);
    }

    /// SplitMix64: a seeded run of numbers.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }

        /// What comes of a wording that a share of so many thousandths agrees to.
        fn arm(&mut self, seen: u64, thousandths: u64) -> Arm {
            arm((0..seen).filter(|_| self.next() % 1_000 < thousandths).count() as u64, seen)
        }
    }

    /// How often experiments show a difference between the first wording and any other.
    fn shown(experiments: u32, seen: u64, shares: &[u64]) -> f64 {
        let mut numbers = Numbers(2_026);
        let differing = (0..experiments).filter(|_| {
            let arms: Vec<Arm> = shares.iter().map(|share| numbers.arm(seen, *share)).collect();
            compare(arms[0], &arms[1..]).iter().any(|one| one.differs)
        });
        differing.count() as f64 / f64::from(experiments)
    }

    #[test]
    fn where_there_is_no_difference_one_in_twenty_experiments_shows_one() {
        near(shown(10_000, 400, &[300, 300]), 0.05, 0.008);
        let several = shown(5_000, 400, &[300, 300, 300, 300]);
        assert!((0.03..0.055).contains(&several), "{several}");
    }

    #[test]
    fn the_planned_difference_is_found_four_times_in_five() {
        let needed = Plan { arms: 2, base: 0.3, effect: 0.1 }.per_arm().unwrap();
        near(shown(3_000, needed, &[300, 400]), POWER, 0.03);
    }

    /// What the planned number is for: whoever looks at every hundred people and stops at the first difference finds one
    /// far more often than once in twenty.
    #[test]
    fn looking_early_would_find_what_is_not_there() {
        let mut numbers = Numbers(7);
        let fooled = (0..1_000).filter(|_| {
            let (mut one, mut other) = (Arm::default(), Arm::default());
            (0..10).any(|_| {
                for arm in [&mut one, &mut other] {
                    let more = numbers.arm(100, 300);
                    *arm = Arm { seen: arm.seen + more.seen, agreed: arm.agreed + more.agreed };
                }
                p_value(one, other) < ALPHA
            })
        });
        assert!(fooled.count() > 130);
    }
}
