# report.awk - the tables of docs/design/figures.md.
# usage: awk -v libcurl=NAME -f report.awk figures.rows results
# Results are lines "fact NAME VALUE" and "ROUND CASE PLACE PROGRAM.MODE CPU WALL".
# SPDX-License-Identifier: MIT

function trim(s) { gsub(/^ +| +$/, "", s); return s }

# The q-th part of the n numbers in the list, in order.
function part(list, n, q,    i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
            t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
        }
    return list[int((n - 1) * q + 1.5)]
}

# Over the rounds: of what `who` took (field 5 or 6) or of its ratio to the first one.
function over_rounds(who, field, is_ratio, q,    list, n, r, base) {
    n = 0
    base = first[case_of[who]]
    for (r = 1; r <= rounds; r++)
        list[++n] = took[who, field, r] / (is_ratio ? took[base, field, r] : 1)
    return part(list, n, q)
}

function show(value, as) {
    if (value == "")
        return "-"
    if (as == "x")
        return sprintf("%.2f", value)
    return as == "s" ? sprintf("%.1f", value) : sprintf("%.4g", value) + 0
}

FILENAME ~ /rows$/ {
    if ($0 !~ /^#/ && NF) {
        split($0, column, "|")
        rows++
        for (i = 1; i <= 5; i++)
            row[rows, i] = trim(column[i])
    }
    next
}

$1 == "fact" { value[$2] = $3; next }

{
    who = $2 "/" $3 "/" $4
    if (!(who in case_of)) {
        case_of[who] = $2 "/" $3
        order[++programs] = who
    }
    if (!(($2 "/" $3) in first))
        first[$2 "/" $3] = who
    took[who, 5, $1] = $5
    took[who, 6, $1] = $6
    if ($1 > rounds)
        rounds = $1
}

END {
    for (i = 1; i <= programs; i++) {
        value[order[i] "/cpu"] = over_rounds(order[i], 5, 1, 0.5)
        value[order[i] "/wall"] = over_rounds(order[i], 6, 1, 0.5)
    }
    print "| | target | ferry | | " libcurl " |"
    print "|---|---|---|---|---|"
    for (i = 1; i <= rows; i++) {
        mine = value[row[i, 3]]
        as = row[i, 5]
        if (mine == "") {
            print "report.awk: nothing is known of " row[i, 3] >"/dev/stderr"
            failed = 1
        }
        print "| " row[i, 1] " | " row[i, 2] " | " show(mine, as) " | " \
            (row[i, 2] == "-" || mine + 0 <= row[i, 2] + 0 ? "" : "missed") " | " show(value[row[i, 4]], as) " |"
    }
    print "\n| case | CPUs | program | CPU, us | to the first | quartiles | wall, us | to the first |"
    print "|---|---|---|---|---|---|---|---|"
    for (i = 1; i <= programs; i++) {
        who = order[i]
        split(who, name, "/")
        printf "| %s | %s | %s | %.4g | %.2f | %.2f to %.2f | %.4g | %.2f |\n",
            name[1], name[2] == "same" ? "one" : "two", name[3],
            over_rounds(who, 5, 0, 0.5), value[who "/cpu"],
            over_rounds(who, 5, 1, 0.25), over_rounds(who, 5, 1, 0.75),
            over_rounds(who, 6, 0, 0.5), value[who "/wall"]
    }
    exit failed
}
