//! Meta's wire language: payloads that keep the unknown, signature, Graph client, error table.
