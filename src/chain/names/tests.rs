use super::*;

fn dns(name: &str) -> ServerName {
    ServerName::Dns(name.to_owned())
}

#[test]
fn names_and_addresses_are_told_apart() {
    assert_eq!(ServerName::parse("Example.org."), Ok(dns("Example.org")));
    assert_eq!(ServerName::parse("[2001:db8::1]"), Ok(ServerName::Ip("2001:db8::1".parse().unwrap())));
    assert_eq!(ServerName::parse("127.0.0.1"), Ok(ServerName::Ip("127.0.0.1".parse().unwrap())));
    assert_eq!(ServerName::parse("a_b.local"), Ok(dns("a_b.local")));
    for bad in ["", ".", "a..b", "b\u{fc}cher.example", "a b", "*.example.org", &"a".repeat(64)] {
        assert!(ServerName::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn rfc_9525_takes_a_wildcard_for_one_leftmost_label() {
    assert!(matches_rfc9525("a.example.org", "*.example.org"));
    assert!(matches_rfc9525("A.EXAMPLE.org", "a.example.ORG"));
    for (name, pattern) in [
        ("a.b.example.org", "*.example.org"),
        ("example.org", "*.example.org"),
        ("example.org", "*.org"),
        ("server.example.org", "s*.example.org"),
        ("server.example.org", "server.*.org"),
        ("server.example.org", "*.*.org"),
        ("x", "*"),
    ] {
        assert!(!matches_rfc9525(name, pattern), "{name} {pattern}");
    }
}

#[test]
fn the_jvm_takes_wildcards_within_labels_and_17_in_every_label() {
    for (name, pattern, in_17, in_25) in [
        ("server.example.org", "s*r.example.org", true, true),
        ("server.example.org", "*erv*.example.org", true, true),
        ("server.example.org", "server.*.org", true, false),
        ("server.example.org", "*.*.org", true, false),
        ("server.example.org", "*.example.*", false, false),
        ("example.org", "*.org", true, true),
        ("a.b.example.org", "*.example.org", false, false),
        ("server.example.org", "server.example.org.", false, false),
        ("server.example.org", "*r*x.example.org", false, false),
    ] {
        assert_eq!(matches_jsse(name, pattern, Wildcards::AnyLabel), in_17, "17: {name} {pattern}");
        assert_eq!(matches_jsse(name, pattern, Wildcards::LeftmostLabel), in_25, "25: {name} {pattern}");
    }
}
