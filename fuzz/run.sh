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
[ "${#targets[@]}" -gt 0 ] || targets=(asn1 jks jceks pkcs12 pkcs7 pem certificates keys)

# Named by its content, so that no seed is there twice.
seed() {
    local target=$1 file
    while IFS= read -r -d '' file; do
        cp -- "$file" "fuzz/corpus/$target/$(sha1sum < "$file" | cut -c1-40)"
    done < <(find testdata ${KEYWARD_CORPORA:+"$KEYWARD_CORPORA"} -type f -size -64k "${@:2}" -print0)
}

# With the iterations of real files the fuzzer would derive keys and do little else.
light_stores() {
    local files
    mapfile -d '' files < <(find testdata ${KEYWARD_CORPORA:+"$KEYWARD_CORPORA"} -type f -size -16k \
        '(' -name '*.p12' -o -name '*.pfx' -o -path '*/pkcs12*' ')' -print0)
    cargo run --quiet --example light_stores -- "fuzz/corpus/$1" "${files[@]}"
}

names() {
    case $1 in
        jks) seed "$1" -name '*.jks' ;;
        jceks) seed "$1" -name '*.jceks' ;;
        pkcs12) light_stores "$1" ;;
        pkcs7) seed "$1" '(' -name '*.p7b' -o -name '*.p7c' -o -path '*/pkcs7/*' ')' ;;
        pem) seed "$1" '(' -name '*.pem' -o -name '*.key' -o -name '*.txt' ')' ;;
        keys) seed "$1" '(' -name '*.der' -o -path '*pkcs8*' ')' ;;
        asn1) seed "$1" '(' -name '*.der' -o -name '*.p12' -o -path '*/pkcs7/*' ')' ;;
        certificates) seed "$1" -not -name '*.json' ;;
    esac
}

failed=()
for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target" "fuzz/finds/$target"
    names "$target"
    cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="fuzz/finds/$target/" || failed+=("$target")
    rmdir --ignore-fail-on-non-empty "fuzz/finds/$target"
done
[ "${#failed[@]}" -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
