use super::*;

fn place(address: &str) -> Place {
    Place::parse(address).unwrap()
}

#[test]
fn addresses_are_taken_apart_and_put_together() {
    for (address, uri) in [
        ("http://a.example/ca.cer", "http://a.example/ca.cer"),
        ("HTTP://A.example:8080", "http://a.example:8080/"),
        ("http://[2001:db8::1]/x?y#z", "http://[2001:db8::1]:80/x?y"),
        ("http://a.example/My CA\u{e9}.crt", "http://a.example/My%20CA%C3%A9.crt"),
        ("http://a.example/a%20b", "http://a.example/a%20b"),
        ("http://a.example/x\r\nHost: b", "http://a.example/x%0D%0AHost:%20b"),
    ] {
        assert_eq!(place(address).uri(), uri, "{address}");
    }
}

#[test]
fn other_schemes_are_not_followed() {
    for address in ["https://a/", "ldap:///CN=x", "file:///etc/passwd", "mailto:a", "ftp://a/"] {
        assert_eq!(Place::parse(address), Err(DownloadError::Scheme), "{address}");
    }
    assert!(matches!(Place::parse("ca.cer"), Err(DownloadError::Address(_))));
    assert!(matches!(Place::parse("http://u:p@a/"), Err(DownloadError::Address(_))));
}

#[test]
fn redirects_lead_where_rfc_3986_says() {
    let from = place("http://a.example/one/two?q");
    for (location, uri) in [
        ("http://b.example/x", "http://b.example/x"),
        ("//b.example/x", "http://b.example/x"),
        ("/x", "http://a.example/x"),
        ("x", "http://a.example/one/x"),
        ("/x?u=http://c/", "http://a.example/x?u=http://c/"),
    ] {
        assert_eq!(from.follow(location).unwrap().uri(), uri, "{location}");
    }
    assert_eq!(
        from.follow("https://b.example/").unwrap_err().to_string(),
        "a redirect to https, and only http is followed"
    );
}

#[test]
fn a_local_address_is_refused_in_every_disguise() {
    let bounds = Bounds { bytes: 1, redirects: 0, time: Duration::from_secs(5), reach: AiaReach::default() };
    for address in [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://localhost/",
    ] {
        assert!(
            matches!(download(address, bounds, &WayOut::default()), Err(DownloadError::Local { .. })),
            "{address}"
        );
    }
}
