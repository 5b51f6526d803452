#!/usr/bin/env bash
# Prepares the guest of the camera rig in build/rig: Debian's kernel package, unpacked and never installed, and a small
# start-up disk that mounts the host's files. Needs root for apt-get where something is missing. Does nothing when it
# has been done.
set -euo pipefail
cannot() { echo "camera-rig: not run: $*" >&2; exit 77; }
cd "$(dirname "$0")/../.."
rig=$PWD/build/rig here=$PWD/tests/camera-rig
mkdir -p "$rig"
cd "$rig"

[ "$(uname -m)" = x86_64 ] || cannot "it needs x86-64, and this is $(uname -m)"
command -v apt-get >/dev/null || cannot "it needs Debian's packages, and there is no apt-get"
declare -A package=([qemu-system-x86_64]=qemu-system-x86 [busybox]=busybox-static [cpio]=cpio [depmod]=kmod
                    [xz]=xz-utils [ffmpeg]=ffmpeg [gcc]=gcc [jq]=jq)
missing=()
for command in "${!package[@]}"; do
    command -v "$command" >/dev/null || missing+=("${package[$command]}")
done
apt() { DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" >"$rig/apt.log" 2>&1; }
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || cannot "these packages are missing: ${missing[*]}"
    apt install --no-install-recommends "${missing[@]}" ||
        { apt update && apt install --no-install-recommends "${missing[@]}"; } ||
        cannot "these packages cannot be installed: ${missing[*]}"
fi
# the guest runs the host's busybox without any library
file_type=$(ldd "$(command -v busybox)" 2>&1 || true)
case $file_type in
    *"not a dynamic"*) ;;
    *) cannot "busybox must be static: install busybox-static" ;;
esac

if [ ! -s kernel-version ] || [ "$here/guest-init" -nt kernel-version ]; then # written last
    # linux-image-amd64 depends on the newest kernel; the "cloud" kernels have no cameras
    kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
    version=${kernel#linux-image-}
    [ -d "root/lib/modules/$version" ] || {
        apt download "$kernel" || { apt update && apt download "$kernel"; } || cannot "Debian's kernel cannot be fetched"
        dpkg-deb -x "$kernel"_*.deb root
        rm -f "$kernel"_*.deb
        depmod -b root "$version"
    }
    rm -rf initramfs
    mkdir -p initramfs/bin initramfs/modules
    cp "$(command -v busybox)" initramfs/bin/busybox
    cp "$here/guest-init" initramfs/init
    chmod +x initramfs/init
    for module in virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay; do
        modprobe -d "$rig/root" -S "$version" --show-depends "$module" 2>/dev/null | awk '$1 == "insmod" { print $2 }' |
            while read -r file; do
                name=$(basename "$file")
                [ -e "initramfs/modules/$name" ] && continue
                cp "$file" initramfs/modules/
                echo "$name" >>initramfs/modules/order
            done
    done
    (cd initramfs && find . | cpio -o -H newc --quiet | gzip -1) >initramfs.img
    # qemu starts the unpacked kernel directly, which saves a BIOS and four seconds of unpacking in the guest
    offset=$(LC_ALL=C grep -abom1 $'\xfd7zXZ' "root/boot/vmlinuz-$version" | head -n 1 | cut -d: -f1)
    tail -c "+$((offset + 1))" "root/boot/vmlinuz-$version" | xz -dc --single-stream >vmlinux 2>/dev/null || true
    [ "$(head -c 4 vmlinux | tail -c 3)" = ELF ] || { echo "camera-rig: the kernel cannot be unpacked" >&2; exit 1; }
    echo "$version" >kernel-version
fi

if [ "$here/uvcsim.c" -nt uvcsim ]; then # true as well when there is no uvcsim yet
    gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -o uvcsim "$here/uvcsim.c"
fi
