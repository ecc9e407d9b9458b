//! The servers that `openssl s_client` reaches, reached by keyward: each chain is the one that openssl shows.

use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::daemons::{Daemon, Site, as_user, free_port, superuser};
use crate::doubles::PROTOCOLS;
use crate::fetched::{fails, fetched, fingerprints};
use crate::keyward::Keyward;
use crate::peers::program;

/// SHA-256 of each certificate that openssl prints.
fn openssl_shows(port: u16, start_tls: Option<&str>) -> Vec<String> {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-showcerts", "-connect", &format!("localhost:{port}")]);
    if let Some(protocol) = start_tls {
        command.args(["-starttls", protocol, "-name", "localhost"]);
    }
    let output = command.stdin(Stdio::null()).output().expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let in_hex = |der: &Vec<u8>| Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
    certificates_in(&text).iter().map(in_hex).collect()
}

/// The certificates that openssl prints as PEM, among other things.
pub fn certificates_in(text: &str) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let body: String = block.split("-----END").next().unwrap_or_default().split_whitespace().collect();
        shown.push(STANDARD.decode(body).expect("PEM"));
    }
    shown
}

/// Both show the same chain, of two certificates at least where the server was given two.
fn agree(port: u16, start_tls: Option<&str>) {
    let by_openssl = openssl_shows(port, start_tls);
    assert!(!by_openssl.is_empty(), "openssl reaches {start_tls:?} at {port}");
    let target = format!("localhost:{port}");
    let told = match start_tls {
        Some(protocol) => fetched(&target, &["--starttls", protocol], 0),
        None => fetched(&target, &[], 0),
    };
    assert_eq!(fingerprints(&told), by_openssl, "{start_tls:?}");
    assert_eq!(told["starttls"].as_str(), start_tls);
    assert_eq!(told["key_proved"], true, "{told}");
    if let Some(protocol) = start_tls {
        let told = fetched(&format!("{protocol}://{target}"), &[], 0);
        assert_eq!(fingerprints(&told), by_openssl, "{protocol}://");
    }
    println!("{}: {} certificates, as openssl shows them", start_tls.unwrap_or("tls"), by_openssl.len());
}

/// A refusal, with some of the server's words.
fn refused(port: u16, protocol: &str, id: &str, words: &str) {
    fails(&format!("localhost:{port}"), &["--starttls", protocol], id, words);
}

/// The doubles of `tests/cli`, by which all 14 protocols are held against openssl: nntp and telnet have no server in
/// Debian that is easily started.
pub fn doubles() {
    for protocol in PROTOCOLS {
        let target = crate::doubles::server(protocol, &["localhost", "issuing"]);
        let port = target.strip_prefix("localhost:").and_then(|port| port.parse().ok()).expect("a port");
        agree(port, Some(protocol));
    }
}

pub fn postfix() {
    let (site, port) = (Site::new(), free_port());
    site.folder("queue");
    site.folder("data");
    site.give_to("data", "postfix");
    let folder = site.folder("postfix");
    site.file(
        "postfix/main.cf",
        "compatibility_level = 3.6\nqueue_directory = @/queue\ndata_directory = @/data\nmail_owner = postfix\n\
         setgid_group = postdrop\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = localhost\n\
         local_recipient_maps =\nalias_maps =\nmaillog_file = /dev/stdout\n\
         smtpd_tls_chain_files = @/localhost.key @/localhost-chain.pem\nsmtpd_tls_security_level = may\n",
    );
    site.file(
        "postfix/master.cf",
        &format!(
            "127.0.0.1:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n\
             anvil unix - - n - 1 anvil\ntlsmgr unix - - n 1000? 1 tlsmgr\n\
             proxymap unix - - n - - proxymap\nrewrite unix - - n - - trivial-rewrite\n"
        ),
    );
    let _server = Daemon::start(&site, "postfix", &["-c", &folder, "start-fg"], &[port]);
    agree(port, Some("smtp"));
}

