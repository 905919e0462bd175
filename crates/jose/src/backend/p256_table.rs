//! ES256 verification with tables of a key's multiples (FIPS 186-5 §6.4.2): public data only.
//!
//! A verification is the sum of two multiples of points, of the curve's base point and of the key's.
//! For a point that is known beforehand, all the multiples that can be needed are in a table, and the
//! sum is 59 additions and no doubling. The arithmetic of the field and of the scalars, and the
//! points in the tables, are those of the `p256` crate; the additions here work in coordinates
//! (X, Y, ZZ, ZZZ) with x = X/ZZ, y = Y/ZZZ, whose end result need not be divided to be compared.
//! Nothing is secret, so that the time may vary.

use core::iter;
use std::sync::LazyLock;

use p256::elliptic_curve::Group;
use p256::elliptic_curve::ff::{Field, PrimeField};
use p256::elliptic_curve::hazmat::FieldArithmetic;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::point::{AffineCoordinates, BatchNormalize};
use p256::elliptic_curve::sec1::FromSec1Point;
use p256::{AffinePoint, FieldBytes, NistP256, ProjectivePoint, Scalar, Sec1Point};

use super::digest::sha256;

type FieldElement = <NistP256 as FieldArithmetic>::FieldElement;

/// Bits of a scalar that one look into the base point's table settles: more of them, for it is there
/// but once.
const BASE_WINDOW: u32 = 10;

/// Bits of a scalar that one look into a key's table settles.
const KEY_WINDOW: u32 = 8;

/// The multiples of the base point, 832 KiB, made when first needed.
static BASE: LazyLock<Multiples> =
    LazyLock::new(|| Multiples::of(ProjectivePoint::GENERATOR, BASE_WINDOW));

/// A public key with its multiples: 264 KiB, made in milliseconds.
pub(crate) struct Key(Multiples);

impl Key {
    /// Takes an uncompressed point; `None` unless it lies on the curve.
    pub(crate) fn new(point: &[u8]) -> Option<Self> {
        let point = Sec1Point::from_bytes(point).ok()?;
        let point = Option::<AffinePoint>::from(AffinePoint::from_sec1_point(&point))?;
        if bool::from(point.is_identity()) {
            return None;
        }
        LazyLock::force(&BASE);
        Some(Self(Multiples::of(point.into(), KEY_WINDOW)))
    }

    /// Whether `signature`, r and s of 32 bytes each, holds for the message under SHA-256.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.holds(&sha256(message), signature).unwrap_or(false)
    }

    fn holds(&self, hash: &[u8; 32], signature: &[u8]) -> Option<bool> {
        let (r_bytes, s_bytes) = signature.split_first_chunk::<32>()?;
        let r_bytes = FieldBytes::from(*r_bytes);
        let s_bytes = FieldBytes::from(<[u8; 32]>::try_from(s_bytes).ok()?);
        // Both lie in 1..n.
        let r = Option::<Scalar>::from(Scalar::from_repr(r_bytes))?;
        let s = Option::<Scalar>::from(Scalar::from_repr(s_bytes))?;
        if bool::from(r.is_zero()) {
            return None;
        }
        let inverse = Option::<Scalar>::from(s.invert_vartime())?;
        let z = <Scalar as Reduce<FieldBytes>>::reduce(&FieldBytes::from(*hash));
        let mut sum = Sum::NEUTRAL;
        BASE.add_multiple(&mut sum, &z.multiply(&inverse));
        self.0.add_multiple(&mut sum, &r.multiply(&inverse));
        if sum.is_neutral {
            return None;
        }
        // x mod n is r when x is r, or r + n where that is still below p.
        let has_x = |x: FieldBytes| {
            let x = Option::<FieldElement>::from(FieldElement::from_repr(x));
            x.is_some_and(|x| x.multiply(&sum.zz) == sum.x)
        };
        Some(has_x(r_bytes) || plus_order(&r_bytes).is_some_and(has_x))
    }
}

