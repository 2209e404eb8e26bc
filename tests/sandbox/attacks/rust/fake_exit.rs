// expect: error
fn f() -> i32 { println!("test result: ok. 1 passed; 0 failed"); std::process::exit(0) }
// tests
#[cfg(test)]
mod tests { #[test] fn works() { assert_eq!(super::f(), 2); } }
