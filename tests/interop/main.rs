//! keyward against the real tools: keytool, JVMs, openssl. `tests/README.md` says how to run it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod at_the_prompt;
mod better_than_keytool;
mod case_two;
#[path = "../cli/certificates.rs"]
#[allow(dead_code, reason = "two test binaries share this file")]
mod certificates;
mod client_identities;
mod conversions;
mod daemons;
#[path = "../cli/doubles.rs"]
#[allow(dead_code, reason = "two test binaries share this file")]
mod doubles;
mod ed448;
#[path = "../fetched.rs"]
mod fetched;
mod files_of_others;
#[path = "../cli/identities.rs"]
#[allow(dead_code, reason = "two test binaries share this file")]
mod identities;
mod identity_check;
mod importing;
mod inspect_agrees;
mod jsse_verdict;
mod jvm;
mod key_managers;
mod keytool_agrees;
#[path = "../keyward.rs"]
mod keyward;
#[path = "../cli/loopback.rs"]
#[allow(dead_code, reason = "two test binaries share this file")]
mod loopback;
mod nothing_lost;
#[path = "../odd_certificates.rs"]
mod odd_certificates;
mod old_servers;
mod peers;
mod reach;
mod real_jvm_agrees;
mod renderings;
mod requests;
mod revocation;
mod round_trips;
#[path = "../secrets.rs"]
mod secrets;
mod unreadable_certificates;
mod written_files;
mod written_keys;