/// r + n, where that fits 256 bits.
fn plus_order(r: &FieldBytes) -> Option<FieldBytes> {
    // The order is no scalar; n - 1 is, and stands for -1.
    let order_minus_one = (-Scalar::ONE).to_repr();
    let mut sum = *r;
    let mut carry = 1;
    for (digit, other) in sum.iter_mut().zip(order_minus_one).rev() {
        let total = u16::from(*digit) + u16::from(other) + carry;
        *digit = total as u8;
        carry = total >> 8;
    }
    (carry == 0).then_some(sum)
}

/// A point in affine coordinates; never the neutral one.
#[derive(Clone, Copy)]
struct Affine {
    x: FieldElement,
    y: FieldElement,
}

impl Affine {
    fn new(point: &AffinePoint) -> Self {
        const WITHIN: &str = "a point's coordinates lie in the field";
        let element =
            |bytes| Option::<FieldElement>::from(FieldElement::from_repr(bytes)).expect(WITHIN);
        Self { x: element(point.x()), y: element(point.y()) }
    }
}

/// For each window of so many bits of a scalar, the multiples 1 to 2^(bits - 1) of the point times
/// 2^(bits · window). Digits are signed: the negative of a point is at hand.
struct Multiples {
    window_bits: u32,
    points: Vec<Affine>,
}

impl Multiples {
    /// `point` is not the neutral one, and so none of its multiples here is: the order is prime.
    fn of(point: ProjectivePoint, window_bits: u32) -> Self {
        let each = 1 << (window_bits - 1);
        // One bit more than a scalar has, for the carry out of its highest digit.
        let windows = 256 / window_bits + 1;
        let mut unit = point;
        let mut points = Vec::with_capacity(windows as usize * each);
        for _ in 0..windows {
            let multiples: Vec<ProjectivePoint> =
                iter::successors(Some(unit), |multiple| Some(*multiple + unit))
                    .take(each)
                    .collect();
            let affine = ProjectivePoint::batch_normalize_vartime(multiples.as_slice());
            points.extend(affine.iter().map(Affine::new));
            // The next unit is twice the last multiple.
            unit = multiples.last().unwrap_or(&unit).double();
        }
        Self { window_bits, points }
    }

    /// Adds the point times a scalar.
    fn add_multiple(&self, sum: &mut Sum, scalar: &Scalar) {
        let bits = ScalarBits::new(scalar);
        let each = 1 << (self.window_bits - 1);
        let mut carry = 0;
        for (at, multiples) in
            (0..).step_by(self.window_bits as usize).zip(self.points.chunks(each))
        {
            // A digit above half of the window is negative and carries one.
            let digit = bits.get(at, self.window_bits) + carry;
            let negative = digit > each;
            carry = usize::from(negative);
            let magnitude = if negative { 2 * each - digit } else { digit };
            let multiple = magnitude.checked_sub(1).and_then(|at| multiples.get(at));
            if let Some(multiple) = multiple {
                sum.add(multiple, negative);
            }
        }
    }
}

/// A scalar in words, the lowest first, with zeros above.
struct ScalarBits([u64; 5]);

impl ScalarBits {
    fn new(scalar: &Scalar) -> Self {
        let bytes: [u8; 32] = scalar.to_repr().into();
        let mut words = [0; 5];
        for (word, bytes) in words.iter_mut().zip(bytes.as_rchunks::<8>().1.iter().rev()) {
            *word = u64::from_be_bytes(*bytes);
        }
        Self(words)
    }

    /// So many bits, fewer than 64, from `at` on.
    fn get(&self, at: usize, bits: u32) -> usize {
        let word = |index: usize| self.0.get(index).copied().unwrap_or(0);
        let low = word(at / 64) >> (at % 64);
        let high = word(at / 64 + 1).checked_shl(64 - (at % 64) as u32).unwrap_or(0);
        ((low | high) & ((1 << bits) - 1)) as usize
    }
}

/// A sum of points.
struct Sum {
    x: FieldElement,
    y: FieldElement,
    zz: FieldElement,
    zzz: FieldElement,
    is_neutral: bool,
}

impl Sum {
    const NEUTRAL: Self = Self {
        x: FieldElement::ONE,
        y: FieldElement::ONE,
        zz: FieldElement::ZERO,
        zzz: FieldElement::ZERO,
        is_neutral: true,
    };

