# Reads tests/lint/outside, then sources; prints outside headers in places where they do not belong.
FILENAME ~ /lint\/outside$/ {
    if ($1 !~ /^#/ && NF == 2) { header[++n] = $1; home[n] = $2 }
    next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    for (i = 1; i <= n; i++)
        if (name ~ header[i] && FILENAME !~ home[i]) {
            printf "%s:%d: <%s> belongs in files matching %s\n", FILENAME, FNR, name, home[i]
            bad = 1
        }
}
END { exit bad }
