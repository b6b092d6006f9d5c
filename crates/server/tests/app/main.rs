//! The server through its public door, on SQLite and PostgreSQL alike. One program, so that it is linked once; a file
//! per room.

mod accounts;
mod alerts;
mod authenticator;
mod chat;
mod contacts;
mod document;
mod edge;
mod forms;
mod health;
mod inbox;
mod knowledge;
mod letters;
mod live;
mod media;
mod nodes;
mod notifications;
mod odoo;
mod openid;
mod organisations;
mod overload;
mod passkeys;
mod rates;
mod record_imports;
mod records;
mod rights;
mod tenancy;
mod together;
mod traces;