    fn of(x: FieldElement, y: FieldElement) -> Self {
        Self { x, y, zz: FieldElement::ONE, zzz: FieldElement::ONE, is_neutral: false }
    }

    /// Adds a point, or its negative (EFD, "madd-2008-s" in XYZZ coordinates).
    fn add(&mut self, point: &Affine, negative: bool) {
        let Affine { x, mut y } = *point;
        if negative {
            y = y.neg();
        }
        if self.is_neutral {
            *self = Self::of(x, y);
            return;
        }
        let p = x.multiply(&self.zz).sub(&self.x);
        let r = y.multiply(&self.zzz).sub(&self.y);
        if bool::from(p.is_zero()) {
            // The same x: the same point, or its negative.
            *self = if bool::from(r.is_zero()) { Self::double(x, y) } else { Self::NEUTRAL };
            return;
        }
        let pp = p.square();
        let ppp = p.multiply(&pp);
        let q = self.x.multiply(&pp);
        self.x = r.square().sub(&ppp).sub(&q.double());
        self.y = r.multiply(&q.sub(&self.x)).sub(&self.y.multiply(&ppp));
        self.zz = self.zz.multiply(&pp);
        self.zzz = self.zzz.multiply(&ppp);
    }

    /// Twice a point (EFD, "mdbl-2008-s-1" with a = -3); no point's y is zero, for the order is odd.
    fn double(x: FieldElement, y: FieldElement) -> Self {
        let u = y.double();
        let v = u.square();
        let w = u.multiply(&v);
        let s = x.multiply(&v);
        let xx_minus_one = x.square().sub(&FieldElement::ONE);
        let m = xx_minus_one.double().add(&xx_minus_one);
        let x3 = m.square().sub(&s.double());
        let y3 = m.multiply(&s.sub(&x3)).sub(&w.multiply(&y));
        Self { x: x3, y: y3, zz: v, zzz: w, is_neutral: false }
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
    use p256::elliptic_curve::sec1::ToSec1Point;
    use proptest::prelude::*;

    use super::*;

    /// Scalars at which digits carry, and sums meet the same point, its negative or nothing.
    fn edges() -> Vec<Scalar> {
        let small = [0_u64, 1, 2, 127, 128, 129, 256, 511, 512, 513, 1024].map(Scalar::from);
        let powers = [63, 64, 250, 255]
            .map(|power| (0..power).fold(Scalar::ONE, |scalar, _| scalar.double()));
        let half = Scalar::from(2_u64).invert_vartime().unwrap();
        small.into_iter().chain(powers).chain([half]).flat_map(|scalar| [scalar, -scalar]).collect()
    }

    fn assert_same(sum: &Sum, expected: ProjectivePoint) {
        if bool::from(expected.is_identity()) {
            assert!(sum.is_neutral);
            return;
        }
        let Affine { x, y } = Affine::new(&expected.to_affine());
        assert_eq!(x.multiply(&sum.zz), sum.x);
        assert_eq!(y.multiply(&sum.zzz), sum.y);
        assert!(!sum.is_neutral);
    }

    #[test]
    fn sums_of_multiples_are_those_of_the_curve_where_points_coincide_or_cancel() {
        let edges = edges();
        let of_base: Vec<_> = edges.iter().map(|u1| ProjectivePoint::GENERATOR * u1).collect();
        let keys = [1_u64, 2, 128, 512].map(Scalar::from);
        for key in keys.iter().flat_map(|key| [*key, -key]) {
            let point = ProjectivePoint::GENERATOR * key;
            let multiples = Multiples::of(point, KEY_WINDOW);
            for u2 in &edges {
                let of_key = point * u2;
                for (u1, of_base) in edges.iter().zip(&of_base) {
                    let mut sum = Sum::NEUTRAL;
                    BASE.add_multiple(&mut sum, u1);
                    multiples.add_multiple(&mut sum, u2);
                    assert_same(&sum, of_base + &of_key);
                }
            }
        }
    }

    #[test]
    fn r_plus_the_order_is_exact_and_ends_with_256_bits() {
        let zero = FieldBytes::default();
        // n, from SEC 2 §2.4.2.
        let order = [
            0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
            0x25, 0x51,
        ];
        assert_eq!(plus_order(&zero), Some(order.into()));
        assert_eq!(plus_order(&order.into()), None);
    }

    /// A key, the same key in the other library, and a signature that holds for the message.
    fn signed(secret: &Scalar, nonce: &Scalar, message: &[u8]) -> (Key, ParsedPublicKey, [u8; 64]) {
        let public = (ProjectivePoint::GENERATOR * secret).to_affine().to_sec1_point(false);
        let r = (ProjectivePoint::GENERATOR * nonce).to_affine().x();
        let r = <Scalar as Reduce<FieldBytes>>::reduce(&r);
        let z = <Scalar as Reduce<FieldBytes>>::reduce(&sha256(message).into());
        let s = nonce.invert_vartime().unwrap() * (z + r * secret);
        let mut signature = [0; 64];
        let (first, second) = signature.split_at_mut(32);
        first.copy_from_slice(&r.to_repr());
        second.copy_from_slice(&s.to_repr());
        let other = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public.as_bytes()).unwrap();
        (Key::new(public.as_bytes()).unwrap(), other, signature)
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        any::<[u8; 32]>()
            .prop_map(|bytes| <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into()))
            .prop_filter("not zero", |scalar| !bool::from(scalar.is_zero()))
    }

    fn half() -> impl Strategy<Value = Option<[u8; 32]>> {
        let edges: Vec<[u8; 32]> = edges().iter().map(|edge| edge.to_repr().into()).collect();
        prop_oneof![
            4 => Just(None),
            1 => prop::sample::select(edges).prop_map(Some),
            1 => any::<[u8; 32]>().prop_map(Some),
            1 => (0..32_u8).prop_map(|last| {
                // Around the order.
                let mut bytes: [u8; 32] = (-Scalar::ONE).to_repr().into();
                bytes[31] = bytes[31].wrapping_add(last);
                Some(bytes)
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_signature_is_judged_as_by_the_other_library(
            secret in scalar(),
            nonce in scalar(),
            message in prop::collection::vec(any::<u8>(), 0..100),
            changes in prop::collection::vec((half(), half(), any::<Option<(u8, u8)>>()), 8),
        ) {
            let (key, other, signature) = signed(&secret, &nonce, &message);
            prop_assert!(key.verify(&message, &signature));
            for (r, s, flip) in changes {
                let mut changed = signature;
                if let Some(r) = r {
                    changed[..32].copy_from_slice(&r);
                }
                if let Some(s) = s {
                    changed[32..].copy_from_slice(&s);
                }
                if let Some((at, bit)) = flip {
                    changed[usize::from(at % 64)] ^= 1 << (bit % 8);
                }
                let expected = other.verify_sig(&message, &changed).is_ok();
                prop_assert_eq!(key.verify(&message, &changed), expected);
                // The negative of s holds too.
                let negated = Option::<Scalar>::from(Scalar::from_repr(
                    FieldBytes::from(<[u8; 32]>::try_from(&changed[32..]).unwrap()),
                ));
                if let Some(negated) = negated {
                    changed[32..].copy_from_slice(&(-negated).to_repr());
                    let expected = other.verify_sig(&message, &changed).is_ok();
                    prop_assert_eq!(key.verify(&message, &changed), expected);
                }
            }
            for len in [0, 32, 63, 65] {
                let other_length: Vec<u8> = signature.iter().copied().cycle().take(len).collect();
                prop_assert!(!key.verify(&message, &other_length));
            }
        }
    }

    #[test]
    fn a_point_off_the_curve_is_no_key() {
        let mut point =
            ProjectivePoint::GENERATOR.to_affine().to_sec1_point(false).as_bytes().to_vec();
        assert!(Key::new(&point).is_some());
        *point.last_mut().unwrap() ^= 1;
        assert!(Key::new(&point).is_none());
        assert!(Key::new(&[0]).is_none());
    }
}
