#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linkgate_fuzz::public_keys::hold(bytes));
