#!/usr/bin/env bash
# in-guest.sh COMMAND [ARGS...]: runs a command as root in a virtual machine with Debian's kernel and its camera
# drivers.
#
# The guest sees all files of the host in their places; what it writes stays in its memory and is gone afterwards.
# Output, errors and exit status come back; 124: RIG_LIMIT_S (600) were over, 125: the guest died. No KVM is needed.
set -u
rig=$(cd "$(dirname "$0")/../.." && pwd)/build/rig
# -icount: the guest's clock moves by a nanosecond for each instruction, and with the host's while nothing is to be done.
# So the guest is a computer of a thousand million instructions a second, however slow the emulation: no camera is too
# fast for it, and a busy host changes nothing that is measured.
[ -s "$rig/kernel-version" ] || { echo "camera-rig: run tests/camera-rig/setup.sh first" >&2; exit 2; }
version=$(<"$rig/kernel-version")
run=$(mktemp -d "$rig/run.XXXXXX")
trap 'rm -rf "$run"' EXIT

printf '%q ' "$@" >"$run/command"
cat >"$run/job" <<JOB
export PATH=$(printf %q "$PATH") HOME=/root XDG_RUNTIME_DIR=/run
mkdir -p /lib/modules/$version && mount --bind $(printf %q "$rig")/root/lib/modules/$version /lib/modules/$version
modprobe vhci-hcd && modprobe uvcvideo || echo "rig: no camera drivers" >/dev/console
for port in /sys/class/virtio-ports/*; do
    case \$(cat \$port/name) in rig.out) out=/dev/\${port##*/} ;; rig.err) err=/dev/\${port##*/} ;; esac
done
cd $(printf %q "$PWD")
bash /run/rig/command >\$out 2>\$err </dev/null
echo \$? >/run/rig/status
sync
busybox poweroff -f
JOB

# qemu's end of a pipe closes when the guest's port does; a descriptor held open here keeps the readers until the end
mkfifo "$run/out" "$run/err"
exec 8<>"$run/out" 9<>"$run/err"
cat <"$run/out" 8>&- 9>&- &
out=$!
cat <"$run/err" >&2 8>&- 9>&- &
err=$!
timeout --foreground "${RIG_LIMIT_S:-600}" qemu-system-x86_64 -M q35 \
    -accel tcg,thread=single,tb-size=512 -icount shift=0 -cpu max -m 1024 \
    -nodefaults -no-user-config -display none -monitor none -no-reboot \
    -kernel "$rig/vmlinux" -initrd "$rig/initramfs.img" \
    -append "console=ttyS0 panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check random.trust_cpu=on" \
    -serial "file:$rig/kernel.log" -device virtio-rng-pci \
    -virtfs "local,path=/,mount_tag=rigroot,security_model=none,readonly=on,multidevs=remap" \
    -virtfs "local,path=$run,mount_tag=rigrun,security_model=none" -device virtio-serial-pci \
    -chardev "file,id=out,path=$run/out" -device virtserialport,chardev=out,name=rig.out \
    -chardev "file,id=err,path=$run/err" -device virtserialport,chardev=err,name=rig.err </dev/null 8>&- 9>&-
status=$?
exec 8>&- 9>&-
wait "$out" "$err"
[ $status -eq 124 ] && { echo "camera-rig: stopped after ${RIG_LIMIT_S:-600} s" >&2; exit 124; }
[ -s "$run/status" ] && exit "$(<"$run/status")"
echo "camera-rig: the guest ended without a status (qemu: $status); end of its kernel log:" >&2
tail -n 20 "$rig/kernel.log" >&2
exit 125
