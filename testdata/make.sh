#!/usr/bin/env bash
# Makes every fixture of this folder anew, with openssl 3.0 and the keytool of JDK 17. The fixtures are
# kept in the repository; run this only to change them: keys are new, so every fingerprint changes.
# Dates are decades away on purpose: no test may depend on the day it runs.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C.UTF-8 TZ=UTC

readonly PASSWORD=changeit
readonly FROM=20240101000000Z TO=20440101000000Z
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf pki inputs stores keys ocsp
mkdir pki inputs stores keys ocsp

ec_key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "pki/$1.key"; }

# certify NAME SUBJECT KEY ISSUER|self FROM TO EXTENSIONS: pki/NAME.pem for pki/KEY.key.
# `openssl ca` is the one command of 3.0 that sets both dates.
certify() {
    local name=$1 subject=$2 key=$3 issuer=$4 from=$5 to=$6 extensions=$7
    local sign=(-cert "pki/$issuer.pem" -keyfile "pki/$issuer.key")
    [ "$issuer" = self ] && sign=(-selfsign -keyfile "pki/$key.key")
    rm -rf "$work/ca"
    mkdir "$work/ca"
    : > "$work/ca/index"
    printf '%s\n' 'unique_subject = no' > "$work/ca/index.attr"
    openssl rand -hex 16 | sed 's/^./4/' > "$work/ca/serial"
    cat > "$work/ca/conf" <<CONF
[ca]
default_ca = this
[this]
database = $work/ca/index
serial = $work/ca/serial
new_certs_dir = $work/ca
default_md = sha256
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
commonName = optional
[ext]
$(printf '%b' "$extensions")
CONF
    openssl req -new -key "pki/$key.key" -subj "$subject" -config <(printf '[req]\ndistinguished_name=dn\n[dn]\n') \
        -out "$work/ca/csr"
    openssl ca -batch -notext -config "$work/ca/conf" -extensions ext -startdate "$from" -enddate "$to" \
        "${sign[@]}" -in "$work/ca/csr" -out "pki/$name.pem" 2> "$work/ca/log" || { cat "$work/ca/log"; exit 1; }
}

readonly CA='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n'
readonly ISSUED='authorityKeyIdentifier=keyid\n'
readonly SERVER='basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n'

for key in root issuing sub other-root rekeyed-root localhost self-signed not-a-ca behind-not-a-ca expired-root; do
    ec_key "$key"
done
certify root '/C=CH/O=Example/CN=Example Root CA' root self $FROM $TO "$CA"
certify issuing '/C=CH/O=Example/CN=Example Issuing CA' issuing root $FROM $TO "$CA$ISSUED"
certify localhost '/O=Example/CN=localhost' localhost issuing $FROM $TO "$SERVER$ISSUED"
certify renewed '/O=Example/CN=localhost' localhost issuing 20250101000000Z 20450101000000Z "$SERVER$ISSUED"
certify expired '/O=Example/CN=localhost' localhost issuing 20100101000000Z 20120101000000Z "$SERVER$ISSUED"
certify not-yet-valid '/O=Example/CN=localhost' localhost issuing 20440101000000Z 20480101000000Z "$SERVER$ISSUED"
certify elsewhere '/O=Example/CN=elsewhere.example' localhost issuing $FROM $TO \
    "${SERVER/DNS:localhost,IP:127.0.0.1,IP:::1/DNS:elsewhere.example}$ISSUED"
certify sub '/C=CH/O=Example/CN=Example Sub CA' sub issuing $FROM $TO "$CA$ISSUED"
certify below-sub '/O=Example/CN=localhost' localhost sub $FROM $TO "$SERVER$ISSUED"
certify own-key '/O=Example/CN=localhost' localhost self $FROM $TO "$SERVER"
certify self-signed '/O=Example/CN=self-signed.example' self-signed self $FROM $TO "$SERVER"
certify other-root '/C=CH/O=Other/CN=Other Root CA' other-root self $FROM $TO "$CA"
certify rekeyed-root '/C=CH/O=Example/CN=Example Root CA' rekeyed-root self $FROM $TO "$CA"
certify expired-root '/C=CH/O=Example/CN=Expired Root CA' expired-root self 20100101000000Z 20120101000000Z "$CA"
certify not-a-ca '/O=Example/CN=pinned.example' not-a-ca self $FROM $TO \
    'basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n'
