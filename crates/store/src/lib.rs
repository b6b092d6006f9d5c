//! All SQL: one module per noun, queue, events, sealed secrets; tenant rows only through a scope.
