//! The server through its public door, on SQLite and PostgreSQL alike. One program, so that it is linked once; a file
//! per room.

mod accounts;
mod document;
mod edge;
mod letters;
mod live;
mod chat;
mod contacts;
mod edge;
mod inbox;
mod media;
mod organisations;
mod tenancy;
