//! The migrations are embedded by a macro that can't tell cargo what it read.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
