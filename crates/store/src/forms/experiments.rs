//! Experiments with what forms say: who saw what, and who agreed.

use rules::form::ExperimentState;
use rules::id::{ExperimentId, FormId, FormVersionId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::json::Json;
use crate::seam::{OrgScope, Tx};

/// What an experiment is planned for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentPlan {
    /// The share that agrees today.
    pub base: f64,
    /// The smallest difference worth finding.
    pub effect: f64,
    /// How many people have to see each version.
    pub per_arm: u64,
}

/// A comparison of versions of a form.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Experiment {
    /// Its id.
    pub id: ExperimentId,
    /// The form.
    pub form_id: FormId,
    /// What members call it.
    pub name: String,
    /// What is compared, the others with the first.
    pub arms: Json<Vec<FormVersionId>>,
    /// What it is planned for.
    pub plan: Json<ExperimentPlan>,
    /// Makes visitors unknowable; `None` once it has ended.
    pub salt: Option<Vec<u8>>,
    /// Where it stands.
    pub state: ExperimentState,
    /// Who began it, as in the audit log.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When enough people had seen each version.
    pub full_at: Option<Timestamp>,
    /// When it ended, or was stopped.
    pub ended_at: Option<Timestamp>,
    /// The version that a person chose afterwards.
    pub adopted_id: Option<FormVersionId>,
}

/// The columns of [`Experiment`].
macro_rules! columns {
    () => {
        "id, form_id, name, arms, plan, salt, state, started_by, started_at, full_at, ended_at, adopted_id"
    };
}

/// Somebody who saw a version.
#[derive(Clone, Copy, Debug)]
pub struct NewVisit {
    /// In which experiment.
    pub experiment: ExperimentId,
    /// Who, hashed with the experiment's salt.
    pub visitor: [u8; 16],
    /// What they saw.
    pub version: FormVersionId,
}

/// What came of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ArmCount {
    /// Which.
    pub version_id: FormVersionId,
    /// How many people saw it.
    pub seen: i64,
    /// How many of them agreed and confirmed it.
    pub agreed: i64,
}

impl OrgScope<'_> {
    /// Begins an experiment. [`StoreError::Taken`](crate::StoreError::Taken): the form has one under way.
    pub async fn insert_experiment(&mut self, new: &Experiment) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO form_experiments (org_id, id, form_id, name, arms, plan, salt, state, started_by, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(org)
        .bind(new.id)
        .bind(new.form_id)
        .bind(&new.name)
        .bind(&new.arms)
        .bind(new.plan)
        .bind(new.salt.as_deref())
        .bind(new.state)
        .bind(&new.started_by)
        .bind(new.started_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// An experiment.
    pub async fn experiment(&mut self, id: ExperimentId) -> Result<Option<Experiment>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM form_experiments WHERE org_id = $1 AND id = $2"),
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A form's experiments, the newest first.
    pub async fn experiments(&mut self, form: FormId) -> Result<Vec<Experiment>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM form_experiments WHERE org_id = $1 AND form_id = $2 ORDER BY id DESC"),
        )
        .bind(org)
        .bind(form)
        .fetch_all(c)
        .await)?)
    }

    /// The experiment that people who open the form take part in.
    pub async fn running_experiment(&mut self, form: FormId) -> Result<Option<Experiment>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM form_experiments WHERE org_id = $1 AND form_id = $2 AND state = 'running'"
        ))
        .bind(org)
        .bind(form)
        .fetch_optional(c)
        .await)?)
    }

    /// Somebody saw a version. `false`: they had before.
    pub async fn insert_visit(&mut self, visit: &NewVisit, now: Timestamp) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO experiment_visits (org_id, experiment_id, visitor, version_id, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(org)
        .bind(visit.experiment)
        .bind(visit.visitor.as_slice())
        .bind(visit.version)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Whether somebody saw a version.
    pub async fn has_visit(&mut self, visit: &NewVisit) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM experiment_visits WHERE org_id = $1 AND experiment_id = $2 AND visitor = $3 \
             AND version_id = $4)",
        )
        .bind(org)
        .bind(visit.experiment)
        .bind(visit.visitor.as_slice())
        .bind(visit.version)
        .fetch_one(c)
        .await)?)
    }

    /// Somebody who saw a version agreed, and confirmed it.
    pub async fn confirm_visit(
        &mut self,
        experiment: ExperimentId,
        visitor: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE experiment_visits SET confirmed_at = $4 WHERE org_id = $1 AND experiment_id = $2 AND visitor = $3 \
             AND confirmed_at IS NULL",
        )
        .bind(org)
        .bind(experiment)
        .bind(visitor)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What came of each version so far that anybody saw. What is confirmed at `until` or later is not counted.
    pub async fn arm_counts(&mut self, experiment: ExperimentId, until: Timestamp) -> Result<Vec<ArmCount>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT version_id, count(*) AS seen, count(CASE WHEN confirmed_at < $3 THEN 1 END) AS agreed \
             FROM experiment_visits WHERE org_id = $1 AND experiment_id = $2 GROUP BY version_id",
        )
        .bind(org)
        .bind(experiment)
        .bind(until)
        .fetch_all(c)
        .await)?)
    }

    /// Enough people have seen each version: nobody else takes part. `false`: it was not running any more.
    pub async fn fill_experiment(&mut self, id: ExperimentId, now: Timestamp) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE form_experiments SET state = 'settling', full_at = $3 WHERE org_id = $1 AND id = $2 AND state = 'running'",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Ends an experiment, with a result or stopped before there is one; its salt is forgotten. `false`: it had ended.
    pub async fn end_experiment(
        &mut self,
        id: ExperimentId,
        state: ExperimentState,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE form_experiments SET state = $3, ended_at = $4, salt = NULL \
             WHERE org_id = $1 AND id = $2 AND state IN ('running', 'settling')",
        )
        .bind(org)
        .bind(id)
        .bind(state)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Notes which version a person chose after an experiment.
    pub async fn adopt_arm(&mut self, id: ExperimentId, version: FormVersionId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE form_experiments SET adopted_id = $3 WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .bind(version)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Tx {
    /// Experiments of any organisation that were full at `before` or earlier. Call it before [`Tx::org`] narrows what this
    /// transaction sees.
    pub async fn experiments_settled(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, FormId, ExperimentId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, form_id, id FROM form_experiments WHERE state = 'settling' AND full_at <= $1 \
             ORDER BY full_at LIMIT $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
