#!/bin/sh
# assemble.sh ROOT MODULES: fills ROOT with all that Node and the native modules under MODULES need at run time, and nothing else.
set -eu
root=$1
modules=$2
node=$(command -v node)

mkdir -p "$root/etc/ssl/certs" "$root/var/lib/dpkg/status.d" "$root/usr/local/bin" "$root/tmp"
chmod 1777 "$root/tmp"
# Where an edge keeps its view; a volume that is mounted there takes these rights over.
mkdir -p "$root/var/lib/verdikt"
chmod 1777 "$root/var/lib/verdikt"
cp -L "$node" "$root/usr/local/bin/node"

# Shared libraries at the paths where the loader looks, and the packages that they are from, for scanners.
find "$modules" -name '*.node' >/tmp/native
# shellcheck disable=SC2046 # no path here holds a space
ldd "$node" $(cat /tmp/native) | sed -n 's/^[^/:]*\(\/[^ ]*\) (0x.*/\1/p' | sort -u >/tmp/libraries
while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
  # The database may know a file by its path before or after the merge of /lib into /usr/lib.
  { dpkg-query -S "$library" || dpkg-query -S "/usr$library" || dpkg-query -S "${library#/usr}"; } 2>/dev/null |
    sed 's/[:,].*//'
done </tmp/libraries | sort -u >/tmp/packages
[ -s /tmp/libraries ] && [ -s /tmp/packages ]
while read -r package; do
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  notice=/usr/share/doc/$package/copyright
  if [ -f "$notice" ]; then
    mkdir -p "$root$(dirname "$notice")"
    cp -L "$notice" "$root$notice"
  fi
done </tmp/packages

# Certificate authorities: those that Node itself brings, as the file that everything else looks for.
node -p 'require("node:tls").getCACertificates("bundled").join("\n")' >"$root/etc/ssl/certs/ca-certificates.crt"

cp -L /etc/os-release "$root/etc/os-release"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
