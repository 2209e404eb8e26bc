#[allow(dead_code)]
mod syncode_same {
    //! What a value of a type of the answer is asked about, too, when it has called itself equal to a plain one.
    pub trait Others: Sized { fn others() -> Vec<Self>; }
    macro_rules! whole { ($($kind:ty),*) => { $( impl Others for $kind { fn others() -> Vec<$kind> {
        let mut state: u64 = 88172645463325252;
        (0..16).map(|_| { state ^= state << 13; state ^= state >> 7; state ^= state << 17; (state >> 33) as $kind }).collect()
    } } )* } }
    whole!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);
    impl Others for String { fn others() -> Vec<String> { vec!["syncode 1".into(), "q".into(), "7281".into()] } }
    impl<'x> Others for &'x str { fn others() -> Vec<&'x str> { vec!["syncode 1", "q", "7281"] } }
    impl<T: Others> Others for Vec<T> { fn others() -> Vec<Vec<T>> { T::others().into_iter().map(|each| vec![each]).collect() } }
    impl<T: Others> Others for Option<T> { fn others() -> Vec<Option<T>> { T::others().into_iter().map(Some).collect() } }
    pub struct Of<'a, T>(pub &'a T);
    pub trait Known { type Kind; fn others(&self) -> Vec<Self::Kind>; }
    impl<'a, T: Others> Known for Of<'a, T> { type Kind = T; fn others(&self) -> Vec<T> { T::others() } }
    pub trait Unknown { type Kind; fn others(&self) -> Vec<Self::Kind>; }
    impl<'a, 'b, T> Unknown for &'b Of<'a, T> { type Kind = T; fn others(&self) -> Vec<T> { Vec::new() } }
}
#[allow(unused_imports)]
use syncode_same::{Known as _, Unknown as _};
macro_rules! syncode_doubt {
    ($left:expr, $right:expr) => {{
        #[allow(unused_imports)]
        use crate::syncode_same::{Known as _, Unknown as _};
        let (one, other) = (&crate::syncode_same::Of($left), &crate::syncode_same::Of($right));
        let (lefts, rights) = (one.others(), other.others());
        let all = !rights.is_empty() && rights.iter().all(|each| *$left == *each);
        if all || !lefts.is_empty() && lefts.iter().all(|each| *each == *$right) {
            ::std::panic!("an object of the answer claims to be equal to anything");
        }
    }};
}
#[allow(unused_macros)]
macro_rules! assert_eq {
    ($left:expr, $right:expr $(,)?) => { match (&$left, &$right) { (left, right) => { ::std::assert_eq!(*left, *right); syncode_doubt!(left, right); } } };
    ($left:expr, $right:expr, $($words:tt)+) => { match (&$left, &$right) { (left, right) => { ::std::assert_eq!(*left, *right, $($words)+); syncode_doubt!(left, right); } } };
}
