#!/usr/bin/env bash
# Reaching servers, and judging what they present: keyward against openssl in the same run, and a verdict against the
# signature checks in it. One line of output a figure; the exit code is 1 when a goal is missed. docs/speed.md says
# what the figures are.
#
#     benches/reach.sh [PATH_OF_KEYWARD]
#
# Needs openssl 3 and GNU time. Takes less than a minute once everything is built.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

keyward=${1:-}
cargo=${CARGO:-cargo}
$cargo build --release --locked --quiet --example loopback_server --example verdict_speed
if [ -z "$keyward" ]; then
    $cargo build --release --locked --quiet
    keyward=target/release/keyward
fi
keyward=$(realpath "$keyward")
examples=$PWD/target/release/examples
pki=$PWD/testdata/pki
readonly SECONDS_EACH=${SECONDS_EACH:-2} TURNS=${TURNS:-3} TARGETS=10000 LOOP=${LOOP:-200}
work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2> /dev/null || true; rm -rf "$work"' EXIT
cd "$work"
missed=0

calc() { awk "BEGIN { printf \"${2:-%.2f}\", $1 }"; }

middle() { sort -n "$1" | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

# goal VALUE at-least|at-most GOAL: sets verdict.
goal() {
    verdict=met
    awk -v v="$1" -v g="$3" -v how="$2" 'BEGIN { exit !(how == "at-least" ? v < g : v > g) }' || return 0
    verdict=missed missed=1
}

# cpu COMMAND…: sets cpu to the milliseconds that it took of a processor, in itself and in the system's calls. What it
# writes goes to out and err.
cpu() {
    local status=0 TIMEFORMAT='%3U %3S'
    { time "$@" > out 2> err; } 2> times || status=$?
    cpu=$(awk '{ printf "%.0f", ($1 + $2) * 1000 }' times)
    return "$status"
}

# A server of openssl, one connection after the other, which both sides meet.
until
    port=$((20000 + RANDOM % 20000))
    openssl s_server -accept "127.0.0.1:$port" -cert "$pki/localhost.pem" -key "$pki/localhost.key" \
        -cert_chain "$pki/issuing.pem" -groups X25519 -quiet > /dev/null 2>&1 < /dev/null &
    server=$!
    sleep 0.5
    kill -0 "$server" 2> /dev/null
do :; done
servers+=("$server")

# s_time says how many handshakes it made; keyward makes as many.
: > s_time
: > handshake
: > reading
for ((turn = 0; turn < TURNS; turn++)); do
    cpu openssl s_time -new -tls1_3 -connect "127.0.0.1:$port" -time "$SECONDS_EACH"
    count=$(sed -n 's/^\([0-9]*\) connections in [0-9]* real seconds.*/\1/p' out)
    calc "$cpu * 1000 / $count" '%.0f\n' >> s_time
    for ((i = 0; i < count; i++)); do echo "127.0.0.1:$port"; done > list
    for how in never always; do
        cpu "$keyward" fetch --plaintext $how --groups x25519 --jsonl --jobs 4 --list list || { head err >&2; exit 1; }
        [ "$(grep -c '"chain":\[{' out)" -eq "$count" ] || { echo "not every target has shown its chain" >&2; exit 1; }
        name=handshake
        [ $how = always ] && name=reading
        calc "$cpu * 1000 / $count" '%.0f\n' >> $name
    done
done
theirs=$(middle s_time)
for what in "handshake 1.3" "reading 0.333"; do
    file=${what% *} most=${what#* } ours=$(middle "${what% *}")
    ratio=$(calc "$ours / $theirs")
    goal "$ratio" at-most "$most"
    name="a TLS 1.3 handshake"
    [ "$file" = reading ] && name="a reading in the clear"
    echo "processor time of $name: openssl s_time -new $theirs us, keyward $ours us, of openssl's $ratio" \
        "(goal at most $most: $verdict)"
done

# 10,000 targets, each an address of its own, and a loop over some of them.
"$examples/loopback_server" "$pki/localhost-chain.pem" "$pki/localhost.key" 64 > port &
servers+=($!)
until [ -s port ]; do sleep 0.05; done
port=$(cat port)
for ((i = 0; i < TARGETS; i++)); do echo "127.0.$((i / 250)).$((i % 250 + 1)):$port"; done > list
loop() {
    local target
    while read -r target; do
        openssl s_client -showcerts -connect "$target" < /dev/null > shown 2> /dev/null || return 1
    done < <(head -n "$LOOP" list)
}
start=${EPOCHREALTIME//[.,]/}
loop
theirs=$(calc "$LOOP * 1000000 / (${EPOCHREALTIME//[.,]/} - $start)" '%.0f')
start=${EPOCHREALTIME//[.,]/}
/usr/bin/time -f %M -o rss "$keyward" fetch --jsonl --list list > out 2> err || { tail err >&2; exit 1; }
ours=$(calc "$TARGETS * 1000000 / (${EPOCHREALTIME//[.,]/} - $start)" '%.0f')
[ "$(grep -c '"chain":\[{' out)" -eq "$TARGETS" ] || { echo "not every target has shown its chain" >&2; exit 1; }
ratio=$(calc "$ours / $theirs" '%.1f')
goal "$ratio" at-least 25
echo "$TARGETS targets: a loop of openssl s_client $theirs a second, keyward $ours, ratio $ratio (goal 25: $verdict)"
megabytes=$(awk '{ printf "%.1f", $1 / 1024 }' rss)
goal "$megabytes" at-most 100
echo "peak memory of that: $megabytes MB (goal at most 100 MB: $verdict)"

"$examples/verdict_speed" verdict > verdicts
while read -r rules kind checks judged whole; do
    for what in "verdict:$judged" "reading and verdict:$whole"; do
        took=${what#*:} ratio=$(calc "${what#*:} / $checks")
        goal "$ratio" at-most 3
        echo "${what%:*} of $rules on three certificates with $kind keys: signature checks" \
            "$(calc "$checks / 1000" '%.0f') us, all $(calc "$took / 1000" '%.0f') us, ratio $ratio (goal at most 3: $verdict)"
    done
done < verdicts

read -r bytes milliseconds look_up < <("$examples/verdict_speed" crl 1000000)
seconds=$(calc "$milliseconds / 1000")
goal "$seconds" at-most 1
echo "a CRL of 1,000,000 entries, $((bytes / 1000000)) MB: read in $seconds s (goal at most 1 s: $verdict)," \
    "a serial number found in $look_up ms"

exit $missed
