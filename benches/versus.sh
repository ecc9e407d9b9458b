#!/usr/bin/env bash
# keyward against keytool and openssl: whole processes, in the same run, medians. One line of output a figure;
# the exit code is 1 when a goal is missed. docs/speed.md says what the figures are.
#
#     benches/versus.sh [PATH_OF_KEYWARD]
#
# Needs keytool, openssl and GNU time. KEYTOOL_ROUNDS and ROUNDS say how often each is run; the stores lie in
# TMPDIR, on a disk unless that says otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

keyward=${1:-}
cargo build --release --locked --examples --quiet
if [ -z "$keyward" ]; then
    cargo build --release --locked --quiet
    keyward=target/release/keyward
fi
keyward=$(realpath "$keyward")
examples=$PWD/target/release/examples
data=$PWD/testdata
readonly KEYTOOL_ROUNDS=${KEYTOOL_ROUNDS:-11} ROUNDS=${ROUNDS:-41}
work=$(mktemp -d)
servers=
trap '[ -z "$servers" ] || kill "$servers" 2> /dev/null || true; rm -rf "$work"' EXIT
cd "$work"
missed=0

# A command is given by the name of an array that holds its words.

# once FILE PREPARE COMMAND: runs COMMAND and adds its microseconds to FILE; PREPARE is not counted.
once() {
    local -n words=$3
    $2
    "$examples/timed" "${words[@]}" >> "$1" || { cat out err >&2; exit 1; }
}

middle() { sort -n "$1" | sed -n "$((($(wc -l < "$1") + 1) / 2))p"; }

# median ROUNDS PREPARE COMMAND: the median run of COMMAND in microseconds.
median() {
    local rounds=$1
    shift
    : > times
    for ((round = 0; round < rounds; round++)); do once times "$@"; done
    middle times
}

# versus PEER_ROUNDS ROUNDS PREPARE PEER OURS: the medians of both in microseconds. The runs of one stand
# between those of the other, so that whatever else the machine does meets both alike.
versus() {
    local peer_rounds=$1 rounds=$2 prepare=$3 ran=0
    : > peer
    : > ours
    for ((round = 1; round <= peer_rounds; round++)); do
        once peer "$prepare" "$4"
        for (( ; ran < rounds * round / peer_rounds; ran++)); do once ours "$prepare" "$5"; done
    done
    echo "$(middle peer) $(middle ours)"
}

ms() { awk -v us="$1" 'BEGIN { printf us < 100000 ? "%.1f ms" : "%.0f ms", us / 1000 }'; }

# ratio WHAT PEER GOAL "PEER_US KEYWARD_US"
ratio() {
    local theirs=${4% *} ours=${4#* } ratio verdict=met
    ratio=$(awk -v a="$theirs" -v b="$ours" 'BEGIN { printf "%.1f", a / b }')
    awk -v r="$ratio" -v g="$3" 'BEGIN { exit !(r < g) }' && { verdict=missed; missed=1; }
    echo "$1: $2 $(ms "$theirs"), keyward $(ms "$ours"), ratio $ratio (goal $3: $verdict)"
}

# limit WHAT VALUE UNIT GOAL
limit() {
    local verdict=met
    awk -v v="$2" -v g="$4" 'BEGIN { exit !(v > g) }' && { verdict=missed; missed=1; }
    echo "$1: $2 $3 (goal at most $4 $3: $verdict)"
}

lay() { cp "$from" store; }

add=("$keyward" trust add "$data/pki/root.pem" --to store --alias root --yes --password pass:changeit)
import=(keytool -importcert -noprompt -alias root -file "$data/pki/root.pem" -keystore store
    -storepass changeit)

for format in jks p12; do
    from=$data/stores/trust.$format
    goal=80 what="trust add into a small JKS store"
    [ "$format" = p12 ] && goal=30 what="trust add into a small PKCS12 store, 10,000 iterations"
    times=$(versus "$KEYTOOL_ROUNDS" "$ROUNDS" lay import add)
    ratio "$what" keytool $goal "$times"
done

from=$data/stores/rich.p12
list_keyward=("$keyward" trust list "$from" --password pass:changeit)
list_keytool=(keytool -list -keystore "$from" -storepass changeit)
list_openssl=(openssl pkcs12 -in "$from" -nokeys -passin pass:changeit)
times=$(versus "$KEYTOOL_ROUNDS" "$ROUNDS" true list_keytool list_keyward)
ratio "trust list of a PKCS12 store" keytool 30 "$times"
times=$(versus "$ROUNDS" "$ROUNDS" true list_openssl list_keyward)
ratio "trust list of a PKCS12 store" openssl 0.5 "$times"

peak=0
for format in jks p12; do
    cp "$data/stores/trust.$format" store
    /usr/bin/time -f %M -o rss "$keyward" trust add "$data/pki/root.pem" --to store --alias root --yes \
        --password pass:changeit > /dev/null 2>&1
    kilobytes=$(tail -n 1 rss)
    [ "$kilobytes" -gt "$peak" ] && peak=$kilobytes
done
limit "peak memory of trust add" "$(awk -v k="$peak" 'BEGIN { printf "%.1f", k / 1024 }')" MB 15

# Linear: ten times the certificates take at most about ten times as long, the start of the process taken off.
from=$data/stores/trust.jks
start=$(median "$ROUNDS" lay add)
for count in 10000 100000; do
    from=$work/$count.jks
    "$examples/large_store" "$data/pki/root.pem" $count > "$from"
    eval "large_$count=\$(median 7 lay add)"
done
echo "trust add into a JKS store of 10,000 certificates: $(ms "$large_10000"), of 100,000: $(ms "$large_100000")"
growth=$(awk -v a="$large_10000" -v b="$large_100000" -v s="$start" 'BEGIN { printf "%.1f", (b - s) / (a - s) }')
limit "growth of that time for ten times the certificates" "$growth" times 13

# 200 servers, each of which waits 100 ms before its handshake.
"$examples/slow_servers" "$data/pki/localhost.pem" "$data/pki/localhost.key" 200 100 > targets &
servers=$!
until [ "$(wc -l < targets)" -eq 200 ]; do sleep 0.05; done
mapfile -t targets < targets
fetch_all=("$keyward" fetch --jobs 50 --json "${targets[@]}")
took=$(median 5 true fetch_all)
limit "fetch of 200 targets that delay 100 ms, 50 jobs" "$(awk -v us="$took" 'BEGIN { printf "%.2f", us / 1000000 }')" s 1
fetch_one=("$keyward" fetch "${targets[0]}")
s_client=(openssl s_client -showcerts -connect "${targets[0]}")
times=$(versus 11 11 true s_client fetch_one)
ratio "fetch of one of them" "openssl s_client" 0.8 "$times"

exit $missed
