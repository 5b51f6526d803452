# Reads tests/lint/levels, then sources and public headers; prints every include that goes sideways or upward.
FILENAME ~ /lint\/levels$/ {
    if ($1 ~ /^#/) next
    module = $2
    sub(/:/, "", module)
    level[module] = $1
    for (i = 3; i <= NF; i++) owner[$i] = module
    next
}

FNR == 1 {
    n = split(FILENAME, part, "/")
    name = part[n]
    sub(/\.h$/, "", name)
    mine = FILENAME ~ /^include\// ? owner[name] : part[2]
    if (!(mine in level)) {
        print FILENAME ": its module is not in tests/lint/levels"
        bad = 1
    }
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    header = quoted[2]
    if (header == "internal.h" && FILENAME ~ /^src\//) next
    if (header !~ /^plumbline\/[a-z0-9_]+\.h$/) {
        if (header !~ /^[a-z0-9_]+\.h$/) { complain("reaches into another folder") }
        next
    }
    sub(/^plumbline\//, "", header)
    sub(/\.h$/, "", header)
    if (!(header in owner)) complain("this header is not in tests/lint/levels")
    else if (owner[header] != mine && level[owner[header]] >= level[mine])
        complain("level " level[mine] " (" mine ") may not include level " level[owner[header]] " (" owner[header] ")")
}

function complain(why) {
    printf "%s:%d: #include \"%s\": %s\n", FILENAME, FNR, quoted[2], why
    bad = 1
}

END { exit bad }