pub fn dovecot() {
    let site = Site::new();
    let ports = [free_port(), free_port(), free_port(), free_port()];
    let [imap, pop3, sieve, lmtp] = ports;
    for (tls, name) in [(true, "with"), (false, "without")] {
        site.folder(name);
        let ssl = if tls { "yes" } else { "no" };
        let configuration = site.file(
            &format!("{name}.conf"),
            &format!(
                "base_dir = @/{name}/run\nstate_dir = @/{name}/state\nlog_path = @/{name}/log\n\
                 protocols = imap pop3 lmtp sieve\nlisten = 127.0.0.1\nssl = {ssl}\n\
                 ssl_cert = <@/localhost-chain.pem\nssl_key = <@/localhost.key\nmail_location = maildir:@/mail\n\
                 passdb {{\n driver = static\n args = password=x\n}}\n\
                 userdb {{\n driver = static\n args = uid=65534 gid=65534 home=@\n}}\n\
                 service imap-login {{\n inet_listener imap {{\n  port = {imap}\n }}\n\
                 \x20inet_listener imaps {{\n  port = 0\n }}\n}}\n\
                 service pop3-login {{\n inet_listener pop3 {{\n  port = {pop3}\n }}\n\
                 \x20inet_listener pop3s {{\n  port = 0\n }}\n}}\n\
                 service managesieve-login {{\n inet_listener sieve {{\n  port = {sieve}\n }}\n}}\n\
                 service lmtp {{\n inet_listener lmtp {{\n  address = 127.0.0.1\n  port = {lmtp}\n }}\n}}\n"
            ),
        );
        let _server = Daemon::start(&site, "dovecot", &["-F", "-c", &configuration], &ports);
        for (port, protocol) in [(imap, "imap"), (pop3, "pop3"), (sieve, "sieve"), (lmtp, "lmtp")] {
            if tls {
                agree(port, Some(protocol));
            } else {
                refused(port, protocol, "starttls-refused", "the server refused: \"");
            }
        }
    }
}

pub fn slapd() {
    let (site, port) = (Site::new(), free_port());
    let configuration = site.file(
        "slapd.conf",
        "pidfile @/slapd.pid\nTLSCertificateFile @/localhost-chain.pem\nTLSCertificateKeyFile @/localhost.key\n\
         TLSCACertificateFile @/issuing.pem\nTLSVerifyClient never\ndatabase config\n",
    );
    let url = format!("ldap://127.0.0.1:{port}");
    let _server = Daemon::start(&site, "slapd", &["-d", "0", "-f", &configuration, "-h", &url], &[port]);
    agree(port, Some("ldap"));
    let (site, port) = (Site::new(), free_port());
    let configuration = site.file("slapd.conf", "pidfile @/slapd.pid\ndatabase config\n");
    let url = format!("ldap://127.0.0.1:{port}");
    let _server = Daemon::start(&site, "slapd", &["-d", "0", "-f", &configuration, "-h", &url], &[port]);
    refused(port, "ldap", "starttls-refused", "protocolError (2): unsupported extended operation");
}

pub fn postgresql() {
    let (site, port) = (Site::new(), free_port());
    let user = superuser().then_some("postgres");
    site.folder("pg");
    site.file("pg.key", &std::fs::read_to_string(site.path("localhost.key")).expect("a key"));
    std::fs::set_permissions(site.path("pg.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    if let Some(user) = user {
        site.give_to("pg", user);
        site.give_to("pg.key", user);
    }
    let data = site.text("pg/data");
    let initdb = program("initdb").expect("initdb comes with PostgreSQL");
    let made =
        as_user(user, &initdb).args(["-D", &data, "-A", "trust", "--no-sync"]).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("ssl_cert_file={}", site.text("localhost-chain.pem")),
        format!("ssl_key_file={}", site.text("pg.key")),
    ];
    for ssl in ["ssl=on", "ssl=off"] {
        let mut arguments = vec!["-D", &data, "-c", ssl];
        for setting in &settings {
            arguments.extend(["-c", setting]);
        }
        let _server = Daemon::start_as(user, &site, "postgres", &arguments, &[port]);
        if ssl == "ssl=on" {
            agree(port, Some("postgres"));
        } else {
            refused(port, "postgres", "starttls-refused", "does not offer TLS");
        }
    }
}

