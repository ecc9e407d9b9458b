use super::*;

fn shown(text: &str) -> String {
    Target::parse(text).unwrap().to_string()
}

#[test]
fn every_usual_spelling_is_a_target() {
    for (text, expected) in [
        ("example.org", "example.org:443"),
        ("example.org:8443", "example.org:8443"),
        (" Example.ORG:8443\r\n", "example.org:8443"),
        ("example.org.", "example.org.:443"),
        ("https://example.org", "example.org:443"),
        ("HTTPS://example.org:8999/oidc/token?x=1#top", "example.org:8999"),
        ("https://[::1]:8443/", "[::1]:8443"),
        ("[::1]:8443", "[::1]:8443"),
        ("[::1]", "[::1]:443"),
        ("::1", "[::1]:443"),
        ("2001:db8::8443", "[2001:db8::8443]:443"),
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("my_host", "my_host:443"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example:443"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn the_resource_of_an_address_is_kept() {
    let resource = |text| Target::parse(text).unwrap().resource().map(str::to_owned);
    assert_eq!(resource("https://h/oidc/token?x=1#top").as_deref(), Some("/oidc/token?x=1"));
    assert_eq!(resource("https://h?x=/1").as_deref(), Some("/?x=/1"));
    assert_eq!(resource("https://h").as_deref(), Some("/"));
    assert_eq!(resource("h"), None);
}

#[test]
fn what_is_no_target_is_refused_for_its_reason() {
    let error = |text: &str| Target::parse(text).unwrap_err().to_string();
    for (text, part) in [
        ("", "empty"),
        ("  \t", "empty"),
        ("http://h/", "plain http"),
        ("gopher://h", "not gopher://"),
        ("h/path", "has a path"),
        (":443", "it is empty"),
        ("h:", "no port"),
        ("h:0", "no port"),
        ("h:+1", "no port"),
        ("h:65536", "no port"),
        ("h:https", "no port"),
        ("a..b", "label is empty"),
        ("-a", "hyphen"),
        ("a b", "only letters"),
        ("b\u{fc}cher.example", "xn--"),
        ("8443", "ends in a number"),
        ("127.1", "ends in a number"),
        ("[::1", "[address]:port"),
        ("[::1]8443", "[address]:port"),
        ("::g", "IPv6"),
        ("fe80::1%eth0", "zones"),
        ("https://", "it is empty"),
    ] {
        assert!(error(text).contains(part), "{text}: {}", error(text));
    }
    assert!(error(&"a.".repeat(200)).contains("253"));
    assert!(error(&"a".repeat(64)).contains("63"));
}

#[test]
fn credentials_are_refused_and_not_repeated() {
    for text in ["https://user:secret@h/", "http://user:secret@h/", "user:secret@h"] {
        let error = Target::parse(text).unwrap_err();
        assert_eq!(error, TargetError::Credentials);
        assert!(!error.to_string().contains("secret"));
    }
}

#[test]
fn control_characters_do_not_reach_the_message() {
    let error = Target::parse("a\u{1b}[2Jb").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error:?}");
}

#[test]
fn a_list_skips_blanks_and_comments() {
    let list =
        "\u{feff}# servers\r\n\r\none.example\r\n  two.example:8443  # the second\r\n\t# more\nthree.example";
    let shown: Vec<String> = targets_from_list(list).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["one.example:443", "two.example:8443", "three.example:443"]);
}

#[test]
fn a_list_names_the_line_of_its_error() {
    let error = targets_from_list("one.example\n\n# two\nhttp://three.example\n").unwrap_err();
    assert_eq!(error.line, 4);
    assert!(error.to_string().starts_with("line 4: "), "{error}");
}
