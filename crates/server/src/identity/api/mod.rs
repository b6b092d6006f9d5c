//! The public shape of people, organisations, members and keys.

mod account;
mod keys;
mod members;
mod openid;
mod operator;
mod orgs;
mod passkeys;
mod providers;
mod sessions;
mod views;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ctx::Ctx;

/// This room's routes.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::list_sessions, sessions::revoke_all_sessions))
        .routes(routes!(sessions::revoke_session))
        .routes(routes!(passkeys::begin_passkey_sign_in))
        .routes(routes!(passkeys::finish_passkey_sign_in))
        .routes(routes!(openid::list_openid_providers))
        .routes(routes!(openid::start_openid_sign_in))
        .routes(routes!(openid::finish_openid_sign_in))
        .routes(routes!(openid::finish_openid_second_factor))
        .routes(routes!(account::get_me, account::update_me))
        .routes(routes!(account::change_password))
        .routes(routes!(account::ask_password_reset))
        .routes(routes!(account::use_password_reset))
        .routes(routes!(account::enrol_second_factor))
        .routes(routes!(account::confirm_second_factor))
        .routes(routes!(account::remove_second_factor))
        .routes(routes!(passkeys::list_passkeys, passkeys::begin_passkey))
        .routes(routes!(passkeys::confirm_passkey))
        .routes(routes!(passkeys::rename_passkey))
        .routes(routes!(passkeys::remove_passkey))
        .routes(routes!(openid::list_identities))
        .routes(routes!(openid::remove_identity))
        .routes(routes!(members::look_at_invite))
        .routes(routes!(members::accept_invite))
        .routes(routes!(orgs::get_organisation, orgs::update_organisation))
        .routes(routes!(orgs::list_audit))
        .routes(routes!(orgs::export_audit))
        .routes(routes!(orgs::list_kept_updates))
        .routes(routes!(orgs::retry_kept_update))
        .routes(routes!(members::list_members))
        .routes(routes!(members::set_member_role, members::remove_member))
        .routes(routes!(members::list_invites, members::create_invite))
        .routes(routes!(members::revoke_invite))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(operator::list_organisations, operator::create_organisation))
        .routes(routes!(operator::decide_on_organisation))
        .routes(routes!(operator::delete_organisation))
        .routes(routes!(operator::create_password_reset))
        .routes(routes!(providers::list_operator_openid_providers, providers::create_openid_provider))
        .routes(routes!(providers::change_openid_provider, providers::remove_openid_provider))
        .routes(routes!(operator::list_operator_keys, operator::create_operator_key))
        .routes(routes!(operator::revoke_operator_key))
        .routes(routes!(operator::list_all_kept_updates))
        .routes(routes!(operator::retry_any_kept_update))
        .routes(routes!(operator::list_dead_jobs))
        .routes(routes!(operator::retry_dead_job))
        .routes(routes!(operator::list_operator_audit))
}
