// expect: timeout
fn main() { loop {} }
