# One line of `plumbline analyze --json -` -> one row of the table.   -v file= certainty= want= legs= status=

# The text between `"key":` and the end of its value, for keys that occur once at the top level.
function text_of(key,    rest) {
    if (!match($0, "\"" key "\":(\"[^\"]*\"|null)")) return "?"
    rest = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
    gsub(/"/, "", rest)
    return rest == "null" ? "-" : rest
}

# The array behind `"key":[`, brackets balanced (no text of plumbline's has brackets).
function array_of(key,    at, i, depth, c) {
    at = index($0, "\"" key "\":[")
    if (!at) return ""
    at += length(key) + 3
    for (i = at; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (c == "[") depth++
        else if (c == "]" && --depth == 0) return substr($0, at, i - at + 1)
    }
    return ""
}

{
    exercise = text_of("exercise"); view = text_of("view")
    reps = array_of("reps"); faults = array_of("faults")
    found = gsub(/"start_s":/, "&", reps)
    while (match(reps, /"side":"[a-z]*"/)) {
        sides = sides toupper(substr(reps, RSTART + 8, 1))
        reps = substr(reps, RSTART + RLENGTH)
    }
    while (match(faults, /"kind":"[a-z_]*"/)) {
        kind = substr(faults, RSTART + 8, RLENGTH - 9)
        if (!(kind in n_of)) order[++n_kinds] = kind
        n_of[kind]++
        faults = substr(faults, RSTART + RLENGTH)
    }
}

END {
    for (i = 1; i <= n_kinds; i++) list = list " " order[i] ":" n_of[order[i]]
    if (status != 0 || NR == 0) found = "-"
    verdict = found == want && (legs == "" || legs == sides) ? "ok" : certainty == "high" ? "FAIL" : "differs"
    printf "%-46.46s %-17s %-8s %5s %5s  %-5s %s;%s\n", file, exercise, view, want, found, verdict, sides, list
}