use libtest_mimic::Arguments;
use peers::Peer::{Jdk, Jdk17, Nss, OpenSsl, Program, Pyca, Superuser};
use peers::trial;

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("in_process_keytool_is_keytool", &[Jdk], keytool_agrees::in_process_keytool_is_keytool),
        trial("keytool_agrees_over_renderings", &[Jdk17], keytool_agrees::over_renderings),
        trial("keytool_agrees_over_situations", &[Jdk17], keytool_agrees::over_situations),
        trial("keytool_agrees_over_aliases", &[Jdk17], keytool_agrees::over_aliases),
        trial("keytool_agrees_over_folded_aliases", &[Jdk], keytool_agrees::over_folded_aliases),
        trial("keytool_agrees_over_replies", &[Jdk17], keytool_agrees::over_replies),
        trial("a_real_jvm_agrees_leaf_only", &[Jdk], real_jvm_agrees::leaf_only),
        trial("a_real_jvm_agrees_with_intermediate", &[Jdk], real_jvm_agrees::with_intermediate),
        trial("a_real_jvm_agrees_self_signed", &[Jdk], real_jvm_agrees::self_signed),
        trial("a_real_jvm_agrees_expired", &[Jdk], real_jvm_agrees::expired),
        trial("a_real_jvm_agrees_wrong_name", &[Jdk], real_jvm_agrees::wrong_name),
        trial("a_real_jvm_agrees_on_verdicts", &[Jdk17, OpenSsl], jsse_verdict::over_generated_chains),
        trial(
            "a_real_jvm_agrees_with_anchors_of_its_own",
            &[Jdk17, OpenSsl],
            jsse_verdict::over_a_jdk_of_ones_own,
        ),
        trial("ed448_signatures_as_a_jvm", &[Jdk17, OpenSsl], ed448::signatures),
        trial("ed448_through_the_commands", &[OpenSsl], ed448::through_the_commands),
        trial("key_managers_over_generated_stores", &[Jdk17, OpenSsl], key_managers::over_generated_stores),
        trial("key_managers_over_the_table", &[Jdk17, OpenSsl], key_managers::live::over_the_table),
        trial("nothing_lost_java_sees_all", &[Jdk], nothing_lost::java_sees_all),
        trial("nothing_lost_openssl_sees_all", &[OpenSsl], nothing_lost::openssl_sees_all),
        trial("nothing_lost_key_blobs_stay", &[], nothing_lost::key_blobs_stay),
        trial("nothing_lost_java_bodies_stay", &[], nothing_lost::java_bodies_stay),
        trial("nothing_lost_32_at_once", &[Jdk], nothing_lost::thirty_two_at_once),
        trial(
            "nothing_lost_32_at_once_into_a_new_file",
            &[Jdk],
            nothing_lost::thirty_two_at_once_into_a_new_file,
        ),
        trial("nothing_lost_when_refused", &[], nothing_lost::when_refused),
        trial("nothing_lost_over_many_edits", &[Jdk], nothing_lost::over_many_edits),
        trial("inspect_agrees_on_readers", &[Jdk17], inspect_agrees::readers),
        trial("unreadable_certificates", &[Jdk], unreadable_certificates::java_says_the_same),
        trial(
            "unreadable_certificates_make_no_identity",
            &[Jdk, OpenSsl],
            unreadable_certificates::an_identity_of_one_is_refused,
        ),
        trial("inspect_agrees_on_entries", &[Jdk17], inspect_agrees::entries),
        trial("keytool_lists_what_keyward_wrote", &[Jdk], written_files::keytool_lists),
        trial("openssl_reads_what_keyward_wrote", &[OpenSsl], written_files::openssl_reads),
        trial("openssl_files_are_read", &[OpenSsl], files_of_others::openssl_files_are_read),
        trial(
            "openssl_files_of_other_ciphers_are_refused",
            &[OpenSsl],
            files_of_others::openssl_files_of_other_ciphers_are_refused,
        ),
        trial("nss_files_are_read", &[OpenSsl, Nss], files_of_others::nss_files_are_read),
        trial("pyca_files_are_read", &[Pyca], files_of_others::pyca_files_are_read),
        trial("pyca_reads_pbmac1", &[Pyca], files_of_others::pyca_reads_pbmac1),
        trial("keytool_goes_on_with_what_keyward_wrote", &[Jdk], written_files::keytool_goes_on),
        trial("java_opens_what_keyward_protected", &[Jdk], written_keys::java_opens),
        trial("openssl_opens_what_keyward_protected", &[OpenSsl], written_keys::openssl_opens),
        trial(
            "conversions_profiles_are_read_as_documented",
            &[Jdk, OpenSsl],
            conversions::profiles_are_read_as_documented,
        ),
        trial(
            "conversions_java_sees_the_same_in_every_format",
            &[Jdk],
            conversions::java_sees_the_same_in_every_format,
        ),
        trial(
            "conversions_keys_have_the_password_of_the_store",
            &[Jdk],
            conversions::keys_have_the_password_of_the_store,
        ),
        trial("round_trips_keys_sign_in_java", &[Jdk, OpenSsl], round_trips::keys_sign_in_java),
        trial("round_trips_secret_keys", &[Jdk], round_trips::secret_keys),
        trial("round_trips_passwords", &[Jdk, OpenSsl], round_trips::passwords),
        trial("round_trips_wide_passwords_of_java", &[Jdk], round_trips::wide_passwords_of_java),
        trial("round_trips_odd_stores", &[Jdk, OpenSsl], round_trips::odd_stores),
        trial("round_trips_pyca_reads", &[OpenSsl, Pyca], round_trips::pyca_reads),
        trial("round_trips_nss_reads", &[OpenSsl, Nss], round_trips::nss_reads),
        trial("round_trips_keytool_files", &[Jdk], round_trips::keytool_files),
        trial("round_trips_added_identities", &[Jdk, OpenSsl], round_trips::added_identities),
        trial("conversions_openssl_reads_files", &[Jdk, OpenSsl], conversions::openssl_reads_files),
        trial("old_servers_chains", &[OpenSsl], old_servers::chains),
        trial("old_servers_out_of_reach", &[OpenSsl], old_servers::out_of_reach),
        trial("old_servers_client_requests", &[OpenSsl], old_servers::client_requests),
        trial("old_servers_after_the_request", &[OpenSsl], old_servers::after_the_request),
        trial("reach_doubles", &[OpenSsl], reach::doubles),
        trial("reach_postfix", &[OpenSsl, Program("postfix"), Superuser], reach::postfix),
        trial("reach_dovecot", &[OpenSsl, Program("dovecot"), Superuser], reach::dovecot),
        trial("reach_slapd", &[OpenSsl, Program("slapd")], reach::slapd),
        trial("reach_postgresql", &[OpenSsl, Program("postgres"), Program("initdb")], reach::postgresql),
        trial("reach_mariadb", &[OpenSsl, Program("mariadbd")], reach::mariadb),
        trial("reach_vsftpd", &[OpenSsl, Program("vsftpd")], reach::vsftpd),
        trial("reach_prosody", &[OpenSsl, Program("prosody")], reach::prosody),
        trial("reach_inspircd", &[OpenSsl, Program("inspircd")], reach::inspircd),
        trial("reach_nginx", &[OpenSsl, Program("nginx")], reach::nginx),
        trial("reach_tinyproxy", &[OpenSsl, Program("tinyproxy"), Program("nginx")], reach::tinyproxy),
        trial("reach_microsocks", &[OpenSsl, Program("microsocks"), Program("nginx")], reach::microsocks),
        trial("case_two_end_to_end", &[Jdk, OpenSsl, Program("nginx")], case_two::end_to_end),
        trial("identity_requests_are_answered", &[Jdk, OpenSsl], requests::are_answered),
        trial("identity_request_subjects_are_keytools", &[Jdk17], requests::subjects_are_keytools),
        trial("revocation_asked_responders", &[OpenSsl], revocation::asked_responders),
        trial("revocation_lists", &[OpenSsl], revocation::lists),
        trial("revocation_odd_lists", &[OpenSsl], revocation::odd_lists),
        trial("revocation_lists_for_rustls", &[OpenSsl], revocation::rustls_is_given_lists),
        trial("revocation_nobody_answers", &[OpenSsl], revocation::nobody_answers),
        trial("revocation_hostile_answers", &[OpenSsl], revocation::hostile_answers),
        trial("revocation_stapled_answers", &[OpenSsl], revocation::stapled_answers),
        trial(
            "identities_listen_sees_real_clients",
            &[Jdk, OpenSsl, Program("curl")],
            client_identities::listen_sees_real_clients,
        ),
        trial(
            "identities_like_asks_what_openssl_asks",
            &[OpenSsl],
            client_identities::like_asks_what_openssl_asks,
        ),
        trial("identities_try_hears_openssl", &[OpenSsl], client_identities::try_hears_openssl),
        trial("identities_try_hears_nginx", &[OpenSsl, Program("nginx")], client_identities::try_hears_nginx),
        trial("revocation_of_authorities", &[OpenSsl], revocation::authorities_are_asked_about_too),
        trial("identity_check_key_password", &[Jdk, OpenSsl], identity_check::key_password),
        trial("identity_check_root_of_sha1", &[Jdk, OpenSsl], identity_check::root_of_sha1),
        trial("identity_check_root_that_comes_back", &[Jdk, OpenSsl], identity_check::root_that_comes_back),
        trial("identity_check_sent_and_refused", &[Jdk, OpenSsl], identity_check::sent_and_refused),
        trial("identity_check_curves", &[Jdk, OpenSsl], identity_check::curves),
        trial("identity_check_the_wrong_one", &[Jdk, OpenSsl], identity_check::the_wrong_one),
        trial(
            "passwords_interrupted_at_the_prompt",
            &[Program("script"), Program("stty")],
            at_the_prompt::an_interrupt_gives_the_terminal_back,
        ),
        trial(
            "passwords_typed_at_the_prompt",
            &[Program("script"), Program("stty")],
            at_the_prompt::a_password_is_typed_unseen,
        ),
        trial(
            "passwords_prompt_and_a_signal",
            &[Program("script"), Program("stty")],
            at_the_prompt::a_signal_gives_the_terminal_back,
        ),
        trial(
            "passwords_prompt_and_an_ignored_signal",
            &[Program("script"), Program("stty")],
            at_the_prompt::an_ignored_signal_stays_ignored,
        ),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}