pub fn mariadb() {
    for tls in [true, false] {
        let (site, port) = (Site::new(), free_port());
        let data = format!("--datadir={}", site.folder("data"));
        let socket = format!("--socket={}", site.text("sock"));
        let pid = format!("--pid-file={}", site.text("pid"));
        let port_option = format!("--port={port}");
        let chain = format!("--ssl-cert={}", site.text("localhost-chain.pem"));
        let key = format!("--ssl-key={}", site.text("localhost.key"));
        let mut arguments = vec![
            "--no-defaults",
            &data,
            &socket,
            &pid,
            &port_option,
            "--bind-address=127.0.0.1",
            "--skip-grant-tables",
            "--skip-innodb",
            "--default-storage-engine=MyISAM",
            "--skip-log-bin",
        ];
        if superuser() {
            arguments.push("--user=root");
        }
        if tls {
            arguments.extend([chain.as_str(), &key]);
        }
        let _server = Daemon::start(&site, "mariadbd", &arguments, &[port]);
        if tls {
            agree(port, Some("mysql"));
        } else {
            refused(port, "mysql", "starttls-refused", "MariaDB");
        }
    }
}

pub fn vsftpd() {
    let (site, port) = (Site::new(), free_port());
    site.folder("empty");
    let configuration = site.file(
        "vsftpd.conf",
        &format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanonymous_enable=YES\n\
             secure_chroot_dir=@/empty\nssl_enable=YES\nallow_anon_ssl=YES\nssl_ciphers=HIGH\n\
             rsa_cert_file=@/localhost-chain.pem\nrsa_private_key_file=@/localhost.key\n\
             run_as_launching_user=YES\nseccomp_sandbox=NO\n"
        ),
    );
    let _server = Daemon::start(&site, "vsftpd", &[&configuration], &[port]);
    agree(port, Some("ftp"));
}

pub fn prosody() {
    let (site, client, server) = (Site::new(), free_port(), free_port());
    site.folder("prosody");
    let configuration = site.file(
        "prosody.cfg.lua",
        &format!(
            "run_as_root = true\ndata_path = \"@/prosody\"\npidfile = \"@/prosody/pid\"\nlog = {{ info = \"@/log\" }}\n\
             interfaces = {{ \"127.0.0.1\" }}\nc2s_ports = {{ {client} }}\ns2s_ports = {{ {server} }}\n\
             http_ports = {{}}\nhttps_ports = {{}}\nmodules_enabled = {{ \"tls\", \"saslauth\", \"dialback\" }}\n\
             modules_disabled = {{ \"http\", \"admin_shell\" }}\n\
             ssl = {{ certificate = \"@/localhost-chain.pem\", key = \"@/localhost.key\" }}\n\
             VirtualHost \"localhost\"\n"
        ),
    );
    let _server = Daemon::start(&site, "prosody", &["-F", "--config", &configuration], &[client, server]);
    agree(client, Some("xmpp"));
    agree(server, Some("xmpp-server"));
    fails(
        &format!("xmpp://localhost:{client}"),
        &["--sni", "elsewhere.example"],
        "starttls-refused",
        "host-unknown",
    );
}

pub fn inspircd() {
    let (site, port) = (Site::new(), free_port());
    site.folder("irc");
    let configuration = site.file(
        "inspircd.conf",
        &format!(
            "<config format=\"xml\">\n<server name=\"irc.localhost\" description=\"x\" network=\"x\">\n\
             <admin name=\"x\" nick=\"x\" email=\"x&#64;localhost\">\n\
             <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
             <connect allow=\"*\" resolvehostnames=\"no\" useident=\"no\" timeout=\"30\" localmax=\"99\" globalmax=\"99\">\n\
             <module name=\"ssl_gnutls\">\n<module name=\"starttls\">\n\
             <sslprofile name=\"Clients\" provider=\"gnutls\" certfile=\"@/localhost-chain.pem\" keyfile=\"@/localhost.key\">\n\
             <pid file=\"@/irc/pid\">\n<path configdir=\"@/irc\" datadir=\"@/irc\" logdir=\"@/irc\" runtimedir=\"@/irc\">\n"
        ),
    );
    let mut arguments = vec!["--config", configuration.as_str(), "--nofork"];
    if superuser() {
        arguments.push("--runasroot");
    }
    let _server = Daemon::start(&site, "inspircd", &arguments, &[port]);
    agree(port, Some("irc"));
}

