#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linkgate_fuzz::authorization_header::hold(bytes));
