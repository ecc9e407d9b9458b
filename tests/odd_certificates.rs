//! Certificates that parsers disagree on, made octet by octet. The signatures are of no key: who reads a
//! certificate does not check them.

/// Name and DER.
pub type Odd = (String, Vec<u8>);

/// Two lists: the ones of the first list are read by JVMs, those of the second by none.
pub fn all() -> (Vec<Odd>, Vec<Odd>) {
    let named = |list: Vec<(&str, Fields)>| -> Vec<Odd> {
        list.into_iter().map(|(name, fields)| (name.to_owned(), fields.certificate())).collect()
    };
    let mut read = named(vec![
        ("plain", Fields::new()),
        ("serial of 251 octets", Fields { serial: tlv(2, &[0x11; 251]), ..Fields::new() }),
        ("negative serial", Fields { serial: tlv(2, &[0xb3]), ..Fields::new() }),
        ("version 1", Fields { version: Vec::new(), extensions: Vec::new(), ..Fields::new() }),
        ("version 4", Fields { version: version(3), extensions: Vec::new(), ..Fields::new() }),
        ("unknown critical", Fields::extended(&[extension(&[0x2a, 3], true, &NULL)])),
        ("broken, not critical", Fields::extended(&[extension(&[0x55, 29, 17], false, &NULL)])),
        ("constraints of length", Fields::extended(&[constraints(&[0x7f, 0xff, 0xff, 0xff])])),
        (
            "empty subject and critical names",
            Fields { subject: tlv(0x30, &[]), ..Fields::extended(&[names(true)]) },
        ),
        (
            "empty subject without extensions",
            Fields { subject: tlv(0x30, &[]), extensions: Vec::new(), ..Fields::new() },
        ),
        ("point off the curve", Fields::ec(&P256, &[&[4][..], &[1; 64]].concat())),
        ("Ed25519", Fields::key(&[0x2b, 0x65, 0x70], &[], &[7; 32])),
        ("X448", Fields::key(&[0x2b, 0x65, 0x6f], &[], &[7; 56])),
        ("Diffie-Hellman", Fields::key(&DH, &tlv(0x30, &numbers(&[&[23], &[5], &[4]])), &tlv(2, &[8]))),
        ("X9.42 in PKCS3's form", Fields::key(&X942, &tlv(0x30, &numbers(&[&[23], &[5]])), &tlv(2, &[8]))),
        ("unknown key", Fields::key(&[0x2a, 3, 4], &NULL, b"abc")),
        ("RSA 512", Fields::rsa(512, &[3])),
        ("RSA 505", Fields::rsa(505, &[3])),
        ("RSA 16384", Fields::rsa(16_384, &[1, 0, 1])),
        ("RSA 3072 with a long exponent", Fields::rsa(3072, &[1; 100])),
        ("RSA 4096 with 64 bits", Fields::rsa(4096, &[0, 0xff, 1, 1, 1, 1, 1, 1, 1])),
        ("NULL on one side", Fields { inner: algorithm(&NULL), ..Fields::new() }),
    ]);
    let mut unread = named(vec![
        ("empty serial", Fields { serial: tlv(2, &[]), ..Fields::new() }),
        ("version 1 with extensions", Fields { version: Vec::new(), ..Fields::new() }),
        (
            "version 1 with an identifier",
            Fields { version: Vec::new(), extensions: tlv(0x81, &[0, 1]), ..Fields::new() },
        ),
        ("version 2 with extensions", Fields { version: version(1), ..Fields::new() }),
        ("empty issuer", Fields { issuer: tlv(0x30, &[]), ..Fields::new() }),
        ("empty subject", Fields { subject: tlv(0x30, &[]), ..Fields::new() }),
        (
            "empty subject, names not critical",
            Fields { subject: tlv(0x30, &[]), ..Fields::extended(&[names(false)]) },
        ),
        ("two extensions of a kind", Fields::extended(&[names(false), names(false)])),
        ("broken constraints", Fields::extended(&[extension(&[0x55, 29, 19], true, &NULL)])),
        ("constraints too long", Fields::extended(&[constraints(&[0, 0x80, 0, 0, 0])])),
        ("broken key usage", Fields::extended(&[extension(&[0x55, 29, 15], true, &tlv(4, b"a"))])),
        ("broken name constraints", Fields::extended(&[extension(&[0x55, 29, 30], true, b"xx")])),
        ("algorithms differ", Fields { inner: tlv(0x30, &tlv(6, &[0x2a, 3])), ..Fields::new() }),
        ("X9.42", Fields::key(&X942, &tlv(0x30, &numbers(&[&[23], &[5], &[0x11; 5]])), &tlv(2, &[8]))),
        (
            "X9.42 with j",
            Fields::key(&X942, &tlv(0x30, &numbers(&[&[23], &[5], &[11], &[2]])), &tlv(2, &[8])),
        ),
        ("SM2", Fields::ec(&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d], &[&[4][..], &[1; 64]].concat())),
        ("implicit curve", Fields::key(&EC, &NULL, &[&[4][..], &[1; 64]].concat())),
        ("no curve", Fields::key(&EC, &[], &[&[4][..], &[1; 64]].concat())),
        ("explicit curve", Fields::key(&EC, &tlv(0x30, &tlv(2, &[1])), &[&[4][..], &[1; 64]].concat())),
        ("compressed point", Fields::ec(&P256, &[&[2][..], &[1; 32]].concat())),
        ("short point", Fields::ec(&P256, &[&[4][..], &[1; 62]].concat())),
        ("short Ed25519", Fields::key(&[0x2b, 0x65, 0x70], &[], &[7; 31])),
        ("long X25519", Fields::key(&[0x2b, 0x65, 0x6e], &[], &[7; 33])),
        ("short Ed448", Fields::key(&[0x2b, 0x65, 0x71], &[], &[7; 56])),
        ("RSA 504", Fields::rsa(504, &[3])),
        ("RSA 16385", Fields::rsa(16_385, &[3])),
        ("RSA with exponent 1", Fields::rsa(2048, &[1])),
        ("RSA with an exponent above the modulus", Fields::rsa(1024, &[0x7f; 129])),
        ("RSA 4096 with 65 bits", Fields::rsa(4096, &[1, 1, 1, 1, 1, 1, 1, 1, 1])),
        ("broken RSA", Fields::key(&RSA, &NULL, b"xx")),
    ]);
    // The curves of sun.security.util.CurveDB, by the last arc of their numbers, with the octets of a coordinate.
    let ansi = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3];
    let families: [Family<'_>; 4] = [
        (&[&ansi[..], &[0]].concat(), &[(5, 24), (11, 30), (18, 45), (20, 54)]),
        (&[&ansi[..], &[1]].concat(), &[(1, 24), (3, 24), (4, 30), (6, 30), (7, 32)]),
        (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1], &[(1, 20), (3, 24), (5, 28), (7, 32), (9, 40), (11, 48), (13, 64)]),
        (&[0x2b, 0x81, 4, 0], &[(1, 21), (4, 15), (6, 14), (10, 32), (16, 36), (34, 48), (35, 66), (38, 72)]),
    ];
    for (family, curves) in families {
        for (arc, octets) in curves {
            let curve = [family, &[*arc]].concat();
            let point = |octets: usize| [&[4][..], &vec![1; 2 * octets]].concat();
            let name = |what: &str| format!("curve {family:02x?} {arc}{what}");
            read.push((name(""), Fields::ec(&curve, &point(*octets)).certificate()));
            unread.push((name(", short"), Fields::ec(&curve, &point(octets - 1)).certificate()));
        }
        let unknown = [family, &[120]].concat();
        unread.push((format!("curve {family:02x?} 120"), Fields::ec(&unknown, &[4; 65]).certificate()));
    }
    (read, unread)
}

