use super::*;

/// Key, message and signature of RFC 8032 section 7.4: empty, one octet, 256 octets.
const VECTORS: [(&str, &str, &str); 3] = [
    (
        "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1\
         e50f6cd1fa1abeafe8256180",
        "",
        "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22dd\
         d47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda85\
         30a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
    ),
    (
        "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb\
         82169c235160627b4c3a9480",
        "03",
        "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8c\
         cdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e7\
         99f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
    ),
    (
        "79756f014dcfe2079f5dd9e718be4171e2ef2486a08f25186f6bff43a9936b9bfe12402b08ae65798a3d81e22e\
         9ec80e7690862ef3d4ed3a00",
        "15777532b0bdd0d1389f636c5f6b9ba734c90af572877e2d272dd078aa1e567cfa80e12928bb542330e8409f31\
         74504107ecd5efac61ae7504dabe2a602ede89e5cca6257a7c77e27a702b3ae39fc769fc54f2395ae6a1178cab\
         4738e543072fc1c177fe71e92e25bf03e4ecb72f47b64d0465aaea4c7fad372536c8ba516a6039c3c2a39f0e4d\
         832be432dfa9a706a6e5c7e19f397964ca4258002f7c0541b590316dbc5622b6b2a6fe7a4abffd96105eca76ea\
         7b98816af0748c10df048ce012d901015a51f189f3888145c03650aa23ce894c3bd889e030d565071c59f409a9\
         981b51878fd6fc110624dcbcde0bf7a69ccce38fabdf86f3bef6044819de11",
        "c650ddbb0601c19ca11439e1640dd931f43c518ea5bea70d3dcde5f4191fe53f00cf966546b72bcc7d58be2b9b\
         adef28743954e3a44a23f880e8d4f1cfce2d7a61452d26da05896f0a50da66a239a8a188b6d825b3305ad77b73\
         fbac0836ecc60987fd08527c1a8e80d5823e65cafe2a3d00",
    ),
];

/// The second of section 7.4 with the context "foo".
const WITH_CONTEXT: &str = "d4f8f6131770dd46f40867d6fd5d5055de43541f8c5e35abbcd001b32a89f7d2151f7647f11d8ca2ae279fb842\
    d607217fce6e042f6815ea000c85741de5c8da1144a6a1aba7f96de42505d7a7298524fda538fccbbb754f578c\
    1cad10d54d0d5428407e85dcbc98a49155c13764e66c3c00";

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The order of the base point, little-endian (RFC 8032 section 5.2), as many octets as a number has.
const ORDER: &str = "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7cffffffffffffffffffffffffffffffffff\
     ffffffffffffffffffff3f00";

/// The prime of the field in the same way.
const PRIME: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffff\
     ffffffffffffffffffffff00";

/// The sum of two numbers, little-endian, without what overflows.
fn plus(number: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0_u16;
    let sum = number.iter().zip(other).map(|(a, b)| {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        carry = digit >> 8;
        digit.to_le_bytes()[0]
    });
    sum.collect()
}

#[test]
fn the_vectors_of_the_standard_verify() {
    for (key, message, signature) in VECTORS {
        assert!(is_made_with(&octets(key), &octets(message), &octets(signature)));
    }
    let (key, message, _) = VECTORS[1];
    assert!(!is_made_with(&octets(key), &octets(message), &octets(WITH_CONTEXT)));
}

#[test]
fn any_changed_bit_is_noticed() {
    let (key, message, signature) = VECTORS[1];
    let (key, message, signature) = (octets(key), octets(message), octets(signature));
    let flipped = |octets: &[u8], bit: usize| {
        let mut changed = octets.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    };
    for bit in 0..8 {
        assert!(!is_made_with(&key, &flipped(&message, bit), &signature), "bit {bit} of the message");
    }
    for bit in 0..8 * key.len() {
        assert!(!is_made_with(&flipped(&key, bit), &message, &signature), "bit {bit} of the key");
    }
    for bit in 0..8 * signature.len() {
        assert!(!is_made_with(&key, &message, &flipped(&signature, bit)), "bit {bit} of the signature");
    }
}

#[test]
fn lengths_are_exact() {
    let (key, message, signature) = VECTORS[0];
    let (key, message, signature) = (octets(key), octets(message), octets(signature));
    for length in 0..signature.len() {
        assert!(!is_made_with(&key, &message, &signature[..length]), "{length}");
    }
    assert!(!is_made_with(&key, &message, &[&signature[..], &[0]].concat()));
    for length in 0..key.len() {
        assert!(!is_made_with(&key[..length], &message, &signature), "{length}");
    }
    assert!(!is_made_with(&[&key[..], &[0]].concat(), &message, &signature));
}

#[test]
fn a_number_is_below_the_order() {
    let order = octets(ORDER);
    let below = plus(&order, &octets(&"ff".repeat(LENGTH)));
    assert!(number(&below).is_some());
    assert!(number(&order).is_none());
    let (key, message, signature) = VECTORS[0];
    let (key, message, signature) = (octets(key), octets(message), octets(signature));
    let (commitment, small) = signature.split_at(LENGTH);
    let larger = plus(small, &order);
    assert!(!is_made_with(&key, &message, &[commitment, &larger].concat()));
    // The same number to anyone who reads 56 octets.
    for last in 1..=u8::MAX {
        let mut longer = small.to_vec();
        longer[LENGTH - 1] = last;
        assert!(!is_made_with(&key, &message, &[commitment, &longer].concat()), "{last}");
    }
}

#[test]
fn a_point_has_one_encoding() {
    let one = octets(&format!("01{}", "00".repeat(LENGTH - 1)));
    let zero = vec![0; LENGTH];
    let prime = octets(PRIME);
    let minus_one = plus(&prime, &octets(&"ff".repeat(LENGTH)));
    let signed = |octets: &[u8]| {
        let mut signed = octets.to_vec();
        signed[LENGTH - 1] |= 0x80;
        signed
    };
    // The four points of small order: the neutral one, that of order two, and the two of order four.
    for octets in [&one, &minus_one, &zero, &signed(&zero)] {
        assert!(point(octets).is_some(), "{octets:02x?}");
    }
    // There is no negative zero, and each number is below the prime.
    for octets in [signed(&one), signed(&minus_one), prime.clone(), signed(&prime), plus(&prime, &one)] {
        assert!(point(&octets).is_none(), "{octets:02x?}");
    }
    for low in 1..0x80 {
        let mut octets = one.clone();
        octets[LENGTH - 1] = low;
        assert!(point(&octets).is_none(), "{low}");
    }
}

#[test]
fn keys_of_small_order_count_as_in_the_jvm() {
    let one = octets(&format!("01{}", "00".repeat(LENGTH - 1)));
    // Nothing is 0 * B = neutral + k * neutral.
    let nothing = [&one[..], &[0; LENGTH]].concat();
    assert!(is_made_with(&one, b"any message", &nothing));
    let (key, ..) = VECTORS[0];
    assert!(!is_made_with(&octets(key), b"any message", &nothing));
}
