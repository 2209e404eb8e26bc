#[allow(dead_code)]
mod rand {
    //! Stand-in for the parts of the rand crate that published programs use: random numbers from the system's hasher keys.
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher, Hasher};
    use std::ops::{Range, RangeInclusive};

    pub struct ThreadRng;
    pub fn thread_rng() -> ThreadRng { ThreadRng }
    pub fn random<T: Value>() -> T { T::from_bits(bits()) }
    fn bits() -> u64 { RandomState::new().build_hasher().finish() }

    pub trait Value { fn from_bits(bits: u64) -> Self; }
    pub trait Between<T> { fn pick(self, bits: u64) -> T; }
    macro_rules! whole { ($($kind:ty),*) => { $(
        impl Value for $kind { fn from_bits(bits: u64) -> Self { bits as $kind } }
        impl Between<$kind> for Range<$kind> {
            fn pick(self, bits: u64) -> $kind { (self.start as i128 + (bits as i128) % (self.end as i128 - self.start as i128)) as $kind }
        }
        impl Between<$kind> for RangeInclusive<$kind> {
            fn pick(self, bits: u64) -> $kind {
                (*self.start() as i128 + (bits as i128) % (*self.end() as i128 - *self.start() as i128 + 1)) as $kind
            }
        }
    )* } }
    whole!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
    macro_rules! real { ($($kind:ty),*) => { $(
        impl Value for $kind { fn from_bits(bits: u64) -> Self { ((bits >> 11) as f64 / (1u64 << 53) as f64) as $kind } }
        impl Between<$kind> for Range<$kind> {
            fn pick(self, bits: u64) -> $kind { self.start + <$kind as Value>::from_bits(bits) * (self.end - self.start) }
        }
    )* } }
    real!(f32, f64);
    impl Value for bool { fn from_bits(bits: u64) -> Self { bits & 1 == 1 } }

    pub trait Rng {
        fn gen<T: Value>(&mut self) -> T { T::from_bits(bits()) }
        fn gen_range<T, R: Between<T>>(&mut self, range: R) -> T { range.pick(bits()) }
        fn gen_bool(&mut self, share: f64) -> bool { <f64 as Value>::from_bits(bits()) < share }
    }
    impl Rng for ThreadRng {}
}
