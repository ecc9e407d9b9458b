//! Every bound on outside data, with its default and its reason. Nothing is allocated by a length that
//! was not held against one of these.

use std::time::Duration;

/// Bytes of one input file (a keystore, a PEM bundle). A store of 100,000 certificates has about 150 MB.
pub const FILE_BYTES: u64 = 512 * 1024 * 1024;

/// Bytes of a password file or of one line on a descriptor; a longer one is no password.
pub const PASSWORD_BYTES: usize = 4096;

/// Entries of one keystore.
pub const ENTRIES: usize = 200_000;

/// Certificates in the chain of one key entry. Java reads whatever the file says; no path is that long.
pub const ENTRY_CHAIN: usize = 1_000;

/// Bytes of an alias. Java's `writeUTF` cannot write more.
pub const ALIAS_BYTES: usize = 65_535;

/// Bytes of the label of a PEM block. The longest in use, `NEW CERTIFICATE REQUEST`, has 23.
pub const PEM_LABEL_BYTES: usize = 128;

/// Nesting of ASN.1 values. PKCS12 needs about 12; BoringSSL has a good file whose strings come in pieces of
/// pieces, 200 deep.
pub const ASN1_DEPTH: usize = 256;

/// Iterations of one key derivation, as `sun.security.pkcs12.PKCS12KeyStore.MAX_ITERATION_COUNT`.
pub const ITERATIONS: u64 = 5_000_000;

/// Iterations that the MAC and the encrypted parts of one file may cost together, counted before any is done:
/// four derivations of the most that one may have. Real files have two or three of at most 600,000.
pub const ITERATIONS_TO_OPEN: u64 = 20_000_000;

/// Iterations that one file may cost altogether, its keys too, so that they do not add up to minutes.
///
/// As far as an honest store goes: 200 keys at the 600,000 iterations that OWASP advises and NSS does take
/// 120 million; 200 keys of JCEKS at Java's 200,000 take 40, 200 of JDK 8's PKCS12 (three blocks of 50,000
/// each) 30. An HMAC over SHA-384 or SHA-512 counts twice, since it takes twice the time; so counted, the
/// whole of it takes some 15 seconds where the processor has instructions for SHA, and less than a minute
/// without.
pub const ITERATIONS_PER_FILE: u64 = 125_000_000;

/// Bytes of memory of one scrypt. OpenSSL refuses more than 32 MiB; N = 32768 with r = 8 needs a little more.
pub const SCRYPT_BYTES: u64 = 40 * 1024 * 1024;

/// Octets of a key or vector that one key derivation may yield. An HMAC key of a PBMAC1 has 64 at most.
pub const DERIVED_OCTETS: usize = 128;

/// The shortest key that a PBMAC1 may have, in octets (RFC 9879 section 9): a shorter one can be guessed.
pub const PBMAC1_KEY_OCTETS: usize = 20;

/// Octets of salt that a file may bring. Real ones have 8 to 32.
pub const SALT_OCTETS: usize = 1024;

/// Certificates that are taken from a handshake.
pub const PRESENTED_CERTIFICATES: usize = 100;

/// Signature checks of one path search.
pub const SIGNATURE_CHECKS: usize = 500;

/// Bits of an RSA modulus with which a signature is checked; OpenSSL's bound, and some 10 ms a check.
pub const RSA_BITS: usize = 16_384;

/// Partial paths that one path search may look at.
pub const PATH_STEPS: usize = 20_000;

/// Partial paths that are looked at to say why no path will do.
pub const EXPLAINED_STEPS: usize = 500;

/// Paths that a verdict tells of as refused, each with its reason.
pub const EXPLAINED_PATHS: usize = 16;

/// Comparisons of a name with a name constraint in one path, as webpki has it. Constraints and names are
/// both the work of others, and multiply.
pub const NAME_COMPARISONS: usize = 250_000;

/// Certificates of one path, the trust anchor included.
pub const PATH_LENGTH: usize = 12;

/// Bytes of one answer to an AIA request. The largest PKCS7 bundles of public CAs have some 100 kB.
pub const AIA_BYTES: u64 = 1024 * 1024;

/// AIA requests for one subject, redirects not counted.
pub const AIA_REQUESTS: usize = 8;

/// Redirects of one AIA request.
pub const AIA_REDIRECTS: usize = 3;

/// Certificates taken from one AIA answer.
pub const AIA_CERTIFICATES: usize = 20;

/// Time of one AIA request with its redirects.
pub const AIA_TIME: Duration = Duration::from_secs(10);

/// Time to connect and finish a handshake, unless `--timeout` says otherwise.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// The longest time-out that counts; more would overflow clocks and wait for nobody.
pub const TIME_MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes of a handshake, in both directions: `PRESENTED_CERTIFICATES` of generous size.
pub const HANDSHAKE_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of one handshake message that keyward reads itself. A hundred certificates have some 200 kB; a list of the
/// names of all public CAs has 20 kB.
pub const HANDSHAKE_MESSAGE_BYTES: usize = 1024 * 1024;

/// Records of one handshake that keyward reads itself. Some old stacks send 512 bytes a record, and a hostile one
/// a byte.
pub const HANDSHAKE_RECORDS: usize = 100_000;

/// Empty records and alerts of the level "warning" in one handshake; OpenSSL takes five warnings.
pub const IDLE_RECORDS: usize = 32;

/// Names of authorities that a server may list for client certificates. The list has two octets for its length,
/// and a name at least two for its own and two of content.
pub const REQUESTED_AUTHORITIES: usize = 20_000;

/// Time to wait for the answer to the HTTP request of `--path`.
pub const REQUEST_TIME: Duration = Duration::from_secs(5);