certify behind-not-a-ca '/O=Example/CN=behind.example' behind-not-a-ca not-a-ca $FROM $TO "$ISSUED"
cat pki/localhost.pem pki/issuing.pem > pki/localhost-chain.pem
rm pki/sub.key pki/other-root.key pki/rekeyed-root.key pki/expired-root.key pki/behind-not-a-ca.key pki/not-a-ca.key

# What people have in their hands instead of one clean PEM block.
openssl x509 -in pki/root.pem -trustout -addtrust serverAuth -setalias 'Example Root' -out inputs/trusted-certificate.pem
openssl x509 -in pki/root.pem -text -out inputs/x509-text.txt
openssl crl2pkcs7 -nocrl -certfile pki/root.pem -outform PEM -out inputs/root.p7b.pem
openssl crl2pkcs7 -nocrl -certfile pki/root.pem -outform DER -out inputs/root.p7b
openssl crl2pkcs7 -nocrl -certfile pki/localhost-chain.pem -outform PEM -out inputs/chain.p7b.pem
openssl crl2pkcs7 -nocrl -certfile pki/localhost-chain.pem -outform DER -out inputs/chain.p7b
openssl req -new -key pki/localhost.key -subj /O=Example/CN=localhost -out inputs/request.csr
port=$(( 20000 + RANDOM % 20000 ))
openssl s_server -accept "127.0.0.1:$port" -cert pki/localhost.pem -key pki/localhost.key \
    -cert_chain pki/issuing.pem -quiet > /dev/null 2>&1 &
server=$!
sleep 1
openssl s_client -connect "127.0.0.1:$port" -servername localhost -showcerts < /dev/null > inputs/s_client-showcerts.txt 2>&1
openssl s_client -connect "127.0.0.1:$port" -servername localhost -tls1_2 < /dev/null > inputs/s_client.txt 2> /dev/null
kill "$server"
# The session's secrets are of no use to anyone, and scanners of repositories need not ask.
sed -i -E 's/^( *(Master-Key|Resumption PSK|Session-ID): ).*/\100/' inputs/s_client*.txt

# Keystores, each with the password "changeit".
keytool() { command keytool -J-Duser.language=en "$@" > "$work/keytool.log" 2>&1 || { cat "$work/keytool.log"; exit 1; }; }
trusted() { keytool -importcert -noprompt -trustcacerts -storepass $PASSWORD -keystore "stores/$1" -storetype "$2" -alias "$3" -file "pki/$4.pem"; }
p12_export() { openssl pkcs12 -export -passout "pass:$PASSWORD" "$@"; }

for format in jks p12; do
    type=${format/p12/pkcs12}
    trusted "trust.$format" "$type" 'Other Root' other-root
    trusted "trust.$format" "$type" expired-root expired-root
done
p12_export -inkey pki/localhost.key -in pki/own-key.pem -name server -out stores/own-key.p12
p12_export -inkey pki/localhost.key -in pki/localhost-chain.pem -name server -out stores/openssl-chain.p12
p12_export -inkey pki/localhost.key -in pki/localhost.pem -certfile pki/other-root.pem -name server \
    -caname 'loose one' -out stores/openssl-loose.p12
p12_export -legacy -inkey pki/localhost.key -in pki/localhost-chain.pem -name server -out stores/openssl-legacy.p12
p12_export -nomac -certpbe NONE -inkey pki/localhost.key -in pki/localhost-chain.pem -name server \
    -out stores/openssl-plain-certificates.p12
p12_export -nokeys -in pki/root.pem -name root -out stores/openssl-no-trust-attribute.p12
openssl pkcs12 -export -nokeys -nomac -certpbe NONE -passout pass: -in pki/root.pem -name root \
    -out stores/openssl-passwordless.p12

