//! Pure rules of the product: no async, no I/O, no clock, no SQL, no HTTP.