/// The number of a family of curves without its last arc; those arcs, and octets.
type Family<'a> = (&'a [u8], &'a [(u8, usize)]);

const NULL: [u8; 2] = [5, 0];
const DH: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01];
const X942: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3e, 0x02, 0x01];
const EC: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

/// The fields of a certificate that vary, encoded.
struct Fields {
    version: Vec<u8>,
    serial: Vec<u8>,
    inner: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    key: Vec<u8>,
    extensions: Vec<u8>,
}

impl Fields {
    fn new() -> Self {
        let name = tlv(0x30, &tlv(0x31, &tlv(0x30, &[tlv(6, &[0x55, 4, 3]), tlv(12, b"odd")].concat())));
        let key = tlv(0x30, &[tlv(6, &[0x2b, 0x65, 0x70])].concat());
        Self {
            version: version(2),
            serial: tlv(2, &[5]),
            inner: algorithm(&[]),
            issuer: name.clone(),
            subject: name,
            key: tlv(0x30, &[key, tlv(3, &[&[0][..], &[9; 32]].concat())].concat()),
            extensions: tlv(0xa3, &tlv(0x30, &constraints(&[3]))),
        }
    }

    fn extended(extensions: &[Vec<u8>]) -> Self {
        Self { extensions: tlv(0xa3, &tlv(0x30, &extensions.concat())), ..Self::new() }
    }

