#!/usr/bin/env bash
# Fuzzes each target for some seconds, on one core, with the project's own toolchain.
#
#   fuzz/run.sh SECONDS [TARGET…]
#
# Seeds are the fixtures, and with KEYWARD_CORPORA the files of others; what libFuzzer adds to them stays in
# fuzz/corpus. An input that fails is kept in fuzz/finds/TARGET, where `cargo test` replays it from then on.
#
# Needs cargo-fuzz (cargo install cargo-fuzz --locked). No sanitizer: keyward has no unsafe code.
set -uo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?seconds for each target}
shift
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(asn1 jks jceks pkcs12 pkcs7 pem certificates keys private_keys secret_keys
    objects inspect convert plaintext starttls crl ocsp)

# Fixtures and files of others that are not large, for the conditions of find.
files() {
    find testdata ${KEYWARD_CORPORA:+"$KEYWARD_CORPORA"} -type f -size -64k "$@" -print0
}

# Stores and keys with next to no iterations: with those of real files the fuzzer would derive keys and do little else.
light=fuzz/corpus/light
light_seeds() {
    local found
    mapfile -d '' found < <(files -size -16k '(' -name '*.p12' -o -name '*.pfx' -o -name '*.jks' -o -name '*.jceks' \
        -o -name '*.key' -o -path '*/keys/*' -o -path '*pkcs12*' -o -path '*PKCS8*' -o -path '*Serialization*' ')')
    cargo run --quiet --example light_seeds -- "$light" "${found[@]}"
}

# Named by their content, so that no seed is there twice.
seed() {
    local target=$1 file
    shift
    while IFS= read -r -d '' file; do
        cp -- "$file" "fuzz/corpus/$target/$(sha1sum < "$file" | cut -c1-40)"
    done < <("$@")
}

# The target reads DER.
crl_seeds() {
    local file
    seed "$1" files -name '*.crl'
    while IFS= read -r -d '' file; do
        openssl crl -in "$file" -outform DER -out "fuzz/corpus/$1/$(sha1sum < "$file" | cut -c1-40)" 2> /dev/null || true
    done < <(files '(' -name '*.crl.pem' -o -ipath '*crl*.pem' ')')
}

light_of() { find "${@/#/$light/}" -type f -print0 2> /dev/null; }

seeds() {
    case $1 in
        asn1) seed "$1" files '(' -name '*.der' -o -name '*.p12' -o -path '*/pkcs7/*' ')' ;;
        jks) seed "$1" files -name '*.jks' && seed "$1" light_of jks ;;
        jceks) seed "$1" files -name '*.jceks' && seed "$1" light_of jceks ;;
        pkcs12) seed "$1" light_of pkcs12 ;;
        pkcs7) seed "$1" files '(' -name '*.p7b' -o -name '*.p7c' -o -path '*/pkcs7/*' ')' ;;
        pem) seed "$1" files '(' -name '*.pem' -o -name '*.key' -o -name '*.txt' ')' ;;
        certificates) seed "$1" files -not -name '*.json' ;;
        keys) seed "$1" light_of keys ;;
        private_keys)
            seed "$1" files '(' -name '*.key' -o -path '*/keys/*' -o -path '*asymmetric*' ')'
            seed "$1" light_of keys
            ;;
        secret_keys) seed "$1" light_of secret_keys ;;
        objects) seed "$1" files -size -16k '(' -name '*.pem' -o -name '*.der' -o -name '*.cs*' -o -name '*.crl' ')' ;;
        plaintext) seed "$1" find testdata/handshakes -type f -print0 ;;
        starttls) seed "$1" find testdata/dialogues -type f -print0 ;;
        crl) crl_seeds "$1" ;;
        ocsp) seed "$1" files '(' -path '*/ocsp/*' -o -name '*.ors' -o -ipath '*ocsp*.der' ')' ;;
        inspect | convert)
            seed "$1" light_of jks jceks pkcs12 keys
            seed "$1" files -size -8k '(' -name '*.pem' -o -name '*.der' -o -name '*.p7*' ')'
            ;;
    esac
}

light_seeds
failed=()
for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target" "fuzz/finds/$target"
    seeds "$target"
    echo "== $target: $(find "fuzz/corpus/$target" -type f | wc -l) seeds, $seconds seconds, $(date -u +%H:%M:%S)"
    cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="fuzz/finds/$target/" || failed+=("$target")
    rmdir --ignore-fail-on-non-empty "fuzz/finds/$target"
done
[ "${#failed[@]}" -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
echo "all targets held"
