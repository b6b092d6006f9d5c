//! Tests only: application, actors, clock and a database per test.
