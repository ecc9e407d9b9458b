#!/usr/bin/env bash
# Reading keystores and deriving keys, in process and in one run: keyward against a JVM's KeyStore.load and against
# openssl. One line of output a figure; the exit code is 1 when a goal is missed. docs/speed.md says what the
# figures are.
#
#     benches/stores.sh
#
# Needs a JDK 17 or later (JAVA names its java) and openssl 3. Files lie in TMPDIR.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

${CARGO:-cargo} build --release --locked --examples --quiet
examples=$PWD/target/release/examples
java=${JAVA:-java}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${java}c" -d "$work" benches/LoadTime.java
cd "$work"
missed=0

middle() { sort -n | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

ms() { awk -v us="$1" 'BEGIN { printf us < 100000 ? "%.1f ms" : "%.0f ms", us / 1000 }'; }

# goal VALUE at-least|at-most GOAL: sets verdict.
goal() {
    verdict=met
    awk -v v="$1" -v g="$3" -v how="$2" 'BEGIN { exit !(how == "at-least" ? v < g : v > g) }' || return 0
    verdict=missed missed=1
}

# Two kinds of certificates: most roots have RSA keys, and a store of them is the largest; EC keys take a JVM longer.
certificate() {
    openssl req -x509 "${@:2}" -nodes -keyout key.pem -out "$1.pem" -days 7300 -sha256 \
        -set_serial 0x100102030405060708090a0b0c0d0e0f \
        -subj "/C=DE/O=Keyward/OU=Certificates/CN=A root as it might be" \
        2> openssl.log || { cat openssl.log >&2; exit 1; }
}
certificate RSA -newkey rsa:2048
certificate EC -newkey ec -pkeyopt ec_paramgen_curve:P-256

# load TYPE FILE TURNS WARM_UP ROUNDS: the medians of both in microseconds, the middle one of the turns. Sets
# theirs and ours, and fails where the two disagree on the number of entries. Without a warm-up it is the first load
# of a process against the first load of a process.
load() {
    local type=$1 file=$2 turns=$3 warm_up=$4 rounds=$5 them us
    : > theirs
    : > ours
    for ((turn = 0; turn < turns; turn++)); do
        them=$("$java" -Xmx3g -cp . LoadTime load "$type" "$file" "$warm_up" "$rounds")
        us=$("$examples/store_speed" load "$file" "$rounds")
        [ "${them#* }" = "${us#* }" ] || { echo "$file: ${them#* } and ${us#* } entries" >&2; exit 1; }
        echo "${them% *}" >> theirs
        echo "${us% *}" >> ours
    done
    theirs=$(middle < theirs) ours=$(middle < ours)
    ratio=$(awk -v a="$theirs" -v b="$ours" 'BEGIN { printf "%.1f", a / b }')
}

# first_load FILE: the median over processes that read the file once. In a process that reads it again and again a
# small file is in the cache and its memory mapped, a large one is not.
first_load() {
    for _ in 1 2 3 4 5 6 7; do "$examples/store_speed" load "$1" 1; done | cut -d ' ' -f 1 | middle
}

for keys in RSA EC; do
    "$examples/large_store" $keys.pem 10000 > $keys.jks
    "$java" -Xmx3g -cp . LoadTime convert JKS $keys.jks PKCS12 $keys.p12
    for type in JKS PKCS12; do
        file=$keys.jks at_least=40
        [ $type = PKCS12 ] && file=$keys.p12 at_least=10
        for start in "a JVM's first load:0:1" "a warm JVM:8:9"; do
            IFS=: read -r what warm_up rounds <<< "$start"
            load $type $file 3 "$warm_up" "$rounds"
            goal "$ratio" at-least $at_least
            echo "$type of 10000 certificates with $keys keys, $what: KeyStore.load $(ms "$theirs"), keyward $(ms "$ours")," \
                "ratio $ratio (goal $at_least: $verdict)"
        done
    done
done

"$examples/large_store" RSA.pem 100000 > 100000.jks
"$java" -Xmx3g -cp . LoadTime convert JKS 100000.jks PKCS12 100000.p12
for type in jks p12; do
    small=$(first_load RSA.$type) large=$(first_load 100000.$type)
    growth=$(awk -v a="$small" -v b="$large" 'BEGIN { printf "%.1f", b / a }')
    goal "$growth" at-most 13
    echo "$type, growth for ten times the certificates: $growth (goal at most 13: $verdict)"
done

# Two counts, and their difference taken, so that the start of the process is in neither.
few=200000 many=4200000
salt=00112233445566778899aabbccddeeff

# derived SIDE FUNCTION HASH ITERATIONS: microseconds of the whole call.
derived() {
    local length=32 start end
    [ "$3" = sha1 ] && length=20
    case "$1 $2" in
        "keyward "*) "$examples/store_speed" derive "$2" "$3" "$4" ;;
        "openssl pbkdf2") timed openssl kdf -keylen 16 -kdfopt "digest:$3" -kdfopt pass:changeit -kdfopt "hexsalt:$salt" \
            -kdfopt "iter:$4" PBKDF2 ;;
        "openssl pkcs12") timed openssl kdf -keylen $length -kdfopt "digest:$3" \
            -kdfopt hexpass:006300680061006e0067006500690074 -kdfopt "hexsalt:$salt" -kdfopt id:3 -kdfopt "iter:$4" PKCS12KDF ;;
    esac
}

timed() {
    local start=${EPOCHREALTIME//[.,]/} end
    "$@" > kdf.out
    end=${EPOCHREALTIME//[.,]/}
    echo $((end - start))
}

for function in pbkdf2 pkcs12; do
    for hash in sha256 sha1; do
        : > theirs
        : > ours
        for _ in 1 2 3; do
            echo $(($(derived openssl $function $hash $many) - $(derived openssl $function $hash $few))) >> theirs
            echo $(($(derived keyward $function $hash $many) - $(derived keyward $function $hash $few))) >> ours
        done
        theirs=$(middle < theirs) ours=$(middle < ours)
        ratio=$(awk -v a="$theirs" -v b="$ours" 'BEGIN { printf "%.2f", b / a }')
        goal "$ratio" at-most 1.2
        echo "$function with $hash, $((many - few)) iterations: openssl $(ms "$theirs"), keyward $(ms "$ours")," \
            "of openssl's time $ratio (goal at most 1.2: $verdict)"
    done
done

exit $missed
