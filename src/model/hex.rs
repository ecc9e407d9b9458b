//! Octets in hex.

/// Two lower-case digits for each octet. In one piece: octet by octet through the formatting, the digits of a
/// fingerprint took longer than its hash.
pub(crate) fn lower(octets: &[u8]) -> String {
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 0xf]);
    let mut text = String::with_capacity(octets.len().saturating_mul(2));
    text.extend(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)));
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_stand_high_before_low() {
        assert_eq!(super::lower(&[0x00, 0x1f, 0xa0, 0xff]), "001fa0ff");
    }
}