p12_export -inkey pki/self-signed.key -in pki/self-signed.pem -name second -out "$work/second.p12"
rich() {
    keytool -importkeystore -noprompt -srckeystore stores/openssl-chain.p12 -srcstorepass $PASSWORD \
        -destkeystore "stores/$1" -deststoretype "$2" -deststorepass $PASSWORD -destkeypass "$3" -srcalias server
    keytool -importkeystore -noprompt -srckeystore "$work/second.p12" -srcstorepass $PASSWORD \
        -destkeystore "stores/$1" -deststoretype "$2" -deststorepass $PASSWORD -destkeypass "$3" -srcalias second
    trusted "$1" "$2" 'Other Root' other-root
    trusted "$1" "$2" grüße-😀 expired-root
}
secret() { keytool -genseckey -keyalg AES -keysize 256 -alias secret -keystore "stores/$1" -storetype "$2" -storepass $PASSWORD; }
rich rich.p12 pkcs12 $PASSWORD
secret rich.p12 pkcs12
rich rich.jks jks $PASSWORD
rich rich.jceks jceks $PASSWORD
secret rich.jceks jceks
rich other-key-password.jks jks keypassword
keytool -importkeystore -noprompt -srckeystore stores/own-key.p12 -srcstorepass $PASSWORD -destkeystore stores/own-key.jks \
    -deststoretype jks -deststorepass $PASSWORD
keytool -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE -importcert -noprompt \
    -storepass $PASSWORD -keystore stores/java-passwordless.p12 -storetype pkcs12 -alias root -file pki/root.pem
secret secret.p12 pkcs12
# Private keys. Each file holds one key many times: first as `openssl pkcs8 -topk8` writes it, then its public
# key, then every other encoding of it.
legacy() { openssl "$@" -provider legacy -provider default 2> "$work/openssl.log" || { cat "$work/openssl.log" >&2; exit 1; }; }
key_file() { openssl pkcs8 -topk8 -nocrypt -in "$work/key" && openssl pkey -in "$work/key" -pubout; }
to_pkcs8() { legacy pkcs8 -topk8 -in "$work/key" -passout "pass:${2-$PASSWORD}" ${1-}; }
dek_info() { for cipher in des des3 aes-128-cbc aes-192-cbc aes-256-cbc; do legacy "$1" -in "$work/key" $2 -$cipher -passout pass:$PASSWORD; done; }

openssl genrsa -out "$work/key" 2048 2> /dev/null
{ key_file; openssl rsa -in "$work/key" -traditional; dek_info rsa -traditional; } > keys/rsa.pem 2> /dev/null
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out "$work/key" 2> /dev/null
key_file > keys/rsa-pss.pem
openssl dsaparam -genkey -noout -out "$work/key" 1024 2> /dev/null
{ key_file; openssl dsa -in "$work/key"; dek_info dsa ''; } > keys/dsa.pem 2> /dev/null
for algorithm in ed25519 ed448 x25519 x448; do
    openssl genpkey -algorithm $algorithm -out "$work/key"
    { key_file; to_pkcs8; } > keys/$algorithm.pem
done
for curve in secp384r1 secp521r1 secp256k1 secp224r1 brainpoolP256r1; do
    openssl ecparam -name $curve -genkey -noout -out "$work/key"
    { key_file; openssl ec -in "$work/key"; } > keys/$curve.pem 2> /dev/null
done
openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out "$work/key"
{ key_file; openssl ec -in "$work/key"; } > keys/explicit-curve.pem 2> /dev/null
openssl ecparam -name prime256v1 -genkey -noout | openssl ec -no_public -out "$work/key" 2> /dev/null
{ key_file; openssl ec -no_public -in "$work/key"; } > keys/no-public-key.pem 2> /dev/null

openssl ecparam -name prime256v1 -genkey -out "$work/key"
{
    key_file; cat "$work/key"; dek_info ec ''
    for prf in hmacWithSHA1 hmacWithSHA224 hmacWithSHA256 hmacWithSHA384 hmacWithSHA512 hmacWithSHA512-224 hmacWithSHA512-256; do
        to_pkcs8 "-v2 aes-256-cbc -v2prf $prf"
    done
    for cipher in aes-128-cbc aes-192-cbc des3 des rc2; do to_pkcs8 "-v2 $cipher"; done
    to_pkcs8 '-scrypt'
    to_pkcs8 '-scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 3'
    for scheme in PBE-MD5-DES PBE-MD5-RC2-64 PBE-SHA1-DES PBE-SHA1-RC2-64 PBE-SHA1-3DES PBE-SHA1-2DES PBE-SHA1-RC2-128 \
        PBE-SHA1-RC2-40 PBE-SHA1-RC4-128 PBE-SHA1-RC4-40; do
        to_pkcs8 "-v1 $scheme"
    done
} > keys/secp256r1.pem 2> /dev/null

