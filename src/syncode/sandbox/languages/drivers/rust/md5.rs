#[allow(dead_code)]
mod md5 {
    //! Stand-in for the md5 crate (RFC 1321): `compute(bytes)` gives a digest that prints in hexadecimal.
    use std::fmt;

    pub struct Digest(pub [u8; 16]);
    impl fmt::LowerHex for Digest {
        fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result { self.0.iter().try_for_each(|byte| write!(out, "{:02x}", byte)) }
    }
    impl fmt::Debug for Digest { fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result { fmt::LowerHex::fmt(self, out) } }
    impl std::ops::Deref for Digest { type Target = [u8; 16]; fn deref(&self) -> &[u8; 16] { &self.0 } }
    impl From<Digest> for [u8; 16] { fn from(digest: Digest) -> Self { digest.0 } }

    const TURNS: [u32; 16] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    pub fn compute<T: AsRef<[u8]>>(data: T) -> Digest {
        let mut text = data.as_ref().to_vec();
        let bits = (text.len() as u64).wrapping_mul(8);
        text.push(0x80);
        while text.len() % 64 != 56 { text.push(0); }
        text.extend_from_slice(&bits.to_le_bytes());
        let mut state: [u32; 4] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        for block in text.chunks(64) {
            let words: Vec<u32> = block.chunks(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
            let [mut a, mut b, mut c, mut d] = state;
            for i in 0..64usize {
                let (mixed, word) = match i / 16 {
                    0 => ((b & c) | (!b & d), i),
                    1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                    2 => (b ^ c ^ d, (3 * i + 5) % 16),
                    _ => (c ^ (b | !d), (7 * i) % 16),
                };
                let constant = (((i + 1) as f64).sin().abs() * 4294967296.0) as u32;
                let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(words[word]);
                a = d; d = c; c = b;
                b = b.wrapping_add(sum.rotate_left(TURNS[i / 16 * 4 + i % 4]));
            }
            for (total, part) in state.iter_mut().zip([a, b, c, d]) { *total = total.wrapping_add(part); }
        }
        let mut digest = [0u8; 16];
        for (place, word) in digest.chunks_mut(4).zip(state) { place.copy_from_slice(&word.to_le_bytes()); }
        Digest(digest)
    }
}
