#!/usr/bin/env bash
# Writes src/bin/keyward/start.ld: which functions a small run of the command calls, so that the linker can lay them
# side by side (docs/speed.md says what for). To be run when the command has changed much; what it writes
# is committed.
#
#     benches/start.sh
#
# Needs valgrind and gawk. The functions are known by their symbols. What changes with the compiler and with the
# versions of the crates is left open in their patterns, and a pattern that fits nothing any more does no harm.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

cargo build --release --locked --quiet
keyward=$PWD/target/release/keyward
data=$PWD/testdata
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# called RUN COMMAND…: the symbols that a run calls, into the file of that name.
called() {
    local run=$1
    shift
    valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/calls" "$@" > "$work/out" 2>&1 ||
        { cat "$work/out" >&2; exit 1; }
    sed -nE "s/^c?fn=\([0-9]+\) //p" "$work/calls" | sed "s/'[0-9]*\$//" | sort -u > "$work/$run"
}

for format in jks p12; do
    cp "$data/stores/trust.$format" "$work/store"
    called "$format" "$keyward" trust add "$data/pki/root.pem" --to "$work/store" --alias root --yes \
        --password pass:changeit
done
nm --print-size "$keyward" > "$work/symbols"

# The functions of the first run stand before those that only the second calls, and in each the names of
# which most is called before those that many functions have and few of them are called.
gawk '
    function pattern(symbol) {
        gsub(/17h[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*E/, "17h*E", symbol)
        gsub(/Cs[0-9A-Za-z]+_/, "Cs*_", symbol)
        gsub(/aws_lc_[0-9]+_[0-9]+_[0-9]+_/, "aws_lc_*_", symbol)
        gsub(/\.llvm\.[0-9]+/, ".llvm.*", symbol)
        return symbol
    }
    FILENAME ~ /symbols$/ {
        if (NF == 4 && $3 ~ /[tT]/) { size[$4] = strtonum("0x" $2); all[pattern($4)] += size[$4] }
        next
    }
    ($0 in size) && !seen[$0]++ {
        name = pattern($0)
        called[name] += size[$0]
        if (!(name in run)) run[name] = FILENAME ~ /jks$/ ? 1 : 2
    }
    END { for (name in called) printf "%d %.3f %s\n", run[name], called[name] / all[name], name }
' "$work/symbols" "$work/jks" "$work/p12" | sort -k1,1n -k2,2nr -k3,3 > "$work/patterns"

{
    cat << 'END'
/* Written by benches/start.sh: the functions that a small run of the command calls. The linker lays them side by
   side before all others, in a few pages instead of all over the program. build.rs says when. */
SECTIONS
{
  .text.start :
  {
    *sha1-*.o(.text)
    *sha256-*.o(.text)
END
    # What the compiler holds for cold has a section of that name.
    while read -r _ _ name; do echo "    *(.text.$name .text.unlikely.$name)"; done < "$work/patterns"
    echo '  }'
    echo '}'
    echo 'INSERT BEFORE .text;'
} > "$work/start.ld"
mv "$work/start.ld" src/bin/keyward/start.ld
wc -l src/bin/keyward/start.ld
