//! placeholder
use crate::ctx::Ctx;
/// step
pub async fn apply_step(_ctx: &Ctx) -> store::Result<bool> {
    Ok(false)
}