fn nginx_server(site: &Site) -> (Daemon, u16) {
    let port = free_port();
    let configuration = site.file(
        "nginx.conf",
        &format!(
            "daemon off; pid @/nginx.pid; events {{}} http {{ access_log off; client_body_temp_path @/body; \
             proxy_temp_path @/proxy; fastcgi_temp_path @/fastcgi; uwsgi_temp_path @/uwsgi; scgi_temp_path @/scgi; \
             server {{ listen 127.0.0.1:{port} ssl http2; ssl_protocols TLSv1.2 TLSv1.3; \
             ssl_certificate @/localhost-chain.pem; ssl_certificate_key @/localhost.key; }} }}"
        ),
    );
    let errors = site.text("nginx.errors");
    let daemon = Daemon::start(site, "nginx", &["-c", &configuration, "-e", &errors], &[port]);
    (daemon, port)
}

pub fn nginx() {
    let site = Site::new();
    let (_server, port) = nginx_server(&site);
    agree(port, None);
    let target = format!("localhost:{port}");
    let told = fetched(&target, &["--alpn", "h2,http/1.1", "--groups", "secp384r1"], 0);
    assert_eq!((&told["alpn"], &told["group"]), (&"h2".into(), &"secp384r1".into()), "{told}");
    assert_eq!(told["protocol"], "TLSv1.3");
}

pub fn tinyproxy() {
    let (site, port) = (Site::new(), free_port());
    let (_server, behind) = nginx_server(&site);
    let configuration = site.file(
        "tinyproxy.conf",
        &format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nBasicAuth user secret\nConnectPort {behind}\n"),
    );
    let _proxy = Daemon::start(&site, "tinyproxy", &["-d", "-c", &configuration], &[port]);
    let target = format!("localhost:{behind}");
    let told = fetched(&target, &["--proxy", &format!("http://user:secret@127.0.0.1:{port}")], 0);
    assert_eq!(fingerprints(&told), openssl_shows(behind, None));
    assert_eq!(told["proxy"], format!("http://127.0.0.1:{port}"));
    for (credentials, target, id, words) in [
        ("", target.as_str(), "proxy-credentials", "407"),
        ("user:wrong@", &target, "proxy-credentials", "401"),
        ("user:secret@", "localhost:25", "proxy-refused", "403"),
    ] {
        let proxy = format!("http://{credentials}127.0.0.1:{port}");
        let outcome =
            Keyward::new(["fetch", target, "--json", "--starttls", "none"]).env("HTTPS_PROXY", &proxy);
        let outcome = outcome.run().exits(3);
        let error = outcome.json()["targets"][0]["error"].clone();
        let message = error["message"].as_str().expect("a message");
        assert!(error["id"] == id && message.contains(words), "{error}");
        assert!(!format!("{outcome}").contains("secret@") && !message.contains("wrong"), "{outcome}");
    }
}

pub fn microsocks() {
    let (site, port) = (Site::new(), free_port());
    let (_server, behind) = nginx_server(&site);
    let port_text = port.to_string();
    let arguments = ["-i", "127.0.0.1", "-p", &port_text, "-u", "user", "-P", "se:cret"];
    let _proxy = Daemon::start(&site, "microsocks", &arguments, &[port]);
    let target = format!("localhost:{behind}");
    for scheme in ["socks5", "socks5h"] {
        let proxy = format!("{scheme}://user:se%3Acret@127.0.0.1:{port}");
        let told = fetched(&target, &["--proxy", &proxy], 0);
        assert_eq!(fingerprints(&told), openssl_shows(behind, None));
        assert_eq!(told["proxy"], format!("{scheme}://127.0.0.1:{port}"));
        for (proxy, target, id) in [
            (format!("{scheme}://127.0.0.1:{port}"), target.as_str(), "proxy-credentials"),
            (format!("{scheme}://user:wrong@127.0.0.1:{port}"), &target, "proxy-credentials"),
            (proxy, "127.0.0.1:1", "proxy-refused"),
        ] {
            fails(target, &["--proxy", &proxy], id, "");
        }
    }
}