    fn key(algorithm: &[u8], parameters: &[u8], bits: &[u8]) -> Self {
        let algorithm = tlv(0x30, &[&tlv(6, algorithm)[..], parameters].concat());
        let key = tlv(0x30, &[algorithm, tlv(3, &[&[0][..], bits].concat())].concat());
        Self { key, ..Self::new() }
    }

    fn ec(curve: &[u8], point: &[u8]) -> Self {
        Self::key(&EC, &tlv(6, curve), point)
    }

    /// A modulus of this many bits.
    fn rsa(bits: usize, exponent: &[u8]) -> Self {
        let mut modulus = vec![0x11; bits.div_ceil(8)];
        modulus[0] = 1 << ((bits - 1) % 8);
        if modulus[0] == 0x80 {
            modulus.insert(0, 0);
        }
        Self::key(&RSA, &NULL, &tlv(0x30, &[tlv(2, &modulus), tlv(2, exponent)].concat()))
    }

    fn certificate(self) -> Vec<u8> {
        let date = |year: &str| tlv(0x17, format!("{year}0101000000Z").as_bytes());
        let validity = tlv(0x30, &[date("24"), date("44")].concat());
        let fields = [
            self.version,
            self.serial,
            self.inner,
            self.issuer,
            validity,
            self.subject,
            self.key,
            self.extensions,
        ];
        tlv(0x30, &[tlv(0x30, &fields.concat()), algorithm(&[]), tlv(3, &[0, 1, 2])].concat())
    }
}

/// The version field: 0 for version 1.
fn version(number: u8) -> Vec<u8> {
    tlv(0xa0, &tlv(2, &[number]))
}

/// SHA256withRSA with these parameters.
fn algorithm(parameters: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11])[..], parameters].concat())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tlv(1, &[0xff]) } else { Vec::new() };
    tlv(0x30, &[tlv(6, oid), critical, tlv(4, value)].concat())
}

/// Critical basic constraints of a CA.
fn constraints(path_length: &[u8]) -> Vec<u8> {
    extension(&[0x55, 29, 19], true, &tlv(0x30, &[tlv(1, &[0xff]), tlv(2, path_length)].concat()))
}

/// One DNS name.
fn names(critical: bool) -> Vec<u8> {
    extension(&[0x55, 29, 17], critical, &tlv(0x30, &tlv(0x82, b"odd.test")))
}

fn numbers(numbers: &[&[u8]]) -> Vec<u8> {
    numbers.iter().flat_map(|number| tlv(2, number)).collect()
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}
