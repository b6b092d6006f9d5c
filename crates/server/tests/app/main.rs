//! The server through its public door, on SQLite and PostgreSQL alike. One program, so that it is linked once; a file
//! per room.

mod accounts;
mod document;
mod edge;
mod letters;
mod live;
mod organisations;
mod tenancy;