# The password is "pässwört", in each of the ways in which OpenSSL took it.
readonly UTF8=$'p\xc3\xa4ssw\xc3\xb6rt' LATIN1=$'p\xe4ssw\xf6rt' TWICE=$'p\xc3\x83\xc2\xa4ssw\xc3\x83\xc2\xb6rt'
{
    key_file
    to_pkcs8 '-v2 aes-256-cbc' "$UTF8"; to_pkcs8 '-v2 aes-256-cbc' "$LATIN1"
    to_pkcs8 '-v1 PBE-SHA1-3DES' "$UTF8"; to_pkcs8 '-v1 PBE-SHA1-3DES' "$TWICE"
    openssl ec -in "$work/key" -aes128 -passout "pass:$UTF8"; openssl ec -in "$work/key" -aes128 -passout "pass:$LATIN1"
} > keys/non-ascii-password.pem 2> /dev/null
own_key() { legacy pkcs12 -export -inkey pki/localhost.key -in pki/own-key.pem -name server "$@"; }
own_key -passout "pass:$LATIN1" -out stores/latin1-password.p12
own_key -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout "pass:$TWICE" -out stores/octets-password.p12
own_key -keypbe PBE-SHA1-DES -certpbe PBE-MD5-DES -passout "pass:$PASSWORD" -out stores/pbes1.p12

# A CRL and a request with names.
crl_conf() { printf '[ca]\ndefault_ca=this\n[this]\ndatabase=%s\ncrlnumber=%s\ndefault_md=sha256\n' "$work/crl/index" "$work/crl/number"; }
mkdir "$work/crl"
printf 'R\t440101000000Z\t240201000000Z\t%s\tunknown\t/CN=revoked\n' 0A 0B > "$work/crl/index"
echo 1234 > "$work/crl/number"
openssl ca -config <(crl_conf) -gencrl -cert pki/root.pem -keyfile pki/root.key -crl_lastupdate $FROM -crl_nextupdate $TO \
    -out inputs/root.crl.pem 2> /dev/null
openssl req -new -key pki/localhost.key -subj /O=Example/CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -out inputs/request-with-names.csr

# OCSP answers of issuing, and of a responder that it appointed.
serial() { openssl x509 -in "pki/$1.pem" -noout -serial | cut -d= -f2; }
printf '%b\n' "V\t440101000000Z\t\t$(serial localhost)\tunknown\t/CN=localhost" \
    "R\t440101000000Z\t250201000000Z,keyCompromise\t$(serial elsewhere)\tunknown\t/CN=elsewhere.example" > "$work/answers"
ec_key responder
certify responder '/O=Example/CN=Example Responder' responder issuing $FROM $TO \
    "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\nsubjectKeyIdentifier=hash\n$ISSUED"
answer() {
    local name=$1 signer=$2
    shift 2
    openssl ocsp -issuer pki/issuing.pem "$@" -reqout "$work/question" > /dev/null 2>&1
    openssl ocsp -index "$work/answers" -CA pki/issuing.pem -rsigner "pki/$signer.pem" -rkey "pki/$signer.key" \
        -reqin "$work/question" -ndays 6000 ${by_key:+-resp_key_id} -respout "ocsp/$name.der" > /dev/null 2>&1
}
answer good issuing -no_nonce -cert pki/localhost.pem
by_key=yes answer revoked responder -cert pki/localhost.pem -cert pki/elsewhere.pem
answer unknown responder -sha256 -cert pki/expired.pem
printf '\x30\x03\x0a\x01\x06' > ocsp/unauthorized.der
rm pki/responder.*

chmod 644 pki/* inputs/* stores/* keys/* ocsp/*
