#!/usr/bin/env bash
# keyward against keytool and openssl: whole processes, in the same run, medians. One line of output a figure;
# the exit code is 1 when a goal is missed.
#
#     benches/versus.sh [PATH_OF_KEYWARD]
#
# Needs keytool, openssl and GNU time.
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

# median ROUNDS PREPARE COMMAND…: the median run of COMMAND in microseconds; PREPARE is not counted.
median() {
    local rounds=$1 prepare=$2 start end
    shift 2
    for ((round = 0; round < rounds; round++)); do
        $prepare
        start=${EPOCHREALTIME//[.,]/}
        "$@" > out 2> err < /dev/null || { echo "$*: exit $?" >&2; cat out err >&2; exit 1; }
        end=${EPOCHREALTIME//[.,]/}
        echo $((end - start))
    done | sort -n | sed -n "$(((rounds + 1) / 2))p"
}

ms() { awk -v us="$1" 'BEGIN { printf us < 100000 ? "%.1f ms" : "%.0f ms", us / 1000 }'; }

# ratio WHAT PEER PEER_US KEYWARD_US GOAL
ratio() {
    local ratio verdict=met
    ratio=$(awk -v a="$3" -v b="$4" 'BEGIN { printf "%.1f", a / b }')
    awk -v r="$ratio" -v g="$5" 'BEGIN { exit !(r < g) }' && { verdict=missed; missed=1; }
    echo "$1: $2 $(ms "$3"), keyward $(ms "$4"), ratio $ratio (goal $5: $verdict)"
}

# limit WHAT VALUE UNIT GOAL
limit() {
    local verdict=met
    awk -v v="$2" -v g="$4" 'BEGIN { exit !(v > g) }' && { verdict=missed; missed=1; }
    echo "$1: $2 $3 (goal at most $4 $3: $verdict)"
}

lay() { cp "$from" store; }

add() {
    "$keyward" trust add "$data/pki/root.pem" --to store --alias root --yes --password pass:changeit
}
import() {
    keytool -importcert -noprompt -alias root -file "$data/pki/root.pem" -keystore store -storepass changeit
}

for format in jks p12; do
    from=$data/stores/trust.$format
    goal=80 what="trust add into a small JKS store"
    [ "$format" = p12 ] && goal=30 what="trust add into a small PKCS12 store, 10,000 iterations"
    ratio "$what" "keytool" "$(median "$KEYTOOL_ROUNDS" lay import)" "$(median "$ROUNDS" lay add)" $goal
done

list_keyward() { "$keyward" trust list "$from" --password pass:changeit; }
list_keytool() { keytool -list -keystore "$from" -storepass changeit; }
list_openssl() { openssl pkcs12 -in "$from" -nokeys -passin pass:changeit; }
from=$data/stores/rich.p12
ours=$(median "$ROUNDS" true list_keyward)
ratio "trust list of a PKCS12 store" "keytool" "$(median "$KEYTOOL_ROUNDS" true list_keytool)" "$ours" 30
ratio "trust list of a PKCS12 store" "openssl" "$(median "$ROUNDS" true list_openssl)" "$ours" 0.5

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
fetch_all() { "$keyward" fetch --jobs 50 --json "${targets[@]}"; }
took=$(median 5 true fetch_all)
limit "fetch of 200 targets that delay 100 ms, 50 jobs" "$(awk -v us="$took" 'BEGIN { printf "%.2f", us / 1000000 }')" s 1
fetch_one() { "$keyward" fetch "${targets[0]}"; }
s_client() { openssl s_client -showcerts -connect "${targets[0]}"; }
ratio "fetch of one of them" "openssl s_client" "$(median 11 true s_client)" "$(median 11 true fetch_one)" 0.8

exit $missed