/// Bytes that a server may say before TLS begins (STARTTLS). The longest greetings and lists of features have
/// some 4 kB.
pub const STARTTLS_BYTES: usize = 32 * 1024;

/// Characters of a peer's words that a message repeats.
pub const PEER_WORDS: usize = 200;

/// Bytes of a proxy's answer to CONNECT, its headers included.
pub const PROXY_ANSWER_BYTES: usize = 16 * 1024;

/// Time after which the next address of a host is tried beside those that have not answered (RFC 8305
/// section 5: 250 ms are recommended).
pub const CONNECT_STAGGER: Duration = Duration::from_millis(250);

/// Names whose addresses are kept during one call, so that each is asked for once.
pub const RESOLVED_NAMES: usize = 20_000;

/// Targets by which the slowest may hold up what is handed over in order: so many results wait at most.
pub const WAITING_RESULTS: usize = 1_024;

/// Bytes of one line of a list of targets.
pub const LIST_LINE_BYTES: usize = 4_096;

/// Handshakes under way at once, unless `--jobs` says otherwise.
pub const JOBS: usize = 16;

/// The most that `--jobs` may ask for: each job is a thread.
pub const JOBS_MOST: usize = 512;

/// Time to wait for another process's lock on a keystore.
pub const LOCK_TIME: Duration = Duration::from_secs(30);

/// Time after which a person is told that a lock is being waited for.
pub const LOCK_SILENCE: Duration = Duration::from_secs(1);

/// How often a file is read that changes while it is read, before it is left to who writes it.
pub const READS: usize = 8;

/// Symbolic links that are followed from a path to its file, as Linux does (`path_resolution(7)`).
pub const SYMBOLIC_LINKS: usize = 40;

/// Names that are tried for a temporary file, and numbers for a backup.
pub const FILE_NAMES: u32 = 1_000;

/// Names of a folder that are looked at for temporary files of stopped processes.
pub const FOLDER_NAMES: usize = 20_000;

/// Bytes of the extended attributes of a file: of their list, and of each value (`xattr(7)`).
pub const ATTRIBUTE_BYTES: usize = 65_536;

/// Addresses of one host that are tried; a resolver may name hundreds.
pub const HOST_ADDRESSES: usize = 16;

/// Time to wait, once a TLS 1.3 handshake is through, for the server's word on a missing client
/// certificate (RFC 8446 section 4.4.2.4: it comes after the handshake). A round trip, generously.
pub const CLIENT_CERTIFICATE_TIME: Duration = Duration::from_secs(1);

/// Bytes of a peer's first words that are kept to show when they are no TLS.
pub const FIRST_WORDS: usize = 256;

/// AIA addresses whose answers are kept during one run.
pub const AIA_ANSWERS: usize = 1_000;

/// Connections that one server of the demo or the tests holds open at once.
pub const SERVED_CONNECTIONS: usize = 128;

/// Time that one connection to a server of the demo or the tests may last.
pub const SERVED_TIME: Duration = Duration::from_secs(30);

/// Bytes of a CRL that is downloaded. The largest in use have some 40 MB.
pub const CRL_BYTES: u64 = 64 * 1024 * 1024;

/// Time of the download of one CRL with its redirects.
pub const CRL_TIME: Duration = Duration::from_secs(30);

/// Bytes of an OCSP answer: a response, and some certificates.
pub const OCSP_BYTES: u64 = 256 * 1024;

/// Time of one OCSP request with its redirects.
pub const OCSP_TIME: Duration = Duration::from_secs(10);

/// Certificates, and statuses of certificates, that are taken from one OCSP answer.
pub const OCSP_PARTS: usize = 64;

/// CRLs and OCSP answers that are asked for on behalf of one subject, redirects not counted.
pub const REVOCATION_REQUESTS: usize = 16;

/// Keys of an issuer with several that are tried on the signature of one CRL.
pub const CRL_SIGNERS: usize = 8;

/// Time of all that is asked about revocation on behalf of one subject.
pub const REVOCATION_TIME: Duration = Duration::from_secs(60);

/// How far the clock of a responder or of an issuer of CRLs may be off, as `openssl ocsp` has it.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// How long an OCSP answer counts that does not say when there will be newer news, as mozilla::pkix has it.
pub const OCSP_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Characters of a distinguished name that a person types. The attributes that X.520 knows have 64 to 32,768 each;
/// no name in use comes near.
pub const NAME_CHARACTERS: usize = 8_192;

/// Days that a placeholder for a certificate may be valid: keytool has no bound, and ten years outlast any CA.
pub const PLACEHOLDER_DAYS: u32 = 3_650;
/// Bytes of a server's answer that are read to learn what it makes of a client's certificate.
pub const PROBE_BYTES: usize = 4_096;

/// Time of silence after which a server that is only listened to is taken to go on (`identity try --hold`).
pub const HOLD_TIME: Duration = Duration::from_secs(3);

/// Connections that `identity listen` holds open at once; the oldest that has not shaken hands yields to a newcomer.
pub const LISTENED_CONNECTIONS: usize = 256;

/// Time that a client has for its handshake with `identity listen`.
pub const LISTENED_HANDSHAKE: Duration = Duration::from_secs(10);

/// Time that a client has for its request once it has shaken hands with `identity listen`.
pub const LISTENED_REQUEST: Duration = Duration::from_secs(10);

/// Bytes of a request that `identity listen` reads and forgets.
pub const LISTENED_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that are read of a JDK's file `release`, which has some hundred.
pub const JAVA_RELEASE_BYTES: u64 = 64 * 1024;
